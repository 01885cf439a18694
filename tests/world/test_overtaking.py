"""Orders overtake consignments, but for the one they are about: that one goes first, however many they are."""

from __future__ import annotations

from tests.world.test_journey import dispatch, label, release
from tests.world.test_level_change import change
from tests.world.world import World


def test_orders_about_an_item_never_keep_back_the_consignment_it_is_in() -> None:
    world = World.in_force(seed=97)
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    for level in ("FUJI", "SAKURA", "FUJI", "SAKURA"):
        change(world.tokyo, item, f"EX-JPN:EXERCISE {level}")
    waiting = list(world.tokyo.registry.reads().outbox_open())
    assert len([row for row in waiting if row.precedence == "order"]) > 3
    world.deliver(rounds=4)
    assert list(world.tokyo.registry.reads().outbox_open()) == []
    record = world.kyiv.registry.record("consignment", consignment)
    assert record is not None and record["state"] == "held"
