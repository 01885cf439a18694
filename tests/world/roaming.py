"""A random life of three nodes: steps drawn by a seed, faults between them, and a memory of what was done.

    life = Roaming.begun(seed=7)
    life.live(steps=300)
    life.come_to_rest()
    assert not life.list_faults()

Each step is a method that picks what it acts on from the books as they are, some of it wrong on purpose: another
person, another place, an hour too late. Before each act the second decider is asked what must come of it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.world.between import list_all_differences
from tests.world.courier import MAIMING, TRICKS, HostileCourier
from tests.world.members import entry
from tests.world.naive import Naive
from tests.world.outside import DiskFull, MemoryMedium, WatchedStore
from tests.world.scanning import find_words
from tests.world.settling import list_forgotten
from tests.world.treaties import PURPOSE, Treaty, member_states, treaty_between
from tests.world.triangle import Triangle
from tests.world.world import Player, copy_of

from cordiale.errors import CordialeError, OutOfOrder, Refused, Unavailable, Undecidable
from cordiale.records.endings import certify_all
from cordiale.records.lapsed import close_lapsed
from cordiale.records.level_copies import work_levels
from cordiale.records.record import Record, open_record
from cordiale.records.releases import binding_of, version_of
from cordiale.records.sweeping import sweep_envelopes
from cordiale.work.accord_time import see_to_accords
from cordiale.work.bag import pack, unpack
from cordiale.work.chaser import chase_due
from cordiale.work.couriers import raise_overdue
from cordiale.work.delays import suspect_delays
from cordiale.work.missing import note_missing

PEOPLE = ("originator", "authority", "registrar", "keeper", "security", "head", "reader", "junior", "unbriefed")
WRITES = ("put_record", "put_outbox", "put_inbox", "put_act", "put_entries", "put_head", "take_number", "commit")
FILLED = "zz."
"""How what fills up a register begins: it is after all else, and nobody acts on it."""
_NUMBERS = re.compile(r"\d+")
_TRIES = 4
_STORY_LENGTH = 600
_TOGETHER = 0.7
_WRONG_PERSON = 0.06
_REPEATED = 0.04


def every(player: Player, kind: str, **members: str) -> list[Record]:
    """Return the records of `kind` with these members, in the order in which they were first written."""
    reads, after, opened = player.registry.reads(), "", list[Record]()
    while page := reads.every(kind, after=after):
        opened += [open_record(one) for one in page if not one.id.startswith(FILLED)]
        if page[-1].id.startswith(FILLED):
            break
        after = page[-1].id
    found = [one for one in opened if all(one.body.get(name) == value for name, value in members.items())]
    return sorted(found, key=lambda one: [int(part) for part in _NUMBERS.findall(one.id)])


@dataclass(frozen=True, slots=True)
class Said:
    """An act that was answered: by whom, under which id, done or refused."""

    player: Player
    id: str
    is_done: bool


@dataclass
class Roaming:
    """Three nodes that live. `said` are all acts that were acknowledged or refused by the rules."""

    world: Triangle
    courier: HostileCourier
    chance: random.Random
    disks: dict[str, DiskFull] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    left_nothing: list[tuple[Player, str]] = field(default_factory=list)
    bags: list[tuple[Player, Player, str, MemoryMedium]] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    followed: dict[frozenset[str], Treaty] = field(default_factory=dict)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    pair: tuple[Player, ...] = ()
    shared: Treaty | None = None
    count: int = 0
    judged: int = 0
    naive: Naive = field(init=False, repr=False)

    @classmethod
    def begun(cls, seed: int, *, maims: bool = False, is_of_three: bool = False) -> Roaming:
        """Return three nodes with their agreements in force, or with one of all three, on disks that can be made to fail."""
        world = entry().world.twin(seed) if is_of_three else Triangle.in_force(seed)
        tricks = dict(TRICKS) | (dict.fromkeys(MAIMING, 1) if maims else {})
        life = cls(world, HostileCourier(world, seed, tricks), random.Random(seed))  # type: ignore[arg-type]
        life.shared = member_states() if is_of_three else None
        life.naive = Naive(life.world)
        world.carry = life.courier  # type: ignore[assignment]
        for player in world.players:
            disk = life.disks[player.party] = DiskFull()
            player.reopen(store=WatchedStore(copy_of(player.registry.store), disk))
        return life

    # -- acts --------------------------------------------------------------------------------------------

    def act(
        self, player: Player, person: str, kind: str, params: Mapping[str, Any], content: bytes | None = None
    ) -> Mapping[str, Any] | None:
        """Do an act, sometimes by somebody else than should; return its answer, None when it was not done."""
        if self.chance.random() < _WRONG_PERSON:
            person = self.chance.choice(PEOPLE)
        self.count += 1
        id = f"act.life.{self.count}"
        self.story.append(f"{self.count} {player.party} {person} {kind} {str(dict(params))[:_STORY_LENGTH]}")
        must = self.naive.judge(player, person, kind, params)
        value = self._try(player, id, lambda: dict(player.act(person, kind, params, content=content, act_id=id).value))
        self._hold(kind, must, value is not None)
        if value is not None:
            self.naive.note(player, person, kind, params, value)
            if content is None and self.chance.random() < _REPEATED:
                self._repeat(player, (person, kind, params, id), value)
        return value

    def _repeat(self, player: Player, asked: tuple[str, str, Mapping[str, Any], str], value: Mapping[str, Any]) -> None:
        """The same act once more is the same act, with the same answer."""
        person, kind, params, id = asked
        with suppress(Unavailable):
            again = player.act(person, kind, params, act_id=id).value
            assert dict(again) == value, f"{kind} was answered in two ways"

    def _try(self, player: Player, id: str, act: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        kind = self.story[-1].split()[3]
        for _ in range(_TRIES):
            try:
                value = act()
            except Unavailable as error:
                self.story.append(f"    unavailable {error.code}")
                continue
            except (Refused, Undecidable) as error:
                self.said.append(Said(player, id, False))
                self._tell(kind, "refused", sorted({one.code for one in error.decision.reasons}))
                return None
            except CordialeError as error:
                self.left_nothing.append((player, id))
                self._tell(kind, "not-possible", error.code)
                return None
            self.said.append(Said(player, id, True))
            self._tell(kind, "done", {})
            return value
        raise AssertionError(f"{id} could not be done although the disk works again")

    def _tell(self, kind: str, outcome: str, why: object) -> None:
        self.outcomes[kind, outcome] += 1
        self.story.append(f"    {outcome} {why or ''}")

    def _hold(self, kind: str, must: bool | None, was_done: bool) -> None:
        """Hold what happened against what the second decider said before."""
        if must is None:
            return
        self.judged += 1
        assert must == was_done, (
            f"{kind}: the second decider says {'done' if must else 'not done'}\n" + "\n".join(self.story[-14:])
        )

    def read(self, player: Player, person: str, item: str, purpose: str = PURPOSE) -> None:
        """Read an item, and hold what happens against the second decider."""
        self.count += 1
        id = f"act.life.{self.count}"
        params = {"item": item, "purpose": purpose}
        self.story.append(f"{self.count} {player.party} {person} read {params}")
        must = self.naive.judge(player, person, "read", params)
        value = self._try(player, id, lambda: {"length": len(player.read(person, item, purpose, act_id=id))})
        self._hold("read", must, value is not None)

    # -- what is picked ----------------------------------------------------------------------------------

    def player(self) -> Player:
        """Return any of the three, one of the two that are at work together by preference."""
        return self.chance.choice(self.pair if self.pair and self.chance.random() < _TOGETHER else self.world.players)

    def other(self, player: Player) -> Player:
        """Return one of the other two, the one that is at work with it by preference."""
        if player in self.pair and self.chance.random() < _TOGETHER:
            return next(one for one in self.pair if one is not player)
        return self.chance.choice([one for one in self.world.players if one is not player])

    def pick(self, player: Player, kind: str, **members: str) -> Record | None:
        """Return one of the records of `kind` with these members, the newer ones more often."""
        found = every(player, kind, **members)
        return found[-1 - min(int(self.chance.expovariate(0.2)), len(found) - 1)] if found else None

    def any_of(self, values: Sequence[Any]) -> Any:
        """Return one of `values`."""
        return self.chance.choice(values)

    def agreement(self, player: Player, other: Player) -> str:
        """Return the agreement between two of the three."""
        return self.treaty(player.party, other.party).id

    def treaty(self, one: str, other: str) -> Treaty:
        """Return the agreement between two of the three; the one that followed, once it is in force at both."""
        return self.followed.get(frozenset({one, other})) or self.shared or treaty_between(one, other)

    def partner(self, party: str) -> Player:
        """Return the player of `party`."""
        return self.world.by_party(party)

    def day(self, days: int = 0) -> str:
        """Return the day `days` from now."""
        return (self.world.clock.at + timedelta(days=days)).date().isoformat()

    def approval(self, player: Player, item: str, recipient: str, purpose: str = PURPOSE) -> dict[str, Any] | None:
        """Return what is signed to release `item` to `recipient`."""
        books, agreement = player.registry.books(), self.treaty(player.party, recipient).id
        record = books.get("item", item)
        if record is None:
            return None
        binding = binding_of(
            record, recipient=recipient, purpose=purpose, agreement=agreement, version=version_of(books, agreement),
            mode=player.registry.mode,
        )
        return {"agreement": agreement, "binding": binding, "item": item, "purpose": purpose, "recipient": recipient}

    # -- between the nodes -------------------------------------------------------------------------------

    def pack_bag(self, player: Player, other: Player, *, again: bool = False) -> None:
        """Pack a bag for a partner, or write the last one again, as when it was lost."""
        packed = [id for one, to, id, _ in self.bags if one is player and to is other]
        self.count += 1
        id = packed[-1] if again and packed else f"pack.life.{self.count}"
        medium = MemoryMedium()
        with suppress(OutOfOrder, Unavailable):
            pack(player.registry, other.party, medium, id)
            self.bags.append((player, other, id, medium))
            self.courier.crossed += medium.files.values()

    def unpack_bag(self, place: int, *, maim: int = -1) -> None:
        """Unpack any bag that was ever packed, at its recipient or elsewhere; `maim` damages one of its files."""
        if not self.bags:
            return
        _, recipient, _, medium = self.bags[place % len(self.bags)]
        carried = MemoryMedium(medium.files)
        if maim >= 0:
            path = sorted(carried.files)[maim % len(carried.files)]
            carried.files[path] = carried.files[path][:-1] + bytes([carried.files[path][-1] ^ 1])
        with suppress(CordialeError):
            unpack(recipient.registry, carried)

    def crash(self, player: Player) -> None:
        """Let a node die and start again."""
        player.reopen()
        sweep_envelopes(player.registry)

    def work(self, player: Player) -> None:
        """Let a node do what it does by itself; a disk that fails in between stops only this round."""
        for one in (
            certify_all, work_levels, chase_due, close_lapsed, see_to_accords, raise_overdue, suspect_delays, note_missing,
        ):
            with suppress(Unavailable):
                one(player.registry)

    # -- the end -----------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Everybody is honest from here on, every disk works, every bag arrives."""
        for disk in self.disks.values():
            disk.count = 0
        self.courier.calm()
        for place in range(8):
            for player in self.world.players:
                self.work(player)
            self.world.deliver(rounds=6)
            if place > 1 and not any(one.registry.reads().outbox_open() for one in self.world.players):
                break
            for player in self.world.players:
                for other in self.world.players:
                    before = len(self.bags)
                    if other is not player:
                        self.pack_bag(player, other)
                    if len(self.bags) > before:
                        unpack(other.registry, self.bags[-1][3])
            self.world.clock.advance(hours=2)

    def list_faults(self) -> list[str]:
        """Return everything that is not as it must be now that all is at rest."""
        return [*list_all_differences(self.world), *self._acts(), *self._leaks(), *list_forgotten(self.world)]

    def _acts(self) -> list[str]:
        """Every act that was answered is there once, as it was answered, and nothing else of that kind is."""
        found = []
        for player in self.world.players:
            reads = player.registry.reads()
            there = Counter(
                act.id for log in reads.logs() for act in reads.acts(log, 0, reads.log_size(log))
                if act.id.startswith("act.life.")
            )
            said = Counter(one.id for one in self.said if one.player is player)
            if there != said:
                found.append(f"{player.party}: acts lost or doubled: {there - said} {said - there}")
            found += [f"{id} left something" for one, id in self.left_nothing if one is player and reads.act(id)]
        return found

    def _leaks(self) -> list[str]:
        """Nothing of what must stay inside is in what has crossed."""
        found = find_words(self.courier.crossed, (secret.encode() for secret in self.secrets))
        return [f"crossed: {secret.decode()}" for secret in found]
