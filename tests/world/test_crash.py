"""A node that is killed between any two writes: the act is wholly there or not at all, and repeating it completes it.

The act is done once on real files, which are copied before and after every
write to books and envelopes; inside the one flush, the write-ahead log is cut
at several places besides. Each copy is then opened as a node that starts again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.world.comparing import list_differences, list_own_faults, list_unrest
from tests.world.forging import hand_envelopes, tell, waiting
from tests.world.outside import WatchedObjects, WatchedStore
from tests.world.summing import summary
from tests.world.test_bad_luck import dispatched
from tests.world.test_bad_moments import order_of
from tests.world.test_journey import CONTENT, PURPOSE, cross, grant, label, release
from tests.world.visiting import approved, ask
from tests.world.world import Player, World, copy_of

from cordiale.adapters.anchor_file import AnchorFile
from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.doors.control.acts import ACTS
from cordiale.errors import OutOfOrder
from cordiale.journey.read import open_content
from cordiale.records.registry import identify
from cordiale.records.sweeping import sweep_envelopes

Do = Callable[[Player], Any]
_CUTS = 3


@dataclass
class Scene:
    """`do` is what `victim` does when it is killed; it can be done again on the node that was opened anew."""

    world: World
    victim: Player
    do: Do


def by_person(world: World, victim: Player, person: str, kind: str, params: dict[str, Any]) -> Scene:
    signed = victim.request(person, kind, params, "act.killed")
    return Scene(world, victim, lambda player: ACTS[kind](player.registry, identify(player.registry, signed)))


def labelling(world: World) -> Scene:
    params = {"form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    signed = world.tokyo.sign_deposit("originator", params, CONTENT, act_id="act.killed")
    return Scene(world, world.tokyo, lambda player: signed.send(player.registry))


def dispatching(world: World) -> Scene:
    items = [label(world.tokyo), label(world.tokyo, form="paper"), label(world.tokyo)]
    for item in items:
        release(world.tokyo, item)
    return by_person(world, world.tokyo, "registrar", "dispatch", order_of(items))


def receiving(world: World) -> Scene:
    dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    return Scene(world, world.kyiv, lambda player: tell(world.tokyo, player, row.message))


def refusing(world: World) -> Scene:
    scene = receiving(world)
    name = next(name for name in world.kyiv.objects.contents if name.startswith("in."))
    maimed = world.kyiv.objects.contents.pop(name)[:-1]

    def do(player: Player) -> Any:
        if player.registry.objects.size(name) is None:
            arriving = player.registry.objects.partial(name)
            arriving.append(0, [maimed])
            arriving.finish()
        return scene.do(player)

    return Scene(world, world.kyiv, do)


def registering(world: World) -> Scene:
    _, consignment = dispatched(world)
    world.deliver()
    return by_person(world, world.kyiv, "registrar", "register", {"consignment": consignment, "counted": 1})


def taking_the_receipt(world: World) -> Scene:
    scene = registering(world)
    scene.do(world.kyiv)
    (row,) = waiting(world.kyiv)
    return Scene(world, world.tokyo, lambda player: tell(world.kyiv, player, row.message))


def reading(world: World) -> Scene:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    signed = world.kyiv.request("reader", "read", {"item": item, "purpose": PURPOSE}, "act.killed")

    def read(player: Player) -> None:
        with suppress(OutOfOrder):
            assert b"".join(open_content(player.registry, identify(player.registry, signed)).chunks) == CONTENT

    return Scene(world, world.kyiv, read)


def returning(world: World) -> Scene:
    _, (item,) = cross(world)
    return by_person(world, world.kyiv, "registrar", "return", {"item": item})


def destroying(world: World) -> Scene:
    _, (item,) = cross(world)
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"})
    return by_person(
        world, world.kyiv, "security", "destroy.witness", {"proposal": proposal.value["proposal"]}
    )


def taking_the_certificate(world: World) -> Scene:
    scene = returning(world)
    scene.do(world.kyiv)
    (row,) = waiting(world.kyiv)
    return Scene(world, world.tokyo, lambda player: tell(world.kyiv, player, row.message))


def asking_for_consent(world: World) -> Scene:
    _, (item,) = cross(world)
    return by_person(world, world.kyiv, "registrar", "consent.ask", {
        "act": "pass-on", "item": item, "purpose": PURPOSE, "recipient": "POL",
    })


def withdrawing_a_clearance_before_a_visit(world: World) -> Scene:
    """Register, suspension and the word to the host are one."""
    approved(world)
    return by_person(world, world.kyiv, "security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })


def taking_the_approval_of_a_visit(world: World) -> Scene:
    visit = ask(world)
    world.tokyo.act("authority", "visit.answer", {"approve": [f"{visit}.001"], "number": 0, "visit": visit})
    (row,) = waiting(world.tokyo)
    return Scene(world, world.kyiv, lambda player: tell(world.tokyo, player, row.message))


SCENES = [
    labelling, dispatching, receiving, refusing, registering, taking_the_receipt, reading, returning, destroying,
    taking_the_certificate, asking_for_consent, withdrawing_a_clearance_before_a_visit, taking_the_approval_of_a_visit,
]


class Copier:
    """Copies the home of a node before and after each write, each state of it once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.copies: list[Path] = []
        self.writes: list[str] = []
        self._known: set[bytes] = set()
        self.committed: list[Path] = []

    def __call__(self, write: str) -> None:
        self.writes.append(write)
        state = hashlib.sha256()
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and path.suffix != ".db-shm":
                state.update(str(path).encode() + path.read_bytes())
        if state.digest() not in self._known:
            self._known.add(state.digest())
            self.keep()
            if write == "committed":
                self.committed.append(self.copies[-1])

    def keep(self) -> Path:
        copy = self.home.parent / f"copy-{len(self.copies)}"
        shutil.copytree(self.home, copy, ignore=shutil.ignore_patterns("*-shm"))
        self.copies.append(copy)
        return copy


