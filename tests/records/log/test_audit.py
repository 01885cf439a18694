"""The audit accepts a sound log and finds every changed row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.records.log.example import ORIGIN, MemoryLog, entry_of

from cordiale.errors import Unverified
from cordiale.records.log.audit import audit_tree
from cordiale.records.log.checkpoint import Checkpoint
from cordiale.records.log.sequencer import FullTile

SIZE = 1_000
LOG = MemoryLog([entry_of(number) for number in range(SIZE)])


def audit(
    *,
    entries: list[bytes] = LOG.entries,
    leaf_hashes: list[bytes] = LOG.leaf_hashes,
    tiles: list[FullTile] | None = None,
    checkpoint: Checkpoint = LOG.checkpoint,
) -> None:
    audit_tree(entries, leaf_hashes, LOG.tiles.values() if tiles is None else tiles, checkpoint)


def refused(**changed: object) -> Unverified:
    with pytest.raises(Unverified) as caught:
        audit(**changed)  # type: ignore[arg-type]
    return caught.value


def test_a_sound_log_passes() -> None:
    audit()
    audit(tiles=list(reversed(LOG.tiles.values())))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512])
def test_sound_logs_of_edge_sizes_pass(size: int) -> None:
    log = MemoryLog(LOG.entries[:size])
    audit_tree(log.entries, log.leaf_hashes, log.tiles.values(), log.checkpoint)


@pytest.mark.parametrize("index", [0, 255, 256, 700, SIZE - 1])
def test_a_changed_or_missing_entry_is_named(index: int) -> None:
    entries = [*LOG.entries[:index], b"changed", *LOG.entries[index + 1 :]]
    assert refused(entries=entries).fields["index"] == index
    assert refused(entries=[*LOG.entries[:index], *LOG.entries[index + 1 :]]).fields["index"] == index
    leaf_hashes = [*LOG.leaf_hashes[:index], bytes(32), *LOG.leaf_hashes[index + 1 :]]
    assert refused(leaf_hashes=leaf_hashes).fields["index"] == index


def test_rows_cut_short_or_too_long_are_named() -> None:
    assert refused(entries=LOG.entries[:-1]).fields["index"] == SIZE - 1
    assert refused(entries=[*LOG.entries, b"more"]).fields["index"] == SIZE
    assert refused(leaf_hashes=LOG.leaf_hashes[:-1]).fields["index"] == SIZE - 1
    assert refused(leaf_hashes=[*LOG.leaf_hashes, bytes(32)]).fields["index"] == SIZE


def test_a_changed_upper_tile_is_named() -> None:
    log = MemoryLog([entry_of(number) for number in range(65_600)])
    audit_tree(log.entries, log.leaf_hashes, log.tiles.values(), log.checkpoint)
    log.tiles[1, 0] = replace(log.tiles[1, 0], root=bytes(32))
    with pytest.raises(Unverified) as caught:
        audit_tree(log.entries, log.leaf_hashes, log.tiles.values(), log.checkpoint)
    assert (caught.value.fields["level"], caught.value.fields["index"]) == (1, 0)


@pytest.mark.parametrize("place", [(0, 0), (0, 2)])
def test_a_changed_missing_or_additional_tile_is_named(place: tuple[int, int]) -> None:
    tile = LOG.tiles[place]
    others = [one for one in LOG.tiles.values() if one != tile]
    wrong_hashes = replace(tile, hashes=tile.hashes[:-1] + b"\x00")
    for tiles in (
        others, [*others, replace(tile, root=bytes(32))], [*others, wrong_hashes],
        [*others, tile, wrong_hashes], [*others, replace(tile, level=5)],
    ):
        error = refused(tiles=tiles)
        assert (error.fields["level"], error.fields["index"]) in (place, (5, tile.index))
    more = [*LOG.tiles.values(), FullTile(0, 3, bytes(32), bytes(8_192))]
    assert refused(tiles=more).fields["index"] == 3


def test_another_checkpoint_is_refused() -> None:
    for checkpoint in (
        Checkpoint(ORIGIN, SIZE, bytes(32)), Checkpoint(ORIGIN, SIZE - 1, LOG.state.root),
        MemoryLog(LOG.entries[:-1]).checkpoint,
    ):
        assert refused(checkpoint=checkpoint).code == "log.audit-root"
