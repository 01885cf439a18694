"""A copy of the books that is looked at and left as it is: it is evidence.

It is opened as a file that nobody changes. SQLite then neither writes to it nor
makes anything beside it, and would pass over a write-ahead log that lies there:
so a copy that has one is refused instead of being read without its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

import apsw

from cordiale.adapters.sqlite_reads import SqliteReads, unavailable
from cordiale.adapters.sqlite_schema import require_current
from cordiale.errors import Malformed, OutOfOrder, Unavailable

_BOOKS_HEAD: Final = b"SQLite format 3\0"
_BESIDE: Final = ("-wal", "-journal")


@contextmanager
def reading_copy(path: Path) -> Iterator[SqliteReads]:
    """Show the books in the file `path`, which is not changed, until the end of the block.

    Raises `Malformed` for a file that holds no books, `OutOfOrder` for one of another version or without its end,
    and `Unavailable` when it cannot be read.
    """
    _require_books(path)
    try:
        connection = apsw.Connection(
            f"file:{quote(str(path))}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        )
    except apsw.Error as error:
        raise unavailable(error) from error
    try:
        for pragma in ("trusted_schema = OFF", "temp_store = MEMORY", "query_only = ON"):
            connection.execute(f"PRAGMA {pragma}")
        require_current(connection)
        yield SqliteReads(connection)
    except apsw.Error as error:
        raise unavailable(error) from error
    finally:
        connection.close()


def _require_books(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_BOOKS_HEAD))
        has_rest = any(_size(path.with_name(path.name + ending)) for ending in _BESIDE)
    except OSError as error:
        raise Unavailable(
            "file.unavailable", "`{name}` cannot be read: {detail}", hint="check the name and your rights to it",
            name=path.name, detail=os.strerror(error.errno or 0),
        ) from error
    if head != _BOOKS_HEAD:
        raise Malformed(
            "audit.no-books", "`{name}` holds no books", hint="name the books.db of a home or of a backup",
            name=path.name,
        )
    if has_rest:
        raise OutOfOrder(
            "audit.copy-not-whole", "the end of the books in `{name}` lies in another file beside it",
            hint="use the copy that `cordiale backup` makes: it is one whole file", name=path.name,
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
