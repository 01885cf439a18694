"""Searching the register: what a person asks, as questions to its index, and the records that answer.

What a person may see is part of the question, and is looked at once more in the records before anything is shown. Who
keeps the register searches all of it. Who sees one side of it by an office searches that side, and besides it what they
are named with. Everybody else goes through what they are named with and nothing else, so that neither a count nor the
time it takes tells of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, Unavailable
from cordiale.limits import SEARCH_TEXT_LENGTH_MAX
from cordiale.model.found import IndexQuestion, PersonClause
from cordiale.model.person import Person
from cordiale.ports import Reads
from cordiale.records.finding import OPEN, OWN_BOOK, SIDES, is_whole
from cordiale.records.record import Record
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, list_seen, offices_that_see, seen_by_name
from cordiale.rules.search_words import pieces_of, texts_of
from cordiale.wire.person_json import parse_day

_FACETS: Final = ("book", "level", "state", "form")
_FILTERS: Final = (*_FACETS, "partner", "holder")
_ROW_MAX: Final = 2**63 - 1


class Order(StrEnum):
    """The order of what is found: by when it was entered, and so by its number."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of the register: words of its text, filters by name, and the first and last day of entry."""

    text: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    order: Order = Order.NEWEST
    without: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    """What an item must not have, and what it must, in the words of the index: these are not for a person to ask."""

    def to_json(self) -> dict[str, Any]:
        """Return it as `parse_search` reads it."""
        days = {"from": self.first, "until": self.last}
        return {
            **({"text": self.text} if self.text else {}), **self.filters,
            **{name: day.isoformat() for name, day in days.items() if day is not None}, "order": self.order.value,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, and what to ask for the page that follows; empty where none does.

    `total` is how many there are in all, as far as it was asked to be counted.
    """

    items: tuple[Record, ...]
    following: str
    total: int = 0


def parse_search(fields: Fields) -> Search:
    """Read what is asked; raises `Malformed` for a day, or an order, that is none, and for a text without words."""
    first, last = fields.optional_text("from"), fields.optional_text("until")
    text = fields.optional_text("text", max_length=SEARCH_TEXT_LENGTH_MAX) or ""
    if text.strip() and not texts_of(text):
        raise Malformed("search.no-words", "there is no letter and no digit in what is searched for",
                        hint="write a word, a number, or the beginning of one")
    return Search(
        text=text.strip(),
        filters={name: value for name in _FILTERS if (value := fields.optional_text(name))},
        first=parse_day(first) if first else None, last=parse_day(last) if last else None,
        order=fields.choice("order", Order) if fields.has("order") else Order.NEWEST,
    )


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page is asked for: at most `count` items from the one after `after` on, all counted as far as `counted`."""

    after: str
    count: int
    counted: int = 0


def find_items(books: Books, person: Person, search: Search, page: PageAsked) -> Found:
    """Return a page of the items that `person` may see.

    On a first page all of them are counted, as far as `page.counted`. Raises `Unavailable` while the index is being
    made.
    """
    reads = require_whole(books.reads)
    count, counted = page.count, page.counted
    row = _row_of(page.after) if page.after else None
    newest_first = search.order is Order.NEWEST
    total, streams = 0, []
    for question in questions_of(search, person):
        # What somebody is named with is gone through once, for the page and for the count.
        limit = max(count + 1, counted) if question.person else count + 1
        rows = reads.index_page(question, after=row, newest_first=newest_first, limit=limit)
        streams.append(rows)
        if counted:
            total += len(rows) if question.person else reads.index_count(question, limit=counted)
    merged = list(islice(merge(*streams, reverse=newest_first), count + 1))
    seen = list_seen(books, person, [item for _, item in merged[:count]])
    return Found(tuple(seen), str(merged[count - 1][0]) if len(merged) > count else "", min(total, counted))


def count_items(books: Books, person: Person, search: Search, *, limit: int) -> int:
    """Return how many items `find_items` gives in all, not counted further than `limit`."""
    reads = require_whole(books.reads)
    counted = 0
    for question in questions_of(search, person):
        counted += reads.index_count(question, limit=limit - counted)
    return counted


def levels_found(books: Books, person: Person, search: Search, known: Iterable[str]) -> list[str]:
    """Return those of the `known` levels that stand in what `find_items` gives in all."""
    return [
        level for level in known if count_items(books, person, replace(search, among=(f"level {level}",)), limit=1)
    ]


def require_whole(reads: Reads) -> Reads:
    """Return `reads` when the index of the register is whole; raises `Unavailable` otherwise."""
    if not is_whole(reads):
        raise Unavailable(
            "search.not-ready", "the index of the register is being made", hint="look again in a minute"
        )
    return reads


def questions_of(search: Search, person: Person) -> Iterator[IndexQuestion]:
    """Yield the questions whose answers together, and no two of them alike, are what `person` finds by `search`."""
    by_office = _asked(search, is_keeper=bool(person.offices & KEEPERS))
    pieces = pieces_of(search.text)
    by_name = replace(by_office, texts=texts_of(search.text))
    by_office = replace(by_office, terms=pieces.terms, texts=pieces.texts)
    holder = search.filters.get("holder", "")
    if person.offices & KEEPERS:
        yield replace(by_name, person=holder, clauses=(PersonClause(("holder",)),)) if holder else by_office
        return
    sides = tuple(f"side {side}" for side in _sides_of(search) if person.offices & offices_that_see(side))
    if holder:
        held = tuple(PersonClause(("holder",), (side, OPEN)) for side in sides)
        yield replace(by_name, person=person.id, held_by=holder, clauses=(*held, *seen_by_name(person)))
        return
    if sides:
        yield replace(by_office, facets=((OPEN,), sides, *by_office.facets))
    yield replace(by_name, person=person.id, clauses=seen_by_name(person))


def _sides_of(search: Search) -> tuple[str, ...]:
    """Return the sides of the register on which there may be what is asked for: a book lies on one of them.

    On the other one nothing is found, and all of both would be gone through for it.
    """
    book = search.filters.get("book")
    return SIDES if book is None else tuple(side for side in SIDES if (side == OWN_BOOK) is (book == OWN_BOOK))


def _asked(search: Search, *, is_keeper: bool) -> IndexQuestion:
    """Return the filters of `search`: whom an item was sent to, and under which numbers, is for keepers to know."""
    facets: list[tuple[str, ...]] = [
        (f"{name} {search.filters[name]}",) for name in _FACETS if name in search.filters
    ]
    facets += [(facet,) for facet in search.among]
    partner = search.filters.get("partner")
    if partner:
        facets.append((f"origin {partner}", f"sent {partner}") if is_keeper else (f"origin {partner}",))
    return IndexQuestion(
        facets=tuple(facets), without=search.without, by_copies=is_keeper, span=_span_of(search)
    )


def _span_of(search: Search) -> tuple[int, int] | None:
    if search.first is None and search.last is None:
        return None
    low = _seconds(search.first) if search.first is not None else 0
    high = _seconds(search.last + timedelta(days=1)) if search.last not in (None, date.max) else 2**40
    return low, high


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _row_of(after: str) -> int:
    if not after.isascii() or not after.isdecimal() or len(after) > 19 or int(after) > _ROW_MAX:
        raise Malformed("search.page", "this is not the end of a page", hint="give what the page before named as next")
    return int(after)
