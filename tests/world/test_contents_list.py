"""The list of contents that lies inside the inner cover."""

from __future__ import annotations

import pytest
from tests.world.test_couriers import COURIERS, under_way
from tests.world.world import World

from cordiale.doors.control.views import VIEWS
from cordiale.records.registry import identify


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=991)
    world.tokyo.enter_people(COURIERS)
    return world


def test_a_list_of_contents_names_each_thing_by_its_number_and_by_no_title(world: World) -> None:
    consignment = under_way(world)
    request = identify(world.tokyo.registry, world.tokyo.request("registrar", "view.carriage", {
        "as": "html", "consignment": consignment,
    }))
    listed = VIEWS["view.carriage"](world.tokyo.registry, request)["html"].split("<h1>List of contents</h1>")[1]
    copies = world.tokyo.registry.find("copy", "agreement", "exercise-jpn-ukr")
    numbers = {str(one["reference"]) for one in (
        world.tokyo.registry.record("item", copy["item"]) for copy in copies
    ) if one is not None}
    assert numbers and all(number in listed for number in numbers)
    assert "Exercise paper" not in listed
