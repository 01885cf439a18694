"""The one connection of books that lie in memory: threads take turns, a whole statement at a time.

Books in a file have a connection for each thread. What lies in memory belongs to the connection that made it, and
SQLite refuses a second thread while the first is inside a statement.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import apsw


class Rows(list[tuple[Any, ...]]):
    """The rows of a statement that has ended, asked for as a cursor is."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return them."""
        return self


class SharedConnection:
    """Stands for an `apsw.Connection` in what reads and writes the books."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._gate = threading.Lock()

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> Rows:
        """Run one statement to its end and return its rows."""
        with self._gate:
            return Rows(self._connection.execute(sql, values))

    def executemany(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> Rows:
        """Run one statement for each of `rows`, to its end."""
        with self._gate:
            return Rows(self._connection.executemany(sql, rows))

    def changes(self) -> int:
        """Return how many rows the last statement changed."""
        with self._gate:
            return self._connection.changes()

    def total_changes(self) -> int:
        """Return how many rows were ever changed."""
        with self._gate:
            return self._connection.total_changes()

    def txn_state(self) -> int:
        """Return in what state of a transaction the connection is."""
        with self._gate:
            return self._connection.txn_state()

    @property
    def in_transaction(self) -> bool:
        """True while a transaction is under way."""
        with self._gate:
            return self._connection.in_transaction
