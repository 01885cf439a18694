"""Tiles: how a log is read and exported (C2SP tlog-tiles).

A tile is 256 hashes side by side. Hash *i* of tile *n* at level *l* is the root
over entries `[(256n + i) * 256**l, (256n + i + 1) * 256**l)`, so the hashes of
level *l* are the roots of the full tiles of level *l* - 1. Only full tiles are
stored; a partial one is derived from the rows below it, for any size the log
ever had.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cordiale.errors import Malformed, OutOfOrder, Unavailable
from cordiale.limits import LOG_ENTRY_SIZE_BYTES_MAX, LOG_SIZE_ENTRIES_MAX
from cordiale.records.log.tree import HASH_SIZE_BYTES, HashReader, root_of_complete

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
TILE_SIZE_BYTES: Final = TILE_WIDTH * HASH_SIZE_BYTES
_LEVEL_MAX: Final = 63
_LENGTH_SIZE_BYTES: Final = 2

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of a tile, or of an entry bundle when `level` is None.

    `width` counts its hashes or entries; 256 is a full tile. Raises `Malformed`
    when there can be no such tile.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        """Refuse a place outside every log."""
        level_ok = self.level is None or 0 <= self.level <= _LEVEL_MAX
        index_ok = 0 <= self.index <= LOG_SIZE_ENTRIES_MAX // TILE_WIDTH
        if not (level_ok and index_ok and 1 <= self.width <= TILE_WIDTH):
            raise Malformed("log.tile-malformed", "there is no such part of a log", hint="check the address")

    @property
    def path(self) -> str:
        """Where the tile is found below the log's prefix."""
        groups = f"{self.index:03d}"
        groups = groups.zfill(-(-len(groups) // 3) * 3)
        cut = [groups[at : at + 3] for at in range(0, len(groups), 3)]
        number = "/".join([*(f"x{group}" for group in cut[:-1]), cut[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{number}{partial}"

    @property
    def start(self) -> int:
        """The number of its first row: an entry, or a tile of the level below."""
        return self.index * TILE_WIDTH

    @property
    def end(self) -> int:
        """The number behind its last row."""
        return self.start + self.width


def parse_tile_path(path: str) -> Tile:
    """Read a tile's path. Raises `Malformed` for any spelling but the one of `Tile.path`."""
    found = _PATH.fullmatch(path)
    if found is not None:
        level, width = found["level"], found["width"]
        tile = Tile(
            None if level == "entries" else int(level),
            int(found["index"].replace("x", "").replace("/", "")),
            int(width) if width else TILE_WIDTH,
        )
        if tile.path == path:
            return tile
    raise Malformed("log.tile-path", "this is not the address of a part of a log", hint="check the address")


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile and entry bundle that a reader of the log at `size` entries may ask for.

    Bundles first, then tiles by rising level, each in order, a partial one last.
    """
    yield from _tiles_of_level(None, size)
    level = 0
    while size >> (TILE_HEIGHT * level):
        yield from _tiles_of_level(level, size >> (TILE_HEIGHT * level))
        level += 1


def _tiles_of_level(level: int | None, rows: int) -> Iterator[Tile]:
    full, width = divmod(rows, TILE_WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if width:
        yield Tile(level, full, width)


def require_within(tile: Tile, size: int) -> Tile:
    """Return `tile` when a log of `size` entries has it, at this width or wider.

    Raises `OutOfOrder` otherwise.
    """
    if tile.end > size >> (TILE_HEIGHT * (tile.level or 0)):
        raise OutOfOrder(
            "log.tile-not-covered", "the log has not grown that far",
            hint="read the newest checkpoint first",
        )
    return tile


@dataclass(frozen=True, slots=True)
class LogRows:
    """How the stored rows of a log are read: three callbacks, each for rows `[start, end)` in order.

    `tile_roots(level, start, end)` returns the roots of full tiles of `level`.
    """

    entries: Callable[[int, int], Sequence[bytes]]
    leaf_hashes: Callable[[int, int], Sequence[bytes]]
    tile_roots: Callable[[int, int, int], Sequence[bytes]]

    def hashes(self, level: int, start: int, end: int) -> tuple[bytes, ...]:
        """Return hashes `[start, end)` of the tiles at `level`. Raises `Unavailable` when any is missing."""
        rows = self.leaf_hashes(start, end) if level == 0 else self.tile_roots(level - 1, start, end)
        return _require_rows(rows, end - start)


def _require_rows(rows: Sequence[bytes], count: int) -> tuple[bytes, ...]:
    if len(rows) != count:
        raise Unavailable(
            "log.rows-missing", "the stored log lacks {count} of its rows",
            hint="stop the node, run the audit of the log and restore it from a backup or the partner's copy",
            count=abs(count - len(rows)),
        )
    return tuple(rows)


def read_tile(tile: Tile, rows: LogRows) -> bytes:
    """Derive the bytes of `tile`, full or partial, from the rows below it.

    The caller has asked `require_within`. Raises `Unavailable` when rows are missing.
    """
    if tile.level is None:
        return encode_bundle(_require_rows(rows.entries(tile.start, tile.end), tile.width))
    return b"".join(rows.hashes(tile.level, tile.start, tile.end))


def parse_tile(raw: bytes, width: int) -> tuple[bytes, ...]:
    """Cut a tile of `width` hashes. Raises `Malformed` when it has another length."""
    if len(raw) != width * HASH_SIZE_BYTES:
        raise Malformed(
            "log.tile-length", "a tile of the log has {length} bytes instead of {expected}",
            hint="ask for it again", length=len(raw), expected=width * HASH_SIZE_BYTES,
        )
    return tuple(raw[at : at + HASH_SIZE_BYTES] for at in range(0, len(raw), HASH_SIZE_BYTES))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length in two bytes.

    Raises `Malformed` for an entry above 65,535 bytes.
    """
    return b"".join(
        len(require_entry_size(entry)).to_bytes(_LENGTH_SIZE_BYTES, "big") + entry for entry in entries
    )


def parse_bundle(raw: bytes, width: int) -> tuple[bytes, ...]:
    """Cut an entry bundle into exactly `width` entries. Raises `Malformed` otherwise."""
    entries: list[bytes] = []
    at = 0
    while at < len(raw) and len(entries) < width:
        start = at + _LENGTH_SIZE_BYTES
        at = start + int.from_bytes(raw[at:start], "big")
        entries.append(raw[start:at])
    if len(entries) != width or at != len(raw):
        raise Malformed(
            "log.bundle-malformed", "a bundle of log entries is cut short or holds more than {width} entries",
            hint="ask for it again", width=width,
        )
    return tuple(entries)


def require_entry_size(entry: bytes) -> bytes:
    """Return `entry` when a bundle can hold it. Raises `Malformed` beyond 65,535 bytes."""
    if len(entry) > LOG_ENTRY_SIZE_BYTES_MAX:
        raise Malformed(
            "log.entry-too-large", "a log entry has {size} bytes and at most {size_max} fit",
            hint="record a digest of the content and not the content",
            size=len(entry), size_max=LOG_ENTRY_SIZE_BYTES_MAX,
        )
    return entry


def tile_hash_reader(size: int, read: Callable[[Tile], bytes]) -> HashReader:
    """Return a `HashReader` for the tree of `size` entries over tiles, each read once.

    `read` returns the bytes of a tile at the width it has in that tree; a
    longer tile, grown since, is taken too. The reader raises `OutOfOrder` for a
    subtree that is not complete in the tree, and `Malformed` for a short tile.
    """
    known: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def hashes_of(level: int, index: int) -> tuple[bytes, ...]:
        if (level, index) not in known:
            width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
            raw = read(Tile(level, index, width))
            grown = len(raw) // HASH_SIZE_BYTES if len(raw) > width * HASH_SIZE_BYTES else width
            known[level, index] = parse_tile(raw, min(grown, TILE_WIDTH))[:width]
        return known[level, index]

    def hash_at(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or (index + 1) << level > size:
            raise OutOfOrder(
                "log.subtree-not-covered", "the log has not grown that far",
                hint="read the newest checkpoint first",
            )
        tile_level, inside = divmod(level, TILE_HEIGHT)
        first = index << inside
        hashes = hashes_of(tile_level, first // TILE_WIDTH)
        return root_of_complete(hashes[first % TILE_WIDTH : first % TILE_WIDTH + (1 << inside)])

    return hash_at
