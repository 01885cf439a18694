"""Announce: once a series is approved, each of its visits is arranged between the places, without the authorities."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import VISITORS_COUNT_MAX
from cordiale.message.bodies.visit_notice import VisitNotice
from cordiale.message.members import read_day
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import require_made_by
from cordiale.model.person import Person
from cordiale.records.absences import require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.visits import (
    VISIT,
    VISITOR,
    ends_of,
    plan_of,
    question_of,
    require_shared_visit,
    require_visit,
    send,
)
from cordiale.rules.offices import OfficialAct
from cordiale.rules.visits import decide_notice

NOTICE = "visit-notice"


def announce(registry: Registry, request: Request) -> Answer:
    """Announce one visit of an approved series to the place; refused after the last day to do so."""
    fields = request.act.fields()
    visit_id, site = fields.text("visit"), fields.text("site")
    days = (read_day(fields, "first_day"), read_day(fields, "last_day"))
    visitors = tuple(sorted(fields.texts("visitors", max_count=VISITORS_COUNT_MAX)))
    fields.end()
    notice = VisitNotice(visit_id, f"{registry.party.lower()}.notice.{request.act.id}", site, *days, visitors)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.ADMIT_VISITOR)
        visit = require_visit(session, visit_id, direction="out")
        require_allowed(decision_of("visit", _list_reasons(registry, session, visit, notice)))
        message = send(registry, session, visit.body, {"body": notice})
        _enter(session, notice, message)
        return {"notice": notice.notice, "visit": visit_id}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def take_visit_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that visitors of an approved series are coming; nobody is let in without."""
    body = body_as(arrived, VisitNotice)
    visit = require_shared_visit(
        session, body.visit, arrived.partner.party, agreement=arrived.message.agreement, direction="in"
    )
    require_allowed(decision_of("visit", _list_reasons(registry, session, visit, body)))
    if session.get(NOTICE, require_made_by(arrived.partner.party, body.notice)) is not None:
        raise OutOfOrder("visit.notice-known", "this visit of the series was announced before",
                         hint="nothing was changed")
    _enter(session, body, arrived.message.id)


def _list_reasons(registry: Registry, session: ActSession, visit: Record, notice: VisitNotice) -> list[Reason]:
    index = load_index(session.reads, visit["agreement"], registry.party, visit["party"])
    question = question_of(ends_of(registry, visit), plan_of(visit.body), (), index=index, books=session)
    days = (notice.first_day, notice.last_day)
    reasons = list(decide_notice(question, index, site=notice.site, days=days).reasons)
    approved = {one for one in visit["visitors"] if session.require(VISITOR, one)["state"] == "approved"}
    if visit["state"] != "approved" or not notice.visitors or not set(notice.visitors) <= approved:
        reasons.append(refusal("visit.not-approved", "not everybody who comes stands approved"))
    return reasons


def _enter(session: ActSession, notice: VisitNotice, message: str) -> None:
    session.put(NOTICE, notice.notice, {
        "announced_at": shown_at(session.at), "first_day": notice.first_day.isoformat(),
        "last_day": notice.last_day.isoformat(), "message": message, "site": notice.site, "visit": notice.visit,
        "visitors": list(notice.visitors),
    }, expect=0)
