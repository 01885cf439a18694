"""The index of the register: what of the records it holds, kept current in the transaction that changes them.

It is made from the records and is never truth: a page that is shown is read from the records themselves, and looked at
once more there. It says how far it has come. Where that is not the last commit, or its rules are older than these, it
is made again, some records at a time, while the node serves; until it is whole, nothing is looked up in it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import CordialeError, Malformed
from cordiale.limits import FOUND_COPIES_COUNT_MAX
from cordiale.model.found import FoundItem, IndexState
from cordiale.ports import Reads, StoredRecord, UnitOfWork
from cordiale.records.record import Body, Record, open_record
from cordiale.rules.search_words import fold

INDEX_FORM: Final = 2
"""Of the rules by which the index is made: a change of them makes every index anew."""

DECLASSIFIED: Final = "declassified"
"""What an item is found under instead of a level once it has none."""

UNREAD: Final = "unread"
"""Why a person is named with a content they need to know and have not read."""

IN_HAND: Final = ("charged-out", "offered", "confirmed")
"""The states of custody in which a person has an item, or is about to."""

OWN_BOOK: Final = "own"
"""The book of what is ours, and the side of the register that it is; all other books are the other side."""

SIDES: Final = (OWN_BOOK, "foreign")
OPEN: Final = "access open"
NAMED: Final = "access named"
"""What is found of everybody who may see its kind, and what of those alone whom its originator named."""

HELD: Final = "held"
TRAFFIC: Final = "traffic"
UNIT: Final = "unit"
"""What is counted: items that are here by level, what came and left by week, copies that are here by their unit."""

_ITEM, _COPY, _ENTRY, _NEED, _CUSTODY = "item", "copy", "entry", "need", "custody"
_GRANT, _CONSIGNMENT, _PLACE = "grant", "consignment", "place"
INDEXED: Final = frozenset({_ITEM, _COPY, _ENTRY, _NEED, _CUSTODY, _GRANT, _CONSIGNMENT, _PLACE})
_STAGES: Final = (_ITEM, _CONSIGNMENT, _ENTRY, _COPY)
_WAITING: Final = ("dispatched", "delivered")
_DIRECTIONS: Final = {"registered": "in", "dispatched": "out"}
_HELD_STATES: Final = ("held", "registered", "frozen")

Touched = Mapping[tuple[str, str], Record]


def follow(work: UnitOfWork, touched: Touched, *, commit: int, at: datetime) -> None:
    """Bring the index up to what the acts of `commit` wrote: `touched`, each record as it is now."""
    state = work.index_state()
    if state.batch != commit - 1:
        # Somebody else wrote in between: it is begun anew at the next round, and until then says nothing.
        state = IndexState(0, commit)
    items: dict[str, None] = {}
    for (kind, id), record in touched.items():
        if kind == _ENTRY:
            if state.stage in ("", _COPY) or (state.stage == _ENTRY and id <= state.after):
                _count_traffic(work, record)
        elif kind == _ITEM:
            items[id] = None
        elif kind == _COPY:
            items[str(record["item"])] = None
        elif kind == _CONSIGNMENT:
            _enter_receipt(work, record)
        if kind in (_COPY, _PLACE):
            _enter_held(work, id)
    found = [stored for id in items if (stored := work.record(_ITEM, id)) is not None]
    _enter_found(work, list(map(open_record, found)), at)
    # Whoever is named with an item that is as new as it is entered once the item is.
    for (kind, _), record in touched.items():
        if kind == _NEED:
            _enter_need(work, record, None)
        elif kind == _CUSTODY:
            _enter_custody(work, record)
        elif kind == _GRANT and "person" in record.body:
            work.put_person(record["item"], record["person"], UNREAD, is_there=False)
    work.set_index_state(IndexState(state.form, commit, state.stage, state.after))


def begin_index(work: UnitOfWork) -> None:
    """Begin the index anew unless it is current: of these rules, and of the last commit."""
    state, last = work.index_state(), work.last_batch()
    commit = last.number if last is not None else 0
    if (state.form, state.batch) != (INDEX_FORM, commit):
        work.clear_index()
        work.set_index_state(IndexState(INDEX_FORM, commit, _STAGES[0]))


def continue_index(work: UnitOfWork, count: int) -> bool:
    """Put at most `count` more records into an index that is being made; False once it is whole."""
    state = work.index_state()
    if not state.stage:
        return False
    page = work.every(state.stage, after=state.after, limit=count)
    for stored in page:
        _enter_again(work, state.stage, stored)
    following = IndexState(state.form, state.batch, state.stage, page[-1].id if page else "")
    if len(page) < count:
        later = _STAGES[_STAGES.index(state.stage) + 1 :]
        following = IndexState(state.form, state.batch, later[0] if later else "")
    work.set_index_state(following)
    return bool(following.stage)


def is_whole(reads: Reads) -> bool:
    """Tell whether the index may be asked: it is of these rules, and nothing is missing from it."""
    state = reads.index_state()
    return state.form == INDEX_FORM and not state.stage


def _enter_again(work: UnitOfWork, kind: str, stored: StoredRecord) -> None:
    """Enter a record of which the index may hold something already; one that cannot be read is left out."""
    try:
        record = open_record(stored)
        if kind == _ENTRY:
            _count_traffic(work, record)
            return
        if kind == _CONSIGNMENT:
            _enter_receipt(work, record)
            return
        if kind == _COPY:
            _enter_held(work, record.id)
            return
        _enter_found(work, [record], None)
        read_by = {str(one.body.get("person", "")) for one in _each(work, _GRANT, record.id)}
        for one in _each(work, _NEED, record.id):
            _enter_need(work, one, read_by)
        for one in _each(work, _CUSTODY, record.id):
            _enter_custody(work, one)
    except (CordialeError, KeyError, TypeError, ValueError):
        return


def _each(reads: Reads, kind: str, item: str) -> Iterable[Record]:
    after = ""
    while page := reads.find(kind, "item", item, after=after):
        yield from map(open_record, page)
        after = page[-1].id


def _enter_need(work: UnitOfWork, need: Record, read_by: Container[str] | None) -> None:
    """Enter who needs to know an item, and whether they have its content still to read; `read_by` None looks it up."""
    item, person, is_there = need["item"], need["person"], "withdrawn_at" not in need.body
    work.put_person(item, person, "need", is_there=is_there)
    stored = work.record(_ITEM, item) if is_there else None
    is_file = stored is not None and open_record(stored)["form"] == "file"
    if is_file and read_by is None:
        read_by = {person} if any(one.body.get("person") == person for one in _each(work, _GRANT, item)) else ()
    work.put_person(item, person, UNREAD, is_there=is_file and person not in (read_by or ()))


def _enter_custody(work: UnitOfWork, custody: Record) -> None:
    work.put_person(custody["item"], custody["holder"], "holder", is_there=custody["state"] in IN_HAND)


def _enter_receipt(work: UnitOfWork, consignment: Record) -> None:
    body = consignment.body
    waits = body["direction"] == "out" and body["state"] in _WAITING and "dispatched_at" in body
    at = int(parse_instant(body["dispatched_at"]).timestamp()) if waits else None
    work.put_open_receipt(consignment.id, at)


def _enter_held(work: UnitOfWork, copy: str) -> None:
    stored, place = work.record(_COPY, copy), work.record(_PLACE, copy)
    is_here = stored is not None and open_record(stored)["state"] in _HELD_STATES
    work.put_held_copy(copy, (str(open_record(place)["unit"]) if place is not None else "") if is_here else None)


def _count_traffic(work: UnitOfWork, entry: Record) -> None:
    direction = _DIRECTIONS.get(entry.body.get("act", ""))
    if direction is not None and entry.version == 1:
        work.add_tally(TRAFFIC, f"{week_of(parse_instant(entry['at']))} {direction}", 1)


def week_of(at: datetime) -> str:
    """Return the week of a time as it is counted: ``2026-W48`` (ISO 8601)."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02d}"


