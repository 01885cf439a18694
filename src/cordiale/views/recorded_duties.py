"""Duties that stand in the books, a page at a time: looked up by their day and by whom they fall to, never all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import merge
from itertools import groupby, islice
from typing import Any, Final

from cordiale.errors import Malformed
from cordiale.limits import DUTIES_SHOWN_COUNT_MAX
from cordiale.model.person import Office, Person
from cordiale.ports import Named, Question, StoredRecord
from cordiale.records.accord_notices import NOTICE
from cordiale.records.asked_consents import ASKED
from cordiale.records.contracts import CONTRACT, FACILITY
from cordiale.records.duties import DUTY
from cordiale.records.incidents import INCIDENT
from cordiale.records.inventories import INVENTORY
from cordiale.records.items import ITEM
from cordiale.records.outages import OUTAGE_ENTRY
from cordiale.records.plans import PLAN
from cordiale.records.record import NO_VALUE, Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import FIRST_LENGTH, PAGE_LENGTH, Books
from cordiale.records.sight import KEEPERS, look_ahead_to, may_see_item
from cordiale.records.successions import SUCCESSION
from cordiale.records.visits import VISIT
from cordiale.views.consignments import their_number

_SEES_ALL: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
_CONSIGNED: Final = frozenset({"register", "meet-courier"})
_ON_REQUEST: Final = frozenset({"answer-consent", "consent-answer"})
_CASE, _COUNT = (INCIDENT, "what"), (INVENTORY, "opened_at")
_CALLED: Final[Mapping[str, tuple[str, str]]] = {
    "acknowledge-final-report": _CASE, "acknowledge-incident": _CASE, "answer-contract": (CONTRACT, "title"),
    "answer-facility": (FACILITY, "facility"), "answer-part-in-inquiry": _CASE, "answer-plan": (PLAN, "description"),
    "answer-visit": (VISIT, "purpose"), "brief-site": (VISIT, "purpose"), "close-incident": _CASE,
    "confirm-outage": (OUTAGE_ENTRY, "what"), "confirm-succession": (SUCCESSION, "former"), "count-inventory": _COUNT,
    "facility-lost": (FACILITY, "facility"),
    "judge-incident": _CASE, "notice-answer": (NOTICE, "text"), "sign-inventory": _COUNT, "tell-incident": _CASE,
    "tell-suspended": (VISIT, "purpose"),
}
"""The kind of record that a duty is about, and the member that people know it by; the rest are about items."""
_SECOND_PERSON: Final[Mapping[str, tuple[str, str]]] = {
    "confirm-outage": (OUTAGE_ENTRY, "entered_by"), "confirm-succession": (SUCCESSION, "proposed_by"),
}
"""Duties of a second person: the kind of record they are about, and the member that names the first."""
_SHOWN: Final = ("basis", "due", "due_at", "overdue_at", "owner", "proof", "noted", "state", "subject", "what")
_END: Final = "\x7f"

Row = dict[str, Any]
Span = tuple[str, str]
Found = Sequence[tuple[str, StoredRecord]]


class Only(StrEnum):
    """Which duties are asked for."""

    ALL = "all"
    MINE = "mine"
    OVERDUE = "overdue"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of the list: at most `count` duties after `after`, of `subject` where it names one."""

    only: Only = Only.ALL
    subject: str = ""
    after: str = ""
    count: int = DUTIES_SHOWN_COUNT_MAX


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page, where the last of them stands, and what to ask for the page that follows; empty where none is."""

    rows: list[Row]
    last: str
    following: str


def duties_about(books: Books, person: Person, subject: str) -> list[Row]:
    """Return every duty about one thing that this person may see, the discharged too."""
    offices = falls_to(person)
    return _rows(books, [duty for duty in _about(books, subject) if _may_see(person, offices, duty)])


def first_duties_of(person: Person, asked: Asked) -> list[Question]:
    """Return where the first of the duties of a person are, as `earliest` is asked, where they begin a whole list."""
    is_whole = asked.only in (Only.ALL, Only.MINE) and not asked.after
    return [(DUTY, field, prefix) for field, prefix in _sources(person, asked)] if is_whole else []


def names_of_first(books: Books, person: Person, asked: Asked) -> list[Named]:
    """Return the records that the first duties are about, where they begin a whole list."""
    firsts = _firsts(books, person, asked) if first_duties_of(person, asked) else []
    duties = (open_record(one) for first in firsts for _, one in (first or ())[: asked.count + 1])
    return [name for duty in duties for name in _about_what(duty)]


def _about_what(duty: Record) -> list[Named]:
    second = _SECOND_PERSON.get(duty["what"])
    return [("consignment", duty["subject"]), *([(second[0], duty["subject"])] if second is not None else [])]


def recorded_duties(books: Books, person: Person, asked: Asked) -> Page:
    """Return a page of the duties that this person may see."""
    offices, sources = falls_to(person), _sources(person, asked)
    low, high = _days(asked.only, books.at)
    after = _after(asked.after)
    streams = [
        _stream(books, name, prefix, (low, high), (after, first))
        for (name, prefix), first in zip(sources, _firsts(books, person, asked), strict=True)
    ]
    each = (next(group) for _, group in groupby(merge(*streams, key=lambda one: one[:2]), key=lambda one: one[:2]))
    shown = (
        (day, duty) for day, _, duty in each
        if _may_see(person, offices, duty) and (asked.only is not Only.OVERDUE or is_overdue(duty.body, books.at))
        and not (asked.only is Only.MINE and _is_first(books, person, duty))
    )
    found = list(islice(shown, asked.count + 1))
    page = found[: asked.count]
    last = f"{page[-1][0]} {page[-1][1].id}" if page else asked.after
    return Page(_rows(books, [duty for _, duty in page]), last, last if len(found) > len(page) else "")


def _sources(person: Person, asked: Asked) -> list[tuple[str, str]]:
    """Return by which member and under which beginning the duties are found that a person asks for."""
    if person.offices & _SEES_ALL and asked.only is not Only.MINE:
        return [("state/due", "open ")]
    return [("state/falls_to/due", f"open {office} ") for office in sorted(falls_to(person))]


def _firsts(books: Books, person: Person, asked: Asked) -> list[Found | None]:
    """Return the first duties of each source with their values; None where they are read as somebody goes through them.

    Of one who holds several offices, the first of each are read at once; of a later page they are read one by one.
    """
    sources = _sources(person, asked)
    low, high = _days(asked.only, books.at)
    questions = first_duties_of(person, asked)
    if questions:
        return [
            [(f"{prefix}{open_record(one).body.get('due', NO_VALUE)}", one) for one in first]
            for (_, prefix), first in zip(sources, books.reads.earliest(questions, limit=FIRST_LENGTH), strict=True)
        ]
    if asked.after or not sources:
        return [None] * len(sources)
    spans = [(prefix + low, prefix + high) for _, prefix in sources]
    return list(books.reads.between_each(DUTY, sources[0][0], spans, limit=FIRST_LENGTH))


def is_overdue(row: Mapping[str, Any], at: datetime) -> bool:
    """Tell whether what is due on the day or at the moment in `row` is late at `at`."""
    if row.get("state", "open") != "open":
        return False
    if "due_at" in row:
        return bool(row["due_at"] <= shown_at(at))
    return bool(row.get("due", "9999") < at.date().isoformat())


def held_row(books: Books, record: Record) -> Row:
    """Return what is shown of a consignment that waits to be registered, its day and the sender's number apart."""
    reminder = books.get("reminder", f"{record['message']}.receipt")
    return {
        "about": record.id, "owner": Office.REGISTRAR.value,
        "since": record["received_at"], "subject": record.id, "what": "register",
        **({"reminded": reminder["count"]} if reminder is not None else {}),
    }


