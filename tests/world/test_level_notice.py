"""S3: under an agreement that asks for six weeks' notice a change of level filed today does not hold before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.world import world as worlds
from tests.world.test_journey import cross
from tests.world.test_level_change import AJISAI, change, item_of, refusals, send, work
from tests.world.world import World

from cordiale.errors import Refused
from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.agreement import Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind
from cordiale.records.labels import label_of

SIX_WEEKS = Term("level.notice", "Art. 4(4)", 6, TermUnit.WEEKS)


@pytest.fixture(scope="module")
def in_force() -> Iterator[World]:
    plain = worlds.exercise_agreement
    text, profile = plain()
    noticed = replace(profile, terms=(*profile.terms, SIX_WEEKS))
    worlds.exercise_agreement = lambda: (text, noticed)  # type: ignore[assignment]
    try:
        world = World.founded(seed=611)
        world.bring_into_force()
    finally:
        worlds.exercise_agreement = plain  # type: ignore[assignment]
    yield world


def test_a_change_filed_today_does_not_hold_before_six_weeks(in_force: World) -> None:
    world = in_force.twin(1)
    _, (item,) = cross(world)
    today = world.clock.at.date()
    for on in (today, today + timedelta(days=41)):
        with pytest.raises(Refused) as refused:
            change(world.tokyo, item, AJISAI, on=on.isoformat())
        (reason,) = refused.value.decision.reasons
        assert (reason.code, reason.article) == ("level.notice-short", "Art. 4(4)")
        assert dict(reason.fields)["day"] == (today + timedelta(days=42)).isoformat()
    change(world.tokyo, item, AJISAI, on=(today + timedelta(days=42)).isoformat())
    work(world)
    world.clock.advance(days=41)
    work(world)
    for player in world.players:
        assert "marks" not in item_of(player, item).body
    world.clock.advance(days=1)
    work(world)
    for player in world.players:
        assert str(label_of(item_of(player, item)).level) == AJISAI


def test_without_a_copy_away_nobody_has_to_be_told_ahead(in_force: World) -> None:
    from tests.world.test_journey import label

    world = in_force.twin(2)
    item = label(world.tokyo)
    change(world.tokyo, item, AJISAI)
    assert str(label_of(item_of(world.tokyo, item)).level) == AJISAI


def test_a_partner_that_gives_no_notice_is_refused(in_force: World) -> None:
    world = in_force.twin(3)
    _, (item,) = cross(world)
    now = world.clock.at.replace(microsecond=0)
    send(world, world.tokyo, LevelChange(
        "c-1", item, 1, LevelChangeKind.DOWNGRADED, LevelRef("EX-JPN", "EXERCISE SAKURA"), "Art. 4(4)", "x", now, now,
        LevelRef("EX-JPN", "EXERCISE AJISAI"),
    ))
    assert refusals(world.kyiv) == ["refused.change-level"]
    assert "marks" not in item_of(world.kyiv, item).body
