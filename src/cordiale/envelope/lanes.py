"""Work on the pieces of a stream: buffers that are used again, and two threads.

Digesting and encrypting release the interpreter's lock, so two threads work on
two pieces while the caller reads the next one and writes the one before. Memory
is the buffers and does not grow with the stream. A stream of one piece, as most
items are, is worked on where it is, without threads.
"""

from __future__ import annotations

import mmap
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Final, TypeVar

from cordiale.crypto.aead import OVERHEAD_SIZE_BYTES

LANES_COUNT: Final = 6
_THREADS_COUNT: Final = 2

Outcome = TypeVar("Outcome")


class Lane:
    """Buffers for one segment: `plain` and, 28 bytes longer, `sealed`; `size` is that of the plaintext.

    What is sealed is no secret, and lies in memory that is used again by whoever comes next: of new pages each costs a
    fault. It is as large as the segments that were held.
    """

    __slots__ = ("_touched", "index", "plain", "sealed", "size")

    def __init__(self, segment_size_bytes: int) -> None:
        self.plain = _allocate(segment_size_bytes)
        self.sealed = memoryview(bytearray())
        self.size = 0
        self.index = 0
        self._touched = 0

    def hold(self, size: int) -> None:
        """Note that the lane holds a segment of `size` bytes, or is about to be given it."""
        self.size = size
        if len(self.sealed) < size + OVERHEAD_SIZE_BYTES:
            self.sealed = memoryview(bytearray(size + OVERHEAD_SIZE_BYTES))
        self._touched = max(self._touched, size)

    def wipe(self) -> None:
        """Overwrite all plaintext the lane has held."""
        self.plain[:self._touched] = bytes(self._touched)


def _allocate(size_bytes: int) -> memoryview:
    # Pages exist only once they are used, which matters for the many items that
    # are far smaller than a segment, and are left out of a core dump.
    pages = mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_DONTDUMP"):
        pages.madvise(mmap.MADV_DONTDUMP)
    return memoryview(pages)


class Lanes:
    """A ring of lanes, made as they are needed. Segments use them in turn, beginning with 0.

    INVARIANT: no more than `LANES_COUNT` segments are under way, so a lane is
    free again when its turn comes.
    """

    __slots__ = ("_lanes", "_segment_size_bytes")

    def __init__(self, segment_size_bytes: int) -> None:
        self._segment_size_bytes = segment_size_bytes
        self._lanes: list[Lane] = []

    def lane(self, index: int) -> Lane:
        """Return the lane for segment `index`."""
        if index < LANES_COUNT:
            self._lanes.append(Lane(self._segment_size_bytes))
        lane = self._lanes[index % LANES_COUNT]
        lane.index = index
        return lane

    def wipe(self) -> None:
        """Overwrite the plaintext left in the buffers."""
        for lane in self._lanes:
            lane.wipe()


def map_in_order(
    work: Callable[[Lane], Outcome], filled: Iterator[Lane]
) -> Generator[tuple[Lane, Outcome], None, None]:
    """Give each of the `filled` lanes with the outcome of `work` on it, in their order.

    `filled` is advanced only when the lane it will fill has been given back by
    the loop that takes the results. Errors of either pass through; close the
    iterator when leaving it early.
    """
    first = next(filled, None)
    if first is None:
        return
    second = next(filled, None)
    if second is None:
        yield first, work(first)
        return
    pending: deque[tuple[Lane, Future[Outcome]]] = deque()
    with ThreadPoolExecutor(_THREADS_COUNT, thread_name_prefix="segment") as pool:
        pending.append((first, pool.submit(work, first)))
        for lane in chain((second,), filled):
            pending.append((lane, pool.submit(work, lane)))
            if len(pending) == LANES_COUNT:
                done, outcome = pending.popleft()
                yield done, outcome.result()
        while pending:
            done, outcome = pending.popleft()
            yield done, outcome.result()
