"""Of two changes of level the earlier holds until the day of the later, also where nothing could take effect before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.world.comparing import bodies, list_differences
from tests.world.forging import hand_envelopes, tell, waiting
from tests.world.test_journey import cross, dispatch, label, release
from tests.world.test_level_change import AJISAI, FUJI, change, item_of, work
from tests.world.world import Player, World

from cordiale.records.items import marking_of
from cordiale.records.labels import label_of
from cordiale.records.level_copies import work_levels


@pytest.fixture(scope="module")
def world() -> World:
    return World.in_force(seed=914)


def _levels(world: World, item: str) -> list[str]:
    return [str(label_of(item_of(player, item)).level) for player in world.players]


def _in_days(world: World, days: int) -> str:
    return (world.clock.at + timedelta(days=days)).date().isoformat()


def _require_held_until_the_day(world: World, item: str) -> None:
    """Require that the earlier level holds at both until the day of the later one, and that one then."""
    work(world)
    assert _levels(world, item) == [FUJI, FUJI]
    world.clock.advance(days=21)
    work(world)
    assert _levels(world, item) == [AJISAI, AJISAI]
    assert list_differences(world) == []


def _on_its_way(world: World) -> tuple[str, str]:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    return item, consignment


@pytest.mark.parametrize("is_turned_round", [False, True])
def test_a_raised_level_holds_from_registration_although_another_is_told_for_a_later_day(
    world: World, is_turned_round: bool
) -> None:
    item, consignment = _on_its_way(world)
    change(world.tokyo, item, FUJI)
    change(world.tokyo, item, AJISAI, on=_in_days(world, 20))
    orders = sorted(waiting(world.tokyo), key=lambda row: row.seq, reverse=is_turned_round)
    for row in orders:
        tell(world.tokyo, world.kyiv, row.message)
    work(world)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert _levels(world, item) == [FUJI, FUJI]
    assert str(marking_of(item_of(world.kyiv, item)).level) == "EX-UKR:EXERCISE SONIASHNYK"
    _require_held_until_the_day(world, item)


def test_a_change_whose_day_has_come_holds_although_nobody_worked_it_off_before_the_next_was_issued(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, FUJI, on=_in_days(world, 2))
    world.deliver()
    world.clock.advance(days=3)
    change(world.tokyo, item, AJISAI, on=_in_days(world, 20))
    world.deliver()
    assert _levels(world, item) == [FUJI, FUJI]
    _require_held_until_the_day(world, item)


def _to_mark(player: Player, item: str) -> list[str]:
    """Return the states of the duties to mark things of an item, the oldest first."""
    found = [one for one in bodies(player, "duty").values() if one["what"] == "mark-level" and one["subject"] == item]
    return [one["state"] for one in sorted(found, key=lambda one: str(one["opened_at"]))]


def test_a_thing_is_marked_for_a_level_that_holds_only_until_a_later_day_and_for_the_next_on_that_day(
    world: World
) -> None:
    item = label(world.tokyo, form="paper")
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    change(world.tokyo, item, FUJI)
    change(world.tokyo, item, AJISAI, on=_in_days(world, 20))
    work(world)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    assert _levels(world, item) == [FUJI, FUJI]
    assert [_to_mark(player, item) for player in world.players] == [["open"], ["open"]]
    world.kyiv.act("registrar", "level.mark", {"item": item})
    assert _to_mark(world.kyiv, item) == ["done"]
    world.clock.advance(days=21)
    work(world)
    assert _levels(world, item) == [AJISAI, AJISAI]
    assert [_to_mark(player, item) for player in world.players] == [["done", "open"], ["done", "open"]]
    assert list_differences(world) == []


def test_a_further_copy_that_was_on_its_way_is_answered_for_when_its_item_was_declassified_meanwhile(world: World) -> None:
    _, (item,) = cross(world)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], is_another=True)
    world.deliver()
    told = f"{change(world.tokyo, item, 'declassified')['change']}.ukr"
    world.deliver()
    work_levels(world.kyiv.registry)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    # The receipt overtakes the answer for the copy that was there before.
    for row in sorted(waiting(world.kyiv), key=lambda row: -row.seq):
        tell(world.kyiv, world.tokyo, row.message)
    work(world)
    assert bodies(world.tokyo, "level-told")[told]["state"] == "done"


def test_nobody_owes_an_answer_for_a_further_copy_that_left_with_the_new_mark(world: World) -> None:
    _, (item,) = cross(world)
    told = f"{change(world.tokyo, item, AJISAI)['change']}.ukr"
    world.deliver()
    release(world.tokyo, item)
    consignment = dispatch(world, [item], is_another=True)
    work_levels(world.kyiv.registry)
    for row in waiting(world.tokyo):
        hand_envelopes(world.tokyo, world.kyiv, row)
        tell(world.tokyo, world.kyiv, row.message)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    # The receipt overtakes the answer for the copy that was there before.
    for row in sorted(waiting(world.kyiv), key=lambda row: -row.seq):
        tell(world.kyiv, world.tokyo, row.message)
    work(world)
    assert bodies(world.tokyo, "level-told")[told]["state"] == "done"
    assert list_differences(world) == []


def test_who_is_given_a_copy_before_the_day_of_a_change_is_told_of_it_then(world: World) -> None:
    item = label(world.tokyo)
    change(world.tokyo, item, FUJI, on=_in_days(world, 20))
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    assert [told["item"] for told in bodies(world.tokyo, "level-told").values()].count(item) == 1
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    before = str(label_of(item_of(world.tokyo, item)).level)
    assert _levels(world, item) == [before, before] and before != FUJI
    world.clock.advance(days=21)
    work(world)
    assert _levels(world, item) == [FUJI, FUJI]
    assert list_differences(world) == []
