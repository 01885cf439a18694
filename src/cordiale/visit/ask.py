"""Ask: the authority that sends visitors asks for the visit, amends it, and takes in what the host decided.

Each visitor is one of our people, entered and cleared here: what the authority
asserts of a clearance is read from the register, and never typed.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import VISIT_SITES_COUNT_MAX, VISITORS_COUNT_MAX
from cordiale.message.bodies.visit_amendment import VisitAmendment
from cordiale.message.bodies.visit_answer import VisitAnswer, VisitOutcome
from cordiale.message.bodies.visit_request import VisitRequest
from cordiale.message.members import NamedPost, optional_day, optional_line, read_day, read_line
from cordiale.model.decision import decision_of
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.person import Clearance, Person
from cordiale.model.visit import Initiative, Site, VisitKind, Visitor, VisitPlan
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import discharge, open_duty
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of, require_person
from cordiale.records.session import ActSession, Books
from cordiale.records.visit_answers import apply_answer
from cordiale.records.visits import (
    VISIT,
    VISITOR,
    plan_body,
    plan_erasure,
    plan_of,
    question_of,
    require_shared_visit,
    require_visit,
    send,
    visitor_body,
    visitor_of,
    visitors_of,
)
from cordiale.rules.national import dominates
from cordiale.rules.offices import OfficialAct
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.visits import decide_amendment, decide_request, file_by
from cordiale.wire.person_json import parse_level_ref


class _Entry(NamedTuple):
    """One visitor as the authority names them; everything else is in the register of people."""

    person: str
    born_on: date | None
    born_at: str
    document: str
    employer: str
    is_agreed: bool


def request_visit(registry: Registry, request: Request) -> Answer:
    """Ask the host for a visit; refused after the last day to file it, and for visitors who are not cleared."""
    fields = request.act.fields()
    agreement, host = fields.text("agreement"), parse_party_id(fields.text("host"))
    plan, entries = _read_plan(fields), _read_entries(fields)
    fields.end()
    id = f"{registry.party.lower()}.visit.{request.act.id}"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.ASK_VISIT)
        index = load_index(session.reads, agreement, registry.party, host)
        level = question_of((host, registry.party), plan, (), index=index, books=session).level
        visitors = _visitors(session, entries, (id, 1), (level, index))
        question = question_of((host, registry.party), plan, visitors, index=index, books=session)
        series, renewals = _series(session, plan, agreement, host)
        decision = decide_request(question, index, series=series, renewals=renewals)
        require_allowed(decision_of("visit", [*office.reasons, *decision.reasons]))
        body = {**plan_body(plan), "agreement": agreement, "party": host}
        message = send(registry, session, body, {
            "body": VisitRequest(id, plan, visitors, NamedPost(actor.name, actor.post)),
        })
        for entry, visitor in zip(entries, visitors, strict=True):
            session.put(VISITOR, visitor.id, visitor_body(visitor, id, message, person=entry.person), expect=0)
        plan_erasure(registry, session, [one.id for one in visitors], last_day=plan.last_day)
        by = file_by(index, plan, host)
        session.put(VISIT, id, {
            **body, "act": request.act.id, "asked_at": shown_at(session.at), "base": 0, "direction": "out",
            "made": len(visitors), "message": message, "number": 0, "renewals": renewals, "request": message,
            "state": "asked", "visitors": [one.id for one in visitors],
        }, expect=0)
        open_duty(session, f"answer-visit.{id}", what="answer-visit", owner=host, subject=id, due=None)
        return {"file_by": by.day.isoformat() if by.day else "", "request": message, "visit": id,
                "visitors": [one.id for one in visitors]}

    return commit_personal(registry, request, run, log=agreement, subject=id)


def amend_visit(registry: Registry, request: Request) -> Answer:
    """Ask for other names or later days; what was approved stands until the host has answered."""
    fields = request.act.fields()
    visit_id = fields.text("visit")
    first, last = optional_day(fields, "first_day"), optional_day(fields, "last_day")
    dropped = set(fields.texts("drop", max_count=VISITORS_COUNT_MAX)) if fields.has("drop") else set()
    entries = _read_entries(fields) if fields.has("visitors") else ()
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.ASK_VISIT)
        visit = require_visit(session, visit_id, direction="out")
        _require_amendable(visit, dropped)
        index = load_index(session.reads, visit["agreement"], registry.party, visit["party"])
        ends = (PartyId(visit["party"]), registry.party)
        before = question_of(ends, plan_of(visit.body), (), index=index, books=session)
        kept = [one for one in visitors_of(session, sorted(visit["visitors"]))
                if one.id not in dropped and one["state"] in ("asked", "approved", "refused")]
        new = _visitors(session, entries, (visit_id, visit["made"] + 1), (before.level, index))
        visitors = tuple(sorted((*map(visitor_of, kept), *new), key=lambda one: one.id))
        plan = VisitPlan(
            before.plan.kind, first or before.plan.first_day, last or before.plan.last_day, before.plan.level,
            before.plan.purpose, before.plan.sites, before.plan.programme, before.plan.initiative,
            before.plan.subject, before.plan.renews,
        )
        after = question_of(ends, plan, visitors, index=index, books=session)
        decision = decide_amendment(before, after, index)
        require_allowed(decision_of("visit", decision.reasons))
        number = visit["number"] + 1
        message = send(registry, session, visit.body, {
            "body": VisitAmendment(
                visit_id, number, plan.first_day, plan.last_day, tuple(one.id for one in kept), new,
                NamedPost(actor.name, actor.post),
            ),
        })
        for entry, visitor in zip(entries, new, strict=True):
            session.put(VISITOR, visitor.id, visitor_body(visitor, visit_id, message, person=entry.person), expect=0)
        plan_erasure(registry, session, [one.id for one in new], last_day=plan.last_day)
        session.change(visit, made=visit["made"] + len(new), message=message, number=number, pending={
            "first_day": plan.first_day.isoformat(), "last_day": plan.last_day.isoformat(), "message": message,
            "number": number, "visitors": [one.id for one in visitors],
        })
        open_duty(session, f"answer-visit.{visit_id}", what="answer-visit", owner=ends[0], subject=visit_id, due=None)
        return {"amendment": number, "request": message, "visit": visit_id}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def take_visit_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what the host decided; it counts for the request or amendment it answers, once, and not after the visit."""
    body = body_as(arrived, VisitAnswer)
    visit = require_shared_visit(
        session, body.visit, arrived.partner.party, agreement=arrived.message.agreement, direction="out"
    )
    approved = set(body.visitors) if body.outcome is VisitOutcome.APPROVED else set()
    settled = apply_answer(session, visit, body.number, (approved, arrived.message.in_reply_to))
    told = {name: getattr(body, name) for name in ("conditions", "evacuation", "warning") if getattr(body, name)}
    settled = session.change(settled, answered_at=shown_at(session.at), authority=body.authority.encode(), **told)
    if "pending" not in settled.body:
        if settled["state"] == "approved" and date.fromisoformat(settled["last_day"]) < session.at.date():
            settled = session.change(settled, state="too-late")
        discharge(session, f"answer-visit.{visit.id}", arrived.message.id)
    if settled["state"] != "cancelled":
        plan_erasure(registry, session, settled["visitors"], last_day=plan_of(settled.body).last_day)


