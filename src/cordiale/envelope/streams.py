"""What a sealed container is read from and written to: streams, never paths.

Raw streams may read or write less than asked; the functions here go on until
it is done. Errors of the operating system (`OSError`) pass through: whoever
opened the stream knows what to make of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Protocol, TypeAlias, cast

from cordiale.errors import Malformed, Unavailable


class FillsBuffers(Protocol):
    """Something to read from, in order, into a buffer of the reader's."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill `buffer` from its start and return how many bytes came; 0 at the end."""


class FillsBuffersAnywhere(FillsBuffers, Protocol):
    """The same, more than once."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to `offset` bytes from the start (`whence` 0) or from the end (2)."""


ByteSource: TypeAlias = BinaryIO | FillsBuffers
SeekableSource: TypeAlias = BinaryIO | FillsBuffersAnywhere


class ByteTarget(Protocol):
    """Something to write to, in order."""

    def write(self, content: memoryview, /) -> int | None:
        """Write from the start of `content` and return how many bytes were taken; None means all."""


def read_full(source: ByteSource, view: memoryview) -> int:
    """Fill `view` as far as `source` goes and return how many bytes that is.

    Raises `Unavailable` when the stream is in non-blocking mode and has nothing
    yet: half a segment must not pass for the last one.
    """
    filled = 0
    while filled < len(view):
        count = _read_some(source, view[filled:])
        if count is None:
            raise Unavailable(
                "envelope.stream-not-ready", "the content could not be read: the stream has nothing yet",
                hint="read from a file or a blocking stream",
            )
        if count == 0:
            break
        filled += count
    return filled


def _read_some(source: ByteSource, view: memoryview) -> int | None:
    # Every file can fill a buffer, though the type of binary files does not say so.
    fill: Callable[[memoryview], int | None] | None = getattr(source, "readinto", None)
    if fill is not None:
        return fill(view)
    content = cast(BinaryIO, source).read(len(view))
    view[:len(content)] = content
    return len(content)


def read_exactly(source: ByteSource, view: memoryview) -> None:
    """Fill `view` completely. Raises `Malformed` when `source` ends before."""
    if read_full(source, view) != len(view):
        raise Malformed(
            "container.truncated", "the sealed container ends too early",
            hint="ask the sender to send it again",
        )


def read_at(source: SeekableSource, offset: int, *, size_bytes: int) -> bytes:
    """Read `size_bytes` from `offset`. Raises `Malformed` when the source ends before."""
    content = bytearray(size_bytes)
    source.seek(offset)
    read_exactly(source, memoryview(content))
    return bytes(content)


def write_all(target: ByteTarget, content: memoryview) -> None:
    """Write all of `content`, in as many steps as `target` needs."""
    while len(content):
        count = target.write(content)
        if count is None or count == len(content):
            return
        content = content[count:]
