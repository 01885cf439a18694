"""Looking things up in the books in SQLite, inside a transaction or beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import apsw

from cordiale.adapters.sqlite_ahead import LATEST, RECORD, AheadReads
from cordiale.adapters.sqlite_kept import LIST_LENGTH_MAX, UNKNOWN, Found, KeptRecords, Question
from cordiale.canonical import JSON_ENCODER
from cordiale.errors import Unavailable
from cordiale.limits import TIMES_KEPT_COUNT_MAX
from cordiale.ports import (
    NO_TIME,
    InboxRow,
    OutboxRow,
    StoredAct,
    StoredBatch,
    StoredEntry,
    StoredHead,
    StoredRecord,
    StoredTile,
)


@lru_cache(maxsize=TIMES_KEPT_COUNT_MAX)
def instant_text(at: datetime) -> str:
    """Return `at` in the one form in which times lie in the books: UTC, microseconds, sortable."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def instant_value(text: str) -> datetime:
    """Return the time that `instant_text` wrote, `NO_TIME` for anything it did not write: the audit names it."""
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is not None and instant_text(at) == text else NO_TIME
    except (ValueError, OverflowError):
        return NO_TIME


_WHY: Final = {
    apsw.FullError: "the disk is full",
    apsw.IOError: "the disk did not answer",
    apsw.CorruptError: "their file is damaged",
    apsw.NotADBError: "their file is damaged",
    apsw.BusyError: "another program holds them",
    apsw.ReadOnlyError: "their file may not be written",
    apsw.CantOpenError: "their file cannot be opened",
}


def unavailable(error: apsw.Error) -> Unavailable:
    """Return the error a user sees when the disk or the file of the books does not answer."""
    return Unavailable(
        "store.unavailable", "the books could not be written or read: {detail}",
        hint="nothing of this act was kept; look at free space and the disk, then repeat it",
        detail=_WHY.get(type(error), type(error).__name__),
    )


