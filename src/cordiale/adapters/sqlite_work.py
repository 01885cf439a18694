"""What one transaction sees and writes of the books in SQLite.

Records and numbers wait in memory until somebody asks the books, or the transaction ends, and are then written by few
statements: most acts write without asking. What waits is seen by the transaction as if it were written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias

import apsw

from cordiale.adapters.sqlite_index import IndexWrites
from cordiale.adapters.sqlite_kept import KeptRecords, Question
from cordiale.adapters.sqlite_reads import SqliteReads, instant_text, unavailable
from cordiale.canonical import JSON_ENCODER
from cordiale.errors import OutOfOrder, Unavailable
from cordiale.ports import (
    InboxRow,
    Named,
    OutboxRow,
    StoredAct,
    StoredBatch,
    StoredEntry,
    StoredHead,
    StoredRecord,
    StoredTile,
)

_DUE_COUNT_MAX: Final = 512
_ROWS_AT_ONCE: Final = (64, 16, 4, 1)
"""How many rows one statement inserts: the most that fit first."""

Fields: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Before:
    """How much was written before an act, and which numbers had been taken, to go back to."""

    written: int
    acts: int
    due: int
    is_begun: bool = False
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)


@lru_cache(maxsize=64)
def _inserting(into: str, width: int, count: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"{into} VALUES {', '.join([row] * count)}"


def _conflict() -> OutOfOrder:
    return OutOfOrder(
        "store.conflict", "what was to be entered is in the books already, under the same number",
        hint="look at what is there; nothing of this act was kept",
    )


class SqliteUnitOfWork(IndexWrites, SqliteReads):
    """Implements `cordiale.ports.UnitOfWork` over the writer's connection."""

    def __init__(self, connection: apsw.Connection, kept: KeptRecords) -> None:
        super().__init__(connection, kept)
        self.changed: dict[str, set[str]] = {}
        self._entered: dict[str, set[tuple[str, str]] | None] = {}
        """By what the records are found that are new, of each changed kind; None once an older one has changed."""
        self.written: list[StoredRecord] = []
        self.has_erased = False
        self._latest: dict[Named, StoredRecord] = {}
        self._due: list[tuple[StoredRecord, Fields]] = []
        self._numbers: dict[tuple[str, int], int] = {}
        self._numbers_due: set[tuple[str, int]] = set()
        self._acts: list[StoredAct] = []
        self._act: _Before | None = None
        self._trouble: Unavailable | None = None

    def _is_changed(self, kind: str, id: str | None = None) -> bool:
        ids = self.changed.get(kind)
        return ids is not None and (id is None or id in ids)

    def _is_answer_changed(self, kind: str, question: Question) -> bool:
        if kind not in self.changed:
            return False
        entered = self._entered[kind]
        # What is new changes only the answers in which it is found.
        return entered is None or question[0] != "find" or question[1:3] in entered

    def _note_changed(self, kind: str, id: str, fields: Fields | None) -> None:
        """Note that a record has changed; `fields` are those of one that is new."""
        self.changed.setdefault(kind, set()).add(id)
        entered = self._entered.setdefault(kind, set())
        if fields is None or entered is None:
            self._entered[kind] = None
        else:
            entered.update(fields)

    def _failed(self, error: apsw.Error) -> Unavailable:
        self._trouble = unavailable(error)
        return self._trouble

    def require_working(self) -> None:
        """Raise `Unavailable` once the store has failed: what was written before may be half there."""
        if self._trouble is not None:
            raise self._trouble

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        self._begin_savepoint()
        self._told(self._connection.execute, sql, values)

    def _write_all(self, sql: str, rows: Sequence[tuple[str | int | bytes, ...]]) -> None:
        if rows:
            self._told(self._connection.executemany, sql, rows)

    def _insert(self, into: str, rows: Sequence[tuple[str | int | bytes, ...]]) -> None:
        """Insert `rows` by few statements: each that is run lets other threads come first."""
        start = 0
        for count in _ROWS_AT_ONCE:
            while len(rows) - start >= count:
                together = rows[start : start + count]
                sql = _inserting(into, len(together[0]), count)
                self._told(self._connection.execute, sql, tuple(chain.from_iterable(together)))
                start += count

    def _told(self, do: Callable[..., object], *given: object) -> None:
        try:
            do(*given)
        except apsw.ConstraintError as error:
            raise _conflict() from error
        except apsw.Error as error:
            raise self._failed(error) from error

    # -- an act, and what of it waits to be written -------------------------------------------------------

    def savepoint(self) -> None:
        self._act = _Before(len(self.written), len(self._acts), len(self._due))

    def _begin_savepoint(self) -> None:
        """Let the savepoint of the act begin in the books: what acts before it wrote lies there first.

        An act whose records all wait needs none: what waits is dropped.
        """
        act = self._act
        if act is None or act.is_begun:
            return
        act.is_begun = True
        self._write_due(self._due[: act.due])
        del self._due[: act.due]
        act.due = 0
        self._told(self._connection.execute, "SAVEPOINT act")

    def release(self) -> None:
        self.require_working()
        act, self._act = self._act, None
        if act is not None and act.is_begun:
            self._told(self._connection.execute, "RELEASE act")

    def undo(self) -> None:
        self.require_working()
        act, self._act = self._act, None
        if act is None:
            return
        if act.is_begun:
            self._told(self._connection.execute, "ROLLBACK TO act; RELEASE act")
        for record in self.written[act.written :]:
            self._latest.pop((record.kind, record.id), None)
        self._numbers |= act.numbers
        # Numbers of acts before this one may have been written under its savepoint.
        self._numbers_due = {key for key, number in self._numbers.items() if number}
        del self.written[act.written :], self._acts[act.acts :], self._due[act.due :]
        # What an act before this one wrote of the same records is read from the books again.
        self.flush()

    def flush(self) -> None:
        """Write what waits, so that a question to the books finds it; within an act, under its savepoint."""
        if not self._due and not self._numbers_due:
            return
        self._begin_savepoint()
        self._write_due(self._due)
        self._due.clear()
        self._write_all(
            "INSERT INTO counter (book, year, last) VALUES (?, ?, ?)"
            " ON CONFLICT (book, year) DO UPDATE SET last = excluded.last",
            [(*key, self._numbers[key]) for key in sorted(self._numbers_due)],
        )
        self._numbers_due.clear()

    def _write_due(self, due: Sequence[tuple[StoredRecord, Fields]]) -> None:
        self._insert(
            "INSERT INTO record (kind, id, version, body, salt, log, idx)",
            [(one.kind, one.id, one.version, one.body, one.salt, one.log, one.index) for one, _ in due],
        )
        last = {(one.kind, one.id): (one, fields) for one, fields in due}
        before = self._fields_before([name for name, (one, _) in last.items() if one.version > 1])
        gone = [
            (kind, name, value, id) for (kind, id), known in before.items()
            for name, value in known.difference(last[kind, id][1])
        ]
        self._write_all("DELETE FROM field WHERE kind = ? AND name = ? AND value = ? AND id = ?", gone)
        self._insert("INSERT OR IGNORE INTO field (kind, name, value, id)", [
            (kind, name, value, id) for (kind, id), (_, fields) in last.items()
            for name, value in fields if (name, value) not in before.get((kind, id), ())
        ])

    def _fields_before(self, changed: Sequence[Named]) -> dict[Named, set[tuple[str, str]]]:
        """Return by what those of `changed` are found in the books: of most of it a new version leaves the rows."""
        before: dict[Named, set[tuple[str, str]]] = {}
        if changed:
            # Not by `_rows`: that writes what waits first, and this is how it is written.
            for kind, id, name, value in super()._rows(
                "SELECT f.kind, f.id, f.name, f.value FROM json_each(?) j CROSS JOIN field f"
                " ON f.kind = j.value ->> 0 AND f.id = j.value ->> 1", (JSON_ENCODER.encode(changed).decode(),),
            ):
                before.setdefault((kind, id), set()).add((name, value))
        return before

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        self.flush()
        return super()._rows(sql, values)

    def _stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        self.flush()
        return super()._stream(sql)

    def count(self, kind: str, field: str, value: str) -> int:
        self.flush()
        return super().count(kind, field, value)

    def put_record(self, record: StoredRecord, fields: Iterable[tuple[str, str]]) -> None:
        """Enter a record, which is seen from now on and written with others; raises `OutOfOrder` when it is there."""
        name = (record.kind, record.id)
        before = self.record(*name)
        if before is not None and before.version >= record.version:
            raise _conflict()
        found_by = tuple(fields)
        self._note_changed(*name, found_by if record.version == 1 else None)
        self.written.append(record)
        self._latest[name] = record
        self._due.append((record, found_by))
        if len(self._due) >= _DUE_COUNT_MAX:
            self.flush()

    def _read_record(self, kind: str, id: str) -> StoredRecord | None:
        # What this transaction wrote last of a record is what it would read of it.
        return self._latest.get((kind, id)) or super()._read_record(kind, id)

    def erase_record(self, kind: str, id: str, version: int) -> None:
        self.has_erased = True
        self._note_changed(kind, id, None)
        self.flush()
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
        self._insert(
            "INSERT INTO act (id, kind, actor, at, log, idx, answer, salt)",
            [(act.id, act.kind, act.actor, instant_text(act.at), act.log, act.index, act.answer, act.salt)
             for act in self._acts],
        )
        self._acts.clear()
        self._insert(
            "INSERT INTO entry (log, idx, act, leaf_hash, body)",
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
        key = (book, year)
        if key not in self._numbers:
            row = self._row("SELECT last FROM counter WHERE book = ? AND year = ?", key)
            self._numbers[key] = int(row[0]) if row else 0
        if self._act is not None:
            self._act.numbers.setdefault(key, self._numbers[key])
        self._numbers[key] += 1
        self._numbers_due.add(key)
        return self._numbers[key]

    def take_position(self, direction: str, partner: str, agreement: str) -> int:
        self._begin_savepoint()
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