def with_name(registry: Registry, books: Books, person: Person, row: Row) -> Row:
    """Return `row` with what people call the thing it is about, where the books know it only by its identifier.

    Of a consignment that is not registered that is the sender's number: its slip is opened for it. An item is named
    by its number to whoever may see it, the other matters by the words they were entered with. Of a message that a
    partner refused, or has not answered, its type stands beside it, and the code of the refusal.
    """
    named = _with_name(registry, books, person, row)
    return named | {"about": f"{named['about']}: {row['noted']}"} if "noted" in row else named


def _with_name(registry: Registry, books: Books, person: Person, row: Row) -> Row:
    if row["what"] in _CONSIGNED:
        held = books.get("consignment", row["subject"])
        return row | {"about": their_number(registry, held) or held.id} if held is not None else row
    if row["about"] != row["subject"]:
        return row
    if row["what"] in _ON_REQUEST:
        return _with_request(books, person, row)
    kind, member = _CALLED.get(row["what"], (ITEM, "reference"))
    found = books.get(kind, row["subject"])
    if found is None or member not in found.body or (kind == ITEM and not may_see_item(books, person, found)):
        return row
    return row | {"about": str(found[member])[:10] if member == "opened_at" else found[member]}


def _with_request(books: Books, person: Person, row: Row) -> Row:
    """Return `row` with the item that consent is asked for and the partner, where this person may see the item."""
    asked = books.get(ASKED, row["subject"])
    item = books.get(ITEM, asked["item"]) if asked is not None else None
    if asked is None or item is None or not may_see_item(books, person, item):
        return row
    return row | {"about": item["reference"], "party": asked["party"]}


