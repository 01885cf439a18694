"""Lists a part at a time: only what a page shows is read, however much there is behind it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from cordiale.canonical import Fields
from cordiale.errors import Malformed
from cordiale.limits import LISTED_COUNT_MAX
from cordiale.model.found import Narrowing
from cordiale.model.person import Person
from cordiale.ports import BEHIND_ALL, Narrowed, Question, StoredRecord
from cordiale.records.items import ITEM
from cordiale.records.record import NO_VALUE, Record, fields_of, open_record
from cordiale.records.session import FIRST_LENGTH, PAGE_LENGTH, Books
from cordiale.records.sight import sight_of, with_items

Row = dict[str, Any]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Source:
    """Records of `kind` whose `field` has `value`, or one of several, or all of them, that a list shows as `table`.

    They come by their identifiers, or in the order of the member `by`, which they are looked up by behind `field`;
    with `newest_first` from the end. `items` is the member that names several items a record is about; one it is
    about stands in its `item`. Where they are listed to nobody who may not see that one, `is_seen` leaves out what the
    index knows to be hidden, before it is read; `not_by` is the member that names whom they are not listed to, and
    `unsent` the one that names the message with which they are to leave: listed is what has not left.
    """

    table: str
    kind: str
    field: str = ""
    value: str | tuple[str, ...] = ""
    items: str = ""
    by: str = ""
    newest_first: bool = False
    is_seen: bool = False
    not_by: str = ""
    unsent: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """Every value that is listed."""
        return (self.value,) if isinstance(self.value, str) else self.value

    @property
    def name(self) -> str:
        """What the end of a page names it by: of a value its first word, and not the person behind it."""
        return ".".join(filter(None, (self.table, self.field, "-".join(one.partition(" ")[0] for one in self.values))))


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked of a list: at most `count` rows after `after`, the `next` of the page before; or `only` one."""

    after: str = ""
    count: int = LISTED_COUNT_MAX
    only: str = ""


def read_part(fields: Fields) -> Part:
    """Read which part of a list is asked for. Raises `Malformed`."""
    return Part(
        fields.optional_text("after") or "",
        fields.optional_integer("count", 1, LISTED_COUNT_MAX) or LISTED_COUNT_MAX,
        fields.optional_text("only") or "",
    )


def list_part(
    reader: tuple[Books, Person], sources: Sequence[Source], part: Part, shown: Callable[[str, Record], Row | None]
) -> dict[str, Any]:
    """Return the rows of `part` by their tables, in the order of `sources`, and the `next` part, empty where none is.

    `shown` makes a row of a record for its table, or None of what this person may not see. Raises `Malformed` where
    the page before did not end as is said.
    """
    found, following = gather_part(reader, sources, part, shown)
    return {**found, "next": following}


def gather_part(
    reader: tuple[Books, Person], sources: Sequence[Source], part: Part, made: Callable[[str, Record], Made | None]
) -> tuple[dict[str, list[Made]], str]:
    """Return what `made` makes of the records of `part`, and the next part: as `list_part` gives them to be shown."""
    books, person = reader
    found: dict[str, list[Made]] = {source.table: [] for source in sources}
    count, last = 0, ""
    for source, records in _from(reader, sources, part):
        ahead = _with_several(books, source.items, records) if source.items else with_items(books, person, records)
        for record in ahead:
            row = made(source.table, record)
            if row is None:
                continue
            if count == part.count:
                return found, last
            found[source.table].append(row)
            count, last = count + 1, f"{source.name} {place_in(source, record)}"
    return found, ""


def _from(
    reader: tuple[Books, Person], sources: Sequence[Source], part: Part
) -> Iterator[tuple[Source, Iterator[Record]]]:
    """Yield each source that is still to be read, with its records behind the end of the page before."""
    books, _ = reader
    name, _, end = part.after.partition(" ")
    names = [source.name for source in sources]
    if part.after and (name not in names or not end or ("/" not in end and sources[names.index(name)].by)):
        raise Malformed("list.page", "this is not the end of a page", hint="give what the page before named as next")
    for source in sources[names.index(name) if part.after else 0:]:
        yield source, _one(books, source, part.only) if part.only else each_of(
            reader, source, after=end if source.name == name else "",
        )


def _with_several(books: Books, member: str, records: Iterable[Record]) -> Iterator[Record]:
    """Yield `records`, and before each some of them read at once the items they are about."""
    rest, count = iter(records), FIRST_LENGTH
    while some := list(islice(rest, count)):
        count = PAGE_LENGTH
        books.reads.look_ahead([(ITEM, str(item)) for one in some for item in one[member]])
        yield from some


def place_in(source: Source, record: Record) -> str:
    """Return where `record` stands in the order of its source."""
    return f"{record.body.get(source.by, NO_VALUE)}/{record.id}" if source.by else record.id


def each_of(
    reader: tuple[Books, Person], source: Source, *, after: str = "", first: Begun | None = None
) -> Iterator[Record]:
    """Yield the records of `source` in its order, those behind the place `after`, some of them read at a time.

    `first` is what `begin_each` gave of it, where that is how it begins.
    """
    books, person = reader
    narrowing = _narrowing(source, person)
    if source.by or len(source.values) > 1 or narrowing is not None:
        yield from _in_order(books, _Spans.of(source, after), narrowing=narrowing, first=first)
        return
    if source.field:
        yield from books.each(source.kind, source.field, source.values[0], after=after)
        return
    while page := books.reads.every(source.kind, after=after, limit=PAGE_LENGTH):
        yield from map(open_record, page)
        if len(page) < PAGE_LENGTH:
            return
        after = page[-1].id


