"""Orders overtake consignments, but for the one they are about; what waits for it keeps nothing else back."""

from __future__ import annotations

import pytest
from tests.world.test_journey import dispatch, label, release
from tests.world.test_level_change import change
from tests.world.world import World


def _dispatched(world: World, link: str) -> tuple[str, str]:
    item = label(world.tokyo)
    release(world.tokyo, item)
    return item, dispatch(world, [item], link)


def _state(world: World, consignment: str) -> str:
    record = world.kyiv.registry.record("consignment", consignment)
    return str(record["state"]) if record is not None else ""


def _order(world: World, item: str) -> None:
    for level in ("FUJI", "SAKURA", "FUJI", "SAKURA"):
        change(world.tokyo, item, f"EX-JPN:EXERCISE {level}")
    waiting = world.tokyo.registry.reads().outbox_open()
    assert len([row for row in waiting if row.precedence == "order"]) > 3


def test_orders_about_an_item_never_keep_back_the_consignment_it_is_in() -> None:
    world = World.in_force(seed=97)
    item, consignment = _dispatched(world, "wire")
    _order(world, item)
    world.deliver(rounds=4)
    assert list(world.tokyo.registry.reads().outbox_open()) == []
    assert _state(world, consignment) == "held"


@pytest.mark.parametrize("rounds", [1, 6])
def test_orders_about_an_item_in_the_bag_keep_nothing_back_that_goes_by_wire(rounds: int) -> None:
    world = World.in_force(seed=98)
    item, in_the_bag = _dispatched(world, "bag")
    _order(world, item)
    _, consignment = _dispatched(world, "wire")
    world.deliver(rounds=rounds)
    assert (_state(world, in_the_bag), _state(world, consignment)) == ("", "held")