def look_ahead_to_names(books: Books, person: Person, rows: Sequence[Row]) -> None:
    """Read at once what `with_name` names `rows` by."""
    requests = [(ASKED, str(row["subject"])) for row in rows if row["what"] in _ON_REQUEST]
    books.reads.look_ahead(requests)
    names = [
        (*_CALLED.get(row["what"], (ITEM, ""))[:1], str(row["subject"])) for row in rows
        if row["about"] == row["subject"] and row["what"] not in _CONSIGNED | _ON_REQUEST
    ]
    names += [(ITEM, str(one["item"])) for one in (books.get(*name) for name in requests) if one is not None]
    consigned = [("consignment", str(row["subject"])) for row in rows if row["what"] in _CONSIGNED]
    items = [id for kind, id in names if kind == ITEM]
    look_ahead_to(books, person, items, beside=[*(name for name in names if name[0] != ITEM), *consigned])


def falls_to(person: Person) -> frozenset[str]:
    """Return the offices whose duties a person sees as theirs: a deputy those of the registrar, too."""
    offices = {office.value for office in person.offices}
    return frozenset(offices | ({Office.REGISTRAR.value} if Office.DEPUTY_REGISTRAR in person.offices else set()))


def _may_see(person: Person, offices: frozenset[str], duty: Record) -> bool:
    if "person" in duty.body:
        return duty["person"] == person.id or bool(person.offices & KEEPERS)
    return bool(person.offices & _SEES_ALL) or not offices.isdisjoint(duty["falls_to"])


def _is_first(books: Books, person: Person, duty: Record) -> bool:
    """Tell whether what waits for a second person was entered by this one, who cannot be the second."""
    kind, member = _SECOND_PERSON.get(duty["what"], ("", ""))
    record = books.get(kind, duty["subject"]) if kind else None
    return record is not None and bool(record[member] == person.id)


def _days(only: Only, at: datetime) -> Span:
    today = at.date()
    if only is Only.TODAY:
        return today.isoformat(), (today + timedelta(days=1)).isoformat()
    return "", (today + timedelta(days=1)).isoformat() if only is Only.OVERDUE else _END


def _after(text: str) -> tuple[str, str]:
    """Read the end of the page before: a day and the identifier of a duty."""
    day, _, id = text.partition(" ")
    if text and (not id or len(day) not in (1, 10)):
        raise no_end()
    return day, id


def no_end() -> Malformed:
    """Return the error for what is not the end of a page."""
    return Malformed("duties.page", "this is not the end of a page", hint="give what the page before named as next")


def _stream(
    books: Books, field: str, prefix: str, days: Span, begin: tuple[tuple[str, str], Found | None]
) -> Iterator[tuple[str, str, Record]]:
    """Yield (day, identifier, duty) of the duties found under `prefix`, in that order, reading some at a time.

    They are those behind where it is to `begin`, with the first of them where they are known.
    """
    span, (after, first) = (prefix + days[0], prefix + days[1]), begin
    end = (prefix + after[0], after[1]) if after[1] else ("", "")
    length = FIRST_LENGTH
    found = first if first is not None else books.reads.between(DUTY, field, span, after=end, limit=length)
    while found:
        page = [(value, open_record(stored)) for value, stored in found]
        books.reads.look_ahead([name for _, duty in page for name in _about_what(duty)])
        for value, duty in page:
            if not _is_over(books, duty):
                yield value.removeprefix(prefix), duty.id, duty
        if len(found) < length:
            return
        end, length = (found[-1][0], found[-1][1].id), min(4 * length, PAGE_LENGTH)
        found = books.reads.between(DUTY, field, span, after=end, limit=length)


def _is_over(books: Books, duty: Record) -> bool:
    """True where the matter has ended by another way, which the next round notes; or is shown by what is held."""
    if duty["what"] != "register":
        return False
    consignment = books.get("consignment", duty["subject"])
    return "dated" not in duty.body or consignment is None or bool(consignment["state"] != "held")


def _about(books: Books, subject: str) -> Iterator[Record]:
    yield from books.find(DUTY, "subject", subject)
    for consignment in books.find("consignment", "number", subject):
        yield from books.find(DUTY, "subject", consignment.id)


def _rows(books: Books, duties: Sequence[Record]) -> list[Row]:
    books.reads.look_ahead([("consignment", duty["subject"]) for duty in duties])
    return [_row(books, duty) for duty in duties]


def _row(books: Books, duty: Record) -> Row:
    shown: Row = {name: duty[name] for name in _SHOWN if name in duty.body}
    consignment = books.get("consignment", duty["subject"])
    row: Row = {
        "about": duty["subject"], "duty": duty.id, "falls_to": duty["falls_to"], "since": duty["opened_at"],
        **({"reminded": duty["chased"]} if "chased" in duty.body else {}), **shown,
    }
    if consignment is None:
        return row
    if duty["what"] == "register" and duty["state"] == "open":
        return row | held_row(books, consignment)
    return row | ({"about": consignment["number"]} if "number" in consignment.body else {})