def _enter_found(work: UnitOfWork, items: Sequence[Record], at: datetime | None) -> None:
    """Enter the rows of `items`; `at` is the time of the act, where they are new."""
    if not items:
        return
    before = work.index_rows([item.id for item in items])
    copies = work.find_each([(_COPY, "item", item.id) for item in items], limit=FOUND_COPIES_COUNT_MAX)
    for item, of_item in zip(items, copies, strict=True):
        known = before.get(item.id)
        entered = known[1].entered_at if known is not None else int(_entered_at(work, item, at).timestamp())
        work.put_found(_found_of(item, [open_record(one).body for one in of_item], entered), known)


def _found_of(item: Record, copies: Sequence[Body], entered: int) -> FoundItem:
    """Return the row of `item`, which was entered at the time `entered`, in seconds."""
    body = item.body
    named = [body["title"], body.get("subject", ""), body["reference"], body.get("their_reference", "")]
    numbers = [copy.get(name, "") for copy in copies for name in ("reference", "their_reference")]
    persons = {(one, "reader") for one in body.get("readers", ())}
    if "entered_by" in body:
        persons.add((body["entered_by"], "entered"))
    levels = levels_of(body)
    return FoundItem(
        item=item.id, entered_at=entered, number=_running(body["reference"]),
        words=fold(named), numbers=fold(numbers),
        facets=tuple(sorted({
            f"book {book_of(body)}", f"side {side_of(body)}", f"state {body['state']}", f"form {body['form']}",
            NAMED if "readers" in body else OPEN,
            *(f"level {level}" for level in levels), f"origin {body['origin_party']}",
            *(f"sent {copy['party']}" for copy in copies),
            *(f"caveat {one['tag']}={one['value']}" for one in body["label"].get("caveats", ())),
        })),
        persons=tuple(sorted(persons)),
        held=levels[-1] if body["state"] in _HELD_STATES else "",
    )


def side_of(body: Mapping[str, Any]) -> str:
    """Return ``own`` for an item of ours, ``foreign`` for one that was received under an agreement."""
    return "foreign" if "agreement" in body else OWN_BOOK


def book_of(body: Mapping[str, Any]) -> str:
    """Return the book an item is entered in: ``own``, or the originating party."""
    return str(body["origin_party"]) if "agreement" in body else OWN_BOOK


def levels_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the levels an item stands at: the originator's, and last the one it is handled at here."""
    if DECLASSIFIED + "_at" in body:
        return (DECLASSIFIED,)
    label, marks = body["label"], [mark for mark in body.get("marks", ()) if "after" in mark]
    level = str(marks[-1]["after"]) if marks else f"{label['scheme']}:{label['level']}"
    marking = (marks[-1] if marks else body).get("marking")
    return (level,) if marking is None else (level, f"{marking['scheme']}:{marking['level']}")


def _entered_at(reads: Reads, item: Record, at: datetime | None) -> datetime:
    if item.version == 1 and at is not None:
        return at
    first = reads.versions(_ITEM, item.id)[0]
    for act in reads.acts(first.log, first.index, first.index + 1):
        return act.at
    raise Malformed("record.damaged", "a record of kind {kind} is damaged", hint="run `cordiale audit verify`",
                    kind=_ITEM)


def _running(reference: str) -> int:
    digits = reference.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
