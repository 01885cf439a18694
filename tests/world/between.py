"""Holds the books of three nodes against each other, each pair under its agreements, and each against itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.world.comparing import bodies, faults_between, is_resting, list_own_faults
from tests.world.triangle import Triangle
from tests.world.world import Player


def list_all_differences(world: Triangle) -> list[str]:
    """Return what still waits, and everything in which the books at rest do not agree."""
    found = [
        f"{player.party}: {row.id} waits" for player in world.players for row in player.registry.reads().outbox_open()
        if not is_resting(player.registry, row)
    ]
    found += [f"{player.party}: {one}" for player in world.players for one in list_own_faults(player)]
    for one, other in combinations(world.players, 2):
        agreements = list_agreements(one, other)
        for sender, taker in ((one, other), (other, one)):
            told = [*faults_between(sender, taker, *agreements), *list_matters(sender, taker)]
            told += [fault for id in agreements for fault in list_accord_faults(sender, taker, id)]
            found += [f"{sender.party} -> {taker.party}: {fault}" for fault in told]
    return found


def list_agreements(one: Player, other: Player) -> list[str]:
    """Return the agreements that one of the two knows between both, with those that followed on the first."""
    return sorted({
        id for player in (one, other) for id, body in bodies(player, "agreement").items()
        if set(body["parties"]) >= {one.party, other.party}
    })


_OF_AN_ACCORD = (
    "ended_on", "in_force_on", "left", "links", "notes", "profile", "readiness", "recorded", "registries", "signatures",
    "stage", "suspended_under", "suspensions", "text",
)


def list_accord_faults(sender: Player, taker: Player, id: str) -> Iterator[str]:
    """Yield where what the two know of an agreement between them, and what each has said of the one that follows, is not the same."""
    ours, theirs = (bodies(player, "agreement").get(id) for player in (sender, taker))
    if ours is None or theirs is None:
        yield f"the agreement {id} is not known there"
        return
    # Who has left is not told of what the others change.
    has_left = taker.party in ours.get("left_under", ()) or sender.party in theirs.get("left_under", ())
    for name in (one for one in _OF_AN_ACCORD if not (has_left and one in ("profile", "signatures", "text"))):
        one, other = (_sorted(body.get(name)) for body in (ours, theirs))
        if one != other:
            yield f"{name} of {id} is {str(one)[:300]} here and {str(other)[:300]} there"
    said = [
        {one: body["words"] for one, body in bodies(player, "rehoming").items() if body["to"] == id}
        for player in (sender, taker)
    ]
    if said[0] != said[1]:
        yield f"what follows is {said[0]} here and {said[1]} there"


def _sorted(value: Any) -> Any:
    """Return a list in one order: that in which two acts of two parties reached a node says nothing."""
    return sorted(value, key=str) if isinstance(value, list) else value or None


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


_TO_THE_OTHER = {("visit", "too-late"): "approved"}
"""What only one side can know: that the approval came when the days of the visit were over."""


def list_matters(sender: Player, taker: Player) -> Iterator[str]:
    """Yield what one party told the other and does not stand there as it stands here."""
    instead = {str(one["about"]) for one in bodies(sender, "told-instead").values()}
    for kind, members in _TOLD:
        ours = _shared(sender, kind, taker.party, "out")
        theirs = _shared(taker, kind, sender.party, "in")
        if differing := (ours.keys() ^ theirs.keys()) - instead:
            yield f"{kind} told and held differ: {sorted(differing)}"
        for id in (ours.keys() & theirs.keys()) - instead:
            one, other = ({name: body.get(name) for name in members} for body in (ours[id], theirs[id]))
            if one != other and (one | {"state": _TO_THE_OTHER.get((kind, one.get("state")), one.get("state"))}) != other:
                yield f"{kind} {id} is {one} here and {other} there"
    yield from _visitors(sender, taker)
    between = list_agreements(sender, taker)
    ours, theirs = bodies(sender, "accord-notice"), bodies(taker, "accord-notice")
    for id, body in ours.items():
        if id.startswith(f"{sender.party.lower()}.") and body["agreement"] in between and id not in theirs:
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
