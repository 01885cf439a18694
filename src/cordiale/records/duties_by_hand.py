"""Duties that people enter and settle: a day nobody must forget, and what no message discharges by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed, OutOfOrder, Refused, require_allowed
from cordiale.limits import DEADLINE_DAYS_MAX, DUTY_REPEAT_MONTHS_MAX
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Office, Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import DUTY, Due, change_duty, discharge, open_duty
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.duty_kinds import kind_of
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_day

_WHAT = "remember"


def remember(registry: Registry, request: Request) -> Answer:
    """Enter a duty of an office of ours: what is to be done by a day (or moment), once or again every some months."""
    fields = request.act.fields()
    about, due = fields.text("about"), _due(fields.text("due"))
    office = fields.choice("office", Office)
    before = fields.integer("remind_days", 0, DEADLINE_DAYS_MAX) if fields.has("remind_days") else None
    months = fields.integer("repeat_months", 1, DUTY_REPEAT_MONTHS_MAX) if fields.has("repeat_months") else 0
    basis = fields.optional_text("basis") or ""
    fields.end()
    id = registry.fresh_id("d")

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_DUTIES))
        day = due.date() if isinstance(due, datetime) else due
        if day < session.at.date():
            raise Malformed("duty.past", "that day is over", hint="give a day that is still to come")
        open_duty(session, id, what=_WHAT, owner=registry.party, subject=about, due=Due(
            due, office=office, basis=basis, repeat_months=months,
            remind_before=timedelta(days=before) if before is not None else None,
        ))
        return {"due": shown_due(due), "duty": id}

    return commit_personal(registry, request, run, subject=id)


def shown_due(due: date | datetime) -> str:
    """Return a day or a moment as it is written."""
    return due.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(due, datetime) else due.isoformat()


def _due(text: str) -> date | datetime:
    return parse_instant(text) if "T" in text else parse_day(text)


def settle(registry: Registry, request: Request) -> Answer:
    """Discharge a duty that nothing discharges by itself, by the word of somebody to whom it falls."""
    fields = request.act.fields()
    id, proof = fields.text("duty"), fields.text("proof")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.KEEP_DUTIES)
        duty = session.require(DUTY, id)
        if not _falls_to(actor, duty):
            raise Refused(decision_of("duty.settle", [refusal(
                "duty.other-office", "this duty falls to the office of {offices}", duty.body.get("basis", ""),
                offices=", ".join(duty["falls_to"]),
            )]))
        if not kind_of(duty["what"]).is_settled_by_hand:
            raise OutOfOrder(
                "duty.by-itself", "this duty is discharged by what proves it, and by nobody's word",
                hint="look at `cordiale duties`: it names the command", duty=id,
            )
        if duty["state"] == "done":
            raise OutOfOrder("duty.done", "this duty was discharged before", hint="nothing was changed", duty=id)
        discharge(session, id, proof)
        change_duty(session, session.require(DUTY, id), settled_by=actor.id)
        return {"duty": id}

    return commit_personal(registry, request, run, subject=id)


def _falls_to(person: Person, duty: Record) -> bool:
    offices = {office.value for office in person.offices}
    # Whether a deputy stands in now is decided by the table of offices.
    deputised = {Office.REGISTRAR.value} if Office.DEPUTY_REGISTRAR in person.offices else set[str]()
    return not (offices | deputised).isdisjoint(duty["falls_to"])
