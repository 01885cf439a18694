"""What is held here, copy by copy: under which number, at which level, in which unit and place, with whom.

A copy has a place of its own (record `place`) where somebody has said so; who
has it in hand stands in its custody. Both stay here: nothing of this crosses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.model.label import LevelRef
from cordiale.ports import Reads
from cordiale.records.items import COPY, ITEM
from cordiale.records.paging import all_of, all_with
from cordiale.records.record import Record, open_record
from cordiale.records.session import Books

PLACE: Final = "place"
CUSTODY: Final = "custody"
HELD_STATES: Final = ("held", "registered")
"""The states of copies that are here; those of our own items and those of foreign ones."""

IN_HAND: Final = ("charged-out", "offered", "confirmed")
"""The states of custody in which a person has an item, or is about to."""

_ITEM_STATES: Final = ("registered", "held", "frozen")
NUMBER_SEPARATOR: Final = "#"


@dataclass(frozen=True, slots=True)
class Holding:
    """One copy that is held here.

    `level` is the originator's and `here` the level of our own scheme it is handled at, both as they are written;
    `book` is where its number stands: ``own`` or the originating party. `holders` have it in hand.
    """

    copy: str
    item: str
    number: str
    copy_number: int
    level: str
    here: str
    book: str
    form: str
    unit: str = ""
    place: str = ""
    holders: str = ""

    def line(self) -> list[Any]:
        """Return the holding as a line of a page."""
        return [getattr(self, one.name) for one in fields(self)]


def holding_from(line: list[Any]) -> Holding:
    """Return the holding that `Holding.line` wrote."""
    return Holding(*line)


def level_of(text: str) -> LevelRef:
    """Return the level that stands in a holding."""
    scheme, _, name = text.partition(":")
    return LevelRef(scheme, name)


def list_holdings(reads: Reads, party: str) -> Iterator[Holding]:
    """Yield every copy that is held here, by identifier."""
    items = {item.id: item for state in _ITEM_STATES for item in all_with(reads, ITEM, "state", state)}
    places = {place.id: place for place in all_of(reads, PLACE)}
    holders = _all_holders(reads)
    copies = [copy for state in HELD_STATES for copy in all_with(reads, COPY, "state", state)]
    for copy in sorted(copies, key=lambda one: one.id):
        if copy["party"] != party:
            continue
        item = items.get(copy["item"]) or _item(reads, copy["item"])
        if item is not None:
            yield _holding(copy, item, places.get(copy.id), holders.get(copy["item"], []))


def holding_of(books: Books, copy: Record) -> Holding:
    """Return where one copy is; raises `OutOfOrder` when its item is not in the books."""
    custody = [one for one in books.find(CUSTODY, "item", copy["item"]) if one["state"] in IN_HAND]
    return _holding(copy, books.require(ITEM, copy["item"]), books.get(PLACE, copy.id), custody)


def is_held(copy: Record, party: str) -> bool:
    """True while the copy is here, in our hands."""
    return copy["party"] == party and copy["state"] in HELD_STATES


def find_copies(books: Books, text: str, party: str) -> list[Record]:
    """Return the copies here that `text` names: a copy's identifier, our number or theirs, with ``#2`` for copy 2.

    Copies that have ended here are among them: what is found although it is gone must be known for what it is.
    """
    named, _, number = text.partition(NUMBER_SEPARATOR)
    exact = books.get(COPY, text)
    if exact is not None:
        return [exact] if exact["party"] == party else []
    found = {copy.id: copy for field in ("reference", "their_reference")
             for copy in books.find(COPY, field, named)}
    for item in books.find(ITEM, "reference", named):
        found |= {copy.id: copy for copy in books.find(COPY, "item", item.id)}
    here = [copy for copy in found.values() if copy["party"] == party]
    if number:
        here = [copy for copy in here if str(copy["copy_number"]) == number]
    held = [copy for copy in here if is_held(copy, party)]
    return held or here


def require_copy(books: Books, text: str, party: str) -> Record:
    """Return the one copy held here that `text` names, as `find_copies`; raises `OutOfOrder`."""
    found = [copy for copy in find_copies(books, text, party) if is_held(copy, party)]
    if not found:
        raise OutOfOrder(
            "copy.not-here", "no copy of this number is held here", hint="look at `cordiale where`",
        )
    if len(found) > 1:
        raise OutOfOrder(
            "copy.several", "{count} copies bear this number", hint="write which, for example `JPN-2026-0001#2`",
            count=len(found),
        )
    return found[0]


def _item(reads: Reads, id: str) -> Record | None:
    stored = reads.record(ITEM, id)
    return open_record(stored) if stored is not None else None


def _all_holders(reads: Reads) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for state in IN_HAND:
        for custody in all_with(reads, CUSTODY, "state", state):
            found.setdefault(custody["item"], []).append(custody)
    return found


def _holding(copy: Record, item: Record, place: Record | None, custody: list[Record]) -> Holding:
    label, marking = item["label"], item.body.get("marking")
    level = f"{label['scheme']}:{label['level']}"
    here = f"{marking['scheme']}:{marking['level']}" if marking is not None else level
    holders = sorted(one["holder"] for one in custody if one.body.get("copy", copy.id) == copy.id)
    return Holding(
        copy=copy.id, item=item.id, number=copy.body.get("reference") or item["reference"],
        copy_number=copy["copy_number"], level=level, here=here,
        book=item["origin_party"] if "agreement" in item.body else "own", form=item["form"],
        unit=place["unit"] if place is not None else "", place=place["place"] if place is not None else "",
        holders=", ".join(holders),
    )
