"""What an act sees and writes while it is performed: one savepoint of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordiale.ports import OutboxRow, Random, Reads, StoredRecord, UnitOfWork
from cordiale.records.finding import INDEXED
from cordiale.records.record import Record, commitment_of, encode_body, fields_of, missing, open_record

_SALT_BYTES = 32
FIRST_LENGTH = 64
PAGE_LENGTH = 1_000
"""How many records are read at once, at first and at most; fewer are the end of a list."""


class Books:
    """What the books say at time `at`, to be looked up."""

    def __init__(self, reads: Reads, at: datetime) -> None:
        self.reads = reads
        self.at = at

    def get(self, kind: str, id: str) -> Record | None:
        """Return the current version of a record, or None."""
        stored = self.reads.record(kind, id)
        return open_record(stored) if stored is not None else None

    def require(self, kind: str, id: str) -> Record:
        """Return the current version of a record; raises `OutOfOrder` when there is none."""
        record = self.get(kind, id)
        if record is None:
            raise missing(kind, id)
        return record

    def find(self, kind: str, field: str, value: str, *, limit: int = 1_000) -> list[Record]:
        """Return current records of `kind` whose `field` has `value`, by identifier."""
        return [open_record(stored) for stored in self.reads.find(kind, field, value, limit=limit)]

    def each(self, kind: str, field: str, value: str, *, after: str = "") -> Iterator[Record]:
        """Yield all current records of `kind` whose `field` has `value`, by identifier, however many there are.

        The first of them, behind `after`, are read by themselves: who stops there has not read a thousand.
        """
        length = FIRST_LENGTH
        while page := self.reads.find(kind, field, value, after=after, limit=length):
            yield from map(open_record, page)
            if len(page) < length:
                return
            after, length = page[-1].id, min(4 * length, PAGE_LENGTH)

    def every(self, kind: str) -> list[Record]:
        """Return current records of a small `kind` (people, partners, agreements), by identifier."""
        return [open_record(stored) for stored in self.reads.every(kind, limit=10_000)]


@dataclass(frozen=True, slots=True)
class ActHead:
    """What is known of an act before it is done: `log` and `index` are where its entry will stand."""

    id: str
    at: datetime
    actor: str
    log: str
    index: int


class ActSession(Books):
    """The books inside an act: reads what is true now and writes what the act adds.

    `at` is the one time of the act; `domain` is that of commitments.
    """

    def __init__(self, work: UnitOfWork, head: ActHead, *, random: Random, domain: bytes) -> None:
        super().__init__(work, head.at)
        self.work = work
        self.act_id = head.id
        self.actor = head.actor
        self.log = head.log
        self.index = head.index
        self._random = random
        self.domain = domain
        self._commitments: list[str] = []
        self.touched: dict[tuple[str, str], Record] = {}
        """What the act wrote that the index of the register is made from."""

    @property
    def commitments(self) -> Sequence[str]:
        """The digests of everything written so far, in order."""
        return self._commitments

    def put(self, kind: str, id: str, body: Mapping[str, Any], *, expect: int | None = None) -> Record:
        """Write the next version of a record.

        `expect` is the version the caller built upon (0 for a new record). The store refuses a version
        that exists, so that nothing is ever overwritten.
        """
        encoded = encode_body(kind, body)
        if expect is None:
            current = self.work.record(kind, id)
            expect = current.version if current is not None else 0
        stored = StoredRecord(
            kind, id, expect + 1, encoded, self._random.bytes_(_SALT_BYTES), self.log, self.index
        )
        self.work.put_record(stored, fields_of(kind, body))
        self._commitments.append(commitment_of(self.domain, stored))
        record = Record(kind, id, stored.version, dict(body), self.log, self.index, encoded)
        if kind in INDEXED:
            self.touched[kind, id] = record
        return record

    def change(self, record: Record, **members: Any) -> Record:
        """Supersede `record` by a version with `members` replaced; a member set to None is dropped."""
        body = {name: value for name, value in {**record.body, **members}.items() if value is not None}
        return self.put(record.kind, record.id, body, expect=record.version)

    def take_number(self, book: str) -> int:
        """Take the next number of `book` in the current year: gapless, because it commits with the act."""
        return self.work.take_number(book, self.at.year)

    def queue(self, row: OutboxRow) -> None:
        """Queue an outgoing message; it leaves only after the commit."""
        self.work.put_outbox(row)
