"""A file whose disk speaks in our errors, and that takes all it is given or says that it did not."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from cordiale.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Explain: TypeAlias = Callable[[OSError], Unavailable]

_ALL: Final = -1


class DiskFile(io.FileIO):
    """An unbuffered file; `explain` makes the error of whatever the disk refuses while it is read or written.

    A full disk may take a part of a piece before it refuses: a plain file would return the count, and whoever
    does not look at it leaves something out. Here the rest is tried again, so that the refusal is heard.
    """

    def __init__(self, file: str | int, mode: str, explain: Explain) -> None:
        super().__init__(file, mode)
        self._explain = explain

    def write(self, content: ReadableBuffer, /) -> int:
        """Write all of `content` and return its length in bytes; raises what `explain` makes of a refusal."""
        rest = memoryview(content).cast("B")
        size_bytes = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest):]
        except OSError as error:
            raise self._explain(error) from error
        return size_bytes

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` from its start and return how many bytes came, 0 at the end; raises as `write`."""
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise self._explain(error) from error

    def read(self, size: int | None = _ALL, /) -> bytes:
        """Return at most `size` bytes, all that are left when it is negative; raises as `write`."""
        try:
            return super().read(size)
        except OSError as error:
            raise self._explain(error) from error

    def readall(self) -> bytes:
        """Return all that is left; raises as `write`."""
        return self.read()
