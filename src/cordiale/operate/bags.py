"""Bags as an operator packs and unpacks them, in folders of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cordiale.adapters.medium import FolderMedium
from cordiale.records.registry import Registry
from cordiale.work.bag import pack, unpack


def pack_bag(registry: Registry, party: str, folder: Path) -> dict[str, Any]:
    """Pack all that waits for `party` into the new or empty `folder`."""
    return pack(registry, party, FolderMedium(folder), registry.fresh_id("pack"))


def unpack_bag(registry: Registry, folder: Path) -> dict[str, Any]:
    """Take everything in `folder`; doing it twice is doing it once."""
    result = unpack(registry, FolderMedium(folder))
    return {
        "bag": result.bag, "before": result.before,
        "problems": [{"path": path, "what": what} for path, what in result.problems], "taken": result.taken,
    }
