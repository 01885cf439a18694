"""Bodies that come over the wire: a sender that stops sending is not waited for.

A transfer may take as long as it needs while it moves; one that does not move
gives its place up. Only the time in which the sender is waited for counts, not
that in which we are busy with what it sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import anyio
from starlette.requests import ClientDisconnect

from cordiale.errors import Malformed, Unavailable
from cordiale.limits import TRANSPORT_MOVES_SECONDS_MAX, TRANSPORT_MOVES_SIZE_BYTES_MIN

TOO_SLOW: Final = "peer.too-slow"
BROKEN_OFF: Final = "peer.broken-off"
_PIECE_BYTES: Final = 2 * 1024 * 1024


async def steady(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what comes; raises `Unavailable` when it stops coming before its end, or hardly comes."""
    came, left_seconds = 0, float(TRANSPORT_MOVES_SECONDS_MAX)
    while True:
        began = anyio.current_time()
        try:
            with anyio.fail_after(left_seconds):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Unavailable(
                TOO_SLOW, "less than {size} bytes came in {seconds} seconds", hint="it is tried again by itself",
                size=TRANSPORT_MOVES_SIZE_BYTES_MIN, seconds=TRANSPORT_MOVES_SECONDS_MAX,
            ) from None
        except ClientDisconnect:
            raise Unavailable(
                BROKEN_OFF, "the content broke off on its way to the node", hint="it is tried again by itself"
            ) from None
        came += len(chunk)
        left_seconds -= anyio.current_time() - began
        if came >= TRANSPORT_MOVES_SIZE_BYTES_MIN:
            came, left_seconds = 0, float(TRANSPORT_MOVES_SECONDS_MAX)
        yield chunk


async def pieces(chunks: AsyncIterator[bytes], size_bytes_max: int) -> AsyncIterator[Sequence[bytes]]:
    """Yield what comes, gathered to about 2 MiB; what came before a sender broke off is yielded too.

    Raises as `steady` does, and `Malformed` when more than `size_bytes_max` comes.
    """
    gathered: list[bytes] = []
    size, left = 0, size_bytes_max
    try:
        async for chunk in steady(chunks):
            left -= len(chunk)
            if left < 0:
                raise Malformed("body.long", "more came than was announced", hint="ask for the size and go on there")
            gathered.append(chunk)
            size += len(chunk)
            if size >= _PIECE_BYTES:
                yield gathered
                gathered, size = [], 0
    except Unavailable:
        if gathered:
            yield gathered
        raise
    if gathered:
        yield gathered
