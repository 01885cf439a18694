"""Folders: what is put into one, and taken out, each an act with its entry.

A folder is labelled like every other thing of ours. It never stands below what
lies in it: what would is refused, and where a part rises later the folder is to
be raised.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import FOLDER_PARTS_COUNT_MAX
from cordiale.message.members import read_line
from cordiale.model.decision import decision_of
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.folders import FOLDER_PART, IN, OUT, folder_of, judge_folder, list_reasons, parts_in
from cordiale.records.holdings import CUSTODY, HELD_STATES, IN_HAND, find_copies, require_copy
from cordiale.records.items import COPY, ENTRY, ITEM, is_thing, require_own
from cordiale.records.labels import label_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.topology import list_under_way_reasons
from cordiale.rules.offices import OfficialAct


def put_in(registry: Registry, request: Request) -> Answer:
    """Put copies into a folder of ours; refused where the folder stands below one, or is released further."""
    fields = request.act.fields()
    folder_id, numbers = fields.text("folder"), fields.texts("numbers", max_count=FOLDER_PARTS_COUNT_MAX)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.KEEP_FOLDERS)
        require_allowed(office)
        folder = _require_folder(registry, session, folder_id)
        copies = {one.id: one for one in (require_copy(session, text.strip(), registry.party) for text in numbers)}
        items = [_require_part(session, folder, copy) for copy in copies.values()]
        if len(parts_in(session, folder.id)) + len(copies) > FOLDER_PARTS_COUNT_MAX:
            raise OutOfOrder(
                "folder.full", "a folder holds {count} parts at most", hint="open a further folder",
                count=FOLDER_PARTS_COUNT_MAX,
            )
        require_allowed(decision_of("folder", [
            *list_reasons(registry, session, folder, label_of(folder), items),
            *list_under_way_reasons(session, [session.require(COPY, f"{folder.id}.0"), *copies.values()]),
        ]))
        _require_in_nobodys_hands(session, folder, copies.values())
        for copy in copies.values():
            session.put(FOLDER_PART, f"{folder.id}/{copy.id}", {
                "at": shown_at(session.at), "by": actor.id, "copy": copy.id, "folder": folder.id, "item": copy["item"],
                "state": IN,
            })
        _enter(session, folder, actor, ("put-in-folder", sorted(copies)))
        return {"count": len(parts_in(session, folder.id)), "folder": folder.id}

    hidden = hide_from_strangers(folder_id, run, OfficialAct.KEEP_FOLDERS)
    return commit_personal(registry, request, hidden, subject=folder_id)


def _require_in_nobodys_hands(session: ActSession, folder: Record, copies: Iterable[Record]) -> None:
    """Raise `OutOfOrder` where somebody has the folder, who would be given the parts, or has one of the parts."""
    for item, copy in ((folder.id, f"{folder.id}.0"), *((str(one["item"]), one.id) for one in copies)):
        for custody in session.each(CUSTODY, "item", item):
            if custody["state"] in IN_HAND and custody.body.get("copy", copy) == copy:
                raise OutOfOrder(
                    "circulate.in-hand", "somebody has this copy in hand", hint="have it handed back, or handed over"
                )


def _require_folder(registry: Registry, session: ActSession, id: str) -> Record:
    folder = require_own(registry, session.require(ITEM, id))
    if not is_thing(folder) or folder["state"] != "registered":
        raise OutOfOrder(
            "folder.no-folder", "this item is no thing of ours that could hold others",
            hint="label the folder first, with `--form paper`",
        )
    return folder


def _require_part(session: ActSession, folder: Record, copy: Record) -> Record:
    """Return the item of a copy that may lie in the folder: a thing, here, in no folder, and none itself."""
    item = session.require(ITEM, copy["item"])
    if not is_thing(item) or copy["state"] not in HELD_STATES or item.id == folder.id or parts_in(session, item.id):
        raise OutOfOrder(
            "folder.no-part", "only a thing that is held here, and is no folder itself, is put into one",
            hint="look at `cordiale where`",
        )
    if folder_of(session, copy.id) or folder_of(session, f"{folder.id}.0"):
        raise OutOfOrder("folder.elsewhere", "it lies in a folder already", hint="take it out of that one first")
    return item


def take_out(registry: Registry, request: Request) -> Answer:
    """Take copies out of a folder, with the reason; the folder keeps its level."""
    fields = request.act.fields()
    folder_id, numbers = fields.text("folder"), fields.texts("numbers", max_count=FOLDER_PARTS_COUNT_MAX)
    reason = read_line(fields, "reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_FOLDERS))
        folder = require_own(registry, session.require(ITEM, folder_id))
        lying = {str(one["copy"]): one for one in parts_in(session, folder.id)}
        named = {copy.id for text in numbers for copy in find_copies(session, text.strip(), registry.party)}
        if not named & lying.keys() or len(named & lying.keys()) < len(set(numbers)):
            raise OutOfOrder(
                "folder.not-in-it", "one of these does not lie in this folder", hint="look at `cordiale folder show`"
            )
        for id in sorted(named & lying.keys()):
            session.change(lying[id], out_at=shown_at(session.at), out_by=actor.id, reason=reason, state=OUT)
        _enter(session, folder, actor, ("taken-from-folder", sorted(named & lying.keys())), reason=reason)
        judge_folder(registry, session, folder)
        return {"count": len(parts_in(session, folder.id)), "folder": folder.id}

    hidden = hide_from_strangers(folder_id, run, OfficialAct.KEEP_FOLDERS)
    return commit_personal(registry, request, hidden, subject=folder_id)


def _enter(session: ActSession, folder: Record, actor: Person, what: tuple[str, list[str]], **more: str) -> None:
    act, copies = what
    session.put(ENTRY, f"folder.{session.act_id}", {
        "act": act, "at": shown_at(session.at), "book": "own", "by": actor.post, "copies": copies, "item": folder.id,
        "number": folder["reference"], **more,
    }, expect=0)
