"""Outage: what was done on paper while the node was down is entered later, by two persons, and marked so.

The entry says what was done and when, not that the node did it: acts that the
node has to do (a registration, a destruction) are done anew and cite the number
of the entry.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge, open_duty
from cordiale.records.items import ENTRY, ITEM
from cordiale.records.outages import OUTAGE_ENTRY
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import ActDone, OfficialAct


def enter_outage(registry: Registry, request: Request) -> Answer:
    """Enter one act that was done on paper; it stands in the outage book once a second person has confirmed it.

    `done_at` is when it was done, `paper` the reference of the sheet, `item` the item it was about, where one is known.
    """
    fields = request.act.fields()
    done_at, what, paper = fields.instant("done_at"), fields.text("what"), fields.text("paper")
    item = fields.optional_text("item") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ENTER_OUTAGE))
        if done_at > session.at:
            raise Malformed("outage.future", "that time has not come yet", hint="give the time at which it was done")
        if item:
            session.require(ITEM, item)
        session.put(OUTAGE_ENTRY, request.act.id, {
            "done_at": shown_at(done_at), "entered_at": shown_at(session.at), "entered_by": actor.id, "paper": paper,
            "state": "entered", "what": what, **({"item": item} if item else {}),
        }, expect=0)
        open_duty(
            session, f"confirm-outage.{request.act.id}", what="confirm-outage", owner=registry.party,
            subject=request.act.id, due=None,
        )
        return {"entry": request.act.id}

    return commit_personal(registry, request, run, subject=item)


def confirm_outage(registry: Registry, request: Request) -> Answer:
    """Confirm, as a second person who has seen the paper, what was entered; it takes its number in the outage book."""
    fields = request.act.fields()
    entry_id = fields.text("entry")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.CONFIRM_OUTAGE)
        entry = session.require(OUTAGE_ENTRY, entry_id)
        done = (ActDone(entry["entered_by"], OfficialAct.ENTER_OUTAGE),)
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_OUTAGE, done=done))
        if entry["state"] != "entered":
            raise OutOfOrder("outage.confirmed", "this entry was confirmed before", hint="nothing was changed")
        taken = session.take_number("outage")
        number = f"{registry.party}-PAPER-{session.at.year}-{taken:04d}"
        session.change(
            entry, confirmed_at=shown_at(session.at), confirmed_by=actor.id, number=number, state="confirmed"
        )
        entered_by = session.require("person", entry["entered_by"])["post"]
        session.put(ENTRY, f"outage.{number.lower()}", {
            "act": "done-on-paper", "at": shown_at(session.at), "book": "outage", "confirmed_by": actor.post,
            "done_at": entry["done_at"], "entered_by": entered_by, "number": number, "paper": entry["paper"],
            "what": entry["what"], **({"item": entry["item"]} if "item" in entry.body else {}),
        }, expect=0)
        discharge(session, f"confirm-outage.{entry_id}", number)
        return {"entry": entry_id, "number": number}

    return commit_personal(registry, request, run, subject=entry_id)
