"""Attacks by people of a node who have neither an office for an item nor a need for it: is it there at all?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.test_bad_moments import order_of
from tests.world.test_journey import PURPOSE, cross
from tests.world.world import AGREEMENT, World

from cordiale.errors import CordialeError, OutOfOrder, Refused

UNKNOWN = "ukr.act.ukr.unknown"
_TERMS = {"agreement": AGREEMENT, "binding": "AAAA", "purpose": PURPOSE, "recipient": "JPN"}

ACTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "dispatch": lambda item: order_of([item]) | {"recipient": "JPN", "registry": "registry-tokyo"},
    "return": lambda item: {"item": item},
    "destroy.propose": lambda item: {"item": item, "method": "shredded"},
    "pass-on": lambda item: {"item": item, "purpose": PURPOSE, "recipient": "POL"},
    "consent.ask": lambda item: {"act": "copy", "item": item, "purpose": PURPOSE},
    "release.propose": lambda item: {**_TERMS, "item": item},
    "release.approve": lambda item: {**_TERMS, "item": item},
    "release.withdraw": lambda item: {"item": item},
    "entry.void": lambda item: {"item": item, "reason": "a guess"},
}


@pytest.fixture
def world() -> World:
    return World.in_force(seed=311)


def told(world: World, person: str, kind: str, params: dict[str, Any]) -> tuple[object, ...]:
    with pytest.raises((Refused, OutOfOrder)) as found:
        world.kyiv.act(person, kind, params)
    error: CordialeError = found.value
    reasons = tuple(sorted(map(str, error.decision.reasons))) if isinstance(error, Refused) else ()
    return type(error), error.code, reasons, str(error), error.trail.partition(" ")[0]


@pytest.mark.parametrize("kind", sorted(ACTS))
def test_a_stranger_cannot_tell_an_item_that_is_there_from_one_that_is_not(world: World, kind: str) -> None:
    _, (theirs,) = cross(world)
    kept = str(world.kyiv.act("originator", "label", {
        "form": "paper", "level": "EX-UKR:EXERCISE KALYNA", "release_to": ["JPN"], "title": "Exercise paper",
    }).value["item"])
    answers = {item: told(world, "colleague", kind, ACTS[kind](item)) for item in (theirs, kept, UNKNOWN)}
    assert len(set(answers.values())) == 1, answers


def test_a_stranger_cannot_tell_which_of_several_items_is_there(world: World) -> None:
    _, (theirs,) = cross(world)
    orders = ([theirs, UNKNOWN], [UNKNOWN, theirs], [theirs], [UNKNOWN])
    changed = {"recipient": "JPN", "registry": "registry-tokyo"}
    assert len({told(world, "colleague", "dispatch", order_of(items) | changed) for items in orders}) == 1


def test_a_stranger_cannot_tell_a_proposed_destruction_from_none(world: World) -> None:
    _, (theirs,) = cross(world)
    proposal = str(world.kyiv.act("registrar", "destroy.propose", {"item": theirs, "method": "shredded"}).value["proposal"])
    # A reader may witness what a registrar has asked them to; an authority holds no office for it.
    for kind, person in (("destroy.witness", "authority"), ("destroy.withdraw", "colleague")):
        assert told(world, person, kind, {"proposal": proposal}) == told(world, person, kind, {"proposal": "act.no"})
    assert bodies(world.kyiv, "destruction")[proposal]["state"] == "proposed"


def test_the_registrar_is_still_told_what_is_wrong(world: World) -> None:
    for kind in ("return", "destroy.propose", "entry.void", "dispatch"):
        assert told(world, "registrar", kind, ACTS[kind](UNKNOWN))[0] is OutOfOrder
