"""The books of one node in SQLite: write-ahead log, every commit flushed (`synchronous=FULL`).

One writer connection belongs to whoever holds the transaction; readers have
connections of their own, one per thread. A store in memory (``:memory:``) has a
single connection and serves the in-memory world of the tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import cast

import apsw

from cordiale.adapters.sqlite_kept import KeptRecords, Version
from cordiale.adapters.sqlite_reads import SqliteReads, unavailable
from cordiale.adapters.sqlite_schema import migrate
from cordiale.adapters.sqlite_shared import SharedConnection
from cordiale.adapters.sqlite_work import SqliteUnitOfWork
from cordiale.errors import OutOfOrder, Unavailable
from cordiale.ports import StoredRecord

_BUSY_MILLISECONDS = 5_000
_BACKUP_PAGES = 256
_WRITER_CACHE_KIB = 16 * 1024
_CHECKPOINT_PAGES = 4_000
_STATEMENTS_KEPT = 256
"""Of so many uses, whatever was used: a statement used before them is prepared again."""


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
            self._work.flush()
            self._connection.execute("COMMIT")
            written = self._work.written
            if self._work.has_erased:
                self._overwrite_log()
        except (apsw.Error, OutOfOrder, Unavailable) as failure:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(failure, apsw.Error):
                raise unavailable(failure) from failure
            raise
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
        connection = apsw.Connection(self._path, flags=flags, statementcachesize=_STATEMENTS_KEPT)
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        # How a statement is carried out does not depend on its values: it would be prepared anew for all of them.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
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
