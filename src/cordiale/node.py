"""The only wiring: makes a home, and opens a registry from it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from cordiale.adapters.anchor_file import AnchorFile
from cordiale.adapters.clock import SystemClock, SystemRandom
from cordiale.adapters.durable import write_durably
from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.form_pdf import PdfPrinter
from cordiale.adapters.renderer import ChildRenderer
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.adapters.stamper import PdfStamper
from cordiale.adapters.vault import change_credential, change_vault, create_vault, open_vault
from cordiale.canonical import Json
from cordiale.config import CONFIG_NAME, Config, load_config, write_config
from cordiale.crypto.passphrase import Cost
from cordiale.errors import CordialeError, OutOfOrder, Unavailable
from cordiale.limits import INDEX_AT_ONCE_COUNT
from cordiale.model.person import Person
from cordiale.ports import AnchorPlace, Clock, Objects, Random, Store
from cordiale.records.anchor import Anchor
from cordiale.records.keyring import NodeKeys, log_origin, make_node_keys, make_working_keys, using, with_new_set
from cordiale.records.ledger import Ledger, Seals
from cordiale.records.partners import stated_pair
from cordiale.records.people import enrol_founders
from cordiale.records.registry import Registry
from cordiale.records.sweeping import sweep_envelopes

_INDEX_STEPS_AT_OPENING: Final = 4
"""What is missing from the index of the register is made at once where it is little; the rest while the node serves."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a node keeps what it has: its books, its sealed envelopes, and the anchor of the books outside of them."""

    books: Store
    objects: Objects
    anchor: AnchorPlace


def build_registry(
    config: Config, keys: NodeKeys, places: Places, *, clock: Clock | None = None, random: Random | None = None
) -> Registry:
    """Return the registry that `config` describes, over the given places."""
    clock, random = clock or SystemClock(), random or SystemRandom()
    ledger = Ledger(places.books, clock, random, Seals(
        signer_for=lambda log: keys.signer_of(log_origin(config.mode, config.party, config.node, log)),
        mode=config.mode, anchor=Anchor(places.anchor, keys.anchor, config.mode),
    ))
    ledger.begin_index()
    for _ in range(_INDEX_STEPS_AT_OPENING):
        ledger.continue_index(INDEX_AT_ONCE_COUNT)
    return Registry(
        party=config.party, node=config.node, mode=config.mode, title=config.title, endpoint=config.endpoint,
        keys=keys, store=places.books, ledger=ledger, objects=places.objects, clock=clock, random=random,
        stamper=PdfStamper(), renderer=ChildRenderer(), printer=PdfPrinter(),
    )


@dataclass(slots=True)
class Node:
    """A node that is open: its configuration, its registry, and the lock on its home."""

    config: Config
    registry: Registry
    _lock: BinaryIO = field(repr=False)

    def close(self) -> None:
        """Let the home go."""
        self.registry.store.close()
        self._lock.close()


def lock_home(home: Path) -> BinaryIO:
    """Return the lock of a home, held until it is closed; raises `OutOfOrder` when another process serves it."""
    run = home / "run"
    try:
        run.mkdir(mode=0o700, exist_ok=True)
        lock = (run / "lock").open("ab")
    except OSError as error:
        raise Unavailable(
            "home.unavailable", "the home of the node cannot be used: {detail}", hint="check its disk and rights",
            detail=os.strerror(error.errno or 0),
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise OutOfOrder(
            "home.in-use", "this home is already being served",
            hint="use the commands as they are: they talk to the serving node; or stop it first",
        ) from error
    return lock


def open_node(home: Path, credential: str) -> Node:
    """Open the node in `home` with the credential of its vault.

    Raises `Unverified` for a wrong credential, `OutOfOrder` when the home is in use or of a newer version,
    `Malformed` for its configuration and `Unavailable` for the disk.
    """
    config = load_config(home)
    lock = lock_home(home)
    try:
        unsettled = open_vault(config.vault_file, credential, config.mode)
        store = SqliteStore(str(config.place(config.books, "sqlite")))
        keys = using(unsettled, stated_pair(store.reads(), config.mode))
        objects = FolderObjects(config.place(config.objects, "folder"))
        objects.sweep("arriving-")
        registry = build_registry(config, keys, Places(store, objects, _anchor_of(config)))
        # Books that were cut know less than there is: nothing is removed by their word.
        if registry.ledger.stopped is None:
            sweep_envelopes(registry)
        return Node(config, registry, lock)
    except CordialeError:
        lock.close()
        raise


def renew_keys(home: Path, credential: str, *, clock: Clock | None = None) -> int:
    """Make new working keys in the vault of a node that is not served, and return how many sets it holds now.

    Nothing changes for anybody until a statement that names them is installed and the node is started again.
    Raises as `open_node`, and `OutOfOrder` while keys made before wait for their statement.
    """
    config, clock = load_config(home), clock or SystemClock()
    with lock_home(home):
        store = SqliteStore(str(config.place(config.books, "sqlite")))
        try:
            stated = stated_pair(store.reads(), config.mode)
        finally:
            store.close()
        made = make_working_keys(config.node, clock.now())
        keys = change_vault(
            config.vault_file, credential, config.mode, lambda held: with_new_set(held, made, in_use=stated)
        )
    return len(keys.sets)


def renew_credential(home: Path, credential: str, following: str) -> None:
    """Let the vault of a node that is not served be opened by `following` from now on. Raises as `open_node`."""
    config = load_config(home)
    with lock_home(home):
        change_credential(config.vault_file, credential, following, config.mode)


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new node is founded with: its people, and the public keys of those who have them, by person."""

    config: Config
    people: Sequence[Person]
    keys: Mapping[str, Json]


def create_home(founding: Founding, credential: str, *, cost: Cost | None = None) -> NodeKeys:
    """Make the home of a new node and enter its founders; an existing home is never touched.

    Whatever fails leaves no home behind. Raises `OutOfOrder` when there is one, `Malformed` for the people.
    """
    config = founding.config
    if (config.home / CONFIG_NAME).exists():
        raise OutOfOrder(
            "home.exists", "there is already a node in `{home}`", hint="choose another folder", home=str(config.home)
        )
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(config.home.iterdir()):
        raise OutOfOrder(
            "home.not-empty", "the folder `{home}` is not empty", hint="choose an empty folder", home=str(config.home)
        )
    try:
        with lock_home(config.home):
            clock = SystemClock()
            keys = make_node_keys(config.node, clock.now())
            create_vault(config.vault_file, credential, keys, config.mode, cost)
            store = SqliteStore(str(config.place(config.books, "sqlite")))
            try:
                objects = FolderObjects(config.place(config.objects, "folder"))
                registry = build_registry(config, keys, Places(store, objects, _anchor_of(config)))
                enrol_founders(registry, founding.people, founding.keys, registry.fresh_id("founding"))
            finally:
                store.close()
            write_durably(config.home / CONFIG_NAME, write_config(config).encode(), exclusive=True)
    except CordialeError:
        _clear(config.home)
        raise
    return keys


def _anchor_of(config: Config) -> AnchorFile:
    return AnchorFile(config.place(config.anchor, "file"))


def _clear(home: Path) -> None:
    for path in sorted(home.rglob("*"), reverse=True):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
