"""What a random life needs: two nodes, a hostile courier, failing disks, bags, and a memory of what was done."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.world.comparing import bodies, list_differences, list_unrest
from tests.world.courier import HostileCourier
from tests.world.outside import DiskFull, MemoryMedium, WatchedStore
from tests.world.people import HEADER, PEOPLE
from tests.world.scanning import find_words
from tests.world.world import AGREEMENT, Player, World, copy_of

from cordiale.canonical import encode_base64url
from cordiale.errors import CordialeError, OutOfOrder, Refused, Unavailable, Undecidable
from cordiale.limits import ARRIVED_UNNAMED_DAYS_MAX
from cordiale.records.endings import certify_all
from cordiale.records.items import ITEM, needs_of, view_of
from cordiale.records.people_proposals import PROPOSAL
from cordiale.records.registry import require_person
from cordiale.records.releases import binding_of, version_of
from cordiale.records.sweeping import sweep_envelopes
from cordiale.rules.access import decide_access
from cordiale.work.bag import pack, unpack

PURPOSES = ("high-level dialogue", "mine action forum")
RANKS = {
    "EXERCISE AJISAI": 0, "EXERCISE SAKURA": 1, "EXERCISE FUJI": 2, "EXERCISE MATSU": 1,
    "EXERCISE KALYNA": 0, "EXERCISE BARVINOK": 1, "EXERCISE SONIASHNYK": 2,
}
REGISTRIES = {"UKR": "registry-kyiv", "JPN": "registry-tokyo"}
_TRIES = 4


@functools.cache
def _settled() -> tuple[World, dict[tuple[str, str, str], str | None]]:
    """A world in which two items have crossed to Kyiv and one to Tokyo, each with a reader who needs to know."""
    world = World.in_force()
    needs: dict[tuple[str, str, str], str | None] = {}
    for sender, level, reader in (
        (world.tokyo, "SAKURA", "reader"), (world.tokyo, "AJISAI", "reader"), (world.kyiv, "BARVINOK", "originator"),
    ):
        recipient = world.other(sender)
        scheme = "EX-JPN" if sender is world.tokyo else "EX-UKR"
        answer = sender.act("originator", "label", {
            "form": "file", "level": f"{scheme}:EXERCISE {level}", "release_to": ["JPN", "UKR"],
            "title": "Exercise paper",
        }, content=b"%PDF-1.7 exercise paper " * 100)
        item = str(answer.value["item"])
        sender.act("originator", "release.propose", _approval(world, sender, item, PURPOSES[0]))
        sender.act("authority", "release.approve", _approval(world, sender, item, PURPOSES[0]))
        sent = sender.act("registrar", "dispatch", {
            "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSES[0],
            "recipient": recipient.party, "registry": REGISTRIES[recipient.party],
        })
        world.deliver()
        recipient.act("registrar", "register", {"consignment": sent.value["consignment"], "counted": 1})
        recipient.act("head", "need.grant", {"item": item, "person": reader, "purpose": PURPOSES[0]})
        needs[(recipient.party, item, reader)] = PURPOSES[0]
        world.deliver()
    return world, needs


def _approval(world: World, player: Player, item: str, purpose: str) -> dict[str, Any]:
    """Return what is signed to release `item` to the other party."""
    books = player.registry.books()
    recipient = world.other(player).party
    binding = binding_of(
        books.require(ITEM, item), recipient=recipient, purpose=purpose, agreement=AGREEMENT,
        version=version_of(books, AGREEMENT), mode=player.registry.mode,
    )
    return {"agreement": AGREEMENT, "binding": binding, "item": item, "purpose": purpose, "recipient": recipient}


@dataclass
class Said:
    """An act that was answered: by which player, under which id, with what."""

    player: Player
    id: str
    value: Mapping[str, Any] | None


@dataclass
class Life:
    """Two nodes that live. `said` are all acts that were acknowledged or refused by the rules."""

    world: World
    courier: HostileCourier
    disks: dict[str, DiskFull] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    left_nothing: list[tuple[Player, str]] = field(default_factory=list)
    bags: list[tuple[Player, str, MemoryMedium]] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    needs: dict[tuple[str, str, str], str | None] = field(default_factory=dict)
    uncleared: set[tuple[str, str]] = field(default_factory=set)
    readings: int = 0
    count: int = 0

    @classmethod
    def begun(cls, seed: int, tricks: Mapping[str, int]) -> Life:
        """Return two nodes between which items have crossed, each on a disk that can be made to fail."""
        settled, needs = _settled()
        world = settled.twin(seed)
        life = cls(world, HostileCourier(world, seed, tricks), needs=dict(needs))
        life.secrets |= {"Exercise paper", "Exercise Reader", "%PDF-1.7 exercise paper"}
        world.carry = life.courier
        for player in world.players:
            disk = life.disks[player.party] = DiskFull()
            player.reopen(store=WatchedStore(copy_of(player.registry.store), disk))
        return life

    # -- acts --------------------------------------------------------------------------------------------

    def attempt(
        self, player: Player, person: str, kind: str, params: Mapping[str, Any], content: bytes | None = None
    ) -> Mapping[str, Any] | None:
        """Do an act, again with the same id while the disk fails; return its answer, None when it was not done."""
        return self._say(player, lambda id: player.act(person, kind, params, content=content, act_id=id).value)

    def _say(self, player: Player, act: Callable[[str], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        self.count += 1
        id = f"act.life.{self.count}"
        for _ in range(_TRIES):
            try:
                value = act(id)
            except Unavailable:
                continue
            except (Refused, Undecidable):
                self.said.append(Said(player, id, None))
                return None
            except CordialeError:
                self.left_nothing.append((player, id))
                return None
            self.said.append(Said(player, id, value))
            return value
        raise AssertionError(f"{id} could not be done although the disk works again")

    def approve(self, player: Player, item: str, person: str, kind: str, purpose: str) -> None:
        """Give one of the two approvals of a release to the other party."""
        if player.registry.record(ITEM, item) is not None:
            self.attempt(player, person, kind, _approval(self.world, player, item, purpose))

    def read(self, player: Player, person: str, item: str, purpose: str) -> None:
        """Read, and hold what happens against the rules and against what this life remembers."""
        expected = self._is_allowed(player, person, item, purpose)
        content: list[bytes] = []

        def act(id: str) -> Mapping[str, Any]:
            content.append(player.read(person, item, purpose, act_id=id))
            return {}

        self._say(player, act)
        assert not content or expected, f"{person} has read {item} against the rules"
        if content:
            self.readings += 1
            self._hold_against_memory(player, person, item, purpose)

    def _is_allowed(self, player: Player, person: str, item: str, purpose: str) -> bool:
        books = player.registry.books()
        record = books.get(ITEM, item)
        if record is None:
            return False
        view = view_of(player.registry, books, record)
        needs = needs_of(books, person, item)
        return decide_access(
            require_person(books, person), view, needs=needs, now=books.at, purpose=purpose
        ).is_allowed

    def _hold_against_memory(self, player: Player, person: str, item: str, purpose: str) -> None:
        """The same again in few words, from what was done in this life and not from the books."""
        assert self.needs.get((player.party, item, person)) == purpose, "read without need-to-know"
        record = bodies(player, ITEM)[item]
        assert record["state"] == "registered", "read after its end"
        if record["origin_party"] == player.party:
            return
        level = record["label"]["level"]
        rank = RANKS[level if isinstance(level, str) and level in RANKS else str(level).split(":")[-1]]
        assert person != "foreigner", "read by a citizen of a party outside the release set"
        assert rank < 2, "read without the briefing that the highest level asks for"
        assert rank == 0 or ((player.party, person) not in self.uncleared and person != "junior"), "read up"
        assert any(
            body["item"] == item and body["state"] == "registered" for body in bodies(player, "copy").values()
        ), "read without a copy"

    def set_need(self, player: Player, item: str, person: str, purpose: str | None) -> None:
        """Grant or withdraw a need-to-know."""
        key = (player.party, item, person)
        if purpose is None:
            if self.attempt(player, "head", "need.withdraw", {"item": item, "person": person}):
                self.needs[key] = None
        elif self.attempt(player, "head", "need.grant", {"item": item, "person": person, "purpose": purpose}):
            self.needs[key] = purpose

    def set_clearance(self, player: Player, person: str, *, withdrawn: bool) -> None:
        """Withdraw a reader's clearance, or grant another, from a later day on, by two persons."""
        key = (player.party, person)
        line = next((one for one in PEOPLE[player.party].splitlines() if one.startswith(f"{person},")), "")
        if not line or not {"reader", "colleague"} & {person}:
            return
        if withdrawn:
            level = line.split(",")[7].split("|")[0]
            if self.attempt(player, "security", "people.withdraw-clearance", {"level": level, "person": person}):
                self.uncleared.add(key)
            return
        renewed = line.replace("|2026-01-01|", f"|2026-01-{2 + self.count % 27:02d}|")
        proposed = self.attempt(player, "security", "people.import", {
            "csv": encode_base64url(f"{HEADER}{renewed}\n".encode()),
        })
        proposal = player.registry.record(PROPOSAL, str((proposed or {}).get("proposal", "")))
        if proposal is not None and self.attempt(player, "head", "people.confirm", {
            "binding": proposal["binding"], "proposal": proposal.id,
        }):
            self.uncleared.discard(key)

    # -- between the nodes -------------------------------------------------------------------------------

    def pack(self, player: Player, *, again: bool = False) -> None:
        """Pack a bag for the partner, or write the last one of this player again, as when it was lost."""
        packed = [id for one, id, _ in self.bags if one is player]
        self.count += 1
        id = packed[-1] if again and packed else f"pack.life.{self.count}"
        medium = MemoryMedium()
        with suppress(OutOfOrder, Unavailable):
            pack(player.registry, self.world.other(player).party, medium, id)
            self.bags.append((player, id, medium))
            self.courier.crossed += medium.files.values()
            # What is sealed for the partner crosses too, and is held to the same.
            self.courier.crossed += [row.message for row in player.registry.reads().outbox_open()]

    def unpack(self, place: int, *, maim: int = -1) -> None:
        """Unpack any bag that was ever packed, once more or for the first time; `maim` damages one of its files."""
        if not self.bags:
            return
        sender, _, medium = self.bags[place % len(self.bags)]
        carried = MemoryMedium(medium.files)
        if maim >= 0:
            path = sorted(carried.files)[maim % len(carried.files)]
            carried.files[path] = carried.files[path][:-1] + bytes([carried.files[path][-1] ^ 1])
        with suppress(CordialeError):
            unpack(self.world.other(sender).registry, carried)

    def crash(self, player: Player) -> None:
        """Let a node die and start again, once its disk has room: without it no node starts."""
        self.disks[player.party].count = 0
        player.reopen()
        sweep_envelopes(player.registry)

    # -- the end -----------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Everybody is honest from here on, every disk works, every bag arrives."""
        for disk in self.disks.values():
            disk.count = 0
        self.courier.calm()
        for _ in range(6):
            for player in self.world.players:
                certify_all(player.registry)
            self.world.deliver()
            for player in self.world.players:
                before = len(self.bags)
                self.pack(player)
                if len(self.bags) > before:
                    unpack(self.world.other(player).registry, self.bags[-1][2])
            self.world.clock.advance(minutes=2)
            if not list_unrest(self.world):
                break
        # An envelope that went ahead of a message which is held back is removed in time.
        self.world.clock.advance(days=ARRIVED_UNNAMED_DAYS_MAX + 1)
        for player in self.world.players:
            sweep_envelopes(player.registry)

    def list_faults(self) -> list[str]:
        """Return everything that is not as it must be now that all is at rest."""
        return [*list_unrest(self.world), *list_differences(self.world), *self._acts(), *self._leaks()]

    def _acts(self) -> list[str]:
        """Every act that was answered is there once, and nothing else of that kind is."""
        found = []
        for player in self.world.players:
            reads = player.registry.reads()
            there = [
                act.id for log in reads.logs() for act in reads.acts(log, 0, reads.log_size(log))
                if act.id.startswith("act.life.")
            ]
            said = [one.id for one in self.said if one.player is player]
            if sorted(there) != sorted(said):
                found.append(f"acts lost or doubled: {set(there) ^ set(said)}")
            found += [f"{id} left something" for one, id in self.left_nothing if one is player and reads.act(id)]
        return found

    def _leaks(self) -> list[str]:
        """Nothing of what must stay inside is in what has crossed."""
        found = find_words(self.courier.crossed, (secret.encode() for secret in self.secrets))
        return [f"crossed: {secret.decode()}" for secret in found]
