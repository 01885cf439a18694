"""Further rows of `test_any_order`: messages that belong together, written at one side before any of them crosses."""

from __future__ import annotations

from tests.world.test_journey import cross
from tests.world.world import World


def a_handling_raised_and_the_level_changed(world: World) -> None:
    _, (item,) = cross(world)
    for asked in ({"handle_as": "EX-JPN:EXERCISE FUJI"}, {"to": "EX-JPN:EXERCISE AJISAI"}):
        proposal = world.tokyo.act("originator", "level.propose", {
            "article": "Art. 4(4)", "item": item, **asked,
        }).value["proposal"]
        world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposal})
