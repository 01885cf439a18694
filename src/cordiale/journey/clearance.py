"""Clearance: authorities ask whether a person is cleared, answer no more than was asked, and report its end."""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified, require_allowed
from cordiale.message.bodies.clearance_query import (
    ClearanceAnswer,
    ClearanceOutcome,
    ClearanceQuery,
    ClearanceWithdrawn,
)
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, list_stopped_reasons, load_index, require_shared
from cordiale.records.answer import Answer
from cordiale.records.clearances import QUERY, TOLD, holds_until
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.inquiry import require_line
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of, require_person
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.rules.layers import levels_of
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_day, parse_level_ref

_ASKED = "asked"


def ask_clearance(registry: Registry, request: Request) -> Answer:
    """Ask a partner's authority whether a person of its own is cleared, for one purpose."""
    fields = request.act.fields()
    party, agreement = parse_party_id(fields.text("party")), fields.text("agreement")
    born = fields.optional_text("born_on")
    body = ClearanceQuery(
        require_line(fields.text("name"), "name"), parse_level_ref(fields.text("level")),
        require_line(fields.text("purpose"), "purpose"), parse_day(born) if born else None,
    )
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_CLEARANCE))
        require_shared(session.get(AGREEMENT, agreement), party)
        profile = load_index(session.reads, agreement, registry.party).state.profile
        if profile is None or body.level not in levels_of(profile, party):
            raise Malformed(
                "clearance.other-scheme", "`{level}` is no level of {party} under this agreement",
                hint="ask in the words of the party that cleared the person", level=str(body.level), party=party,
            )
        partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=body, agreement=agreement, version=version_of(session, agreement),
        ))
        _enter(session, posted.id, body, (party, agreement, "out"))
        open_duty(session, f"clearance.answer.{posted.id}", what="answer-clearance", owner=party, subject=posted.id,
                  due=_answer_due(registry, session, agreement, party))
        return {"party": party, "query": posted.id}

    return commit_personal(registry, request, run, log=agreement)


def _enter(session: ActSession, id: str, body: ClearanceQuery, whence: tuple[str, str, str]) -> Record:
    party, agreement, direction = whence
    return session.put(QUERY, id, {
        "agreement": agreement, "asked_at": shown_at(session.at), "direction": direction, "level": str(body.level),
        "name": body.name, "party": party, "purpose": body.purpose, "state": _ASKED,
        **({"born_on": body.born_on.isoformat()} if body.born_on else {}),
    }, expect=0)


def _answer_due(registry: Registry, session: ActSession, agreement: str, party: PartyId) -> Due:
    index = load_index(session.reads, agreement, registry.party)
    terms = terms_of(index, "clearance.answer", party=party)
    profile = index.state.profile
    if profile is None or not terms:
        return Due()
    day = first_day(terms, session.at.date(), holidays_of(profile, profile.parties))
    return Due(day, basis="; ".join(dict.fromkeys(term.article for term in terms)))


def answer_clearance(registry: Registry, request: Request) -> Answer:
    """Answer a partner's question about one of our people, as the register stands: yes is never said by hand.

    With `person` the register is looked at, and a person who is not cleared up to that level today is answered as
    not cleared; without one the answer is not cleared, or in process.
    """
    fields = request.act.fields()
    query_id, person_id = fields.text("query"), fields.optional_text("person")
    is_in_process = fields.boolean("in_process") if fields.has("in_process") else False
    fields.end()
    log = log_of(registry, QUERY, query_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_CLEARANCE))
        query = session.require(QUERY, query_id)
        if query["direction"] != "in" or query["state"] != _ASKED:
            raise OutOfOrder("clearance.answered", "this question waits for no answer", hint="nothing was changed")
        answer = _answer(registry, session, query, (person_id, is_in_process))
        if answer.outcome is ClearanceOutcome.CLEARED:
            require_allowed(decision_of("clearance", list_stopped_reasons(
                session, log, (registry.party, query["party"]), parse_level_ref(query["level"])
            )))
        partner = require_partner(session.reads, query["party"], mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=answer, agreement=log, version=version_of(session, log), in_reply_to=query_id,
        ))
        session.change(query, answered_at=shown_at(session.at), answered_by=actor.id, state=answer.outcome.value)
        discharge(session, f"clearance.answer.{query_id}", posted.id)
        if answer.valid_until is not None and person_id:
            session.put(TOLD, query_id, {
                "agreement": log, "answer": posted.id, "level": query["level"], "party": query["party"],
                "person": person_id, "query": query_id, "state": "told", "told_at": shown_at(session.at),
                "valid_until": answer.valid_until.isoformat(),
            }, expect=0)
        return {"outcome": answer.outcome.value, "party": query["party"], "query": query_id}

    return commit_personal(registry, request, run, log=log, subject=query_id)


