"""Backup of a node while it serves, and restoring it into an empty home.

The books are copied first, as they are at one moment, and the sealed envelopes
after them, so that every envelope the copied books name is there. The list is
written last: a backup that was cut short has none and is not restored.

A backup holds no anchor of the books: it would only say again where they end. So
a restored node takes no act until an operator has confirmed its books. It may
still be behind what its partners have seen of it; it finds that out at the first
exchange, stops, and says so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cordiale.adapters.durable import write_durably
from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.canonical import Fields, encode_canonical, parse_canonical
from cordiale.config import CONFIG_NAME, Config, parse_config
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unavailable, Unverified
from cordiale.node import Node, lock_home
from cordiale.records.batches import Position, position_of
from cordiale.records.equipment import begin_backup, end_backup

LIST_NAME: Final = "backup.json"
_BOOKS: Final = "books.db"
_OBJECTS: Final = "objects"
_VAULT: Final = "vault.json"
_LIST_SIZE_BYTES_MAX: Final = 1024**2
_VERSION: Final = 1

Progress = Callable[[int, int], None]


def back_up(node: Node, target: Path, medium: str = "") -> dict[str, Any]:
    """Copy everything of `node` into the new folder `target` on `medium`, and return what was copied.

    The list of backups has it, and the medium takes the highest level of the books; of a node whose books are in
    doubt a backup is made and stands in no list. Raises `OutOfOrder` when the folder is not empty or the medium is
    not registered, and `Unavailable` for the disk; a list is written only over
    a whole backup.
    """
    registry = node.registry
    # What lies on the medium is classified from the first byte, and a backup that breaks off lies there as well.
    listed_as = begin_backup(registry, medium) if registry.ledger.stopped is None else ""
    _make_empty(target)
    logs = {log: registry.reads().log_size(log) for log in registry.reads().logs()}
    registry.store.backup_to(str(target / _BOOKS))
    copied = _copy_objects(node, FolderObjects(target / _OBJECTS))
    for name, source in ((_VAULT, node.config.vault_file), (CONFIG_NAME, node.config.home / CONFIG_NAME)):
        write_durably(target / name, _read(source), exclusive=True)
    listed: dict[str, Any] = {
        "envelopes": copied, "logs": logs, "made_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "node": registry.node, "party": registry.party, "v": _VERSION,
    }
    write_durably(target / LIST_NAME, encode_canonical(listed), exclusive=True)
    if listed_as:
        end_backup(registry, listed_as, copied)
    return {**listed, "medium": medium, "path": str(target)}


def _copy_objects(node: Node, target: FolderObjects) -> int:
    count = 0
    for name in node.registry.objects.names():
        if node.registry.objects.size(name) is None:
            continue
        writer = target.create(name)
        try:
            with node.registry.objects.open(name) as source:
                shutil.copyfileobj(source, writer.file)
            writer.commit()
        except CordialeError:
            writer.abandon()
            raise
        count += 1
    return count


def restore(source: Path, home: Path) -> dict[str, Any]:
    """Make the home of a node from the backup in the folder `source`; an existing home is never touched.

    Raises `Malformed` when there is no whole backup, `Unverified` when its books are damaged, `OutOfOrder` when
    `home` is not empty, and `Unavailable` for the disk. Whatever fails leaves no home behind.
    """
    listed = _read_list(source)
    config = parse_config(_read(source / CONFIG_NAME), home)
    _make_empty(home)
    try:
        with lock_home(home):
            position = _restore_into(config, source)
    except CordialeError:
        shutil.rmtree(home, ignore_errors=True)
        raise
    return {**listed, "commit": position.number, "home": str(home)}


def _restore_into(config: Config, source: Path) -> Position:
    books = config.place(config.books, "sqlite")
    try:
        shutil.copyfile(source / _BOOKS, books)
        books.chmod(0o600)
    except OSError as error:
        raise _unavailable(error) from error
    position = _require_sound(books)
    target = FolderObjects(config.place(config.objects, "folder"))
    kept = FolderObjects(source / _OBJECTS)
    for name in kept.names():
        writer = target.create(name)
        try:
            with kept.open(name) as content:
                shutil.copyfileobj(content, writer.file)
            writer.commit()
        except CordialeError:
            writer.abandon()
            raise
    write_durably(config.vault_file, _read(source / _VAULT), exclusive=True)
    write_durably(config.home / CONFIG_NAME, _read(source / CONFIG_NAME), exclusive=True)
    return position


def _require_sound(books: Path) -> Position:
    """Open the restored books once and return where they end: the store refuses what a newer version wrote."""
    store = SqliteStore(str(books))
    try:
        if not store.reads().logs():
            raise Unverified(
                "backup.empty", "the books in this backup are empty", hint="use another backup"
            )
        return position_of(store.reads())
    finally:
        store.close()


def _read_list(source: Path) -> dict[str, Any]:
    try:
        content = (source / LIST_NAME).read_bytes()
    except OSError as error:
        raise Malformed(
            "backup.not-whole", "there is no whole backup in `{folder}`", folder=source.name,
            hint="name the folder that `cordiale backup` made; one that was cut short cannot be restored",
        ) from error
    value = parse_canonical(content, size_max=_LIST_SIZE_BYTES_MAX)
    fields = Fields(value, where="list of the backup")
    fields.constant("v", _VERSION)
    return {
        "made_at": fields.text("made_at"), "node": fields.text("node"), "party": fields.text("party"),
        "logs": fields.value("logs"), "envelopes": fields.integer("envelopes", 0, 2**53 - 1),
    }


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise _unavailable(error) from error
    if not is_empty:
        raise OutOfOrder(
            "home.not-empty", "the folder `{home}` is not empty", hint="choose an empty folder", home=str(folder)
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unavailable(error) from error


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "backup.unavailable", "the backup could not be written or read: {detail}",
        hint="look at free space, the disk and your rights to the folder", detail=os.strerror(error.errno or 0),
    )
