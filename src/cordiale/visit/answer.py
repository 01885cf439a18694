"""Answer: the host's authority takes in what is asked of it, and decides alone; it owes no reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Undecidable, Unverified, require_allowed
from cordiale.limits import VISIT_AMENDMENTS_COUNT_MAX, VISITORS_COUNT_MAX
from cordiale.message.bodies.visit_amendment import VisitAmendment
from cordiale.message.bodies.visit_answer import VisitAnswer, VisitOutcome
from cordiale.message.bodies.visit_request import VisitRequest
from cordiale.message.members import NamedPost, optional_line
from cordiale.model.decision import Reason, decision_of
from cordiale.model.names import PartyId, require_made_by
from cordiale.model.person import Person
from cordiale.model.visit import Visitor, VisitPlan
from cordiale.records.absences import require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.visit_answers import apply_answer, version_asked
from cordiale.records.visits import (
    VISIT,
    VISITOR,
    ends_of,
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
from cordiale.rules.offices import OfficialAct
from cordiale.rules.provision import list_stage_reasons
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.visits import decide_amendment, decide_approval, file_by


def take_visit_request(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's request for a visit; it waits for our authority, marked where it came late."""
    body = body_as(arrived, VisitRequest)
    agreement, party = arrived.message.agreement, arrived.partner.party
    index = load_index(session.reads, agreement, registry.party, party)
    require_allowed(decision_of("visit", list_stage_reasons(index.state, session.at.date())))
    if session.get(VISIT, require_made_by(party, body.visit)) is not None:
        raise Unverified("visit.known", "a visit of this identifier was asked for before",
                         hint="ask the partner to ask again under a new one")
    if body.plan.renews:
        require_shared_visit(session, body.plan.renews, party, agreement=agreement, direction="in")
    _enter_visitors(session, body.visit, body.visitors, arrived.message.id)
    session.put(VISIT, body.visit, {
        **plan_body(body.plan), "agreement": agreement, "asked_at": shown_at(session.at),
        "asked_by": body.authority.encode(), "base": 0, "direction": "in",
        "late": _lateness(registry, session, body, index),
        "message": arrived.message.id, "number": 0, "party": party, "request": arrived.message.id, "state": "asked",
        "visitors": [one.id for one in body.visitors],
    }, expect=0)
    plan_erasure(registry, session, [one.id for one in body.visitors], last_day=body.plan.last_day)
    _open_answer(registry, session, body.visit, body.plan)


