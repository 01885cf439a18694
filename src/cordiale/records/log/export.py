"""A log as a directory of files that any C2SP tlog-tiles tool can read and check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cordiale.records.log.checkpoint import parse_checkpoint
from cordiale.records.log.note import parse_note
from cordiale.records.log.tiles import LogRows, read_tile, tiles_of

CHECKPOINT_PATH: Final = "checkpoint"


def export_log(note: bytes, rows: LogRows) -> Iterator[tuple[str, bytes]]:
    """Yield `(relative path, bytes)` of every file of the log at the size of the checkpoint `note`.

    The caller has verified `note` and writes the files, durably and in order:
    the checkpoint comes last, so that an export that was cut short has none and
    is read by nobody. Raises `Unavailable` when stored rows are missing.
    """
    checkpoint = parse_checkpoint(parse_note(note).unverified_text)
    for tile in tiles_of(checkpoint.size):
        yield tile.path, read_tile(tile, rows)
    yield CHECKPOINT_PATH, note
