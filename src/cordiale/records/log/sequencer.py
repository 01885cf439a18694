"""Appending, the pure part: entries in, hashes and finished tiles out.

The store calls this inside its own transaction and keeps the returned state
only when that transaction committed; to roll back is to keep the old one. A
state never names a tile that is not full: its *edges* are the rows, level by
level, that wait for theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import LOG_SIZE_ENTRIES_MAX
from cordiale.records.log.tiles import TILE_HEIGHT, TILE_WIDTH, LogRows, require_entry_size
from cordiale.records.log.tree import (
    HASH_SIZE_BYTES,
    Frontier,
    hash_leaf,
    push_leaf,
    root_of_complete,
)

_LEVELS: Final = 8
"""Enough for 2**63 entries, at eight bits a level."""

Edges = tuple[tuple[bytes, ...], ...]


def _edge_widths(size: int) -> tuple[int, ...]:
    return tuple((size >> (TILE_HEIGHT * level)) % TILE_WIDTH for level in range(_LEVELS))


@dataclass(frozen=True, slots=True)
class FullTile:
    """A tile that has just become full, to be stored once and never changed."""

    level: int
    index: int
    root: bytes
    hashes: bytes


@dataclass(frozen=True, slots=True)
class LogState:
    """Where a log stands: its frontier and, by tile level, the rows of its unfinished tiles."""

    frontier: Frontier = field(default_factory=Frontier)
    edges: Edges = ((),) * _LEVELS

    def __post_init__(self) -> None:
        """Refuse edges that do not fit the size: a tile would close too early or never."""
        if tuple(len(edge) for edge in self.edges) != _edge_widths(self.size):
            raise Malformed(
                "log.edges-malformed", "the unfinished rows of the log do not fit its {size} entries",
                hint="stop the node and run the audit of the log", size=self.size,
            )

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.frontier.size

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return self.frontier.root


@dataclass(frozen=True, slots=True)
class Appended:
    """What one append makes: the next state and the rows to store with it."""

    state: LogState
    indexes: range
    leaf_hashes: tuple[bytes, ...]
    tiles: tuple[FullTile, ...]


def append_entries(state: LogState, entries: Sequence[bytes]) -> Appended:
    """Append `entries` in order and return the next state with all rows to store.

    `state` itself stays as it was. Raises `Malformed` for an empty entry, one
    above 65,535 bytes, or a log that would grow beyond 2**63 - 1 entries;
    nothing has been appended then.
    """
    for entry in entries:
        if not require_entry_size(entry):
            raise Malformed("log.entry-empty", "an empty entry cannot be recorded in the log",
                            hint="report this as a defect of the software")
    if state.size + len(entries) > LOG_SIZE_ENTRIES_MAX:
        raise Malformed("log.full", "the log is full", hint="begin a new log")
    leaf_hashes = tuple(hash_leaf(entry) for entry in entries)
    following, tiles = append_leaf_hashes(state, leaf_hashes)
    return Appended(following, range(state.size, following.size), leaf_hashes, tiles)


def append_leaf_hashes(
    state: LogState, leaf_hashes: Iterable[bytes]
) -> tuple[LogState, tuple[FullTile, ...]]:
    """Append leaf hashes and return the next state and the tiles that became full, in that order."""
    stack = list(state.frontier.hashes)
    edges = [list(edge) for edge in state.edges]
    size = state.size
    tiles: list[FullTile] = []
    for leaf_hash in leaf_hashes:
        # Every eighth node on the way up is the root of a tile, and a row of the tile above.
        for level, row in enumerate(push_leaf(stack, size, leaf_hash)[::TILE_HEIGHT]):
            if level:
                tiles.append(_close_tile(edges[level - 1], level - 1, size, row))
            edges[level].append(row)
        size += 1
    frontier = Frontier(size, tuple(stack))
    return LogState(frontier, tuple(tuple(edge) for edge in edges)), tuple(tiles)


def _close_tile(edge: list[bytes], level: int, last: int, root: bytes) -> FullTile:
    """Empty `edge` into the tile at `level` that the entry numbered `last` completed."""
    tile = FullTile(level, last >> (TILE_HEIGHT * (level + 1)), root, b"".join(edge))
    edge.clear()
    return tile


def restore_state(
    size: int,
    read_leaf_hashes: Callable[[int, int], Sequence[bytes]],
    read_tile_roots: Callable[[int, int, int], Sequence[bytes]],
) -> LogState:
    """Rebuild the state of a log of `size` entries from its store, for the start of a node.

    `read_leaf_hashes(start, end)` returns leaf hashes and `read_tile_roots(level,
    start, end)` the roots of full tiles; fewer than 256 rows a level are asked
    for. Raises `Unavailable` when rows are missing and `Malformed` when they are
    not hashes. Compare `state.frontier` with the stored one and `state.root`
    with the newest own checkpoint before appending.
    """
    rows = LogRows(lambda start, end: (), read_leaf_hashes, read_tile_roots)
    edges: list[tuple[bytes, ...]] = []
    for level, width in enumerate(_edge_widths(size)):
        count = size >> (TILE_HEIGHT * level)
        edges.append(rows.hashes(level, count - width, count) if width else ())
    if any(len(row) != HASH_SIZE_BYTES for edge in edges for row in edge):
        raise Malformed("log.row-malformed", "a stored row of the log is not a hash",
                        hint="stop the node and restore the log from a backup or the partner's copy")
    hashes = [root for edge in reversed(edges) for root in _complete_roots(edge)]
    return LogState(Frontier(size, tuple(hashes)), tuple(edges))


def _complete_roots(edge: Sequence[bytes]) -> list[bytes]:
    """Join the rows of an unfinished tile into its complete subtrees, largest first."""
    roots: list[bytes] = []
    start = 0
    for height in reversed(range(TILE_HEIGHT)):
        if len(edge) & (1 << height):
            roots.append(root_of_complete(edge[start : start + (1 << height)]))
            start += 1 << height
    return roots
