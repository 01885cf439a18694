"""What the core asks of the outside world, as protocols and the plain values that cross them.

Time, randomness, storage, keys and couriers enter here and nowhere else, so the
whole of Cordiale can run in a world in memory that misbehaves on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final, Protocol, TypeAlias

from cordiale.model.found import FoundItem, IndexQuestion, IndexState, Narrowing

NO_TIME: Final = datetime.min.replace(tzinfo=UTC)
"""What is given for a time in the store that is none: it lies before all others and answers to no entry."""

BEHIND_ALL: Final = "\U0010ffff"
"""What follows every value that begins as what stands before it: the end of a span."""


class Clock(Protocol):
    """Reads the wall clock (aware, UTC) and, to notice jumps, a clock that only runs forward (seconds)."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class Random(Protocol):
    """Gives unpredictable bytes."""

    def bytes_(self, count: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One version of one record of the books, as it lies in the store.

    `body` is canonical JSON; `salt` (32 bytes) makes its commitment in entry `index` of log `log`.
    """

    kind: str
    id: str
    version: int
    body: bytes
    salt: bytes
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class StoredAct:
    """An act that has happened, with the answer it was given; `index` is its entry in log `log`.

    `salt` (32 bytes) makes the commitment of that entry to the whole row.
    """

    id: str
    kind: str
    actor: str
    at: datetime
    log: str
    index: int
    answer: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry of a log."""

    log: str
    index: int
    act: str
    leaf_hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredTile:
    """A full tile: `hashes` is 256 hashes, `root` the root over them."""

    level: int
    index: int
    root: bytes
    hashes: bytes


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A signed head of a log: our own or one a partner has shown."""

    origin: str
    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What one commit wrote, by `number` from 1: its `chain` value (32 bytes) and what it made of which `logs`."""

    number: int
    chain: bytes
    logs: bytes


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message waiting to be answered by partner node `partner`; `attachments` are object names.

    `link` is ``wire`` or ``bag`` where it may only go that way, ``any`` otherwise.
    """

    id: str
    partner: str
    agreement: str
    seq: int
    precedence: str
    message: bytes
    attachments: tuple[str, ...]
    link: str
    state: str
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A message received from `partner`, the digest of its bytes and the answer it was given."""

    id: str
    partner: str
    agreement: str
    seq: int
    digest: bytes
    message: bytes
    answer: bytes
    received_at: datetime


Named: TypeAlias = tuple[str, str]
"""Kind and identifier of a record."""

Question: TypeAlias = tuple[str, str, str]
"""Kind, field and value, as `find` is asked; an empty field asks for every record of the kind."""

Narrowed: TypeAlias = tuple[str, str, tuple[str, str], Narrowing]
"""Kind, field and span of a list, and what is left out of it."""

Waiting: TypeAlias = tuple[int, str]
"""How many messages wait, and when the oldest was queued, as it lies in the store."""

Log: TypeAlias = tuple[str, str]
"""A log of ours, and the origin of the partner's log under the same agreement."""

Positions: TypeAlias = tuple[int, str, int]
"""The size of our log, the origin of its newest head, and the size of theirs that we have seen."""


class Reads(Protocol):
    """What may be looked up, inside a transaction or beside it.

    `between` gives the records whose field lies in `span` (the second text left out), each with its value, in the
    order of values and identifiers; `after` is the last value and identifier of the page before.

    `between_each` gives the first of several spans at once, or those behind the end of the page before in each;
    `backwards_each` the same from the last on. `latest` gives of each (kind, field, beginning) the last records whose
    field begins so, in that order; `earliest` the first, and keeps them as `find` does.

    `narrowed_each` gives of lists of any kinds, as `between_each` or `backwards_each` give them, what their narrowing
    leaves: never less than it says, and what is about an item is to be looked at once more.

    `look_ahead` and `find_ahead` answer nothing: they read at once what `record`, `find` and `every` are about to be
    asked for one by one. Whoever leaves them away gets the same answers.
    """

    def record(self, kind: str, id: str) -> StoredRecord | None: ...
    def versions(self, kind: str, id: str) -> Sequence[StoredRecord]: ...
    def find(
        self, kind: str, field: str, value: str, *, after: str = "", limit: int = 1_000
    ) -> Sequence[StoredRecord]: ...
    def between(
        self, kind: str, field: str, span: tuple[str, str], *, after: tuple[str, str] = ("", ""), limit: int = 1_000
    ) -> Sequence[tuple[str, StoredRecord]]: ...
    def between_each(
        self, kind: str, field: str, spans: Sequence[tuple[str, str]], *, after: Sequence[tuple[str, str]] = (),
        limit: int = 1_000,
    ) -> Sequence[Sequence[tuple[str, StoredRecord]]]: ...
    def backwards_each(
        self, kind: str, field: str, spans: Sequence[tuple[str, str]], *, after: Sequence[tuple[str, str]] = (),
        limit: int = 1_000,
    ) -> Sequence[Sequence[tuple[str, StoredRecord]]]: ...
    def narrowed_each(
        self, lists: Sequence[Narrowed], *, after: Sequence[tuple[str, str]] = (), newest_first: bool = False,
        limit: int = 1_000,
    ) -> Sequence[Sequence[tuple[str, StoredRecord]]]: ...
    def latest(self, questions: Sequence[Question], *, limit: int) -> Sequence[Sequence[StoredRecord]]: ...
    def earliest(self, questions: Sequence[Question], *, limit: int) -> Sequence[Sequence[StoredRecord]]: ...
    def every(self, kind: str, *, after: str = "", limit: int = 1_000) -> Sequence[StoredRecord]: ...
    def count(self, kind: str, field: str, value: str) -> int: ...
    def counted(
        self, kind: str, field: str, span: tuple[str, str], *, after: str, limit: int
    ) -> Sequence[tuple[str, int]]: ...
    def looked_up(self, kind: str, field: str) -> Iterator[tuple[str, str]]: ...
    def act(self, id: str) -> StoredAct | None: ...
    def acts_known(self, ids: Sequence[str]) -> frozenset[str]: ...
    def acts(self, log: str, start: int, end: int) -> Sequence[StoredAct]: ...
    def acts_at(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], StoredAct]: ...
    def logs(self) -> Sequence[str]: ...
    def log_size(self, log: str) -> int: ...
    def entries(self, log: str, start: int, end: int) -> Sequence[StoredEntry]: ...
    def leaf_hashes(self, log: str, start: int, end: int) -> Sequence[bytes]: ...
    def tile_roots(self, log: str, level: int, start: int, end: int) -> Sequence[bytes]: ...
    def tiles(self, log: str) -> Sequence[StoredTile]: ...
    def head(self, log: str, size: int | None = None) -> StoredHead | None: ...
    def head_sizes(self, log: str) -> Sequence[int]: ...
    def last_batch(self) -> StoredBatch | None: ...
    def batch(self, number: int) -> StoredBatch | None: ...
    def batches(self, after: int, *, limit: int = 1_000) -> Sequence[StoredBatch]: ...
    def seen(self, origin: str) -> StoredHead | None: ...
    def outbox(self, id: str) -> OutboxRow | None: ...
    def outbox_open(
        self, *, limit: int = 1_000, partner: str = "", link_not: str = ""
    ) -> Sequence[OutboxRow]: ...
    def outbox_ids(self) -> Iterator[str]: ...
    def inbox_ids(self) -> Iterator[str]: ...
    def inbox(self, id: str) -> InboxRow | None: ...
    def inbox_by_number(self, partner: str, agreement: str, seq: int) -> InboxRow | None: ...
    def inbox_numbers(self, partner: str, agreement: str) -> Sequence[int]: ...
    def inbox_end(self) -> int: ...
    def inbox_numbers_since(self, partner: str, agreement: str, rowid: int) -> Sequence[int]: ...
    def inbox_since(self, partner: str, rowid: int, *, limit: int = 1_000) -> Sequence[tuple[int, InboxRow]]: ...
    def stream_position(self, direction: str, partner: str, agreement: str) -> int: ...
    def every_version(self) -> Iterator[StoredRecord]: ...
    def every_field(self) -> Iterator[tuple[str, str, str, str]]: ...
    def counters(self) -> Sequence[tuple[str, int, int]]: ...
    def records(self, kind: str, ids: Sequence[str]) -> Sequence[StoredRecord]: ...
    def look_ahead(self, names: Sequence[Named]) -> None: ...
    def find_ahead(self, questions: Sequence[Question]) -> None: ...
    def find_each(self, questions: Sequence[Question], *, limit: int) -> Sequence[Sequence[StoredRecord]]: ...
    def versions_of(self, names: Sequence[Named]) -> Sequence[StoredRecord]: ...
    def log_positions(self, logs: Sequence[Log]) -> Mapping[Log, Positions]: ...
    def standing(
        self, partners: Sequence[str], logs: Sequence[Log], *, limit: int
    ) -> tuple[Mapping[str, Waiting], Mapping[Log, Positions]]: ...
    def index_page(
        self, question: IndexQuestion, *, after: int | None = None, newest_first: bool = True, limit: int = 50
    ) -> Sequence[tuple[int, str]]: ...
    def index_count(self, question: IndexQuestion, *, limit: int) -> int: ...
    def index_rows(self, items: Sequence[str]) -> Mapping[str, tuple[int, FoundItem]]: ...
    def index_state(self) -> IndexState: ...
    def tallies(self, kind: str) -> Sequence[tuple[str, int]]: ...
    def open_receipts(self, since: Sequence[int]) -> Sequence[int]: ...


