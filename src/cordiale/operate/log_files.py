"""A log as files for somebody else's tools (C2SP tlog-tiles)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cordiale.adapters.medium import FolderMedium
from cordiale.errors import OutOfOrder
from cordiale.records.log.export import export_log
from cordiale.records.log.tiles import LogRows
from cordiale.records.registry import Registry


def write_log(registry: Registry, log: str, folder: Path) -> dict[str, Any]:
    """Write the log `log` at its newest head into the empty `folder`.

    Raises `OutOfOrder` for an unknown log or a folder that is not empty, and `Unavailable` for the disk.
    """
    reads, medium = registry.reads(), FolderMedium(folder)
    head = reads.head(log)
    if head is None:
        raise OutOfOrder(
            "log.unknown", "there is no log `{log}` here", hint="look at `cordiale audit trail`", log=log[:120]
        )
    if medium.listing():
        raise OutOfOrder("log.folder-not-empty", "the folder is not empty", hint="give an empty folder")
    rows = LogRows(
        entries=lambda start, end: [entry.body for entry in reads.entries(log, start, end)],
        leaf_hashes=lambda start, end: reads.leaf_hashes(log, start, end),
        tile_roots=lambda level, start, end: reads.tile_roots(log, level, start, end),
    )
    files = 0
    for path, content in export_log(head.note, rows):
        medium.write(path, [content])
        files += 1
    return {"files": files, "folder": str(folder), "log": log, "size": head.size}
