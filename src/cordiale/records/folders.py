"""Folders in the books: which copies lie in which thing of ours, and what the whole takes from them.

A folder is an item of ours like any other, numbered and labelled; what lies in it keeps its own number. A part
that has ended is still one until it is taken out: a set keeps the level of what it held.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cordiale.errors import OutOfOrder
from cordiale.model.decision import Reason, refusal
from cordiale.model.label import Label, Scheme
from cordiale.records.duties import DUTY, discharge, open_duty
from cordiale.records.items import ITEM, marking_of
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.folder import list_folder_reasons
from cordiale.rules.highwater import HighWater, join_labels
from cordiale.wire.scheme_table import load_schemes, schemes_for

FOLDER_PART: Final = "folder-part"
IN: Final = "in"
OUT: Final = "out"


def parts_in(books: Books, folder: str) -> list[Record]:
    """Return what lies in the folder, by copy."""
    return [one for one in books.each(FOLDER_PART, "folder", folder) if one["state"] == IN]


def folder_of(books: Books, copy: str) -> str:
    """Return the folder that a copy lies in, empty where it lies in none."""
    lying = [str(one["folder"]) for one in books.each(FOLDER_PART, "copy", copy) if one["state"] == IN]
    return next((one for one in lying if books.require(ITEM, one)["state"] == "registered"), "")


def require_empty(books: Books, item: Record) -> Record:
    """Return `item` when nothing lies in it; raises `OutOfOrder` for a folder that still holds parts."""
    if parts_in(books, item.id):
        raise OutOfOrder(
            "folder.not-empty", "something lies in this folder", hint="take it out first: each part goes its own way"
        )
    return item


def scheme_of(registry: Registry, label: Label) -> Scheme | None:
    """Return the scheme of a label, as it is used in the mode of this node."""
    return schemes_for(registry.mode, load_schemes()).get(label.level.scheme)


def taken_from(registry: Registry, items: Iterable[Record], scheme: Scheme) -> HighWater:
    """Return what a whole of ours in `scheme` takes from `items`; what is declassified bears no level any more."""
    bearing = [one for one in items if "declassified_at" not in one.body]
    markings = [marking for one in bearing if (marking := marking_of(one)) is not None]
    return join_labels([label_of(one) for one in bearing], scheme, registry.party, markings=markings)


def list_reasons(
    registry: Registry, books: Books, folder: Record, label: Label, more: Iterable[Record] = ()
) -> list[Reason]:
    """Return why the folder may not bear `label` with what lies in it, and with the items `more` besides."""
    items = {str(one["item"]): books.require(ITEM, one["item"]) for one in parts_in(books, folder.id)}
    items |= {one.id: one for one in more}
    bearing = [one for one in items.values() if "declassified_at" not in one.body]
    scheme = scheme_of(registry, label)
    if not bearing:
        return []
    if scheme is None:
        return [refusal("folder.scheme-unknown", "the scheme of the folder is not known here")]
    return list(list_folder_reasons(label, taken_from(registry, bearing, scheme), scheme))


def list_change_reasons(registry: Registry, books: Books, item: Record, to: Label | None) -> list[Reason]:
    """Return why a level may not be changed to that of `to` (None: declassified) for what lies in the item."""
    if to is not None:
        return list_reasons(registry, books, item, to)
    lying = [books.require(ITEM, one["item"]) for one in parts_in(books, item.id)]
    if all("declassified_at" in one.body for one in lying):
        return []
    return [refusal("folder.declassified-around", "something in the folder still bears a level")]


def judge_folders(registry: Registry, session: ActSession, item: Record) -> None:
    """See whether the folder `item`, and those that copies of it lie in, still cover what they hold."""
    folders = {str(one["folder"]) for one in session.each(FOLDER_PART, "item", item.id) if one["state"] == IN}
    for id in sorted({*folders, item.id}):
        judge_folder(registry, session, session.require(ITEM, id))


def judge_folder(registry: Registry, session: ActSession, folder: Record) -> None:
    """Make it due that a folder is raised that its parts stand above; discharge it where they do not."""
    duty = f"raise-folder.{folder.id}"
    standing = session.get(DUTY, duty)
    is_open = standing is not None and standing["state"] == "open"
    is_below = "declassified_at" not in folder.body and bool(list_reasons(registry, session, folder, label_of(folder)))
    if is_below and not is_open:
        open_duty(session, duty, what="raise-folder", owner=registry.party, subject=folder.id, due=session.at.date())
    elif is_open and not is_below:
        discharge(session, duty, f"{session.log} {session.index}")

