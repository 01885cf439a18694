"""The books of one node in SQLite: write-ahead log, every commit flushed (`synchronous=FULL`).

One writer connection belongs to whoever holds the transaction; readers have
connections of their own, one per thread. A store in memory (``:memory:``) has a
single connection and serves the in-memory world of the tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from types import TracebackType
from typing import cast

import apsw

from cordiale.adapters.sqlite_index import IndexWrites
from cordiale.adapters.sqlite_kept import KeptRecords, Version
from cordiale.adapters.sqlite_reads import SqliteReads, instant_text, unavailable
from cordiale.adapters.sqlite_schema import migrate
from cordiale.adapters.sqlite_shared import SharedConnection
from cordiale.errors import OutOfOrder, Unavailable
from cordiale.ports import (
    InboxRow,
    OutboxRow,
    StoredAct,
    StoredBatch,
    StoredEntry,
    StoredHead,
    StoredRecord,
    StoredTile,
)

_BUSY_MILLISECONDS = 5_000
_BACKUP_PAGES = 256
_WRITER_CACHE_KIB = 16 * 1024
_CHECKPOINT_PAGES = 4_000
_FIELDS_AT_ONCE_MAX = 16
_PUT_FIELDS = [
    f"INSERT OR IGNORE INTO field (kind, name, value, id) VALUES {', '.join(['(?, ?, ?, ?)'] * count)}"
    for count in range(_FIELDS_AT_ONCE_MAX + 1)
]
"""The statement for so many fields at once: each count is prepared once and kept."""


class SqliteUnitOfWork(IndexWrites, SqliteReads):
    """Implements `cordiale.ports.UnitOfWork` over the writer's connection."""

    def __init__(self, connection: apsw.Connection, kept: KeptRecords) -> None:
        super().__init__(connection, kept)
        self.changed: dict[str, set[str]] = {}
        self.written: list[StoredRecord] = []
        self._latest: dict[tuple[str, str], StoredRecord] = {}
        self.has_erased = False
        self._written_before = 0
        self._acts: list[StoredAct] = []
        self._acts_before = 0
        self._trouble: Unavailable | None = None

    def _is_changed(self, kind: str, id: str | None = None) -> bool:
        ids = self.changed.get(kind)
        return ids is not None and (id is None or id in ids)

    def _failed(self, error: apsw.Error) -> Unavailable:
        self._trouble = unavailable(error)
        return self._trouble

    def require_working(self) -> None:
        """Raise `Unavailable` once the store has failed: what was written before may be half there."""
        if self._trouble is not None:
            raise self._trouble

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        try:
            self._connection.execute(sql, values)
        except apsw.ConstraintError as error:
            raise OutOfOrder(
                "store.conflict", "what was to be entered is in the books already, under the same number",
                hint="look at what is there; nothing of this act was kept",
            ) from error
        except apsw.Error as error:
            raise self._failed(error) from error

    def savepoint(self) -> None:
        self._connection.execute("SAVEPOINT act")
        self._written_before, self._acts_before = len(self.written), len(self._acts)

    def release(self) -> None:
        self.require_working()
        self._connection.execute("RELEASE act")

    def undo(self) -> None:
        self.require_working()
        self._connection.execute("ROLLBACK TO act")
        self._connection.execute("RELEASE act")
        for record in self.written[self._written_before :]:
            self._latest.pop((record.kind, record.id), None)
        del self.written[self._written_before :], self._acts[self._acts_before :]

    def put_record(self, record: StoredRecord, fields: Iterable[tuple[str, str]]) -> None:
        self.changed.setdefault(record.kind, set()).add(record.id)
        self._write(
            "INSERT INTO record (kind, id, version, body, salt, log, idx) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (record.kind, record.id, record.version, record.body, record.salt, record.log, record.index),
        )
        if record.version > 1:
            self._write("DELETE FROM field WHERE kind = ? AND id = ?", (record.kind, record.id))
        rows = [(record.kind, name, value, record.id) for name, value in fields]
        for start in range(0, len(rows), _FIELDS_AT_ONCE_MAX):
            some = rows[start : start + _FIELDS_AT_ONCE_MAX]
            self._write(_PUT_FIELDS[len(some)], tuple(chain.from_iterable(some)))
        self.written.append(record)
        self._latest[record.kind, record.id] = record

    def _read_record(self, kind: str, id: str) -> StoredRecord | None:
        # What this transaction wrote last of a record is what it would read of it.
        return self._latest.get((kind, id)) or super()._read_record(kind, id)

    def erase_record(self, kind: str, id: str, version: int) -> None:
        self.has_erased = True
        self.changed.setdefault(kind, set()).add(id)
        self._latest.pop((kind, id), None)
        self._write(
            "UPDATE record SET body = x'', salt = zeroblob(32) WHERE kind = ? AND id = ? AND version = ?",
            (kind, id, version),
        )

    def erase_message(self, direction: str, id: str) -> None:
        self.has_erased = True
        table = "outbox" if direction == "out" else "inbox"
        self._write(f"UPDATE {table} SET message = x'' WHERE id = ?", (id,))

    def put_act(self, act: StoredAct) -> None:
        """Enter an act: its row is written together with those of its batch, and is seen from now on."""
        self._acts.append(act)

    def act(self, id: str) -> StoredAct | None:
        return next((one for one in self._acts if one.id == id), None) or super().act(id)

    def acts_known(self, ids: Sequence[str]) -> frozenset[str]:
        return super().acts_known(ids) | {one.id for one in self._acts if one.id in ids}

    def acts(self, log: str, start: int, end: int) -> Sequence[StoredAct]:
        entered = sorted((one for one in self._acts if one.log == log), key=lambda one: one.index)
        return [*super().acts(log, start, end), *(one for one in entered if start <= one.index < end)]

    def put_entries(self, entries: Sequence[StoredEntry]) -> None:
        self._connection.executemany(
            "INSERT INTO act (id, kind, actor, at, log, idx, answer, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(act.id, act.kind, act.actor, instant_text(act.at), act.log, act.index, act.answer, act.salt)
             for act in self._acts],
        )
        self._acts.clear()
        self._connection.executemany(
            "INSERT INTO entry (log, idx, act, leaf_hash, body) VALUES (?, ?, ?, ?, ?)",
            [(entry.log, entry.index, entry.act, entry.leaf_hash, entry.body) for entry in entries],
        )

    def put_tiles(self, log: str, tiles: Sequence[StoredTile]) -> None:
        for tile in tiles:
            self._write(
                "INSERT INTO tile (log, level, idx, root, hashes) VALUES (?, ?, ?, ?, ?)",
                (log, tile.level, tile.index, tile.root, tile.hashes),
            )

    def put_head(self, log: str, head: StoredHead) -> None:
        self._write(
            "INSERT INTO head (log, size, origin, root, note) VALUES (?, ?, ?, ?, ?)",
            (log, head.size, head.origin, head.root, head.note),
        )

    def set_log_size(self, log: str, old: int, new: int) -> None:
        """Compare and set the size of `log`; raises `OutOfOrder` when somebody else has written."""
        if old == 0:
            self._write("INSERT OR IGNORE INTO log (name, size) VALUES (?, 0)", (log,))
        self._write("UPDATE log SET size = ? WHERE name = ? AND size = ?", (new, log, old))
        if self._connection.changes() != 1:
            raise OutOfOrder(
                "store.second-writer", "another process has written to the log {log}",
                hint="stop this node: two nodes must never serve one home", log=log,
            )

    def put_batch(self, batch: StoredBatch) -> None:
        self._write(
            "INSERT INTO batch (number, chain, logs) VALUES (?, ?, ?)", (batch.number, batch.chain, batch.logs)
        )

    def put_seen(self, head: StoredHead) -> None:
        self._write(
            "INSERT INTO seen (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT (origin)"
            " DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note",
            (head.origin, head.size, head.root, head.note),
        )

    def take_number(self, book: str, year: int) -> int:
        row = self._row(
            "INSERT INTO counter (book, year, last) VALUES (?, ?, 1)"
            " ON CONFLICT (book, year) DO UPDATE SET last = last + 1 RETURNING last",
            (book, year),
        )
        return int(row[0]) if row else 0

    def take_position(self, direction: str, partner: str, agreement: str) -> int:
        row = self._row(
            "INSERT INTO stream (direction, partner, agreement, last) VALUES (?, ?, ?, 1)"
            " ON CONFLICT (direction, partner, agreement) DO UPDATE SET last = last + 1 RETURNING last",
            (direction, partner, agreement),
        )
        return int(row[0]) if row else 0

    def put_outbox(self, row: OutboxRow) -> None:
        self._write(
            "INSERT OR REPLACE INTO outbox (id, partner, agreement, seq, precedence, message, attachments, link, state,"
            " queued_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.id, row.partner, row.agreement, row.seq, row.precedence, row.message, "\n".join(row.attachments),
                row.link, row.state, instant_text(row.queued_at),
            ),
        )

    def put_inbox(self, row: InboxRow) -> None:
        self._write(
            "INSERT INTO inbox (id, partner, agreement, seq, digest, message, answer, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.id, row.partner, row.agreement, row.seq, row.digest, row.message, row.answer,
                instant_text(row.received_at),
            ),
        )


