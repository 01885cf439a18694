"""Disclose: what visitors hear or see counts as provided, and is written up at both nodes.

The listeners are told the level. A note confirms the disclosure later: an item in
the form `oral`, released and dispatched like every other, that both sides tie to
what was said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.limits import VISITORS_COUNT_MAX
from cordiale.message.bodies.consignment import ItemForm
from cordiale.message.bodies.disclosure import Disclosure, Manner
from cordiale.message.members import read_line
from cordiale.model.decision import Reason, decision_of, refusal, undecidable
from cordiale.model.label import LevelRef
from cordiale.model.names import ItemId, require_made_by
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import discharge, open_duty
from cordiale.records.items import COPY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.paging import all_with
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
from cordiale.rules.national import dominates
from cordiale.rules.offices import OfficialAct
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.visits import decide_disclosure
from cordiale.wire.person_json import parse_level_ref

DISCLOSURE: Final = "disclosure"
_GIVEN: Final = ("dispatched", "with-partner")
_LET_IN: Final = ("inside", "left")


def disclose(registry: Registry, request: Request) -> Answer:
    """Write up what visitors were told or shown today, with the level they were told; never above that of the visit."""
    fields = request.act.fields()
    visit_id, manner = fields.text("visit"), fields.choice("manner", Manner)
    level, subject = parse_level_ref(fields.text("level")), read_line(fields, "subject")
    listeners = tuple(sorted(fields.texts("listeners", max_count=VISITORS_COUNT_MAX)))
    fields.end()
    id = f"{registry.party.lower()}.disclosure.{request.act.id}"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.DISCLOSE)
        visit = require_visit(session, visit_id, direction="in")
        index = load_index(session.reads, visit["agreement"], registry.party, visit["party"])
        plan = replace(plan_of(visit.body), level=level)
        question = question_of(ends_of(registry, visit), plan, (), index=index, books=session)
        require_allowed(decision_of("disclose", [
            *decide_disclosure(question, index).reasons,
            *_list_level_reasons(index, parse_level_ref(visit["level"]), level),
            *_list_listener_reasons(session, visit, listeners),
        ]))
        body = Disclosure(
            id, visit_id, manner, level, subject, session.at.replace(microsecond=0), listeners
        )
        message = send(registry, session, visit.body, {"body": body})
        _put(session, body, visit, {"by": actor.id, "direction": "out", "message": message})
        open_duty(session, f"confirm-disclosure.{id}", what="confirm-disclosure", owner=registry.party, subject=id,
                  due=None)
        return {"disclosure": id, "visit": visit_id}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def confirm(registry: Registry, request: Request) -> Answer:
    """Tie a disclosure to the note that confirms it: an item of ours in the form oral that went to the other side."""
    fields = request.act.fields()
    id, item_id = fields.text("disclosure"), fields.text("item")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.DISCLOSE))
        record = session.require(DISCLOSURE, id)
        if record["direction"] != "out" or record["state"] != "told":
            raise OutOfOrder("disclose.confirmed", "this disclosure waits for no note", hint="nothing was changed")
        visit = require_visit(session, record["visit"], direction="in")
        item = session.require(ITEM, item_id)
        _require_note(registry, record, item)
        if not any(one["party"] == visit["party"] and one["state"] in _GIVEN
                   for one in session.find(COPY, "item", item_id)):
            raise OutOfOrder("disclose.not-dispatched", "the note has not been dispatched to the other side",
                             hint="release and dispatch it first")
        body = Disclosure(
            id, visit.id, Manner(record["manner"]), parse_level_ref(record["level"]), record["subject"],
            parse_instant(record["at"]), tuple(record["listeners"]), ItemId(item_id),
        )
        send(registry, session, visit.body, {"body": body})
        session.change(record, item=item_id, state="confirmed")
        discharge(session, f"confirm-disclosure.{id}", item_id)
        return {"disclosure": id, "item": item_id}

    agreement = log_of(registry, DISCLOSURE, id)
    return commit_personal(registry, request, run, log=agreement, subject=id)


def take_disclosure(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what our visitors were told; of the note that confirms it only the tie, the item itself is registered."""
    body = body_as(arrived, Disclosure)
    visit = require_shared_visit(
        session, body.visit, arrived.partner.party, agreement=arrived.message.agreement, direction="out"
    )
    if not set(body.listeners) <= {one.id for one in all_with(session.reads, "visitor", "visit", visit.id)}:
        raise Unverified("disclose.strangers", "somebody is named who is no visitor of this visit",
                         hint="nothing was entered")
    record = session.get(DISCLOSURE, require_made_by(arrived.partner.party, body.disclosure))
    if record is None and body.item is None:
        _put(session, body, visit, {"direction": "in", "message": arrived.message.id})
        open_duty(session, f"confirm-disclosure.{body.disclosure}", what="confirm-disclosure",
                  owner=arrived.partner.party, subject=body.disclosure, due=None)
        return
    if record is None or body.item is None or record["state"] != "told" or not _is_same(record, body):
        raise Unverified("disclose.other-words", "the note is not of what was told before", hint="nothing was entered")
    session.change(record, item=body.item, state="confirmed")
    discharge(session, f"confirm-disclosure.{body.disclosure}", arrived.message.id)


