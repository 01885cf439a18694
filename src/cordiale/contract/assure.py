"""Assure: is a firm cleared? Asked of the authority of its country, and answered in writing, before all else."""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.facility_answer import FacilityAnswer
from cordiale.message.bodies.facility_query import FacilityQuery
from cordiale.message.bodies.facility_withdrawn import FacilityWithdrawn
from cordiale.message.members import NamedPost, optional_day, optional_line, read_line
from cordiale.model.contract import Assurance
from cordiale.model.decision import decision_of
from cordiale.model.names import PartyId, parse_party_id, require_made_by
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import list_stopped_reasons, load_index
from cordiale.records.answer import Answer
from cordiale.records.contracts import FACILITY, send
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import discharge, open_duty
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.rules.provision import list_stage_reasons
from cordiale.wire.person_json import parse_level_ref

_WAITING = ("asked", Assurance.IN_PROCESS.value)


def ask_facility(registry: Registry, request: Request) -> Answer:
    """Ask the authority of a firm's country whether it is cleared up to a level of that country's scheme."""
    fields = request.act.fields()
    agreement, party = fields.text("agreement"), parse_party_id(fields.text("party"))
    firm, address = read_line(fields, "facility"), optional_line(fields, "address")
    purpose = read_line(fields, "purpose")
    level = parse_level_ref(fields.text("level"))
    fields.end()
    query = f"{registry.party.lower()}.facility.{request.act.id}"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.ASSURE_FACILITY)
        index = load_index(session.reads, agreement, registry.party, party)
        require_allowed(decision_of("contract", [
            *office.reasons, *list_stage_reasons(index.state, session.at.date())
        ]))
        body = {"agreement": agreement, "party": party}
        message = send(registry, session, body, {
            "body": FacilityQuery(query, firm, level, purpose, NamedPost(actor.name, actor.post), address),
        })
        session.put(FACILITY, query, {
            **body, "address": address, "asked_at": shown_at(session.at), "direction": "out", "facility": firm,
            "level": str(level), "message": message, "purpose": purpose, "state": "asked",
        }, expect=0)
        open_duty(session, f"answer-facility.{query}", what="answer-facility", owner=party, subject=query, due=None)
        return {"query": query}

    return commit_personal(registry, request, run, log=agreement, subject=query)


def take_facility_query(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's question about a firm of ours; it waits for our authority."""
    body = body_as(arrived, FacilityQuery)
    if session.get(FACILITY, require_made_by(arrived.partner.party, body.query)) is not None:
        raise Unverified("facility.known", "a question of this identifier was asked before",
                         hint="ask the partner to ask again under a new one")
    session.put(FACILITY, body.query, {
        "address": body.address, "agreement": arrived.message.agreement, "asked_at": shown_at(session.at),
        "direction": "in", "facility": body.facility, "level": str(body.level), "message": arrived.message.id,
        "party": arrived.partner.party, "purpose": body.purpose, "state": "asked",
    }, expect=0)
    open_duty(session, f"answer-facility.{body.query}", what="answer-facility", owner=PartyId(registry.party),
              subject=body.query, due=None)


def answer_facility(registry: Registry, request: Request) -> Answer:
    """Answer: held, up to a level and a day; not held; in process. Where a third state controls the firm, say so."""
    fields = request.act.fields()
    query, assurance = fields.text("query"), fields.choice("assurance", Assurance)
    level = parse_level_ref(fields.text("level")) if fields.has("level") else None
    until = optional_day(fields, "valid_until")
    controlled = fields.boolean("controlled") if fields.has("controlled") else False
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ASSURE_FACILITY))
        asked = session.require(FACILITY, query)
        if asked["direction"] != "in" or asked["state"] not in _WAITING:
            raise OutOfOrder("facility.answered", "this question waits for no answer", hint="nothing was changed")
        if until is not None and until < session.at.date():
            raise Malformed("facility.ended", "that day is over", hint="give the last day of the clearance")
        if assurance is Assurance.HELD:
            require_allowed(decision_of("facility", list_stopped_reasons(
                session, asked["agreement"], (registry.party, asked["party"]), level
            )))
        body = FacilityAnswer(query, assurance, NamedPost(actor.name, actor.post), level, until, controlled)
        send(registry, session, asked.body, {"body": body, "in_reply_to": asked["message"]})
        session.change(asked, **_settled(body))
        if assurance is not Assurance.IN_PROCESS:
            discharge(session, f"answer-facility.{query}", request.act.id)
        return {"assurance": assurance.value, "query": query}

    return commit_personal(registry, request, run, log=log_of(registry, FACILITY, query), subject=query)


def take_facility_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter the assurance, or that there is none; in process is followed by another answer."""
    body = body_as(arrived, FacilityAnswer)
    asked = session.get(FACILITY, body.query)
    is_ours = asked is not None and asked["direction"] == "out" and asked["party"] == arrived.partner.party
    if asked is None or not is_ours or asked["message"] != arrived.message.in_reply_to:
        raise Unverified("facility.not-asked", "this party was not asked that", hint="nothing was entered")
    if asked["state"] not in _WAITING:
        raise OutOfOrder("facility.answered", "this question waits for no answer", hint="nothing was changed")
    session.change(asked, **_settled(body))
    if body.assurance is not Assurance.IN_PROCESS:
        discharge(session, f"answer-facility.{body.query}", arrived.message.id)


def _settled(body: FacilityAnswer) -> dict[str, Any]:
    return {
        "controlled": body.is_controlled or None, "held": str(body.level) if body.level else None,
        "state": body.assurance.value, "valid_until": body.valid_until.isoformat() if body.valid_until else None,
    }


def withdraw_facility(registry: Registry, request: Request) -> Answer:
    """Tell who was assured that the clearance of a firm of ours has ended; it holds no longer from today."""
    fields = request.act.fields()
    query = fields.text("query")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ASSURE_FACILITY))
        asked = session.require(FACILITY, query)
        if asked["direction"] != "in" or asked["state"] != Assurance.HELD.value:
            raise OutOfOrder("facility.not-assured", "no clearance of the firm stands assured under this question",
                             hint="look at `cordiale contract list`")
        on = session.at.date()
        send(registry, session, asked.body, {"body": FacilityWithdrawn(query, on)})
        session.change(asked, state=Assurance.NOT_HELD.value, withdrawn_on=on.isoformat())
        return {"query": query, "withdrawn_on": on.isoformat()}

    return commit_personal(registry, request, run, log=log_of(registry, FACILITY, query), subject=query)


def take_facility_withdrawn(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Let an assurance end here at once; what rests on it, contracts and visits, is for a person to see to."""
    body = body_as(arrived, FacilityWithdrawn)
    asked = session.get(FACILITY, body.query)
    is_ours = asked is not None and asked["direction"] == "out" and asked["party"] == arrived.partner.party
    if asked is None or not is_ours:
        raise Unverified("facility.not-asked", "this party was not asked that", hint="nothing was entered")
    if asked["state"] != Assurance.HELD.value:
        raise OutOfOrder("facility.not-assured", "no clearance of the firm stands assured under this question",
                         hint="nothing was changed")
    session.change(asked, state=Assurance.NOT_HELD.value, withdrawn_on=body.on.isoformat())
    open_duty(session, f"facility-lost.{body.query}", what="facility-lost", owner=registry.party, subject=body.query,
              due=session.at.date())
