"""An export holds all that a foreign reader needs, under the specified names, the checkpoint last."""

from __future__ import annotations

import pytest
from tests.records.log.example import LOG, MemoryLog, entry_of

from cordiale.errors import Unavailable
from cordiale.records.log.export import CHECKPOINT_PATH, export_log
from cordiale.records.log.tiles import LogRows, parse_bundle, parse_tile_path, tile_hash_reader
from cordiale.records.log.tree import hash_leaf, root_of_range

SIZE = 600
MEMORY = MemoryLog([entry_of(number) for number in range(SIZE)])


def test_an_export_has_the_specified_files_with_the_checkpoint_last() -> None:
    note = MEMORY.note()
    paths = [path for path, _ in export_log(note, MEMORY.rows)]
    assert paths == [
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
        "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "checkpoint",
    ]


def test_the_root_follows_from_the_exported_files_alone() -> None:
    files = dict(export_log(MEMORY.note(), MEMORY.rows))
    checkpoint = LOG.verifier.verify(files.pop(CHECKPOINT_PATH))
    read = tile_hash_reader(checkpoint.size, lambda tile: files[tile.path])
    assert root_of_range(0, checkpoint.size, read) == checkpoint.root
    places = [parse_tile_path(path) for path in files if "entries" in path]
    entries = [entry for tile in places for entry in parse_bundle(files[tile.path], tile.width)]
    assert [hash_leaf(entry) for entry in entries] == MEMORY.leaf_hashes


def test_an_earlier_checkpoint_exports_the_log_as_it_was() -> None:
    earlier = MemoryLog(MEMORY.entries[:300])
    assert list(export_log(earlier.note(), MEMORY.rows))[:-1] == list(export_log(earlier.note(), earlier.rows))[:-1]


def test_an_empty_log_exports_its_checkpoint_alone() -> None:
    note = MemoryLog().note()
    assert list(export_log(note, MemoryLog().rows)) == [("checkpoint", note)]


def test_missing_rows_end_the_export_before_the_checkpoint() -> None:
    short = LogRows(lambda start, end: MEMORY.entries[start : min(end, 500)], MEMORY.rows.leaf_hashes, MEMORY.roots)
    written: list[str] = []
    with pytest.raises(Unavailable):
        for path, _ in export_log(MEMORY.note(), short):
            written.append(path)
    assert CHECKPOINT_PATH not in written