def open_home(player: Player, home: Path) -> SqliteStore:
    store = SqliteStore(str(home / "books.db"))
    player.reopen(
        store=store, objects=FolderObjects(home / "objects"), anchor=AnchorFile(home / "anchor"), seed=99
    )
    assert player.registry.ledger.stopped is None
    sweep_envelopes(player.registry)
    return store


@pytest.mark.parametrize("make", SCENES, ids=lambda make: make.__name__.replace("_", "-"))
def test_a_node_killed_between_two_writes_has_done_all_of_it_or_nothing(
    make: Callable[[World], Scene], tmp_path: Path
) -> None:
    scene = make(World.in_force(seed=81))
    player, home = scene.victim, tmp_path / "home"
    home.mkdir()
    copier = Copier(home)
    objects = WatchedObjects(home / "objects")
    objects.touch = lambda _: None
    for name, content in player.objects.contents.items():
        writer = objects.create(name)
        writer.file.write(content)
        writer.commit()
    objects.touch = copier
    store = copy_of(player.registry.store, str(home / "books.db"))
    anchor = AnchorFile(home / "anchor")
    anchor.write(player.anchor.content, is_new=True)
    player.reopen(store=WatchedStore(store, copier), objects=objects, anchor=anchor)  # type: ignore[arg-type]
    before = summary(player)
    begun = length_of_wal(home)
    scene.do(player)
    after = summary(player)
    assert before != after and "commit" in copier.writes
    whole = copier.keep()
    store.close()
    for committed in copier.committed:
        cut_copies(copier, committed, begun)
        begun = length_of_wal(committed)
    outcomes = Counter(require_all_or_nothing(player, copy, scene.do, (before, after)) for copy in copier.copies)
    assert outcomes["nothing"] >= 1 and outcomes["all"] >= 1
    open_home(player, whole)
    scene.world.clock.advance(minutes=10)
    if make is not refusing:
        bring_to_rest(scene)


def length_of_wal(home: Path) -> int:
    wal = home / "books.db-wal"
    return wal.stat().st_size if wal.exists() else 0


def cut_copies(copier: Copier, whole: Path, old_length: int) -> None:
    """Add copies in which the flush of one commit, which began at `old_length`, was cut short at several places."""
    length = length_of_wal(whole)
    for part in range(1, _CUTS + 1):
        copy = copier.keep()
        shutil.rmtree(copy)
        shutil.copytree(whole, copy)
        cut = old_length + (length - old_length) * part // (_CUTS + 1)
        with (copy / "books.db-wal").open("rb+") as file:
            file.truncate(cut)


def require_all_or_nothing(player: Player, home: Path, do: Do, summaries: tuple[Any, Any]) -> str:
    """Open the copy, look at it, do the act again, look again; return which of the two it was."""
    before, after = summaries
    store = open_home(player, home)
    found = summary(player)
    assert found in (before, after)
    assert list_own_faults(player, arriving=True) == []
    do(player)
    assert summary(player) == after
    assert list_own_faults(player, arriving=True) == []
    do(player)
    assert summary(player) == after
    store.close()
    return "all" if found == after else "nothing"


def bring_to_rest(scene: Scene) -> None:
    """The node that was killed and its partner go on, and agree."""
    world = scene.world
    for player in world.players:
        if isinstance(player.objects, FolderObjects):
            player.objects.contents = _Contents(player.objects)  # type: ignore[attr-defined]
    world.deliver()
    assert list_unrest(world) == []
    assert list_differences(world) == []


class _Contents:
    """A folder of envelopes as the courier of the world takes and gives them."""

    def __init__(self, objects: FolderObjects) -> None:
        self._objects = objects

    def __getitem__(self, name: str) -> bytes:
        with self._objects.open(name) as file:
            return file.read()

    def setdefault(self, name: str, content: bytes) -> None:
        if self._objects.size(name) is None:
            self._objects.partial(name).append(0, [content])
            self._objects.partial(name).finish()
