"""All records of a kind, or all with one value, however many there are: page by page, never in one list."""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.ports import Reads
from cordiale.records.record import Record, open_record
from cordiale.records.session import PAGE_LENGTH


def all_with(reads: Reads, kind: str, field: str, value: str) -> Iterator[Record]:
    """Yield every current record of `kind` whose `field` has `value`, by identifier."""
    after = ""
    while page := reads.find(kind, field, value, after=after):
        yield from map(open_record, page)
        if len(page) < PAGE_LENGTH:
            return
        after = page[-1].id


def all_of(reads: Reads, kind: str) -> Iterator[Record]:
    """Yield every current record of `kind`, by identifier."""
    after = ""
    while page := reads.every(kind, after=after):
        yield from map(open_record, page)
        if len(page) < PAGE_LENGTH:
            return
        after = page[-1].id