class SqliteReads(AheadReads):
    """Implements `cordiale.ports.Reads` over one connection; what is `kept` of current records is not read again."""

    def __init__(self, connection: apsw.Connection, kept: KeptRecords | None = None) -> None:
        self._connection = connection
        self._kept = kept or KeptRecords()

    def _is_changed(self, kind: str, id: str | None = None) -> bool:
        """True when what is kept of a record, or of any of `kind`, may not be what this connection sees.

        So it is in a transaction, and while rows are still being taken: both show the books as they were before.
        """
        return self._connection.txn_state() != apsw.SQLITE_TXN_NONE

    def _is_answer_changed(self, kind: str, question: Question) -> bool:
        """True when what is kept as the answer to `question` may not be what this connection sees."""
        return self._is_changed(kind)

    def _failed(self, error: apsw.Error) -> Unavailable:
        return unavailable(error)

    def _stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of all of the books, without holding them."""
        try:
            yield from self._connection.execute(sql)
        except apsw.Error as error:
            raise self._failed(error) from error

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise self._failed(error) from error

    def _row(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        try:
            return next(iter(self._connection.execute(sql, values)), None)
        except apsw.Error as error:
            raise self._failed(error) from error

    def record(self, kind: str, id: str) -> StoredRecord | None:
        if self._is_changed(kind, id):
            return self._read_record(kind, id)
        stored = self._kept.record(kind, id)
        if stored is UNKNOWN:
            moment = self._kept.moment
            stored = self._read_record(kind, id)
            self._kept.keep_record(kind, id, stored, moment=moment)
        return stored

    def _read_record(self, kind: str, id: str) -> StoredRecord | None:
        row = self._row(
            f"SELECT {RECORD} FROM record r WHERE kind = ? AND id = ? ORDER BY version DESC LIMIT 1", (kind, id)
        )
        return StoredRecord(*row) if row else None

    def _records(self, kind: str, question: Question, sql: str, values: tuple[Any, ...]) -> Found:
        """Return what is kept as the answer to `question`, or else the rows of `sql`; the last of `values` limits both.

        A whole list that is short answers for any limit, the beginning of a long one for those that are not longer.
        """
        is_changed, limit = self._is_answer_changed(kind, question), values[-1]
        found = None if is_changed else self._kept.found(kind, question)
        if found is None or LIST_LENGTH_MAX <= len(found) < limit:
            moment = self._kept.moment
            found = tuple(StoredRecord(*row) for row in self._rows(sql, values))
            if not is_changed and len(found) < min(limit, LIST_LENGTH_MAX):
                self._kept.keep_found(kind, question, found, moment=moment)
        return found[:limit]

    def records(self, kind: str, ids: Sequence[str]) -> Sequence[StoredRecord]:
        """Return the current versions of those of `ids` that there are, in one look, by identifier."""
        rows = self._rows(
            f"SELECT {RECORD} FROM json_each(?) j CROSS JOIN record r ON r.kind = ? AND r.id = j.value AND {LATEST}"
            " ORDER BY r.id",
            (json.dumps(list(dict.fromkeys(ids))), kind),
        )
        return [StoredRecord(*row) for row in rows]

    def versions(self, kind: str, id: str) -> Sequence[StoredRecord]:
        rows = self._rows(f"SELECT {RECORD} FROM record r WHERE kind = ? AND id = ? ORDER BY version", (kind, id))
        return [StoredRecord(*row) for row in rows]

    def find(
        self, kind: str, field: str, value: str, *, after: str = "", limit: int = 1_000
    ) -> Sequence[StoredRecord]:
        return self._records(
            kind, ("find", field, value, after),
            f"SELECT {RECORD} FROM field f JOIN record r ON r.kind = f.kind AND r.id = f.id AND {LATEST}"
            " WHERE f.kind = ? AND f.name = ? AND f.value = ? AND f.id > ? ORDER BY f.id LIMIT ?",
            (kind, field, value, after, limit),
        )

    def between(
        self, kind: str, field: str, span: tuple[str, str], *, after: tuple[str, str] = ("", ""), limit: int = 1_000
    ) -> Sequence[tuple[str, StoredRecord]]:
        low, high = span
        start = max((low, ""), after)
        rows = self._rows(
            f"SELECT f.value, {RECORD} FROM field f JOIN record r ON r.kind = f.kind AND r.id = f.id AND {LATEST}"
            " WHERE f.kind = ? AND f.name = ? AND f.value < ? AND (f.value, f.id) > (?, ?)"
            " ORDER BY f.value, f.id LIMIT ?",
            (kind, field, high, *start, limit),
        )
        return [(row[0], StoredRecord(*row[1:])) for row in rows]

    def every(self, kind: str, *, after: str = "", limit: int = 1_000) -> Sequence[StoredRecord]:
        return self._records(
            kind, ("every", after),
            f"SELECT {RECORD} FROM record r WHERE kind = ? AND id > ? AND {LATEST} ORDER BY id LIMIT ?",
            (kind, after, limit),
        )

    def count(self, kind: str, field: str, value: str) -> int:
        row = self._row("SELECT count(*) FROM field WHERE kind = ? AND name = ? AND value = ?", (kind, field, value))
        return int(row[0]) if row else 0

    def counted(
        self, kind: str, field: str, span: tuple[str, str], *, after: str, limit: int
    ) -> Sequence[tuple[str, int]]:
        """Return the values of a field that lie in `span` and behind `after`, each with how many records have it."""
        return [(str(row[0]), int(row[1])) for row in self._rows(
            "SELECT value, count(*) FROM field WHERE kind = ? AND name = ? AND value >= ? AND value < ? AND value > ?"
            " GROUP BY value ORDER BY value LIMIT ?", (kind, field, *span, after, limit),
        )]

    def looked_up(self, kind: str, field: str) -> Iterator[tuple[str, str]]:
        """Yield the (value, id) pairs of one field, by value and identifier; no record is read."""
        rows = self._rows("SELECT value, id FROM field WHERE kind = ? AND name = ?", (kind, field))
        yield from ((row[0], row[1]) for row in rows)

    def act(self, id: str) -> StoredAct | None:
        row = self._row("SELECT id, kind, actor, at, log, idx, answer, salt FROM act WHERE id = ?", (id,))
        return _act(row) if row else None

    def acts_known(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of `ids` under which an act is in the books."""
        listed = JSON_ENCODER.encode(ids).decode()
        rows = self._rows("SELECT id FROM act WHERE id IN (SELECT value FROM json_each(?))", (listed,))
        return frozenset(row[0] for row in rows)

    def acts(self, log: str, start: int, end: int) -> Sequence[StoredAct]:
        rows = self._rows(
            "SELECT id, kind, actor, at, log, idx, answer, salt FROM act"
            " WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx",
            (log, start, end),
        )
        return [_act(row) for row in rows]

    def acts_at(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], StoredAct]:
        """Return the acts whose entries stand at `places`, each a log and an index, in one look."""
        rows = self._rows(
            "SELECT a.id, a.kind, a.actor, a.at, a.log, a.idx, a.answer, a.salt FROM json_each(?) j CROSS JOIN act a"
            " ON a.log = j.value ->> 0 AND a.idx = j.value ->> 1", (json.dumps(list(dict.fromkeys(places))),),
        ) if places else []
        return {(row[4], row[5]): _act(row) for row in rows}

    def logs(self) -> Sequence[str]:
        return [row[0] for row in self._rows("SELECT name FROM log ORDER BY name")]

    def log_size(self, log: str) -> int:
        row = self._row("SELECT size FROM log WHERE name = ?", (log,))
        return int(row[0]) if row else 0

    def entries(self, log: str, start: int, end: int) -> Sequence[StoredEntry]:
        rows = self._rows(
            "SELECT log, idx, act, leaf_hash, body FROM entry WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx",
            (log, start, end),
        )
        return [StoredEntry(*row) for row in rows]

    def leaf_hashes(self, log: str, start: int, end: int) -> Sequence[bytes]:
        rows = self._rows(
            "SELECT leaf_hash FROM entry WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx", (log, start, end)
        )
        return [row[0] for row in rows]

    def tile_roots(self, log: str, level: int, start: int, end: int) -> Sequence[bytes]:
        rows = self._rows(
            "SELECT root FROM tile WHERE log = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx",
            (log, level, start, end),
        )
        return [row[0] for row in rows]

    def tiles(self, log: str) -> Sequence[StoredTile]:
        rows = self._rows("SELECT level, idx, root, hashes FROM tile WHERE log = ? ORDER BY level, idx", (log,))
        return [StoredTile(*row) for row in rows]

    def head(self, log: str, size: int | None = None) -> StoredHead | None:
        if size is None:
            row = self._row(
                "SELECT origin, size, root, note FROM head WHERE log = ? ORDER BY size DESC LIMIT 1", (log,)
            )
        else:
            row = self._row("SELECT origin, size, root, note FROM head WHERE log = ? AND size = ?", (log, size))
        return StoredHead(*row) if row else None

    def head_sizes(self, log: str) -> Sequence[int]:
        return [int(row[0]) for row in self._rows("SELECT size FROM head WHERE log = ? ORDER BY size", (log,))]

    def last_batch(self) -> StoredBatch | None:
        row = self._row("SELECT number, chain, logs FROM batch ORDER BY number DESC LIMIT 1")
        return StoredBatch(*row) if row else None

    def batch(self, number: int) -> StoredBatch | None:
        row = self._row("SELECT number, chain, logs FROM batch WHERE number = ?", (number,))
        return StoredBatch(*row) if row else None

    def batches(self, after: int, *, limit: int = 1_000) -> Sequence[StoredBatch]:
        rows = self._rows(
            "SELECT number, chain, logs FROM batch WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
        )
        return [StoredBatch(*row) for row in rows]

    def seen(self, origin: str) -> StoredHead | None:
        row = self._row("SELECT origin, size, root, note FROM seen WHERE origin = ?", (origin,))
        return StoredHead(*row) if row else None

    def outbox(self, id: str) -> OutboxRow | None:
        row = self._row(f"SELECT {_OUTBOX} FROM outbox WHERE id = ?", (id,))
        return _outbox(row) if row else None

    def outbox_open(self, *, limit: int = 1_000, partner: str = "", link_not: str = "") -> Sequence[OutboxRow]:
        rows = self._rows(
            f"SELECT {_OUTBOX} FROM outbox WHERE state = 'waiting' AND (? = '' OR partner = ?) AND link <> ?"
            " ORDER BY precedence = 'bulk', partner, agreement, seq LIMIT ?",
            (partner, partner, link_not, limit),
        )
        return [_outbox(row) for row in rows]

    def outbox_ids(self) -> Iterator[str]:
        for row in self._stream("SELECT id FROM outbox ORDER BY id"):
            yield str(row[0])

    def inbox_ids(self) -> Iterator[str]:
        for row in self._stream("SELECT id FROM inbox ORDER BY id"):
            yield str(row[0])

    def inbox(self, id: str) -> InboxRow | None:
        row = self._row(f"SELECT {_INBOX} FROM inbox WHERE id = ?", (id,))
        return _inbox(row) if row else None

    def inbox_by_number(self, partner: str, agreement: str, seq: int) -> InboxRow | None:
        row = self._row(
            f"SELECT {_INBOX} FROM inbox WHERE partner = ? AND agreement = ? AND seq = ?", (partner, agreement, seq)
        )
        return _inbox(row) if row else None

    def inbox_numbers(self, partner: str, agreement: str) -> Sequence[int]:
        rows = self._rows(
            "SELECT seq FROM inbox WHERE partner = ? AND agreement = ? ORDER BY seq", (partner, agreement)
        )
        return [int(row[0]) for row in rows]

    def inbox_end(self) -> int:
        row = self._row("SELECT max(n) FROM inbox", ())
        return int(row[0] or 0) if row else 0

    def inbox_numbers_since(self, partner: str, agreement: str, rowid: int) -> Sequence[int]:
        # All of a stream is found by its index, and what is new by the order in which it came.
        which = "partner = ? AND agreement = ?" if rowid == 0 else "+partner = ? AND +agreement = ?"
        rows = self._rows(f"SELECT seq FROM inbox WHERE {which} AND n > ?", (partner, agreement, rowid))
        return [int(row[0]) for row in rows]

    def inbox_since(self, partner: str, rowid: int, *, limit: int = 1_000) -> Sequence[tuple[int, InboxRow]]:
        rows = self._rows(
            f"SELECT n, {_INBOX} FROM inbox WHERE partner = ? AND n > ? ORDER BY n LIMIT ?", (partner, rowid, limit)
        )
        return [(int(row[0]), _inbox(row[1:])) for row in rows]

    def stream_position(self, direction: str, partner: str, agreement: str) -> int:
        row = self._row(
            "SELECT last FROM stream WHERE direction = ? AND partner = ? AND agreement = ?",
            (direction, partner, agreement),
        )
        return int(row[0]) if row else 0

    def every_version(self) -> Iterator[StoredRecord]:
        for row in self._stream(f"SELECT {RECORD} FROM record r ORDER BY log, idx, kind, id, version"):
            yield StoredRecord(*row)

    def every_field(self) -> Iterator[tuple[str, str, str, str]]:
        for row in self._stream("SELECT kind, id, name, value FROM field ORDER BY kind, id, name, value"):
            yield (row[0], row[1], row[2], row[3])

    def counters(self) -> Sequence[tuple[str, int, int]]:
        return [(row[0], row[1], row[2]) for row in self._rows("SELECT book, year, last FROM counter")]


_OUTBOX = "id, partner, agreement, seq, precedence, message, attachments, link, state, queued_at"
_INBOX = "id, partner, agreement, seq, digest, message, answer, received_at"


def _act(row: tuple[Any, ...]) -> StoredAct:
    return StoredAct(row[0], row[1], row[2], instant_value(row[3]), row[4], row[5], row[6], row[7])


def _outbox(row: tuple[Any, ...]) -> OutboxRow:
    attachments = tuple(row[6].split("\n")) if row[6] else ()
    return OutboxRow(
        id=row[0], partner=row[1], agreement=row[2], seq=row[3], precedence=row[4], message=row[5],
        attachments=attachments, link=row[7], state=row[8], queued_at=instant_value(row[9]),
    )


def _inbox(row: tuple[Any, ...]) -> InboxRow:
    return InboxRow(
        id=row[0], partner=row[1], agreement=row[2], seq=row[3], digest=row[4], message=row[5], answer=row[6],
        received_at=instant_value(row[7]),
    )