def _answer(
    registry: Registry, session: ActSession, query: Record, said: tuple[str | None, bool]
) -> ClearanceAnswer:
    person_id, is_in_process = said
    until = None
    if person_id:
        person = require_person(session, person_id)
        if person.name != query["name"]:
            raise Refused(decision_of("confirm-clearance", [refusal(
                "clearance.other-person", "the question names another person than this one"
            )]))
        until = holds_until(registry, session, person, parse_level_ref(query["level"]), query["agreement"])
    if until is not None:
        return ClearanceAnswer(ClearanceOutcome.CLEARED, until)
    return ClearanceAnswer(ClearanceOutcome.IN_PROCESS if is_in_process else ClearanceOutcome.NOT_CLEARED)


def take_clearance_query(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's question about one of our people; whether such a person is here is not told by taking it."""
    body = arrived.message.body
    if not isinstance(body, ClearanceQuery):
        raise OutOfOrder("clearance.other", "this is not a question about a clearance", hint="report this as a defect")
    agreement = arrived.message.agreement
    _enter(session, arrived.message.id, body, (arrived.partner.party, agreement, "in"))
    open_duty(
        session, f"clearance.answer.{arrived.message.id}", what="answer-clearance", owner=registry.party,
        subject=arrived.message.id, due=_answer_due(registry, session, agreement, registry.party),
    )


def take_clearance_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter the answer to a question of ours; it counts once, and only from whom it was asked of."""
    body = arrived.message.body
    if not isinstance(body, ClearanceAnswer):
        raise OutOfOrder("clearance.other", "this is not an answer about a clearance", hint="report this as a defect")
    query = _require_asked(session, arrived, arrived.message.in_reply_to)
    if query["state"] != _ASKED:
        raise OutOfOrder("clearance.answered", "this question waits for no answer", hint="nothing was changed")
    more = {"valid_until": body.valid_until.isoformat()} if body.valid_until else {}
    session.change(query, answered_at=shown_at(session.at), state=body.outcome.value, **more)
    discharge(session, f"clearance.answer.{query.id}", arrived.message.id)


def take_clearance_withdrawn(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a clearance the partner had confirmed holds no longer; from this moment it counts for nothing here."""
    body = arrived.message.body
    if not isinstance(body, ClearanceWithdrawn):
        raise OutOfOrder("clearance.other", "this is no withdrawal of a clearance", hint="report this as a defect")
    assured = session.get("assurance", f"{arrived.partner.party}/{body.query}".lower())
    if assured is not None and assured["agreement"] == arrived.message.agreement:
        session.change(assured, ended_on=body.ended_on.isoformat(), state="withdrawn")
        return
    query = _require_asked(session, arrived, body.query)
    session.change(query, ended_on=body.ended_on.isoformat(), state="withdrawn")


def _require_asked(session: ActSession, arrived: Arrived, id: str) -> Record:
    query = session.get(QUERY, id)
    whence = ("out", arrived.partner.party, arrived.message.agreement)
    if query is None or (query["direction"], query["party"], query["agreement"]) != whence:
        raise Unverified(
            "clearance.not-asked", "this answers no question that was asked", hint="nothing was changed",
        )
    return query
