"""Who is given an item after its level was changed is told what its label does not say: declassified, or to be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.world import world as worlds
from tests.world.comparing import audit, bodies, list_differences
from tests.world.test_consent import answer, ask, pass_on
from tests.world.test_journey import PURPOSE, approve, cross, dispatch, label, release
from tests.world.test_level_change import AJISAI, change, item_of, open_duties, refusals, send, work
from tests.world.test_level_notice import SIX_WEEKS
from tests.world.world import World

from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind


@pytest.fixture
def world() -> World:
    return World.in_force(seed=621)


@pytest.fixture(scope="module")
def with_notice() -> Iterator[World]:
    plain = worlds.exercise_agreement
    text, profile = plain()
    worlds.exercise_agreement = lambda: (text, replace(profile, terms=(*profile.terms, SIX_WEEKS)))  # type: ignore[assignment]
    try:
        world = World.founded(seed=622)
        world.bring_into_force()
    finally:
        worlds.exercise_agreement = plain  # type: ignore[assignment]
    yield world


def give(world: World, item: str, *, is_another: bool = False) -> str:
    release(world.tokyo, item)
    return dispatch(world, [item], is_another=is_another)


def register(world: World, consignment: str) -> None:
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)


def test_who_is_given_a_copy_of_what_was_declassified_is_told_so_with_it(world: World) -> None:
    item = label(world.tokyo)
    change(world.tokyo, item, "declassified")
    register(world, give(world, item))
    for player in world.players:
        assert "declassified_at" in item_of(player, item).body
        assert not open_duties(player) & {"level-change-done", "mark-level"}
    (told,) = bodies(world.tokyo, "level-told").values()
    assert (told["party"], told["state"]) == ("UKR", "done")
    assert list_differences(world) == [] and [audit(one).findings for one in world.players] == [[], []]
    assert refusals(world.kyiv) == [] and refusals(world.tokyo) == []


def test_a_paper_given_after_it_was_declassified_is_answered_for_when_it_was_marked(world: World) -> None:
    item = label(world.tokyo, form="paper")
    change(world.tokyo, item, "declassified")
    work(world)
    world.tokyo.act("registrar", "level.mark", {"item": item})
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    register(world, consignment)
    assert "level-change-done" in open_duties(world.tokyo)
    world.kyiv.act("registrar", "level.mark", {"item": item})
    work(world)
    assert "level-change-done" not in open_duties(world.tokyo) and list_differences(world) == []


def test_who_was_told_before_is_not_told_again_with_a_further_copy(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, "declassified")
    work(world)
    register(world, give(world, item, is_another=True))
    assert len(bodies(world.tokyo, "level-told")) == 1 and len(bodies(world.kyiv, "level-change")) == 1
    assert list_differences(world) == [] and "level-change-done" not in open_duties(world.tokyo)


def test_no_notice_stands_against_what_was_issued_before_anything_was_sent(with_notice: World) -> None:
    world = with_notice.twin(1)
    item, later = label(world.tokyo), label(world.tokyo)
    change(world.tokyo, item, "declassified")
    change(world.tokyo, later, AJISAI, on=(world.clock.at.date() + timedelta(days=3)).isoformat())
    world.clock.advance(hours=1)
    for one in (item, later):
        register(world, give(world, one))
    assert refusals(world.kyiv) == [] and "declassified_at" in item_of(world.kyiv, item).body
    assert [one["state"] for one in bodies(world.kyiv, "level-change").values() if one["item"] == later] == ["pending"]


def test_the_notice_stands_against_what_was_issued_after_something_was_sent(with_notice: World) -> None:
    world = with_notice.twin(2)
    _, (item,) = cross(world)
    world.clock.advance(hours=1)
    now = world.clock.at.replace(microsecond=0)
    send(world, world.tokyo, LevelChange(
        "c-1", item, 1, LevelChangeKind.DECLASSIFIED, LevelRef("EX-JPN", "EXERCISE SAKURA"), "Art. 4(4)", "x", now, now,
    ))
    assert refusals(world.kyiv) == ["refused.change-level"]


def test_whom_the_item_is_passed_on_to_after_it_was_declassified_is_told_by_letter(world: World) -> None:
    item = label(world.tokyo, release_to=["UKR", "POL"])
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    register(world, dispatch(world, [item]))
    change(world.tokyo, item, "declassified")
    work(world)
    assert "tell-level" not in open_duties(world.kyiv)
    answer(world, ask(world, item, "pass-on", recipient="POL"))
    pass_on(world, item)
    assert "tell-level" in open_duties(world.kyiv)
    world.kyiv.act("registrar", "level.told", {"item": item, "party": "POL", "reference": f"letter on {PURPOSE}"})
    assert "tell-level" not in open_duties(world.kyiv)
