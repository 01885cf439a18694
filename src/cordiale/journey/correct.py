"""Correct: a register entry is never changed; a correction stands beside it, with its reason and its author.

A number taken in error is voided and stays in the book as void, so that the
numbers of a year run without a gap.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.items import COPY, ENTRY, ITEM, require_own
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct


def correct_entry(registry: Registry, request: Request) -> Answer:
    """Enter a correction of one particular of a register entry; the entry itself stays readable as it was."""
    fields = request.act.fields()
    number, particular = fields.text("number"), fields.text("particular", max_length=40)
    now_reads, reason = fields.text("now_reads"), fields.text("reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.REGISTER))
        found = [entry for entry in session.find(ENTRY, "number", number) if particular in entry.body]
        if not found:
            raise OutOfOrder(
                "correct.nothing", "no entry {number} has a particular `{particular}`",
                hint="look at the register page for its names", number=number, particular=particular,
            )
        entry = found[0]
        kept: dict[str, Any] = {name: entry[name] for name in ("book", "item") if name in entry.body}
        session.put(ENTRY, f"correction.{request.act.id}", {
            **kept, "act": "corrected", "at": shown_at(session.at), "corrected_by": actor.post, "corrects": entry.id,
            "number": number, "now_reads": now_reads, "particular": particular, "reason": reason,
            "read_before": str(entry[particular]),
        }, expect=0)
        return {"number": number, "particular": particular}

    return commit_personal(registry, request, run, subject=number)


def void_number(registry: Registry, request: Request) -> Answer:
    """Void the number of an own item that never left: the item is taken out of use, its number stays in the book."""
    fields = request.act.fields()
    item_id, reason = fields.text("item"), fields.text("reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.REGISTER))
        item = require_own(registry, session.require(ITEM, item_id))
        if any(copy["copy_number"] > 0 for copy in session.find(COPY, "item", item_id)) or item["state"] == "void":
            raise OutOfOrder(
                "void.left", "copies of this item have left, or it is void already", hint="end its copies instead"
            )
        session.change(item, state="void", voided_at=shown_at(session.at))
        session.put(ENTRY, f"void.{item_id}", {
            "act": "voided", "at": shown_at(session.at), "book": "own", "item": item_id, "number": item["reference"],
            "reason": reason, "voided_by": actor.post,
        }, expect=0)
        return {"item": item_id, "number": item["reference"]}

    return commit_personal(registry, request, run, subject=item_id)
