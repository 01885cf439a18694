"""Disclosure in an emergency: told to the originator at once, reported afterwards.

Whoever an article names lets persons who are not cleared learn of an item of a
partner, because a life depends on it. Nothing is opened by it here: the content
stays with those who may read it, and they say what has to be said. The same act
tells the originator, and makes the report due.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import EMERGENCY_PERSONS_COUNT_MAX, EMERGENCY_REPORT_DAYS_MAX
from cordiale.message.bodies.emergency_notice import EmergencyNotice
from cordiale.message.bodies.emergency_report import STATEMENTS, EmergencyReport
from cordiale.message.members import read_line
from cordiale.model.decision import decision_of
from cordiale.model.names import ItemId, PartyId, require_made_by
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import COPY, ENTRY, ITEM, view_of
from cordiale.records.joined import Joint, joined_with, open_joined
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.rehomings import stands_under
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.tell_originator import tell_originator, told_party
from cordiale.rules.emergency import EmergencyTimes, decide_emergency, times_of_report
from cordiale.rules.joined import without_joined
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import moment_from, terms_of

EMERGENCY: Final = "emergency"


def disclose_in_emergency(registry: Registry, request: Request) -> Answer:
    """Disclose an item in an emergency to persons who are not cleared; its originator is told at once.

    Of our own item that is our own authority, and national law alone says who may.
    """
    fields = request.act.fields()
    item_id, circumstances = fields.text("item"), read_line(fields, "circumstances")
    count = fields.integer("count", 1, EMERGENCY_PERSONS_COUNT_MAX)
    fields.end()
    id = f"{registry.party.lower()}.emergency.{request.act.id}"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.DISCLOSE_IN_EMERGENCY)
        item = session.require(ITEM, item_id)
        view = view_of(registry, session, item)
        decision = decide_emergency(view, actor.functions, now=session.at)
        joined = open_joined(
            registry, session, Joint(EMERGENCY, item_id, actor.id, {"circumstances": circumstances})
        )
        reasons = without_joined(decision.reasons, 1 + len(joined))
        require_allowed(decision_of("emergency", [*office.reasons, *reasons]))
        times = times_of_report(view, session.at.replace(microsecond=0))
        body = EmergencyNotice(
            id, ItemId(str(item.body.get("root", item.id))), session.at.replace(microsecond=0), count, circumstances,
            "; ".join(decision.consulted), times.report_by,
        )
        under = {"agreement": item["agreement"]} if "agreement" in item.body else {}
        told = session.put(EMERGENCY, id, {
            **under, "by": actor.id, "direction": "out", "party": item["origin_party"],
            "state": "told", **_said(body), "item": item.id, **joined_with(session, joined),
        }, expect=0)
        _send(registry, session, told, body)
        session.put(ENTRY, f"emergency.{request.act.id}", {
            "act": "emergency", "at": shown_at(session.at), "authority": actor.post,
            "book": item["origin_party"] if under else "own",
            "circumstances": circumstances, "item": item.id, "legal_basis": body.article, "number": item["reference"],
        }, expect=0)
        _open_report(session, body, registry.party, times)
        if told_party(session, item["origin_party"]) == registry.party:
            _see_to(registry, session, body)
        return {"disclosure": id, "item": item_id, "report_by": shown_at(times.report_by) if times.report_by else ""}

    hidden = hide_from_strangers(item_id, run, OfficialAct.DISCLOSE_IN_EMERGENCY)
    return commit_personal(registry, request, hidden, log=log_of(registry, ITEM, item_id), subject=item_id)


def _see_to(registry: Registry, session: ActSession, body: EmergencyNotice) -> None:
    """Make it due that our authority, the originator, sees to what was disclosed."""
    open_duty(session, f"emergency-told.{body.disclosure}", what="emergency-told", owner=registry.party,
              subject=body.item, due=session.at.date())


def _said(body: EmergencyNotice) -> dict[str, Any]:
    said = {
        "article": body.article, "at": shown_at(body.at), "circumstances": body.circumstances, "count": body.count,
        "disclosure": body.disclosure, "item": body.item,
    }
    return said | ({"report_by": shown_at(body.report_by)} if body.report_by is not None else {})


def _send(registry: Registry, session: ActSession, told: Record, body: EmergencyNotice | EmergencyReport) -> None:
    """Tell the originator, or whoever follows it, where that is not ourselves."""
    if "agreement" in told.body:
        tell_originator(registry, session, (told["party"], told["agreement"], told.id), body)


def _duty(disclosure: str) -> str:
    return f"emergency-report.{disclosure}"


def _open_report(session: ActSession, body: EmergencyNotice, owner: PartyId, times: EmergencyTimes) -> None:
    """Make the report due; where two periods run, it stands before the next office when the longer one ends."""
    after = times.latest - times.report_by if times.latest and times.report_by else None
    open_duty(session, _duty(body.disclosure), what="emergency-report", owner=owner, subject=body.item, due=Due(
        times.report_by, escalate_after=after or None, basis=body.article,
    ))


def report_emergency(registry: Registry, request: Request) -> Answer:
    """Report a disclosure in an emergency to the originator, in the six statements that it is owed."""
    fields = request.act.fields()
    id = fields.text("disclosure")
    report = EmergencyReport(id, *(read_line(fields, name) for name in STATEMENTS))
    fields.end()
    found = registry.record(EMERGENCY, id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISCLOSE_IN_EMERGENCY))
        record = session.require(EMERGENCY, id)
        if record["direction"] != "out" or record["state"] != "told":
            raise OutOfOrder("emergency.reported", "this disclosure waits for no report", hint="nothing was changed")
        _send(registry, session, record, report)
        _enter_report(session, record, report, by=actor.id)
        return {"disclosure": id, "item": record["item"]}

    subject = found["item"] if found is not None else ""
    hidden = hide_from_strangers(subject, run, OfficialAct.DISCLOSE_IN_EMERGENCY)
    return commit_personal(registry, request, hidden, log=log_of(registry, EMERGENCY, id), subject=id)


def _enter_report(session: ActSession, record: Record, report: EmergencyReport, **more: str) -> None:
    said = {name: getattr(report, name) for name in STATEMENTS}
    session.change(record, state="reported", report={**said, **more, "at": shown_at(session.at)})
    discharge(session, _duty(report.disclosure), f"{session.log} {session.index}")


def take_emergency_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a partner disclosed an item of ours in an emergency; our authority sees to it, the report is due."""
    body, party = body_as(arrived, EmergencyNotice), arrived.partner.party
    require_made_by(party, body.disclosure)
    agreement = arrived.message.agreement
    copies = session.each(COPY, "item", body.item)
    if not any(one["party"] == party and stands_under(session, one, agreement) for one in copies):
        raise Unverified(
            "emergency.item-not-there", "the partner tells of an item that was never provided to it",
            hint="nothing was entered; tell the security officer",
        )
    if session.get(EMERGENCY, body.disclosure) is not None:
        raise OutOfOrder("emergency.known", "this disclosure was told before", hint="nothing was changed")
    session.put(EMERGENCY, body.disclosure, {
        "agreement": agreement, "direction": "in", "party": party, "state": "told", **_said(body),
    }, expect=0)
    _open_report(session, body, party, EmergencyTimes(_due_here(registry, session, arrived, body)))
    _see_to(registry, session, body)