class UnitOfWork(Reads, Protocol):
    """One transaction. Everything written through it becomes durable together or not at all.

    Once the store itself has failed, `release` and `undo` raise `Unavailable`: the transaction is lost as a whole,
    and not only the act in whose savepoint that came to light.

    What is erased is overwritten where it lay, as far as the store can see to that; its row stays.
    """

    def savepoint(self) -> None: ...
    def release(self) -> None: ...
    def undo(self) -> None: ...
    def put_record(self, record: StoredRecord, fields: Iterable[tuple[str, str]]) -> None: ...
    def put_act(self, act: StoredAct) -> None: ...
    def put_entries(self, entries: Sequence[StoredEntry]) -> None: ...
    def put_tiles(self, log: str, tiles: Sequence[StoredTile]) -> None: ...
    def put_head(self, log: str, head: StoredHead) -> None: ...
    def set_log_size(self, log: str, old: int, new: int) -> None: ...
    def put_batch(self, batch: StoredBatch) -> None: ...
    def put_seen(self, head: StoredHead) -> None: ...
    def take_number(self, book: str, year: int) -> int: ...
    def take_position(self, direction: str, partner: str, agreement: str) -> int: ...
    def put_outbox(self, row: OutboxRow) -> None: ...
    def put_inbox(self, row: InboxRow) -> None: ...
    def erase_record(self, kind: str, id: str, version: int) -> None: ...
    def erase_message(self, direction: str, id: str) -> None: ...
    def put_found(self, found: FoundItem, before: tuple[int, FoundItem] | None) -> None: ...
    def put_person(self, item: str, person: str, why: str, *, is_there: bool) -> None: ...
    def put_open_receipt(self, consignment: str, at: int | None) -> None: ...
    def put_held_copy(self, copy: str, unit: str | None) -> None: ...
    def add_tally(self, kind: str, key: str, count: int) -> None: ...
    def set_index_state(self, state: IndexState) -> None: ...
    def clear_index(self) -> None: ...


