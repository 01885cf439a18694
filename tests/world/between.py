"""Holds the books of three nodes against each other, each pair under its own agreement, and each against itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.world.comparing import bodies, faults_between, is_resting, list_own_faults
from tests.world.treaties import treaties
from tests.world.triangle import Triangle
from tests.world.world import Player


def list_all_differences(world: Triangle) -> list[str]:
    """Return what still waits, and everything in which the books at rest do not agree."""
    found = [
        f"{player.party}: {row.id} waits" for player in world.players for row in player.registry.reads().outbox_open()
        if not is_resting(player.registry, row)
    ]
    found += [f"{player.party}: {one}" for player in world.players for one in list_own_faults(player)]
    for treaty in treaties():
        one, other = (world.by_party(party) for party in treaty.parties)
        for sender, taker in ((one, other), (other, one)):
            told = [*faults_between(sender, taker, treaty.id), *list_matters(sender, taker)]
            found += [f"{sender.party} -> {taker.party}: {fault}" for fault in told]
    return found


# What is told by the one and held by the other: kind, how its identifier is written there, what must be the same.
_TOLD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("visit", ("state", "first_day", "last_day", "level", "number", "visitors")),
    ("facility", ("state",)),
    ("contract", ("state", "number", "parts")),
    ("transport-plan", ("state",)),
    ("return-request", ("item", "copies", "reason")),
    ("emergency", ("state",)),
    ("freeze-order", ("item", "demand", "state")),
    ("clearance-query", ("state", "level")),
)


def list_matters(sender: Player, taker: Player) -> Iterator[str]:
    """Yield what one party told the other and does not stand there as it stands here."""
    for kind, members in _TOLD:
        ours = _shared(sender, kind, taker.party, "out")
        theirs = _shared(taker, kind, sender.party, "in")
        if ours.keys() != theirs.keys():
            yield f"{kind} told and held differ: {sorted(ours.keys() ^ theirs.keys())}"
        for id in ours.keys() & theirs.keys():
            one, other = ({name: body.get(name) for name in members} for body in (ours[id], theirs[id]))
            if one != other:
                yield f"{kind} {id} is {one} here and {other} there"
    yield from _visitors(sender, taker)
    ours, theirs = bodies(sender, "accord-notice"), bodies(taker, "accord-notice")
    for id, body in ours.items():
        if id.startswith(f"{sender.party.lower()}.") and body["agreement"] in {
            one.id for one in treaties() if taker.party in one.parties
        } and id not in theirs:
            yield f"notice {id} is not known there"


def _visitors(sender: Player, taker: Player) -> Iterator[str]:
    """Whoever comes, and whoever does not come any more, is the same to both."""
    theirs = bodies(taker, "visitor")
    for id, body in bodies(sender, "visitor").items():
        if id in theirs and body["state"] != theirs[id]["state"]:
            yield f"visitor {id} is {body['state']} here and {theirs[id]['state']} there"


def _shared(player: Player, kind: str, party: str, direction: str) -> dict[str, Any]:
    return {
        id: body for id, body in bodies(player, kind).items()
        if body.get("party") == party and body.get("direction") == direction and body["state"] != "not-taken"
    }
