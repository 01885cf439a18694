"""Lists a part at a time: only what a page shows is read, however much there is behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import Malformed
from cordiale.limits import LISTED_COUNT_MAX
from cordiale.model.person import Person
from cordiale.records.items import ITEM
from cordiale.records.record import Record, open_record
from cordiale.records.session import FIRST_LENGTH, PAGE_LENGTH, Books
from cordiale.records.sight import with_items

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Records of `kind` whose `field` has `value`, or all of them, that a list shows in its table `table`.

    `items` is the member that names several items a record is about; one it is about stands in its `item`.
    """

    table: str
    kind: str
    field: str = ""
    value: str = ""
    items: str = ""

    @property
    def name(self) -> str:
        """What the end of a page names it by."""
        return ".".join(filter(None, (self.table, self.field, self.value)))


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
    books, person = reader
    found: dict[str, Any] = {source.table: [] for source in sources}
    count, last = 0, ""
    for source, records in _from(books, sources, part):
        ahead = _with_several(books, source.items, records) if source.items else with_items(books, person, records)
        for record in ahead:
            row = shown(source.table, record)
            if row is None:
                continue
            if count == part.count:
                return found | {"next": last}
            found[source.table].append(row)
            count, last = count + 1, f"{source.name} {record.id}"
    return found | {"next": ""}


def _from(books: Books, sources: Sequence[Source], part: Part) -> Iterator[tuple[Source, Iterator[Record]]]:
    """Yield each source that is still to be read, with its records behind the end of the page before."""
    name, _, id = part.after.partition(" ")
    names = [source.name for source in sources]
    if part.after and (name not in names or not id):
        raise Malformed("list.page", "this is not the end of a page", hint="give what the page before named as next")
    for source in sources[names.index(name) if part.after else 0:]:
        yield source, _one(books, source, part.only) if part.only else _each(
            books, source, id if source.name == name else "",
        )


def _with_several(books: Books, member: str, records: Iterable[Record]) -> Iterator[Record]:
    """Yield `records`, and before each some of them read at once the items they are about."""
    rest, count = iter(records), FIRST_LENGTH
    while some := list(islice(rest, count)):
        count = PAGE_LENGTH
        books.reads.look_ahead([(ITEM, str(item)) for one in some for item in one[member]])
        yield from some


def _each(books: Books, source: Source, after: str) -> Iterator[Record]:
    if source.field:
        yield from books.each(source.kind, source.field, source.value, after=after)
        return
    while page := books.reads.every(source.kind, after=after):
        yield from map(open_record, page)
        after = page[-1].id


def _one(books: Books, source: Source, id: str) -> Iterator[Record]:
    record = books.get(source.kind, id)
    value = record.body.get(source.field) if record is not None else None
    if record is not None and (not source.field or source.value in (value if isinstance(value, list) else [value])):
        yield record
