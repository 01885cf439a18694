"""Three nodes in memory, each with an agreement of its own with each of the others; else as `tests.world.world`."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.world.outside import FakeClock
from tests.world.treaties import NODES, Treaty, level, national_of, people_of, treaties
from tests.world.world import Carry, Player, _Courier, carry_faithfully, make_acquainted, make_player

from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.profile_json import encode_profile, profile_to_json
from cordiale.work.outbox import Outbox

DAY = "2026-09-01"


@dataclass
class Triangle:
    """Three players, one clock, one courier; a `tests.world.courier.HostileCourier` may carry between them."""

    players: tuple[Player, ...]
    clock: FakeClock
    carry: Carry = carry_faithfully  # type: ignore[assignment]
    strangers: list[Player] = field(default_factory=list)
    sending: Player = field(init=False, repr=False)

    def by_node(self, node: str) -> Player:
        """Return the player whose node is `node`."""
        return next(one for one in self.players if one.registry.node == node)

    def by_party(self, party: str) -> Player:
        """Return the player of `party`."""
        return next(one for one in self.players if one.party == party)

    def deliver(self, rounds: int = 20) -> None:
        """Let every outbox send until nothing waits, or `rounds` are over."""
        for _ in range(rounds):
            for player in self.players:
                player.outbox.send_waiting()
            if not any(player.registry.reads().outbox_open() for player in self.players):
                return
            self.clock.advance(seconds=70)

    def connect(self) -> None:
        """Let every outbox send through this world's courier."""
        for player in self.players:
            player.outbox = Outbox(player.registry, _Courier(self, player.registry.node))  # type: ignore[arg-type]

    def twin(self, seed: int) -> Triangle:
        """Return an independent copy of this world, with other chances."""
        clock = FakeClock(self.clock.at)
        clock.ticks = self.clock.ticks
        copied = tuple(one.copied(clock, 3 * seed + 100 + place) for place, one in enumerate(self.players))
        twin = Triangle(copied, clock)
        twin.connect()
        return twin

    @classmethod
    def in_force(cls, seed: int = 1) -> Triangle:
        """A triangle of one's own in which all three agreements are in force and open; quick, by copying."""
        return _in_force().twin(seed)


@functools.cache
def _in_force() -> Triangle:
    return found_under(NODES, treaties())


def found_under(nodes: Mapping[PartyId, str], agreements: Sequence[Treaty]) -> Triangle:
    """Return new nodes that know each other, with the national profiles of their parties and `agreements` in force."""
    clock = FakeClock()
    players = tuple(
        make_player(party, node, clock=clock, mode=Mode.REAL, seed=place + 1, people_csv=people_of(party))
        for place, (party, node) in enumerate(nodes.items())
    )
    world = Triangle(players, clock)
    world.connect()
    for player in players:
        for other in players:
            if other is not player:
                make_acquainted(player, other)
        player.act("authority", "agreement.national", {
            "profile": national_profile_to_json(national_of(PartyId(player.party))),
        })
    for treaty in agreements:
        bring_into_force(world, treaty)
    return world


def bring_into_force(world: Triangle, treaty: Treaty) -> None:
    """Everything from proposal to open links, between the two parties to `treaty`."""
    pair = [world.by_party(party) for party in treaty.parties]
    pair[0].act("authority", "agreement.enter", {
        "profile": profile_to_json(treaty.profile), "text": agreement_text_to_json(treaty.text),
    })
    world.deliver()
    for player in pair:
        signed = sign_object(
            encode_profile(treaty.profile), object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode),
            [player.people["authority"]],
        )
        player.act("authority", "agreement.sign", {"agreement": treaty.id, "signed": signed.decode()})
        world.deliver()
    article = treaty.articles["entry"]
    pair[0].act("authority", "agreement.stage", {
        "agreement": treaty.id, "article": article, "on": DAY, "stage": "signed",
    })
    world.deliver()
    for player in pair:
        if treaty.profile.entry_requires_notes:
            player.act("authority", "agreement.note", {
                "agreement": treaty.id, "article": article, "in_force_on": DAY, "on": DAY, "reference": "note 1",
            })
        else:
            player.act("authority", "agreement.stage", {
                "agreement": treaty.id, "article": article, "on": DAY, "stage": "in-force",
            })
        world.deliver()
    _open(world, treaty, pair)


def _open(world: Triangle, treaty: Treaty, pair: list[Player]) -> None:
    tops = {party: level(party, 2) for party in treaty.parties}
    for player in pair:
        for party, top in tops.items():
            player.act("authority", "agreement.ready", {
                "agreement": treaty.id, "article": treaty.articles["entry"], "level": top, "of_party": party,
            })
        for link in ("wire", "bag"):
            player.act("authority", "agreement.link", {
                "agreement": treaty.id, "level": tops[PartyId(player.party)], "link": link, "reference": "approval 1",
            })
    world.deliver()
