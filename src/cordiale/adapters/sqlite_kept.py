"""Current records kept in memory beside the books: each exactly as the last commit left it.

A step of an exchange asks for the same partner, agreement and people dozens of times. What is kept is given
without asking SQLite, and never once it may be old:

- the writer drops what a transaction has changed before it commits, and what was read while it committed is
  not kept, so a record is given either from before the commit or from after it, as SQLite itself gives it;
- inside a transaction what that transaction has changed is always read from the transaction;
- when anybody else has written to the file, which only somebody beside the node can do, everything is forgotten
  at the next transaction, before anything is decided in it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from cordiale.limits import KEPT_RECORDS_COUNT_MAX, KEPT_RECORDS_SIZE_BYTES_MAX
from cordiale.ports import StoredRecord

Found: TypeAlias = tuple[StoredRecord, ...]
Question: TypeAlias = tuple[str, ...]
Changes: TypeAlias = Mapping[str, set[str]]
Version: TypeAlias = tuple[int, int]
"""What SQLite counts: changes by other connections (``PRAGMA data_version``), and rows changed by our own."""

UNKNOWN: Final = StoredRecord("", "", 0, b"", b"", "", 0)
"""Stands for a record of which it is not known whether there is one."""

LIST_LENGTH_MAX: Final = 64
"""Of a longer list no more is kept than the beginning."""

_ROW_SIZE_BYTES: Final = 500
"""What a row takes beside its body, about."""


class KeptRecords:
    """Answers to questions about current records. Questions are asked without a lock; answers enter under one."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], StoredRecord | None] = {}
        self._lists: dict[str, dict[Question, Found]] = {}
        self._size_bytes = 0
        self._count = 0
        self._gate = threading.Lock()
        self._moment = 0
        self._version: Version = (0, 0)

    @property
    def moment(self) -> int:
        """Where the books stand: take it before reading what is to be kept. Odd while a commit is under way."""
        return self._moment

    def record(self, kind: str, id: str) -> StoredRecord | None:
        """Return the current version of a record, None when there is none, `UNKNOWN` when it is not kept."""
        return self._records.get((kind, id), UNKNOWN)

    def found(self, kind: str, question: Question) -> Found | None:
        """Return the answer to `question` about records of `kind`, None when it is not kept.

        One of `LIST_LENGTH_MAX` is the beginning of a list that may be longer; a shorter one is whole.
        """
        return self._lists.get(kind, {}).get(question)

    def keep_record(self, kind: str, id: str, stored: StoredRecord | None, *, moment: int) -> None:
        """Keep what was read since `moment`, unless a commit was under way meanwhile."""
        with self._gate:
            if self._is_still(moment):
                self._enter_record((kind, id), stored)

    def keep_found(self, kind: str, question: Question, found: Found, *, moment: int) -> None:
        """Keep an answer that was read since `moment`, unless a commit was under way meanwhile, or it is long."""
        if len(found) > LIST_LENGTH_MAX:
            return
        with self._gate:
            if self._is_still(moment):
                self._make_room(sum(_size_of(stored) for stored in found) + _ROW_SIZE_BYTES)
                self._lists.setdefault(kind, {})[question] = found
                # Whoever has found a record asks for it by its name before long.
                for stored in found:
                    self._records[stored.kind, stored.id] = stored

    def begin_commit(self, changed: Changes) -> None:
        """Drop all that a transaction has changed; call it just before the commit. Nothing is kept until its end."""
        with self._gate:
            self._moment += 1
            for kind, ids in changed.items():
                self._lists.pop(kind, None)
                for id in ids:
                    self._records.pop((kind, id), None)

    def end_commit(self, written: Iterable[StoredRecord]) -> None:
        """Keep what the transaction has written, oldest first; nothing when it failed."""
        with self._gate:
            for stored in written:
                self._enter_record((stored.kind, stored.id), stored)
            self._moment += 1

    def follow(self, version: Version) -> None:
        """Forget everything, also what is being read at this moment, when `version` is not the one of last time."""
        if version != self._version:
            with self._gate:
                self._version = version
                self._moment += 2
                self._empty()

    def settle(self, own_changes: int) -> None:
        """Take what our own connection has changed so far as known: a transaction of ours has ended."""
        self._version = (self._version[0], own_changes)

    def _is_still(self, moment: int) -> bool:
        return moment == self._moment and not moment % 2

    def _enter_record(self, name: tuple[str, str], stored: StoredRecord | None) -> None:
        self._make_room(_size_of(stored))
        self._records[name] = stored

    def _make_room(self, size_bytes: int) -> None:
        # What was dropped or replaced goes on counting until all is forgotten: the bound holds without a ledger of it.
        self._size_bytes += size_bytes
        self._count += 1
        if self._size_bytes > KEPT_RECORDS_SIZE_BYTES_MAX or self._count > KEPT_RECORDS_COUNT_MAX:
            self._empty()
            self._size_bytes, self._count = size_bytes, 1

    def _empty(self) -> None:
        self._records = {}
        self._lists = {}
        self._size_bytes = self._count = 0


def _size_of(stored: StoredRecord | None) -> int:
    return _ROW_SIZE_BYTES + (len(stored.body) if stored is not None else 0)
