"""Further rows of `test_any_order`: messages that belong together, written at one side before any of them crosses."""

from __future__ import annotations

from tests.world.test_journey import PURPOSE, cross, grant
from tests.world.test_reading_notice import ask_notice
from tests.world.world import World

from cordiale.records.readings_told import tell_readings


def a_handling_raised_and_the_level_changed(world: World) -> None:
    _, (item,) = cross(world)
    for asked in ({"handle_as": "EX-JPN:EXERCISE FUJI"}, {"to": "EX-JPN:EXERCISE AJISAI"}):
        proposal = world.tokyo.act("originator", "level.propose", {
            "article": "Art. 4(4)", "item": item, **asked,
        }).value["proposal"]
        world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposal})


def readings_told_and_the_copy_ended(world: World) -> None:
    _, (item,) = cross(world)
    ask_notice(world)
    grant(world, item, "reader")
    for _ in range(2):
        world.kyiv.read("reader", item, PURPOSE)
        tell_readings(world.kyiv.registry)
    world.kyiv.act("registrar", "return", {"item": item})
