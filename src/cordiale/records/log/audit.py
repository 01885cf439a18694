"""The full audit of a log: every hash, tile and root derived again from the entries.

Works on streams: the memory it needs grows with the number of tiles (some 100
bytes for 256 entries), not with the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice, zip_longest

from cordiale.errors import Unverified
from cordiale.records.log.checkpoint import Checkpoint
from cordiale.records.log.sequencer import FullTile, LogState, append_leaf_hashes
from cordiale.records.log.tiles import TILE_WIDTH
from cordiale.records.log.tree import hash_leaf


def audit_tree(
    entries: Iterable[bytes],
    leaf_hashes: Iterable[bytes],
    tiles: Iterable[FullTile],
    checkpoint: Checkpoint,
) -> None:
    """Compare a stored log with what its entries make of it.

    `entries` and `leaf_hashes` come in order from the first; `tiles` are all
    full tiles in any order; `checkpoint` has been verified by the caller and
    covers exactly these entries. Raises `Unverified` at the first difference,
    naming the entry or tile.
    """
    stored = _digests(tiles)
    state = LogState()
    derived = _derive_leaf_hashes(entries, leaf_hashes)
    while chunk := tuple(islice(derived, TILE_WIDTH)):
        state, closed = append_leaf_hashes(state, chunk)
        for tile in closed:
            if stored.pop((tile.level, tile.index), None) != _digest(tile):
                raise _tile_wrong(tile.level, tile.index)
    for level, index in stored:
        raise _tile_wrong(level, index)
    if (state.size, state.root) != (checkpoint.size, checkpoint.root):
        raise Unverified(
            "log.audit-root", "the {found} entries of the log do not make up its checkpoint of {expected}",
            hint="stop the node, keep its disk as evidence, and compare with the partner's copy",
            found=state.size, expected=checkpoint.size,
        )


def _digest(tile: FullTile) -> bytes:
    return sha256(tile.root + tile.hashes).digest()


def _digests(tiles: Iterable[FullTile]) -> dict[tuple[int, int], bytes]:
    digests: dict[tuple[int, int], bytes] = {}
    for tile in tiles:
        if digests.setdefault((tile.level, tile.index), _digest(tile)) != _digest(tile):
            raise _tile_wrong(tile.level, tile.index)
    return digests


def _derive_leaf_hashes(entries: Iterable[bytes], leaf_hashes: Iterable[bytes]) -> Iterator[bytes]:
    for index, (entry, stored) in enumerate(zip_longest(entries, leaf_hashes)):
        if entry is None or hash_leaf(entry) != stored:
            raise Unverified(
                "log.audit-entry", "entry {index} of the log is missing or was changed after it was recorded",
                hint="stop the node, keep its disk as evidence, and compare with the partner's copy",
                index=index,
            )
        yield stored


def _tile_wrong(level: int, index: int) -> Unverified:
    return Unverified(
        "log.audit-tile", "the stored hashes at level {level}, number {index}, do not follow from the entries",
        hint="stop the node, keep its disk as evidence, and compare with the partner's copy",
        level=level, index=index,
    )
