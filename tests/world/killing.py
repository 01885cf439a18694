"""Acts that are killed: on copies of a node, one act dies at one write after the other, and is then done again.

A copy is a node of its own, in memory. What dies is everything from that write on: whatever the program would still
have written is not written. Then the node starts again, looks at its books, and the same signed act comes once more.
It must end as if nothing had happened, with one entry, and with the answer that was given if one was.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.world.comparing import list_own_faults
from tests.world.outside import FakeClock, MemoryObjects, WatchedStore
from tests.world.summing import summary
from tests.world.world import Player, copy_of

from cordiale.doors.control.acts import ACTS
from cordiale.records.answer import Answer
from cordiale.records.registry import identify
from cordiale.records.sweeping import sweep_envelopes

Do = Callable[[Player], Answer]
_SEED = 4_242


class Killed(BaseException):
    """The process is gone; nothing of the program catches it."""


@dataclass
class Reaper:
    """A touch that lets the process die before its write number `at`, and before each after it."""

    at: int = -1
    writes: list[str] = field(default_factory=list)
    is_dead: bool = False

    def __call__(self, write: str) -> None:
        if self.is_dead or len(self.writes) == self.at:
            self.is_dead = True
            raise Killed(write)
        self.writes.append(write)


class MortalObjects(MemoryObjects):
    """Envelopes in memory, each change of which is announced to `touch` before and after."""

    touch: Callable[[str], None]

    def create(self, name: str) -> Any:
        made, touch = super().create(name), self.touch
        commit = made.commit

        def announced() -> None:
            touch("objects.commit")
            commit()
            touch("objects.committed")

        made.commit = announced  # type: ignore[method-assign]
        return made

    def remove(self, name: str) -> None:
        self.touch("objects.remove")
        super().remove(name)
        self.touch("objects.removed")


def doing(player: Player, person: str, kind: str, params: Mapping[str, Any], **more: Any) -> Do:
    """Return the act as its person signs it once; it can be done at any copy of the node, and again."""
    content = more.pop("content", None)
    if content is not None:
        deposit = player.sign_deposit(person, params, content, kind=kind, **more)
        return lambda one: deposit.send(one.registry)
    signed = player.request(person, kind, params, **more)
    return lambda one: ACTS[kind](one.registry, identify(one.registry, signed))


def kill(player: Player, do: Do, *, everywhere: bool) -> list[str]:
    """Let `do` die on copies of `player`, which stays as it is; return the writes it was killed before.

    `everywhere` is before each write and each envelope; else once within a transaction, and around each commit and each
    envelope, which is where what is left behind differs.
    """
    before, (after, writes, answer, known) = summary(player), _undisturbed(player, do, everywhere=everywhere)
    killed = []
    for at in _points(writes, everywhere=everywhere):
        twin = _killed_at(player, do, at)
        found = summary(twin)
        again = do(twin)
        assert summary(twin) == after, f"killed before {writes[at]} ({at}), and done again"
        kept = found != after or again.value == answer.value or "commit" not in writes[:at]
        assert kept, f"another answer than was given, killed before {writes[at]} ({at})"
        assert do(twin).value == again.value and summary(twin) == after, "a second time"
        if writes.count("commit") == 1:
            assert found in (before, after), f"half of it, killed before {writes[at]} ({at})"
        if everywhere:
            faults = [one for one in list_own_faults(twin, arriving=True) if one not in known]
            assert not faults, f"killed before {writes[at]} ({at}): {faults}"
        killed.append(writes[at])
    return killed


def _copy(player: Player, reaper: Reaper) -> Player:
    clock = FakeClock(player.clock.at)
    clock.ticks = player.clock.ticks
    twin = player.copied(clock, _SEED)
    objects = MortalObjects(clock, dict(twin.objects.contents))
    objects.touch = reaper
    store = WatchedStore(twin.registry.store, reaper)  # type: ignore[arg-type]
    twin.reopen(store=store, objects=objects, seed=_SEED)  # type: ignore[arg-type]
    reaper.writes.clear()
    return twin


def _undisturbed(player: Player, do: Do, *, everywhere: bool) -> tuple[Any, list[str], Answer, list[str]]:
    """Return what comes of `do` where nothing dies; of its faults the envelope that a test took away to see it missed."""
    reaper = Reaper()
    twin = _copy(player, reaper)
    answer = do(twin)
    writes = list(reaper.writes)
    faults = list_own_faults(twin, arriving=True) if everywhere else []
    return summary(twin), writes, answer, [one for one in faults if one.startswith("audit audit.envelope-missing ")]


def _killed_at(player: Player, do: Do, at: int) -> Player:
    """Return the node that died before the write number `at`, started again."""
    reaper = Reaper()
    twin = _copy(player, reaper)
    reaper.at = at
    with contextlib.suppress(Killed):
        do(twin)
    assert reaper.is_dead, "the act was over before it could be killed"
    objects = MemoryObjects(twin.clock, twin.objects.contents)
    objects.parts = twin.objects.parts
    twin.reopen(store=copy_of(twin.registry.store), objects=objects, seed=_SEED + 1)
    assert twin.registry.ledger.stopped is None
    sweep_envelopes(twin.registry)
    return twin


def _points(writes: list[str], *, everywhere: bool) -> Iterator[int]:
    if everywhere:
        yield from range(len(writes))
        return
    first = writes.index("commit") if "commit" in writes else len(writes)
    within = [place for place in range(first) if not writes[place].startswith("objects.")]
    yield from within[len(within) // 2 :][:1]
    yield from (place for place, write in enumerate(writes) if write.startswith(("commit", "objects.")))
