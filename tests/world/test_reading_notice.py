"""Where the layers allow reading with notice only, the originator is told which copy and when, and never by whom."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import payload_of, waiting
from tests.world.test_journey import PURPOSE, cross, grant
from tests.world.test_level_change import open_duties, refusals, send
from tests.world.test_transfer_away import order
from tests.world.world import World

from cordiale.message.bodies.reading_notice import CopyRead, ReadingNotice
from cordiale.records.readings_told import tell_readings

SAKURA = "EX-JPN:EXERCISE SAKURA"


@pytest.fixture(scope="module")
def world() -> World:
    """One world: each test is about an item of its own."""
    return World.in_force(seed=811)


def ask_notice(world: World, **more: Any) -> None:
    """Let Ukrainian law ask for notice of each reading."""
    order(world, {"act": "read", "article": "Order 4", "level": SAKURA, "ruling": "with-notice", **more})


def crossed(world: World, form: str = "file") -> str:
    _, (item,) = cross(world, forms=(form,))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    return item


def heard(world: World, item: str) -> list[list[str]]:
    return [one["readings"] for one in bodies(world.tokyo, "entry").values()
            if one["act"] == "read-there" and one["item"] == item]


def test_no_reading_is_told_where_no_layer_asks_for_it(world: World) -> None:
    item = crossed(world)
    world.kyiv.read("reader", item, PURPOSE)
    assert bodies(world.kyiv, "reading-told") == {} and "tell-reading" not in open_duties(world.kyiv)


def test_each_reading_is_told_at_once_by_copy_and_time_alone(world: World) -> None:
    item, paper = crossed(world), crossed(world, "paper")
    ask_notice(world)
    world.kyiv.read("reader", item, PURPOSE)
    world.kyiv.act("registrar", "circulate", {"item": paper, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": paper})
    assert "tell-reading" in open_duties(world.kyiv)
    tell_readings(world.kyiv.registry)
    assert "tell-reading" not in open_duties(world.kyiv)
    told = [payload_of(row.message)["body"] for row in waiting(world.kyiv)]
    read = [{"at": "2026-09-01T09:00:00Z", "number": 1}]
    assert sorted(map(str, told)) == sorted(str({"item": one, "readings": read}) for one in (item, paper))
    world.deliver()
    assert heard(world, item) == heard(world, paper) == [["1: 2026-09-01T09:00:00Z"]]
    tell_readings(world.kyiv.registry)
    world.deliver()
    assert len(heard(world, item)) == 1 and list_differences(world) == []


def test_what_is_read_in_one_day_is_told_together_where_the_rule_gives_days(world: World) -> None:
    item = crossed(world)
    ask_notice(world, deadline={"count": 5, "kind": "calendar"})
    for person in ("reader", "colleague", "reader"):
        world.kyiv.read(person, item, PURPOSE)
    tell_readings(world.kyiv.registry)
    world.deliver()
    assert heard(world, item) == [] and "tell-reading" in open_duties(world.kyiv)
    world.clock.advance(hours=24)
    tell_readings(world.kyiv.registry)
    world.deliver()
    assert [len(one) for one in heard(world, item)] == [3] and "tell-reading" not in open_duties(world.kyiv)
    assert audit(world.kyiv).findings == audit(world.tokyo).findings == []


def test_a_copy_or_an_item_that_the_sender_was_never_given_is_entered_nowhere(world: World) -> None:
    item, at = crossed(world), world.clock.now().replace(microsecond=0)
    for name, number in ((item, 7), ("jpn.act.none", 1)):
        send(world, world.kyiv, ReadingNotice(name, (CopyRead(at, number),)))
        assert refusals(world.tokyo)[-1] == "copy.not-with-partner"
    assert heard(world, item) == []
