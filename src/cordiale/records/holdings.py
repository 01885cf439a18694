"""What is held here, copy by copy: under which number, at which level, in which unit and place, with whom.

A copy has a place of its own (record `place`) where somebody has said so; who
has it in hand stands in its custody. Both stay here: nothing of this crosses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from cordiale.errors import Malformed, OutOfOrder
from cordiale.model.label import LevelRef
from cordiale.model.names import PersonId
from cordiale.ports import Reads
from cordiale.records.duties import open_duty
from cordiale.records.finding import IN_HAND as IN_HAND
from cordiale.records.items import COPY, ITEM, is_thing, marking_of
from cordiale.records.labels import label_of
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.inventory import is_within

PLACE: Final = "place"
CUSTODY: Final = "custody"
_AT_ONCE: Final = 500
HELD_STATES: Final = ("held", "registered")
"""The states of copies that may be acted on here; those of our own items and those of foreign ones."""

HERE_STATES: Final = (*HELD_STATES, "frozen")
"""The states of copies that are here: a frozen one is counted, asked back and on the list for a crisis as any other."""

OWN_BOOK: Final = "own"
NUMBER_SEPARATOR: Final = "#"
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_AROUND_SIGNS: Final = re.compile(r"\s*([-/#])\s*")
_COPY: Final = re.compile(r"(?:,|-)?\s*\bCOPY\s*(?=[\d.]+$)|\s+(?=\d{1,4}(?:\.\d{1,4})*$)")


@dataclass(frozen=True, slots=True)
class Holding:
    """One copy that is held here.

    `behind` tells it from others of its item (`number_behind`). `level` is the originator's and `here` the level of our
    own scheme it is handled at, both as they are written; `book` is where its number stands: ``own`` or the originating
    party. `holders` have it in hand.
    """

    copy: str
    item: str
    number: str
    copy_number: int
    behind: str
    level: str
    here: str
    book: str
    form: str
    unit: str
    place: str
    holders: str


def level_of(text: str) -> LevelRef:
    """Return the level that stands in a holding."""
    scheme, _, name = text.partition(":")
    return LevelRef(scheme, name)


def list_held(reads: Reads, *, book: str = "", levels: frozenset[str] = frozenset(), unit: str = "") -> list[str]:
    """Return the copies that are held here, by identifier: of a book, of levels, of a unit and those below it.

    Only what records are looked up by is read, so that a hundred thousand are listed at once; levels stand in the
    items themselves, which are read where they are asked for.
    """
    held = _held_in(reads, unit) if unit else {
        id: state for state, id in reads.looked_up(COPY, "state") if state in HERE_STATES
    }
    found = set(held)
    if book:
        own = book == OWN_BOOK
        found = {id for id in found if _is_own(reads, id, held[id]) is own}
    if book not in ("", OWN_BOOK) or levels:
        items = {id for party, id in reads.looked_up(ITEM, "origin_party") if book in ("", OWN_BOOK, party)}
        if levels:
            items = {id for id in items if _level_in(reads, id) in levels}
        found &= {id for item, id in reads.looked_up(COPY, "item") if item in items}
    return sorted(found)


def _held_in(reads: Reads, unit: str) -> dict[str, str]:
    """Return the state of each copy that is held in `unit` or below it; no other copy is read."""
    held: dict[str, str] = {}
    # What follows the sign between a unit and one below it ends them.
    after, span = ("", ""), (unit, unit + chr(ord("/") + 1))
    while page := reads.between(PLACE, "unit", span, after=after):
        ids = [stored.id for name, stored in page if is_within(name, unit)]
        copies = [open_record(one) for one in reads.records(COPY, ids)]
        held |= {one.id: str(one["state"]) for one in copies if one["state"] in HERE_STATES}
        after = (page[-1][0], page[-1][1].id)
    return held


def held_part(reads: Reads, after: str, count: int) -> tuple[list[str], str]:
    """Return at most `count` of the copies that are held here, from the one behind `after`, and where the next begin.

    Only so many are read, however many are held. Raises `Malformed` where `after` is not the end of a part.
    """
    state, _, id = after.partition(" ")
    if after and (state not in HERE_STATES or not id):
        raise Malformed("held.page", "this is not the end of a page", hint="give what the page before named as next")
    found = list[tuple[str, str]]()
    for one in HERE_STATES[HERE_STATES.index(state) if after else 0 :]:
        behind = id if one == state else ""
        found += [(one, copy.id) for copy in reads.find(COPY, "state", one, after=behind, limit=count - len(found) + 1)]
        if len(found) > count:
            return [id for _, id in found[:count]], " ".join(found[count - 1])
    return [id for _, id in found], ""


def units_of(reads: Reads) -> dict[str, str]:
    """Return the unit of each copy that has one."""
    return {id: unit for unit, id in reads.looked_up(PLACE, "unit")}


def holdings_of(books: Books, copies: Iterable[str]) -> Iterator[Holding]:
    """Yield where each of `copies` is, some of them read at once; raises `OutOfOrder` for one that is not there."""
    rest = iter(copies)
    while some := list(islice(rest, _AT_ONCE)):
        books.reads.look_ahead([(COPY, copy) for copy in some])
        found = [books.require(COPY, copy) for copy in some]
        books.reads.look_ahead([*((ITEM, str(one["item"])) for one in found), *((PLACE, one.id) for one in found)])
        books.reads.find_ahead([(CUSTODY, "item", str(one["item"])) for one in found])
        custody = {item: books.find(CUSTODY, "item", item) for item in dict.fromkeys(one["item"] for one in found)}
        yield from (holding_of(books, one, custody[one["item"]]) for one in found)


def holding_of(books: Books, copy: Record, custody: Iterable[Record] | None = None) -> Holding:
    """Return where one copy is; raises `OutOfOrder` when its item is not in the books.

    `custody` is that of its item where the caller has it at hand.
    """
    known = custody if custody is not None else books.find(CUSTODY, "item", copy["item"])
    in_hand = [one for one in known if one["state"] in IN_HAND]
    return _holding(copy, books.require(ITEM, copy["item"]), books.get(PLACE, copy.id), in_hand)


def is_held(copy: Record, party: str) -> bool:
    """True while the copy is here, in our hands, frozen or not."""
    return copy["party"] == party and copy["state"] in HERE_STATES


def find_copies(books: Books, text: str, party: str) -> list[Record]:
    """Return the copies here that `text` names: a copy's identifier, our number or theirs, with ``#2`` for copy 2.

    ``#2.1`` is copy 1 that was made of copy 2 (`number_behind`).
    What is found as it is written is meant; otherwise it is read as people type it: in either case, with blanks around
    the signs of a number, in full width, with another dash, and ``copy 2`` as the stamp has it.
    Copies that have ended here are among them: what is found although it is gone must be known for what it is.
    """
    spellings = dict.fromkeys((text, _as_numbered(text), _as_numbered(text).lower()))
    return next((found for one in spellings if (found := _find_exactly(books, one, party))), [])


def number_behind(copy: Record) -> str:
    """Return what tells a copy from the others of its item: its number, behind those of the copies it was made from.

    A copy that was made here of a received copy bears a number of its own kind: both may be copy 1.
    """
    begin = f"{copy['item']}.c"
    path = copy.id.removeprefix(begin) if copy.id.startswith(begin) else ""
    return path if path.replace(".", "").isdigit() else str(copy["copy_number"])


def _as_numbered(text: str) -> str:
    """Return a typed number as registers write them; a blank between two figures stays, as it parts two numbers."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).upper().strip()
    return _COPY.sub(NUMBER_SEPARATOR, _AROUND_SIGNS.sub(r"\1", plain))


