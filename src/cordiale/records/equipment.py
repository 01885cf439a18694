"""Devices set aside, media with the highest level they ever held, and the list of backups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.model.label import LevelRef
from cordiale.records.items import ITEM, marking_of
from cordiale.records.labels import label_of
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.devices import Device, highest
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes

DEVICE: Final = "device"
MEDIUM: Final = "medium"
BACKUP: Final = "backup"
_PAGE: Final = 1_000


def device_of(books: Books, id: str) -> Device | None:
    """Return the device named `id`, None where there is none of that name."""
    record = books.get(DEVICE, id) if id else None
    return Device(id, parse_level_ref(record["level"]), record["state"] == "in-use") if record is not None else None


def note_on_device(session: ActSession, id: str, level: LevelRef) -> None:
    """Note that something of `level` was made on a device: what stays in it is protected at the highest there was."""
    if id:
        record = session.require(DEVICE, id)
        session.change(record, held=_raised(record.body.get("held", ()), (level,)))


def require_medium(books: Books, id: str) -> Record:
    """Return a medium in use; raises `OutOfOrder` for one that is not registered, or has been destroyed."""
    record = books.get(MEDIUM, id)
    if record is None or record["state"] != "in-use":
        raise OutOfOrder(
            "medium.unknown", "there is no medium `{medium}` in use here",
            hint="register it first with `cordiale medium register`", medium=id[:80],
        )
    return record


def note_on_medium(session: ActSession, id: str, levels: Iterable[LevelRef]) -> Record:
    """Note that a medium holds something of `levels`; its own are raised where they are lower, and never lowered."""
    record = require_medium(session, id)
    return session.change(record, held=_raised(record.body.get("held", ()), levels))


def _raised(before: Iterable[str], levels: Iterable[LevelRef]) -> list[str]:
    known = (parse_level_ref(one) for one in before)
    return [str(one) for one in highest((*known, *levels), load_schemes().values())]


def list_levels(registry: Registry) -> tuple[LevelRef, ...]:
    """Return the highest level, in each scheme, of all that this node's books have ever had; it reads all of them."""
    return highest(_every_level(registry), load_schemes().values())


def _every_level(registry: Registry) -> Iterator[LevelRef]:
    reads, after = registry.reads(), ""
    while page := reads.every(ITEM, after=after, limit=_PAGE):
        for item in map(open_record, page):
            label, marking = label_of(item), marking_of(item)
            yield label.level if label.handle_as is None else label.handle_as
            if marking is not None:
                yield marking.level
        after = page[-1].id


def begin_backup(registry: Registry, medium: str) -> str:
    """Enter that a backup begins, and raise the level of its medium before anything lies on it; return its identifier.

    The medium stays raised whether or not the backup comes to its end. Raises `OutOfOrder` for an unknown medium.
    """
    levels = list_levels(registry)
    id = registry.fresh_id("backup")

    def run(session: ActSession) -> dict[str, Any]:
        if medium:
            note_on_medium(session, medium, levels)
        session.put(BACKUP, id, {
            "begun_at": shown_at(session.at), "levels": [str(one) for one in levels], "medium": medium,
            "state": "begun",
        }, expect=0)
        return {}

    registry.ledger.commit(Act(id, "backup", "node", INTERNAL, run, medium))
    return id


def end_backup(registry: Registry, id: str, envelopes: int) -> None:
    """Enter that a backup is whole."""
    def run(session: ActSession) -> dict[str, Any]:
        session.change(session.require(BACKUP, id), envelopes=envelopes, made_at=shown_at(session.at), state="made")
        return {}

    registry.ledger.commit(Act(registry.fresh_id("backup"), "backup.made", "node", INTERNAL, run, id))
