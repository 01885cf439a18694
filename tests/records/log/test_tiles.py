"""Tiles have the addresses, widths and bytes of C2SP tlog-tiles, and only those."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.records.log.example import MemoryLog, entry_of, reader_over

from cordiale.errors import Malformed, OutOfOrder, Unavailable
from cordiale.limits import LOG_ENTRY_SIZE_BYTES_MAX, LOG_SIZE_ENTRIES_MAX
from cordiale.records.log.tiles import (
    TILE_SIZE_BYTES,
    LogRows,
    Tile,
    encode_bundle,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    read_tile,
    require_within,
    tile_hash_reader,
    tiles_of,
)
from cordiale.records.log.tree import TreeHead, prove_consistency, prove_inclusion, root_of_range, verify_inclusion

LOG = MemoryLog([entry_of(number) for number in range(70_000)])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 0, 1), "tile/0/000.p/1"),
        (Tile(1, 7, 255), "tile/1/007.p/255"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(0, 1_000), "tile/0/x001/000"),
        (Tile(63, 1_234_067), "tile/63/x001/x234/067"),
        (Tile(None, 0, 8), "tile/entries/000.p/8"),
        (Tile(None, 123_456_789), "tile/entries/x123/x456/789"),
        (Tile(0, LOG_SIZE_ENTRIES_MAX // 256), "tile/0/x036/x028/x797/x018/x963/967"),
    ],
)
def test_addresses_are_the_specified_ones(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@given(
    level=st.one_of(st.none(), st.integers(0, 63)),
    index=st.integers(0, LOG_SIZE_ENTRIES_MAX // 256),
    width=st.integers(1, 256),
)
def test_every_address_reads_back(level: int | None, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/0", "tile/0/00", "tile/0/1000", "tile/0/x000/001",
        "tile/0/001/002", "tile/0/x001", "tile/0/x001/x002", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/000/", "/tile/0/000", "tile/0/000\n",
        "tile/0/٠٠٠", "tile/x/000", "tile/Entries/000", "tile/0/X001/000", "tile/0/000.p/999",
        "tile/0/x999/x999/x999/x999/x999/999", "tile/0/" + "x999/" * 40 + "999", "checkpoint", "",
        "tile/0/../../etc", "tile/0/000.p/1/2",
    ],
)
def test_no_other_spelling_of_an_address_is_read(path: str) -> None:
    with pytest.raises(Malformed):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        (0, []),
        (8, [(None, 0, 8), (0, 0, 8)]),
        (256, [(None, 0, 256), (0, 0, 256), (1, 0, 1)]),
        (257, [(None, 0, 256), (None, 1, 1), (0, 0, 256), (0, 1, 1), (1, 0, 1)]),
    ],
)
def test_a_small_log_has_exactly_these_tiles(size: int, rows: list[tuple[int | None, int, int]]) -> None:
    assert [(one.level, one.index, one.width) for one in tiles_of(size)] == rows


@pytest.mark.parametrize(
    ("size", "full", "partial"),
    [
        (256, {0: 1, 1: 0}, {1: 1}),
        (65_536, {0: 256, 1: 1, 2: 0}, {2: 1}),
        (70_000, {0: 273, 1: 1, 2: 0}, {0: 112, 1: 17, 2: 1}),
    ],
)
def test_widths_are_those_of_the_specification(size: int, full: dict[int, int], partial: dict[int, int]) -> None:
    tiles = [one for one in tiles_of(size) if one.level is not None]
    assert {level: sum(one.width == 256 for one in tiles if one.level == level) for level in full} == full
    assert {one.level: one.width for one in tiles if one.width < 256} == partial
    for tile in tiles:
        require_within(tile, size)


def test_a_tile_beyond_the_log_is_refused() -> None:
    for tile in (Tile(0, 0, 8), Tile(None, 0, 8), Tile(1, 0, 1)):
        require_within(tile, 256)
        with pytest.raises(OutOfOrder):
            require_within(tile, 7)


def test_stored_tiles_are_those_derived_from_the_rows() -> None:
    for tile in (Tile(0, 0), Tile(0, 272), Tile(1, 0)):
        assert tile.level is not None
        assert read_tile(tile, LOG.rows) == LOG.tiles[tile.level, tile.index].hashes
    assert sorted(LOG.tiles) == [*((0, index) for index in range(273)), (1, 0)]
    assert all(len(tile.hashes) == TILE_SIZE_BYTES for tile in LOG.tiles.values())


def test_partial_tiles_of_every_earlier_size_can_be_read() -> None:
    for size in (1, 255, 256, 257, 65_535, 65_536, 65_537):
        read = tile_hash_reader(size, lambda tile: read_tile(tile, LOG.rows))
        proof = prove_inclusion(size - 1, size, read)
        assert proof == prove_inclusion(size - 1, size, _DIRECT)
        head = TreeHead(size, root_of_range(0, size, _DIRECT))
        verify_inclusion(LOG.leaf_hashes[size - 1], size - 1, proof, head)


_DIRECT = reader_over(LOG.leaf_hashes)


@given(size=st.integers(1, 70_000), data=st.data())
def test_proofs_from_tiles_are_those_from_leaves(size: int, data: st.DataObject) -> None:
    read = tile_hash_reader(size, lambda tile: read_tile(tile, LOG.rows))
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert prove_inclusion(index, size, read) == prove_inclusion(index, size, _DIRECT)
    assert prove_consistency(old_size, size, read) == prove_consistency(old_size, size, _DIRECT)


def test_a_proof_reads_each_tile_once_and_few_of_them() -> None:
    asked: list[Tile] = []

    def read(tile: Tile) -> bytes:
        asked.append(tile)
        return read_tile(tile, LOG.rows)

    prove_inclusion(12_345, 70_000, tile_hash_reader(70_000, read))
    assert len(asked) == len(set(asked)) <= 4


def test_a_tile_that_has_grown_since_is_taken() -> None:
    read = tile_hash_reader(300, lambda tile: read_tile(Tile(tile.level, tile.index), LOG.rows))
    assert prove_inclusion(299, 300, read) == prove_inclusion(299, 300, _DIRECT)


@pytest.mark.parametrize(("level", "index"), [(0, 300), (8, 1), (3, 37), (-1, 0), (0, -1), (64, 0)])
def test_no_subtree_beyond_the_size_is_read(level: int, index: int) -> None:
    read = tile_hash_reader(300, lambda tile: read_tile(tile, LOG.rows))
    with pytest.raises(OutOfOrder):
        read(level, index)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), bytes(8_191), bytes(8_224)])
def test_a_tile_of_another_length_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_tile(raw, 256)
    with pytest.raises(Malformed):
        tile_hash_reader(256, lambda tile: raw)(0, 0)


def test_missing_rows_are_reported_not_guessed() -> None:
    rows = LogRows(lambda start, end: (), lambda start, end: [bytes(32)], lambda level, start, end: ())
    for tile in (Tile(0, 0), Tile(1, 0, 2), Tile(None, 0, 1)):
        with pytest.raises(Unavailable):
            read_tile(tile, rows)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_read_back(entries: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(entries), len(entries)) == tuple(entries)


def test_the_longest_entry_fits_and_one_byte_more_does_not() -> None:
    longest = bytes(LOG_ENTRY_SIZE_BYTES_MAX)
    assert parse_bundle(encode_bundle([longest]), 1) == (longest,)
    with pytest.raises(Malformed):
        encode_bundle([longest + b"x"])


@pytest.mark.parametrize(
    ("raw", "width"),
    [
        (b"", 1), (b"\x00", 1), (b"\x00\x01", 1), (b"\x00\x01a\x00", 1), (b"\x00\x01a\x00\x01b", 1),
        (b"\x00\x01a", 2), (b"\x00\x01a\x00\x02b", 2), (b"\x00\x01a\x00", 2),
    ],
)
def test_a_bundle_cut_short_or_too_long_is_refused(raw: bytes, width: int) -> None:
    with pytest.raises(Malformed):
        parse_bundle(raw, width)