def _require_amendable(visit: Record, dropped: set[str]) -> None:
    if visit["state"] not in ("asked", "approved"):
        raise OutOfOrder("visit.over-with", "this visit is {state}, and nothing of it is amended",
                         hint="ask for another visit", state=visit["state"])
    if "pending" in visit.body:
        raise OutOfOrder(
            "visit.amendment-waits", "the host has not answered the last amendment yet",
            hint="wait for its answer, or cancel the visit and ask for another",
        )
    if not dropped <= set(visit["visitors"]):
        raise Malformed("visit.other-visitor", "somebody is named who is no visitor of this visit",
                        hint="look at `cordiale visit show`")


def _series(books: Books, plan: VisitPlan, agreement: str, host: str) -> tuple[VisitPlan | None, int]:
    """Return the plan of the series that `plan` renews and which renewal it is; None and 0 for a first one."""
    if not plan.renews:
        return None, 0
    series = require_visit(books, plan.renews, direction="out")
    if (series["agreement"], series["party"], series["state"], series["kind"]) != (
        agreement, host, "approved", VisitKind.RECURRING
    ):
        raise OutOfOrder("visit.no-series-there", "the visit that is named is no approved series with this host",
                         hint="look at `cordiale visit list`")
    return plan_of(series.body), int(series["renewals"]) + 1


def _visitors(
    session: ActSession, entries: tuple[_Entry, ...], numbering: tuple[str, int],
    needed: tuple[LevelRef | None, RuleIndex],
) -> tuple[Visitor, ...]:
    """Return the visitors of `entries` as the register knows them, numbered from `numbering` (visit, first number)."""
    if len({entry.person for entry in entries}) < len(entries):
        raise Malformed("visit.twice", "a visitor is named twice", hint="name each once")
    visitors = []
    for number, entry in enumerate(entries, start=numbering[1]):
        person = require_person(session, entry.person)
        if person.left_at is not None:
            raise OutOfOrder("visit.has-left", "the visitor {person} has left the service", hint="name somebody else",
                             person=person.id)
        held = _clearance(person, needed, session.at.date())
        visitors.append(Visitor(
            id=f"{numbering[0]}.{number:03d}", name=person.name, nationalities=tuple(sorted(person.nationalities)),
            clearance=held.level if held else None, cleared_until=held.valid_until if held else None,
            born_on=entry.born_on, born_at=entry.born_at, document=entry.document, post=person.post,
            employer=entry.employer or person.unit, is_agreed=entry.is_agreed,
        ))
    return tuple(visitors)


def _clearance(person: Person, needed: tuple[LevelRef | None, RuleIndex], on: date) -> Clearance | None:
    """Return the clearance of `person` that reaches the level and lasts longest; any other that stands without one."""
    level, index = needed
    standing = [
        one for one in person.clearances
        if one.withdrawn_at is None and one.valid_from <= on <= one.valid_until
        and level is not None and one.level.scheme == level.scheme
    ]
    return max(
        standing, default=None,
        key=lambda one: (level is not None and bool(dominates(index, one.level, level)), one.valid_until),
    )


def _read_plan(fields: Fields) -> VisitPlan:
    return VisitPlan(
        kind=fields.choice("kind", VisitKind), first_day=read_day(fields, "first_day"),
        last_day=read_day(fields, "last_day"), level=parse_level_ref(fields.text("level")),
        purpose=read_line(fields, "purpose"), programme=optional_line(fields, "programme"),
        initiative=fields.optional_choice("initiative", Initiative), subject=optional_line(fields, "subject"),
        renews=optional_line(fields, "renews"),
        sites=tuple(
            Site(read_line(one, "name"), optional_line(one, "address"), optional_line(one, "contact"),
                 optional_line(one, "phone"))
            for one in fields.objects("sites", max_count=VISIT_SITES_COUNT_MAX)
        ),
    )


def _read_entries(fields: Fields) -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            one.text("person"), optional_day(one, "born_on"), optional_line(one, "born_at"),
            optional_line(one, "document"), optional_line(one, "employer"),
            one.has("agreed") and one.boolean("agreed"),
        )
        for one in fields.objects("visitors", max_count=VISITORS_COUNT_MAX)
    )
