"""A deposit as it comes over the private socket: frames, each behind its size.

    opening request | salt | content, in as many frames as it takes | an empty frame | closing request

What ends the content is a frame, never the end of the body: a sender that goes
away in the middle has sent no content.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from cordiale.doors.body import BodySource
from cordiale.errors import Malformed
from cordiale.limits import CONTROL_BODY_SIZE_BYTES_MAX
from cordiale.records.registry import Registry, Request, identify

Identify: TypeAlias = Callable[[Registry, bytes], Request]

_SIZE_BYTES: Final = 4


class DepositBody:
    """The content of a deposit as a file that is sealed as it comes, with what goes before and behind it.

    A signed request has at most `request_size_max` bytes, and `by` tells who signed it. Raises `Malformed` when none is
    in front.
    """

    def __init__(
        self, source: BodySource, *, request_size_max: int = CONTROL_BODY_SIZE_BYTES_MAX, by: Identify = identify,
    ) -> None:
        self._source = source
        self._by = by
        self._size_max = request_size_max
        self._left_bytes = 0
        self._is_ended = False
        self.opening = self._take()
        self.salt = self._take()

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill `buffer` as far as a frame goes; 0 at the end of the content. Raises as `BodySource`."""
        if self._is_ended:
            return 0
        if not self._left_bytes:
            self._left_bytes = self._next_size()
            self._is_ended = not self._left_bytes
            if self._is_ended:
                return 0
        count = self._source.readinto(buffer[:self._left_bytes])
        if not count:
            raise Malformed("body.short", "the request ends too early", hint="use a client of the same version")
        self._left_bytes -= count
        return count

    def closing(self, registry: Registry, _: bytes) -> Request:
        """Return the request behind the content. Raises `Malformed` when there is none, or when more follows it."""
        request = self._take()
        if self._source.readinto(memoryview(bytearray(1))):
            raise _no_deposit()
        return self._by(registry, request)

    def _next_size(self) -> int:
        return int.from_bytes(self._source.take(_SIZE_BYTES), "big")

    def _take(self) -> bytes:
        size = self._next_size()
        if not 0 < size <= self._size_max:
            raise _no_deposit()
        return self._source.take(size)


def _no_deposit() -> Malformed:
    return Malformed(
        "deposit.head", "the content does not come between two signed requests",
        hint="use a command line of the same version as the node",
    )