Begun: TypeAlias = Sequence[Sequence[tuple[str, StoredRecord]]]
"""The first records of each value of a source, with the values they are found by."""


@dataclass(frozen=True, slots=True)
class _Spans:
    """Where the records of a source lie: for each of its values a span, and where in it the page before ended."""

    source: Source
    field: str
    spans: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, source: Source, after: str = "") -> _Spans:
        """Return where the records behind the place `after` lie."""
        day, _, id = after.partition("/") if source.by else ("", "", after)
        beginnings = [(one + " " if source.by and source.field else one) for one in source.values]
        return cls(
            source, "/".join(filter(None, (source.field, source.by))),
            tuple((one, one + (BEHIND_ALL if source.by else " ")) for one in beginnings),
            tuple((one + day, id) for one in beginnings) if after else (),
        )

    def narrowed(self, narrowing: Narrowing) -> list[Narrowed]:
        """Return the spans as lists with something left out."""
        return [(self.source.kind, self.field, span, narrowing) for span in self.spans]


def begin_each(reader: tuple[Books, Person], sources: Sequence[Source]) -> dict[str, Begun]:
    """Return the first records of those of `sources` that are listed by a member or narrowed, by their names.

    They are read in two looks, however many sources there are.
    """
    books, person = reader
    narrowed, plain = list[tuple[_Spans, Narrowing]](), list[_Spans]()
    for source in sources:
        narrowing = _narrowing(source, person)
        if narrowing is not None:
            narrowed.append((_Spans.of(source), narrowing))
        elif source.by:
            plain.append(_Spans.of(source))
    asked = [one for spans, narrowing in narrowed for one in spans.narrowed(narrowing)]
    found = iter(books.reads.narrowed_each(asked, limit=FIRST_LENGTH))
    begun: dict[str, Begun] = {spans.source.name: list(islice(found, len(spans.spans))) for spans, _ in narrowed}
    books.reads.earliest([one for spans in plain for one in _questions(spans)], limit=FIRST_LENGTH)
    return begun | {spans.source.name: _earliest(books, spans) for spans in plain}


def questions_of(source: Source, person: Person) -> list[Question]:
    """Return where the first of a source are, as `earliest` is asked; nothing where they are not asked for so."""
    is_asked = source.by and not source.newest_first and _narrowing(source, person) is None
    return _questions(_Spans.of(source)) if is_asked else []


def _questions(spans: _Spans) -> list[Question]:
    return [(spans.source.kind, spans.field, beginning) for beginning, _ in spans.spans]


def _earliest(books: Books, spans: _Spans) -> Begun:
    found = books.reads.earliest(_questions(spans), limit=FIRST_LENGTH)
    return [
        [(f"{beginning}{open_record(one).body.get(spans.source.by, NO_VALUE)}", one) for one in first]
        for (beginning, _), first in zip(spans.spans, found, strict=True)
    ]


def _narrowing(source: Source, person: Person) -> Narrowing | None:
    """Return what is left out of `source` before it is read, None where that is nothing."""
    sight = sight_of(person) if source.is_seen else None
    is_narrowed = sight is not None or source.not_by or source.unsent
    return Narrowing(sight, source.not_by, person.id, source.unsent) if is_narrowed else None


def _in_order(
    books: Books, spans: _Spans, *, narrowing: Narrowing | None, first: Begun | None
) -> Iterator[Record]:
    """Yield what has any of the values as one list; the beginnings of all are read in one look."""
    source = spans.source
    each = books.reads.backwards_each if source.newest_first else books.reads.between_each

    def ask(which: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]], limit: int) -> Begun:
        if narrowing is None:
            return each(source.kind, spans.field, which, after=after, limit=limit)
        lists = [(source.kind, spans.field, span, narrowing) for span in which]
        return books.reads.narrowed_each(lists, after=after, newest_first=source.newest_first, limit=limit)

    if first is None and source.by and narrowing is None and not source.newest_first and not spans.ends:
        first = _earliest(books, spans)
    firsts = first if first is not None else ask(spans.spans, spans.ends, FIRST_LENGTH)
    streams = [
        _on(partial(ask, [span]), begun, len(span[0]) if source.by else len(span[1]))
        for span, begun in zip(spans.spans, firsts, strict=True)
    ]
    yield from (open_record(stored) for _, _, stored in heapq.merge(
        *streams, key=lambda one: one[:2], reverse=source.newest_first,
    ))


def _on(
    ask: Callable[[Sequence[tuple[str, str]], int], Begun], first: Sequence[tuple[str, StoredRecord]], skipped: int
) -> Iterator[tuple[str, str, StoredRecord]]:
    """Yield `first` and what follows: its value without the `skipped` letters before it, its identifier, and it."""
    page, length = first, FIRST_LENGTH
    while page:
        for value, stored in page:
            yield value[skipped:], stored.id, stored
        if len(page) < length:
            return
        end, length = (page[-1][0], page[-1][1].id), min(4 * length, PAGE_LENGTH)
        (page,) = ask([end], length)


def _one(books: Books, source: Source, id: str) -> Iterator[Record]:
    record = books.get(source.kind, id)
    if record is not None and (not source.field or any(
        name == source.field and value in source.values for name, value in fields_of(source.kind, record.body)
    )):
        yield record