def _find_exactly(books: Books, text: str, party: str) -> list[Record]:
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
        exactly = [copy for copy in here if number_behind(copy) == number]
        here = exactly or [copy for copy in here if str(copy["copy_number"]) == number]
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


def free_copy(registry: Registry, books: Books, item: Record, number: int | None) -> Record | None:
    """Return the copy of a thing that can be given into somebody's hands, None for a file, which all may open.

    Raises `OutOfOrder` when several are here and none is named, and when somebody has it in hand.
    """
    if number is None and not is_thing(item):
        return None
    copies = [
        copy for copy in books.find(COPY, "item", item.id)
        if is_held(copy, registry.party) and copy["state"] in HELD_STATES and number in (None, copy["copy_number"])
    ]
    if not copies:
        raise OutOfOrder("copy.not-here", "no copy of this number is held here", hint="look at `cordiale where`")
    taken = {
        one.body.get("copy") for one in books.find(CUSTODY, "item", item.id) if one["state"] in IN_HAND
    }
    free = [copy for copy in copies if copy.id not in taken]
    if not free:
        raise OutOfOrder(
            "circulate.in-hand", "somebody has this copy in hand", hint="have it handed back, or handed over"
        )
    if len(free) > 1:
        raise OutOfOrder(
            "circulate.which-copy", "{count} copies of this item are here", hint="say which with --copy",
            count=len(free),
        )
    return free[0]


def duty_back(custody: str) -> str:
    """Return the identifier of the duty to bring back what is in `custody`."""
    return f"custody-back.{custody}"


def owe_back(registry: Registry, session: ActSession, custody: str, day: date) -> None:
    """Make it due by `day` that what is in `custody` is back at the registry."""
    open_duty(
        session, duty_back(custody), what="custody-back", owner=registry.party, subject=custody.partition("/")[0],
        due=day,
    )


def _is_own(reads: Reads, id: str, state: str) -> bool:
    if state in HELD_STATES:
        return state == HELD_STATES[0]
    # How a frozen copy stood before does not show in its state; few are frozen, and those are read.
    stored = reads.record(COPY, id)
    return stored is not None and "agreement" not in open_record(stored).body
def duty_recover(custody: str) -> str:
    """Return the identifier of the duty to fetch back what is in `custody` from a person who has left."""
    return f"recover.{custody}"


def recover_from(registry: Registry, session: ActSession, person: PersonId) -> None:
    """Make it due today that what is in the hands of a person who leaves is fetched back; an offer to them lapses.

    So is what others have in hand whom this person had joined.
    """
    for custody in (*session.each(CUSTODY, "holder", person), *session.each(CUSTODY, "joined_by", person)):
        if custody["state"] == "offered":
            session.change(custody, moved_at=shown_at(session.at), state="declined")
        elif custody["state"] in IN_HAND:
            open_duty(
                session, duty_recover(custody.id), what="recover-item", owner=registry.party, subject=custody["item"],
                due=session.at.date(),
            )


def _level_in(reads: Reads, item: str) -> str:
    stored = reads.record(ITEM, item)
    return str(label_of(open_record(stored)).level) if stored is not None else ""


def _holding(copy: Record, item: Record, place: Record | None, custody: list[Record]) -> Holding:
    level, marking = str(label_of(item).level), marking_of(item)
    here = str(marking.level) if marking is not None else level
    holders = sorted(one["holder"] for one in custody if one.body.get("copy", copy.id) == copy.id)
    return Holding(
        copy=copy.id, item=item.id, number=copy.body.get("reference") or item["reference"],
        copy_number=copy["copy_number"], behind=number_behind(copy), level=level, here=here,
        book=item["origin_party"] if "agreement" in item.body else OWN_BOOK, form=item["form"],
        unit=place["unit"] if place is not None else "", place=place["place"] if place is not None else "",
        holders=", ".join(holders),
    )
