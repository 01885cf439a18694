"""Nobody makes themselves keeper of a registry, takes over what another approved, or reads of items in a side list."""

from __future__ import annotations

import pytest
from tests.views.test_pages import view
from tests.world.organising import move, organise
from tests.world.people import HEADER, row
from tests.world.test_journey import codes, label
from tests.world.test_topology import paper
from tests.world.world import World

from cordiale.errors import OutOfOrder, Refused


@pytest.fixture
def world() -> World:
    world = World.in_force()
    organise(world, world.kyiv)
    return world


def test_nobody_names_themselves_keeper_of_a_registry(world: World) -> None:
    kyiv = world.kyiv
    kyiv.enter_people(HEADER + row("twofold", "Twofold", "UKR", "security-officer registrar", "SONIASHNYK"))
    staff = {"keepers": ["easterner", "twofold"], "registry": "east"}
    with pytest.raises(Refused) as own:
        kyiv.act("twofold", "registry.staff", staff)
    assert codes(own) == {"office.own-favour"}
    with pytest.raises(Refused) as opened:
        kyiv.act("twofold", "registry.open", {
            "keepers": ["twofold"], "registry": "north", "role": "sub-registry", "title": "Exercise", "unit": "north",
        })
    assert codes(opened) == {"office.own-favour"}
    kyiv.act("security", "registry.staff", staff)
    # Who serves already changes the others and stays.
    kyiv.act("twofold", "registry.staff", {"keepers": ["twofold"], "registry": "east"})


def test_an_approval_stays_that_of_who_gave_it_and_names_a_place_there_is(world: World) -> None:
    number = paper(world)
    move(world.kyiv, "registrar", number, "east", "easterner")
    approval = {"item": number, "text": "needed there", "to": "west"}
    with pytest.raises(OutOfOrder):
        world.kyiv.act("registrar", "transfer.approve", {**approval, "to": "nowhere"})
    world.kyiv.act("registrar", "transfer.approve", approval)
    with pytest.raises(OutOfOrder, match="approved already"):
        world.kyiv.act("registrar", "transfer.approve", approval)


def test_what_is_frozen_is_listed_for_who_may_see_it(world: World) -> None:
    """The head sees what came from partners, and of our own only what they are named with."""
    item = label(world.kyiv, level="EX-UKR:EXERCISE BARVINOK", release_to=["UKR"])
    world.kyiv.act("security", "freeze", {"item": item, "reason": "a doubt"})
    number = world.kyiv.registry.record("item", item)
    assert number is not None
    for person, is_shown in (("security", True), ("registrar", True), ("authority", True), ("head", False)):
        listed = view(world.kyiv, person, "view.incidents")
        assert [one["item"] for one in listed["freezes"]] == ([number["reference"]] if is_shown else []), person
        assert number["reference"] not in str(listed) or is_shown, person