def take_visit_amendment(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter an amendment; what was approved stands until our authority has answered."""
    body = body_as(arrived, VisitAmendment)
    visit = require_shared_visit(
        session, body.visit, arrived.partner.party, agreement=arrived.message.agreement, direction="in"
    )
    if visit["state"] not in ("asked", "approved") or "pending" in visit.body or body.number != visit["number"] + 1:
        raise OutOfOrder("visit.not-amendable", "this visit waits for an answer, or is over",
                         hint="ask for another visit")
    index = load_index(session.reads, visit["agreement"], registry.party, visit["party"])
    before = question_of(ends_of(registry, visit), plan_of(visit.body), (), index=index, books=session)
    plan = replace(before.plan, first_day=body.first_day, last_day=body.last_day)
    kept = _require_kept(session, visit, body.kept)
    after = question_of(ends_of(registry, visit), plan, (*kept, *body.visitors), index=index, books=session)
    require_allowed(decide_amendment(before, after, index))
    _enter_visitors(session, visit.id, body.visitors, arrived.message.id)
    session.change(visit, message=arrived.message.id, number=body.number, pending={
        "first_day": body.first_day.isoformat(), "last_day": body.last_day.isoformat(), "message": arrived.message.id,
        "number": body.number, "visitors": sorted([*body.kept, *(one.id for one in body.visitors)]),
    })
    plan_erasure(registry, session, [one.id for one in body.visitors], last_day=plan.last_day)
    _open_answer(registry, session, visit.id, plan)


def answer_visit(registry: Registry, request: Request) -> Answer:
    """Approve all or some of the visitors, with conditions, or refuse; for the version that the authority has seen."""
    fields = request.act.fields()
    visit_id, number = fields.text("visit"), fields.integer("number", 0, VISIT_AMENDMENTS_COUNT_MAX)
    approved = sorted(fields.texts("approve", max_count=VISITORS_COUNT_MAX)) if fields.has("approve") else []
    told = {name: optional_line(fields, name) for name in ("conditions", "warning", "evacuation")}
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.ANSWER_VISIT)
        visit = require_visit(session, visit_id, direction="in")
        if version_asked(visit) != number:
            raise OutOfOrder("visit.other-version", "that version of the request waits for no answer",
                             hint="look at `cordiale visit show` once more")
        if approved:
            require_allowed(decision_of("visit", _list_against(registry, session, visit, approved)))
        pending = visit.body.get("pending")
        asking = pending["message"] if pending is not None else visit["request"]
        settled = apply_answer(session, visit, number, (set(approved), ""))
        outcome = VisitOutcome.APPROVED if approved else VisitOutcome.REFUSED
        named = NamedPost(actor.name, actor.post)
        send(registry, session, visit.body, {
            "body": VisitAnswer(visit_id, number, outcome, tuple(approved), named, **told), "in_reply_to": asking,
        })
        settled = session.change(settled, answered_at=shown_at(session.at), authority=named.encode(),
                                 **{name: text or None for name, text in told.items()})
        discharge(session, f"answer-visit.{visit_id}", request.act.id)
        _open_briefings(registry, session, settled)
        plan_erasure(registry, session, settled["visitors"], last_day=plan_of(settled.body).last_day)
        return {"outcome": outcome.value, "visit": visit_id, "visitors": approved}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def _list_against(registry: Registry, session: ActSession, visit: Record, approved: list[str]) -> list[Reason]:
    """Return what stands against admitting the visitors `approved`; nobody is admitted who is suspended or erased."""
    asked = visit.body.get("pending", visit.body)
    if not set(approved) <= set(asked["visitors"]):
        raise Malformed("visit.other-visitor", "somebody is named who is no visitor of this visit",
                        hint="look at `cordiale visit show`")
    records = visitors_of(session, approved)
    gone = [one.id for one in records if one["state"] in ("suspended", "cancelled")]
    if gone:
        raise OutOfOrder("visit.visitor-gone", "the visitor {visitor} is not to come any more",
                         hint="approve the others", visitor=gone[0])
    index = load_index(session.reads, visit["agreement"], registry.party, visit["party"])
    plan = plan_of({**visit.body, **visit.body.get("pending", {})})
    question = question_of(
        ends_of(registry, visit), plan, tuple(map(visitor_of, records)), index=index, books=session
    )
    return list(decide_approval(question, index).reasons)


def _enter_visitors(session: ActSession, visit: str, visitors: tuple[Visitor, ...], message: str) -> None:
    """Enter visitors, each new here and named after the visit, or nobody."""
    for visitor in visitors:
        if not visitor.id.startswith(f"{visit}."):
            raise Malformed("visit.visitor-id", "a visitor is not named after the visit", hint="nothing was entered")
        if session.get(VISITOR, visitor.id) is not None:
            raise Unverified("visit.visitor-known", "a visitor who is known is named once more",
                             hint="the partner names a changed visitor under a new number")
        session.put(VISITOR, visitor.id, visitor_body(visitor, visit, message), expect=0)


def _require_kept(session: ActSession, visit: Record, kept: tuple[str, ...]) -> tuple[Visitor, ...]:
    """Return the visitors who go on to come; raises for somebody who is not of the visit, or comes no more."""
    if not set(kept) <= set(visit["visitors"]):
        raise Malformed("visit.other-visitor", "somebody is named who is no visitor of this visit",
                        hint="look at `cordiale visit show`")
    records = visitors_of(session, kept)
    gone = [one.id for one in records if one["state"] in ("suspended", "cancelled")]
    if gone:
        raise OutOfOrder("visit.visitor-gone", "the visitor {visitor} is not to come any more",
                         hint="name them under a new number", visitor=gone[0])
    return tuple(map(visitor_of, records))


def _lateness(registry: Registry, session: ActSession, body: VisitRequest, index: RuleIndex) -> str:
    try:
        by = file_by(index, body.plan, registry.party)
    except Undecidable:
        return "unknown"
    if by.day is None:
        return "unknown"
    return "yes" if by.day < session.at.date() else "no"


def _open_answer(registry: Registry, session: ActSession, visit: str, plan: VisitPlan) -> None:
    open_duty(session, f"answer-visit.{visit}", what="answer-visit", owner=PartyId(registry.party), subject=visit,
              due=Due(plan.first_day, is_moved=True))


def _open_briefings(registry: Registry, session: ActSession, visit: Record) -> None:
    """Each place has to be told what the visit is about, before it begins."""
    if visit["state"] != "approved":
        return
    for number, _ in enumerate(visit["sites"], start=1):
        open_duty(session, f"brief-site.{visit.id}.{number}", what="brief-site", owner=registry.party,
                  subject=visit.id, due=Due(plan_of(visit.body).first_day, is_moved=True))
