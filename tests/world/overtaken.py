"""Further rows of `test_any_order`: messages that belong together, written at one side before any of them crosses."""

from __future__ import annotations

from contextlib import suppress

from tests.world.forging import tell as bring
from tests.world.forging import waiting
from tests.world.test_journey import PURPOSE, cross, grant
from tests.world.test_level_change import work
from tests.world.test_reading_notice import ask_notice
from tests.world.world import World

from cordiale.errors import Unavailable
from cordiale.records.labels import label_of
from cordiale.records.readings_told import tell_readings


def a_handling_raised_and_the_level_changed(world: World) -> None:
    _, (item,) = cross(world)
    for asked in ({"handle_as": "EX-JPN:EXERCISE FUJI"}, {"to": "EX-JPN:EXERCISE AJISAI"}):
        proposal = world.tokyo.act("originator", "level.propose", {
            "article": "Art. 4(4)", "item": item, **asked,
        }).value["proposal"]
        world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposal})


def a_level_raised_and_another_change_for_a_later_day(world: World) -> None:
    """What was in effect before the later one was issued holds until its day, whichever comes first."""
    _, (item,) = cross(world)
    for asked in ({"to": "EX-JPN:EXERCISE FUJI"}, {"on": "2027-06-01", "to": "EX-JPN:EXERCISE AJISAI"}):
        proposal = world.tokyo.act("originator", "level.propose", {
            "article": "Art. 4(4)", "item": item, **asked,
        }).value["proposal"]
        world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposal})
    turn_round(world)
    work(world)
    levels = [str(label_of(found).level) for player in world.players if (found := player.registry.record("item", item))]
    assert levels == ["EX-JPN:EXERCISE FUJI"] * 2


def turn_round(world: World) -> None:
    """Let everything that waits come, the newest first and each twice; the answers are lost."""
    for player in world.players:
        for one in sorted(waiting(player), key=lambda row: row.seq, reverse=True):
            for _ in range(2):
                with suppress(Unavailable):
                    bring(player, world.other(player), one.message)


def readings_told_and_the_copy_ended(world: World) -> None:
    _, (item,) = cross(world)
    ask_notice(world)
    grant(world, item, "reader")
    for _ in range(2):
        world.kyiv.read("reader", item, PURPOSE)
        tell_readings(world.kyiv.registry)
    world.kyiv.act("registrar", "return", {"item": item})
