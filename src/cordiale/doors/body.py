"""The body of a request as a file that a step reads in a thread, in constant memory.

The event loop fills, the thread empties; when the thread is slow the loop stops
reading from the network. A sender that breaks off ends the reading with an
error, never with what looks like the end of the content.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

from starlette.requests import ClientDisconnect

from cordiale.errors import Malformed, Unavailable

_AHEAD_BYTES_MAX: Final = 8 * 1024 * 1024

Result = TypeVar("Result")


class BodySource:
    """Bytes as they come in; `readinto` is what a step calls."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._loop = asyncio.get_running_loop()
        self._space = asyncio.Event()
        self._changed = threading.Condition()
        self._pieces: deque[memoryview] = deque()
        self._ahead_bytes = 0
        self._is_full = False
        self._is_whole = False
        self._is_broken = False

    async def fill(self) -> None:
        """Take in the body until its end; runs on the event loop while a thread reads."""
        try:
            async for chunk in self._chunks:
                if chunk:
                    await self._take(chunk)
            self._end(is_whole=True)
        except (ClientDisconnect, Unavailable):
            # Whoever stops sending has broken off, like one who hangs up.
            self._end(is_whole=False)
        except BaseException:
            # Whatever else ends the filling, the thread that reads must not wait for more.
            self._end(is_whole=False)
            raise

    async def _take(self, chunk: bytes) -> None:
        with self._changed:
            self._pieces.append(memoryview(chunk))
            self._ahead_bytes += len(chunk)
            self._is_full = self._ahead_bytes > _AHEAD_BYTES_MAX
            if self._is_full:
                self._space.clear()
            must_wait = self._is_full
            self._changed.notify()
        if must_wait:
            await self._space.wait()

    def _end(self, *, is_whole: bool) -> None:
        with self._changed:
            self._is_whole, self._is_broken = is_whole, not is_whole
            self._changed.notify()

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill `buffer` as far as bytes are there, waiting for the first; 0 at the end.

        Raises `Unavailable` when the sender broke off.
        """
        with self._changed:
            while not self._pieces:
                if self._is_whole:
                    return 0
                if self._is_broken:
                    raise Unavailable(
                        "body.broken-off", "the content broke off on its way to the node",
                        hint="send it again",
                    )
                self._changed.wait()
            return self._fill(buffer)

    def _fill(self, buffer: memoryview) -> int:
        filled = 0
        while self._pieces and filled < len(buffer):
            piece = self._pieces[0]
            count = min(len(piece), len(buffer) - filled)
            buffer[filled : filled + count] = piece[:count]
            filled += count
            if count == len(piece):
                self._pieces.popleft()
            else:
                self._pieces[0] = piece[count:]
        self._ahead_bytes -= filled
        if self._is_full and self._ahead_bytes <= _AHEAD_BYTES_MAX // 2:
            self._is_full = False
            self._loop.call_soon_threadsafe(self._space.set)
        return filled

    def take(self, size_bytes: int) -> bytes:
        """Return exactly `size_bytes` bytes; raises `Malformed` when the body ends before."""
        taken = memoryview(bytearray(size_bytes))
        filled = 0
        while filled < size_bytes:
            count = self.readinto(taken[filled:])
            if count == 0:
                raise Malformed("body.short", "the request ends too early", hint="use a client of the same version")
            filled += count
        return bytes(taken)


async def read_in_thread(
    chunks: AsyncIterator[bytes], work: Callable[[BodySource], Result],
    run: Callable[[Callable[[], Result]], Awaitable[Result]],
) -> Result:
    """Return what `work` makes of the body `chunks`; `run` runs it in a thread while the body is taken in."""
    source = BodySource(chunks)
    filling = asyncio.create_task(source.fill())
    try:
        return await run(lambda: work(source))
    finally:
        filling.cancel()