def _version_of(connection: apsw.Connection) -> Version:
    (by_others,) = next(iter(connection.execute("PRAGMA data_version")))
    return by_others, connection.total_changes()


class SqliteTransaction:
    """One durable transaction on the writer's connection."""

    def __init__(self, connection: apsw.Connection, kept: KeptRecords) -> None:
        self._connection = connection
        self._kept = kept
        self._work = SqliteUnitOfWork(connection, kept)

    def __enter__(self) -> SqliteUnitOfWork:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._kept.follow(_version_of(self._connection))
        except apsw.Error as error:
            raise unavailable(error) from error
        return self._work

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is not None:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._kept.settle(self._connection.total_changes())
            if isinstance(error, apsw.Error):
                raise unavailable(error) from error
            return
        written: list[StoredRecord] = []
        self._kept.begin_commit(self._work.changed)
        try:
            self._connection.execute("COMMIT")
            written = self._work.written
            if self._work.has_erased:
                self._overwrite_log()
        except apsw.Error as failure:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise unavailable(failure) from failure
        finally:
            self._kept.settle(self._connection.total_changes())
            self._kept.end_commit(written)


    def _overwrite_log(self) -> None:
        """Bring what was committed into the books' own file, and begin their write-ahead log anew.

        While somebody reads an earlier moment that waits: the next of the checkpoints does it.
        """
        with suppress(apsw.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class SqliteStore:
    """Implements `cordiale.ports.Store`. `path` is a file name or ``:memory:``."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()
        self._readers: list[apsw.Connection] = []
        self._kept = KeptRecords()
        try:
            self._writer = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            self._writer.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
            self._writer.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            migrate(self._writer)
            self._shared = self._writer
            if path == ":memory:":
                self._shared = cast(apsw.Connection, SharedConnection(self._writer))
        except apsw.Error as error:
            raise unavailable(error) from error

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(self._path, flags=flags)
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        # Pages that are kept for a rollback would go to a file outside the home otherwise: they are as sensitive as
        # the books.
        connection.execute("PRAGMA temp_store = MEMORY")
        # What is erased is overwritten, and does not lie on in a page that is free.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    def transaction(self) -> SqliteTransaction:
        """Return a new transaction; only the ledger opens one, one at a time."""
        return SqliteTransaction(self._shared, self._kept)

    def reads(self) -> SqliteReads:
        """Return this thread's view of what is committed."""
        if self._path == ":memory:":
            if not self._shared.in_transaction:
                self._kept.follow(_version_of(self._shared))
            return SqliteReads(self._shared, self._kept)
        reads: SqliteReads | None = getattr(self._local, "reads", None)
        if reads is None:
            connection = self._connect(apsw.SQLITE_OPEN_READWRITE)
            connection.execute("PRAGMA query_only = ON")
            self._readers.append(connection)
            reads = self._local.reads = SqliteReads(connection, self._kept)
        return reads

    @contextmanager
    def snapshot(self) -> Iterator[SqliteReads]:
        """Show the books as they are at one moment, until the end of the block, while others go on writing."""
        if self._path == ":memory:":
            yield SqliteReads(self._shared)
            return
        try:
            connection = self._connect(apsw.SQLITE_OPEN_READWRITE)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
        except apsw.Error as error:
            raise unavailable(error) from error
        try:
            yield SqliteReads(connection)
        finally:
            connection.close()

    def backup_to(self, path: str, progress: Callable[[int, int], None] | None = None) -> None:
        """Copy the books as they are at one moment into a new file `path`, while the node serves.

        `progress` is told (pages done, pages in all). Raises `Unavailable` when the disk does not answer.
        """
        source = self._writer if self._path == ":memory:" else self._connect(apsw.SQLITE_OPEN_READWRITE)
        try:
            target = apsw.Connection(path)
            with target.backup("main", source, "main") as backup:
                while not backup.done:
                    backup.step(_BACKUP_PAGES if source is self._writer else -1)
                    if progress is not None:
                        progress(backup.page_count - backup.remaining, backup.page_count)
            target.close()
        except apsw.Error as error:
            raise unavailable(error) from error
        finally:
            if source is not self._writer:
                source.close()

    def close(self) -> None:
        """Close every connection. Nothing committed is lost without it."""
        for connection in self._readers:
            connection.close()
        self._writer.close()
