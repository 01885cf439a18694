"""Pieces come out in order, in the buffers there are, whatever the threads do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO, RawIOBase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused

from cordiale.envelope import payload
from cordiale.envelope.lanes import LANES_COUNT, Lane, Lanes, map_in_order
from cordiale.envelope.payload import SealingPlan, seal_segments
from cordiale.envelope.streams import read_at, read_exactly, read_full, write_all
from cordiale.envelope.zipform import ContainerWriter
from cordiale.errors import Malformed
from cordiale.model.mode import Mode


def filled(lanes: Lanes, count: int) -> Iterator[Lane]:
    for index in range(count):
        lane = lanes.lane(index)
        lane.plain[:1] = bytes([index])
        lane.hold(1)
        yield lane


@given(count=st.integers(0, 3 * LANES_COUNT))
def test_results_come_in_order_each_with_its_buffer(count: int) -> None:
    def work(lane: Lane) -> int:
        time.sleep(0.0003 * (lane.index % 3 == 0))
        return lane.plain[0]

    lanes = Lanes(4)
    with closing(map_in_order(work, filled(lanes, count))) as results:
        found = [(lane.plain[0], outcome) for lane, outcome in results]
    assert found == [(index, index) for index in range(count)]


def test_memory_does_not_grow_with_the_stream() -> None:
    lanes = Lanes(4)
    seen = set()
    with closing(map_in_order(lambda lane: None, filled(lanes, 200))) as results:
        for lane, _ in results:
            seen.add(id(lane))
    assert len(seen) == LANES_COUNT


def test_one_piece_needs_no_thread() -> None:
    with closing(map_in_order(lambda lane: threading.current_thread(), filled(Lanes(4), 1))) as results:
        assert [thread for _, thread in results] == [threading.current_thread()]


def test_an_error_in_a_thread_reaches_the_caller_and_ends_the_threads() -> None:
    def work(lane: Lane) -> None:
        if lane.index == 5:
            raise Malformed("x.y", "text")

    before = threading.active_count()
    with refused_in_order(), closing(map_in_order(work, filled(Lanes(4), 20))) as results:
        for lane, _ in results:
            assert lane.index < 5
    assert threading.active_count() == before


def refused_in_order() -> object:
    return pytest.raises(Malformed)


def test_leaving_early_ends_the_threads() -> None:
    before = threading.active_count()
    with closing(map_in_order(lambda lane: None, filled(Lanes(4), 50))) as results:
        next(results)
    assert threading.active_count() == before


def test_plaintext_is_wiped() -> None:
    lanes = Lanes(8)
    lane = lanes.lane(0)
    lane.plain[:6] = b"secret"
    lane.hold(6)
    lane.hold(1)
    lanes.wipe()
    assert bytes(lane.plain) == bytes(8)


class Trickle(RawIOBase):
    """A stream that gives and takes a few bytes at a time."""

    def __init__(self, content: bytes = b"", *, step: int = 3) -> None:
        self.content, self.step, self.taken = content, step, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(len(buffer), self.step, len(self.content))
        buffer[:count], self.content = self.content[:count], self.content[count:]
        return count

    def write(self, content: memoryview) -> int:  # type: ignore[override]
        taken = bytes(content[: self.step])
        self.taken += taken
        return len(taken)


class OnlyReads:
    """A stream that knows `read` alone."""

    def __init__(self, content: bytes) -> None:
        self._inner = BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 2))


@given(content=st.binary(max_size=40), size=st.integers(0, 50))
def test_streams_that_trickle_are_read_to_the_end(content: bytes, size: int) -> None:
    for source in (Trickle(content), OnlyReads(content), BytesIO(content)):
        buffer = memoryview(bytearray(size))
        assert read_full(source, buffer) == min(size, len(content))  # type: ignore[arg-type]
        assert bytes(buffer).startswith(content[:size])


def test_a_stream_that_ends_early_is_refused() -> None:
    with refused("container.truncated"):
        read_exactly(BytesIO(b"abc"), memoryview(bytearray(4)))
    with refused("container.truncated"):
        read_at(BytesIO(b"abc"), 1, size_bytes=3)


def test_a_stream_that_is_not_ready_does_not_pass_for_one_that_ended() -> None:
    class NotReady(RawIOBase):
        def readinto(self, buffer: memoryview) -> None:  # type: ignore[override]
            return None

    with refused("envelope.stream-not-ready"):
        read_full(NotReady(), memoryview(bytearray(1)))


@given(content=st.binary(max_size=40))
def test_everything_is_written_to_a_stream_that_takes_little(content: bytes) -> None:
    target = Trickle()
    write_all(target, memoryview(content))
    assert target.taken == content


def test_content_larger_than_an_item_may_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "CONTENT_SIZE_BYTES_MAX", 100)
    writer = ContainerWriter(BytesIO())
    writer.begin()
    plan = SealingPlan(Mode.EXERCISE, bytes(32), bytes(32), 64)
    with refused("envelope.content-size"):
        seal_segments(BytesIO(bytes(101)), writer, plan=plan)
