"""Lists a part at a time: only what a page shows is read, however much there is behind it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from cordiale.canonical import Fields
from cordiale.errors import Malformed
from cordiale.limits import LISTED_COUNT_MAX
from cordiale.model.found import Sight
from cordiale.model.person import Person
from cordiale.ports import BEHIND_ALL, Question, StoredRecord
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
    index knows to be hidden, before it is read.
    """

    table: str
    kind: str
    field: str = ""
    value: str | tuple[str, ...] = ""
    items: str = ""
    by: str = ""
    newest_first: bool = False
    is_seen: bool = False

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
            reader, source, end if source.name == name else "",
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


def each_of(reader: tuple[Books, Person], source: Source, after: str = "") -> Iterator[Record]:
    """Yield the records of `source` in its order, those behind the place `after`, some of them read at a time."""
    books, person = reader
    sight = sight_of(person) if source.is_seen else None
    if source.by or len(source.values) > 1 or sight is not None:
        yield from _in_order(books, source, after, sight)
        return
    if source.field:
        yield from books.each(source.kind, source.field, source.values[0], after=after)
        return
    while page := books.reads.every(source.kind, after=after):
        yield from map(open_record, page)
        after = page[-1].id


def _in_order(books: Books, source: Source, after: str, sight: Sight | None) -> Iterator[Record]:
    """Yield what has any of the values as one list; the beginnings of all are read in one look."""
    day, _, id = after.partition("/") if source.by else ("", "", after)
    beginnings = [(one + " " if source.by and source.field else one) for one in source.values]
    spans = [(one, one + (BEHIND_ALL if source.by else " ")) for one in beginnings]
    ends = [(one + day, id) for one in beginnings] if after else ()
    field = "/".join(filter(None, (source.field, source.by)))
    each = books.reads.backwards_each if source.newest_first else books.reads.between_each
    ask = partial(each, source.kind, field) if sight is None else partial(
        books.reads.seen_each, source.kind, field, sight=sight, newest_first=source.newest_first,
    )
    firsts: Sequence[Sequence[tuple[str, StoredRecord]]]
    if questions_of(source, sight) and not after:
        found = books.reads.earliest(questions_of(source, sight), limit=FIRST_LENGTH)
        firsts = [_with_values(source, one) for one in zip(beginnings, found, strict=True)]
    else:
        firsts = ask(spans, after=ends, limit=FIRST_LENGTH)
    streams = [
        _on(partial(ask, [span]), first, len(beginning) if source.by else len(span[1]))
        for beginning, span, first in zip(beginnings, spans, firsts, strict=True)
    ]
    yield from (open_record(stored) for _, _, stored in heapq.merge(
        *streams, key=lambda one: one[:2], reverse=source.newest_first,
    ))


def questions_of(source: Source, sight: Sight | None = None) -> list[Question]:
    """Return where the first of a source are, as `earliest` is asked; nothing where they are not asked for so."""
    if not source.by or source.newest_first or (source.is_seen and sight is not None):
        return []
    field = "/".join(filter(None, (source.field, source.by)))
    return [(source.kind, field, f"{one} " if source.field else one) for one in source.values]


def first_of(reader: tuple[Books, Person], sources: Sequence[Source]) -> Sequence[Sequence[StoredRecord]]:
    """Return the first of each value of `sources`, all read in one look and kept for who goes through them next."""
    books, person = reader
    sight = sight_of(person)
    return books.reads.earliest(
        [one for source in sources for one in questions_of(source, sight)], limit=FIRST_LENGTH
    )


def _with_values(source: Source, first: tuple[str, Sequence[StoredRecord]]) -> list[tuple[str, StoredRecord]]:
    beginning, found = first
    return [(f"{beginning}{open_record(one).body.get(source.by, NO_VALUE)}", one) for one in found]


def _on(
    ask: Callable[..., Sequence[Sequence[tuple[str, StoredRecord]]]], first: Sequence[tuple[str, StoredRecord]],
    skipped: int,
) -> Iterator[tuple[str, str, StoredRecord]]:
    """Yield `first` and what follows: its value without the `skipped` letters before it, its identifier, and it."""
    page, length = first, FIRST_LENGTH
    while page:
        for value, stored in page:
            yield value[skipped:], stored.id, stored
        if len(page) < length:
            return
        end, length = (page[-1][0], page[-1][1].id), min(4 * length, PAGE_LENGTH)
        (page,) = ask(after=[end], limit=length)


def _one(books: Books, source: Source, id: str) -> Iterator[Record]:
    record = books.get(source.kind, id)
    if record is not None and (not source.field or any(
        name == source.field and value in source.values for name, value in fields_of(source.kind, record.body)
    )):
        yield record