def _due_here(registry: Registry, session: ActSession, arrived: Arrived, body: EmergencyNotice) -> datetime:
    """Return when the partner's report is due: as it names it, now where that has passed or it names none.

    It is no later than their agreement says, and where that says nothing than a limit of ours.
    """
    index = load_index(session.reads, arrived.message.agreement, registry.party)
    said = [
        moment_from(term, session.at, index.holidays) for name in ("emergency.report", "emergency.report-latest")
        for term in terms_of(index, name, party=arrived.partner.party)
    ]
    latest = min(said, default=session.at + timedelta(days=EMERGENCY_REPORT_DAYS_MAX))
    return min(max(body.report_by or session.at, session.at), latest)


def take_emergency_report(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take a partner's report on a disclosure that it told of before; only the first counts."""
    body = body_as(arrived, EmergencyReport)
    record = session.get(EMERGENCY, body.disclosure)
    is_theirs = record is not None and (record["direction"], record["party"], record["agreement"]) == (
        "in", arrived.partner.party, arrived.message.agreement
    )
    if record is None or not is_theirs:
        raise Unverified(
            "emergency.unknown", "the partner reports on a disclosure that it never told of",
            hint="nothing was entered; tell the security officer",
        )
    if record["state"] != "told":
        raise OutOfOrder("emergency.reported", "this disclosure waits for no report", hint="nothing was changed")
    _enter_report(session, record, body)
