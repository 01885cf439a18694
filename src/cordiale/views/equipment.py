"""Devices, media and backups as the keepers of the register see them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cordiale.records.equipment import BACKUP, DEVICE, MEDIUM
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_SOURCES: Final = (
    Source("devices", DEVICE), Source("media", MEDIUM), Source("backups", BACKUP, by="begun_at", newest_first=True),
)
_NAMES: Final = {"backups": "backup", "devices": "device", "media": "medium"}


class _Of(StrEnum):
    """Which of them are asked for."""

    DEVICES = "devices"
    MEDIA = "media"


def list_equipment(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the devices and media with the highest level each has had, and the backups, the newest of these first.

    A part at a time: at most `count` after `after`, the `next` of the part before; or `only` one; and `of` devices
    alone, or of media and backups.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part, of = read_part(fields), fields.optional_choice("of", _Of)
    fields.end()
    require_office(person, KEEPERS, "devices and media")
    sources = _SOURCES if of is None else _SOURCES[:1] if of is _Of.DEVICES else _SOURCES[1:]
    return list_part((books, person), sources, part, lambda table, one: {_NAMES[table]: one.id, **one.body})
