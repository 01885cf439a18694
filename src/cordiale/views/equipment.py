"""Devices, media and backups as the keepers of the register see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.records.equipment import BACKUP, DEVICE, MEDIUM
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer


def list_equipment(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every device and medium with the highest level it has had, and the list of backups."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, KEEPERS, "devices and media")
    return {
        "backups": [{"backup": one.id, **one.body} for one in books.every(BACKUP)],
        "devices": [{"device": one.id, **one.body} for one in books.every(DEVICE)],
        "media": [{"medium": one.id, **one.body} for one in books.every(MEDIUM)],
    }
