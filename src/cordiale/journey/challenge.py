"""Challenge: whoever knows an item may say that its level looks wrong, and nobody is told who did.

A challenge of our own item waits for the releasing authority, within the term
of the law; of a foreign one the originator is asked, in the registry's name. Who
challenged lies in a record of its own and is shown to nobody.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Final

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.members import read_line
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.model.person import Office, Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import own_profile
from cordiale.records.answer import Answer
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.reviews import ask_for_change
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_from_strangers, require_known
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import counted_from
from cordiale.rules.workdays import Holidays

CHALLENGE: Final = "level-challenge"
_NO_HOLIDAYS: Final = Holidays(frozenset(), frozenset())


class Doubt(StrEnum):
    """What looks wrong."""

    TOO_HIGH = "too-high"
    TOO_LOW = "too-low"
    MISSING_MARK = "missing-mark"
    WRONG_MARK = "wrong-mark"


def challenge(registry: Registry, request: Request) -> Answer:
    """Challenge the level or mark of an item; `to` is the level it should have, where the person says one."""
    fields = request.act.fields()
    item_id, doubt, reason = fields.text("item"), fields.choice("doubt", Doubt), read_line(fields, "reason")
    to = fields.optional_text("to") or ""
    fields.end()
    found = registry.record(ITEM, item_id)
    log = found.body.get("agreement", INTERNAL) if found is not None else INTERNAL

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = require_known(session, actor, session.require(ITEM, item_id), OfficialAct.PROPOSE_LEVEL)
        id = f"{item_id}/{request.act.id}"
        is_own = item["origin_party"] == registry.party
        asked = "" if is_own else ask_for_change(registry, session, item, (to or "-", f"{doubt.value}: {reason}"))
        session.put(CHALLENGE, id, {
            "at": shown_at(session.at), "doubt": doubt.value, "item": item_id, "reason": reason, "request": asked,
            "state": "open", **({"to": to} if to else {}),
        }, expect=0)
        session.put("challenger", id, {"challenge": id, "person": actor.id}, expect=0)
        if is_own:
            _open_timers(registry, session, item, id)
        return {"challenge": id, "item": item_id, "request": asked}

    hidden = hide_from_strangers(item_id, run, OfficialAct.PROPOSE_LEVEL)
    return commit_personal(registry, request, hidden, log=log, subject=item_id)


def _open_timers(registry: Registry, session: ActSession, item: Record, id: str) -> None:
    """Make the answer due within the term of national law, and bring it before the next authority after the other."""
    level = label_of(item).level
    answer = _days(registry, session, "challenge.answer", level)
    escalate = _days(registry, session, "challenge.escalate", level)
    later = escalate - answer if answer is not None and escalate is not None and escalate > answer else None
    due = Due(
        answer, office=Office.RELEASING_AUTHORITY, escalate_to=Office.COMPETENT_AUTHORITY, escalate_after=later,
    )
    open_duty(
        session, f"challenge.{id}", what="answer-challenge", owner=PartyId(registry.party), subject=item.id, due=due,
    )


def _days(registry: Registry, books: Books, name: str, level: LevelRef) -> date | None:
    """Return the day to which national law leads by the term `name`, None where it says nothing."""
    profile = own_profile(books.reads, registry.party)
    days = [
        counted_from(term, books.at.date(), _NO_HOLIDAYS) for term in (profile.terms if profile is not None else ())
        if term.name == name and term.level in (None, level)
    ]
    return min(days, default=None)


def answer_challenge(registry: Registry, request: Request) -> Answer:
    """Answer a challenge of our own item: the level stays, or a change of it is proposed; with the reason."""
    fields = request.act.fields()
    id, outcome, reason = fields.text("challenge"), fields.text("outcome"), read_line(fields, "reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        record = session.require(CHALLENGE, id)
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_LEVEL))
        if record["state"] != "open" or record["request"] or outcome not in ("kept", "to-be-changed"):
            raise OutOfOrder(
                "challenge.not-waiting", "this challenge waits for no such answer", hint="look at `cordiale duties`"
            )
        session.change(record, answered_at=shown_at(session.at), answered_by=actor.id, answer=reason, state=outcome)
        discharge(session, f"challenge.{id}", f"{session.log} {session.index}")
        return {"challenge": id, "outcome": outcome}

    found = registry.record(CHALLENGE, id)
    subject = found["item"] if found is not None else ""
    return commit_personal(
        registry, request, hide_from_strangers(subject, run, OfficialAct.CONFIRM_LEVEL), subject=subject
    )