class Store(Protocol):
    """The durable books of one node: one writer, any number of readers.

    A transaction commits durably at its end and rolls back on an exception. A snapshot shows the books as they are
    at one moment, while others go on writing.
    """

    def transaction(self) -> AbstractContextManager[UnitOfWork]: ...
    def reads(self) -> Reads: ...
    def snapshot(self) -> AbstractContextManager[Reads]: ...
    def backup_to(self, path: str, progress: Callable[[int, int], None] | None = None) -> None: ...
    def close(self) -> None: ...


class AnchorPlace(Protocol):
    """Where it is kept, outside the books, how far they have come.

    `write` puts content of one fixed size over what was there, or makes the place anew. It need not be durable at
    once, and may be torn by a crash; whoever reads finds that out. `read` returns None when there is nothing.
    """

    def read(self) -> bytes | None: ...
    def write(self, content: bytes, *, is_new: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class ObjectFound:
    """An object, whole or as far as it has arrived: its size, and when bytes of it last came (aware, UTC)."""

    name: str
    size_bytes: int
    touched_at: datetime


class Objects(Protocol):
    """Where sealed envelopes lie. Names are chosen by the caller and never reused.

    An object exists under its name only once it is whole and durable. `found` yields also what is still arriving,
    and `remove` takes that away as well.
    """

    def create(self, name: str) -> ObjectWriter: ...
    def open(self, name: str) -> BinaryIO: ...
    def size(self, name: str) -> int | None: ...
    def names(self, prefix: str = "") -> Iterable[str]: ...
    def found(self, prefix: str = "") -> Iterable[ObjectFound]: ...
    def remove(self, name: str) -> None: ...
    def partial(self, name: str) -> PartialObject: ...


class ObjectWriter(Protocol):
    """A new object in the making: nothing of it remains unless `commit` returns."""

    file: BinaryIO

    def commit(self) -> None: ...
    def abandon(self) -> None: ...


class PartialObject(Protocol):
    """An object that arrives in pieces and may be resumed after a break."""

    @property
    def size(self) -> int: ...
    def append(self, offset: int, chunks: Iterable[bytes]) -> int: ...
    def finish(self) -> None: ...