def _list_level_reasons(index: RuleIndex, highest: LevelRef, level: LevelRef) -> Iterator[Reason]:
    is_within = dominates(index, highest, level)
    if is_within is None:
        yield undecidable("disclose.level-unknown", "the level could not be held against that of the visit")
    elif not is_within:
        yield refusal("disclose.above-visit", "the level is above the highest that the visit is approved for")


def _list_listener_reasons(session: ActSession, visit: Record, listeners: tuple[str, ...]) -> Iterator[Reason]:
    """Yield why not all of `listeners` may be told: each was let in today and stands approved as this is written up.

    Who has left since may be named until the day is over. Who was suspended or cancelled may not, whenever it
    was said: their own authority has said that they learn nothing more.
    """
    today = session.at.date().isoformat()
    admissions = all_with(session.reads, "admission", "visit", visit.id)
    admitted = {one["visitor"] for one in admissions if one["on"] == today and one["state"] in _LET_IN}
    if not listeners or not set(listeners) <= admitted:
        yield refusal("disclose.not-admitted", "a listener was not admitted today")
    states = {one.id: one["state"] for one in all_with(session.reads, VISITOR, "visit", visit.id)}
    heard = [states[one] for one in listeners if one in states]
    if "suspended" in heard:
        yield refusal("admit.suspended", "the visit of this person is suspended")
    is_listed = set(listeners) & states.keys() <= {*visit["visitors"]}
    if visit["state"] != "approved" or not is_listed or not {*heard} <= {"approved", "suspended"}:
        yield refusal("visit.not-approved", "not everybody who comes stands approved")


def _require_note(registry: Registry, record: Record, item: Record) -> None:
    if item["origin_party"] != registry.party or item["form"] != ItemForm.ORAL.value:
        raise Malformed("disclose.no-note", "the item is no note of ours on an oral disclosure",
                        hint="label the note with `--form oral`")
    if label_of(item).level != parse_level_ref(record["level"]):
        raise Malformed("disclose.other-level", "the note has another level than the listeners were told",
                        hint="label it at the level that they were told")


def _put(session: ActSession, body: Disclosure, visit: Record, more: dict[str, Any]) -> None:
    session.put(DISCLOSURE, body.disclosure, {
        **more, "agreement": visit["agreement"], "at": shown_at(body.at), "level": str(body.level),
        "listeners": list(body.listeners), "manner": body.manner.value, "party": visit["party"], "state": "told",
        "subject": body.subject, "visit": visit.id,
    }, expect=0)


def _is_same(record: Record, body: Disclosure) -> bool:
    said = (str(body.level), body.manner.value, body.subject, shown_at(body.at), list(body.listeners), body.visit)
    return said == tuple(record[name] for name in ("level", "manner", "subject", "at", "listeners", "visit"))
