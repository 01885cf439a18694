"""Appending makes the tree of the definition, whatever the batches, and forgets nothing at a restart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.records.log.example import MemoryLog, entry_of, root_by_definition

from cordiale.errors import Malformed, Unavailable
from cordiale.limits import LOG_ENTRY_SIZE_BYTES_MAX, LOG_SIZE_ENTRIES_MAX
from cordiale.records.log.sequencer import (
    LogState,
    append_entries,
    append_leaf_hashes,
    restore_state,
)
from cordiale.records.log.tree import Frontier, hash_leaf, root_of_complete

ENTRIES = [entry_of(number) for number in range(66_100)]
WHOLE = MemoryLog(ENTRIES)


def restored(log: MemoryLog) -> LogState:
    return restore_state(log.state.size, log.rows.leaf_hashes, log.rows.tile_roots)


def test_an_append_returns_everything_to_store() -> None:
    first = append_entries(LogState(), ENTRIES[:300])
    assert first.indexes == range(300)
    assert first.leaf_hashes == tuple(hash_leaf(entry) for entry in ENTRIES[:300])
    assert [(tile.level, tile.index) for tile in first.tiles] == [(0, 0)]
    assert first.tiles[0].hashes == b"".join(first.leaf_hashes[:256])
    assert first.tiles[0].root == root_by_definition(first.leaf_hashes[:256])
    assert first.state.root == root_by_definition(first.leaf_hashes)
    second = append_entries(first.state, ENTRIES[300:301])
    assert (second.indexes, second.tiles, second.state.size) == (range(300, 301), (), 301)


def test_nothing_appended_is_nothing_changed() -> None:
    appended = append_entries(WHOLE.state, [])
    assert appended.state == WHOLE.state
    assert (len(appended.indexes), appended.leaf_hashes, appended.tiles) == (0, (), ())


def test_tiles_close_in_order_and_upper_ones_with_the_last_entry() -> None:
    state, tiles = append_leaf_hashes(LogState(), WHOLE.leaf_hashes[:65_536])
    places = [(tile.level, tile.index) for tile in tiles]
    assert places == [*((0, index) for index in range(256)), (1, 0)]
    assert tiles[-1].hashes == b"".join(tile.root for tile in tiles[:-1])
    assert tiles[-1].root == state.root == root_of_complete(WHOLE.leaf_hashes[:65_536])


@given(st.lists(st.sampled_from([0, 1, 2, 31, 255, 256, 257, 600]), max_size=10))
def test_batches_make_no_difference(batches: list[int]) -> None:
    log = MemoryLog()
    for count in batches:
        log.append(ENTRIES[log.state.size : log.state.size + count])
    at_once = MemoryLog(ENTRIES[: sum(batches)])
    assert (log.state, log.tiles) == (at_once.state, at_once.tiles)


def test_a_failed_commit_is_undone_by_keeping_the_old_state() -> None:
    log = MemoryLog(ENTRIES[:255])
    before = log.state
    lost = append_entries(before, [b"never committed"])
    assert lost.tiles
    log.append(ENTRIES[255:600])
    assert log.state == MemoryLog(ENTRIES[:600]).state
    assert append_entries(before, [b"never committed"]) == lost


@pytest.mark.parametrize(
    "size", [0, 1, 2, 100, 255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_535, 65_536, 65_537, 66_048, 66_100]
)
def test_a_restart_restores_the_very_same_state(size: int) -> None:
    log = MemoryLog(ENTRIES[:size])
    state = restored(log)
    assert state == log.state
    following = append_leaf_hashes(state, [hash_leaf(one) for one in ENTRIES[:700]])
    assert following == append_leaf_hashes(log.state, [hash_leaf(one) for one in ENTRIES[:700]])


def test_a_restart_reads_fewer_than_256_rows_a_level() -> None:
    read = 0

    def counted(level: int, start: int, end: int) -> list[bytes]:
        nonlocal read
        assert 0 <= end - start < 256
        read += end - start
        return WHOLE.leaf_hashes[start:end] if level < 0 else WHOLE.roots(level, start, end)

    restore_state(66_100, lambda start, end: counted(-1, start, end), counted)
    assert read == 66_100 % 256 + (66_100 // 256) % 256 + 1


def test_a_store_that_lost_rows_is_not_continued() -> None:
    for leaves, roots in (
        (lambda start, end: WHOLE.leaf_hashes[start : end - 1], WHOLE.roots),
        (lambda start, end: WHOLE.leaf_hashes[start:end], lambda level, start, end: []),
    ):
        with pytest.raises(Unavailable):
            restore_state(66_100, leaves, roots)
    for size in (1, 2, 3):
        with pytest.raises(Malformed):
            restore_state(size, lambda start, end: [b"not a hash"] * (end - start), WHOLE.roots)


def test_a_changed_row_shows_in_the_restored_frontier() -> None:
    def changed(start: int, end: int) -> list[bytes]:
        return [bytes(32), *WHOLE.leaf_hashes[start + 1 : end]]

    state = restore_state(66_100, changed, WHOLE.roots)
    assert state.frontier != WHOLE.state.frontier


@pytest.mark.parametrize("entry", [b"", bytes(LOG_ENTRY_SIZE_BYTES_MAX + 1)])
def test_an_empty_or_oversized_entry_is_refused_with_its_batch(entry: bytes) -> None:
    with pytest.raises(Malformed):
        append_entries(LogState(), [b"good", entry, b"good"])


def test_a_full_log_is_refused() -> None:
    frontier = Frontier(LOG_SIZE_ENTRIES_MAX, (bytes(32),) * 63)
    edges = ((bytes(32),) * 255,) * 7 + ((bytes(32),) * 127,)
    with pytest.raises(Malformed) as caught:
        append_entries(LogState(frontier, edges), [b"one too many"])
    assert caught.value.code == "log.full"


def test_edges_that_do_not_fit_the_size_are_refused() -> None:
    state = MemoryLog(ENTRIES[:300]).state
    for edges in (state.edges[:-1], ((),) * 8, (state.edges[0][1:], *state.edges[1:]), (*state.edges, ())):
        with pytest.raises(Malformed):
            LogState(state.frontier, edges)
