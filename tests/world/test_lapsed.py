"""What was approved and holds no longer is closed with the reason, and waits for nobody."""

from __future__ import annotations

import pytest
from tests.attack.test_accord import set_stage
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies
from tests.world.organising import sign_newer
from tests.world.test_journey import approve, cross, dispatch, label, release
from tests.world.test_level_change import AJISAI, change, propose, work
from tests.world.world import Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.records.lapsed import close_lapsed
from cordiale.work.chaser import Chaser


@pytest.fixture
def world() -> World:
    return World.in_force(seed=1601)


def waits(player: Player, person: str) -> set[str]:
    return {row["what"] for row in view(player, person, "view.duties")["duties"]}


def lapsed(player: Player, kind: str = "approval") -> list[str]:
    return [one["lapsed_for"] for one in bodies(player, kind).values() if one["state"] == "lapsed"]


def test_what_holds_stays_open(world: World) -> None:
    first, second = label(world.tokyo), label(world.tokyo)
    release(world.tokyo, first)
    approve(world.tokyo, second, "originator", "release.propose")
    propose(world.tokyo, second, AJISAI)
    set_stage(world.tokyo, "suspended")
    assert close_lapsed(world.tokyo.registry) == 0, "a suspension passes"
    assert {"approve-release", "confirm-level"} <= waits(world.tokyo, "authority")
    assert "dispatch" in waits(world.tokyo, "registrar")


def test_a_release_of_what_was_changed_is_closed_and_proposed_anew(world: World) -> None:
    first, second = label(world.tokyo), label(world.tokyo)
    release(world.tokyo, first)
    approve(world.tokyo, second, "originator", "release.propose")
    for item in (first, second):
        change(world.tokyo, item, AJISAI)
    assert close_lapsed(world.tokyo.registry) == 2 and close_lapsed(world.tokyo.registry) == 0
    assert lapsed(world.tokyo) == ["terms-changed"] * 2
    assert "approve-release" not in waits(world.tokyo, "authority") and "dispatch" not in waits(world.tokyo, "registrar")
    with pytest.raises(Refused):
        dispatch(world, [first])
    release(world.tokyo, first)
    assert dispatch(world, [first]) and audit(world.tokyo).findings == []
    shown = view(world.tokyo, "originator", "view.release", item=second)["proposals"]
    assert [(one["state"], one["lapsed_for"], one["counts"]) for one in shown] == [("lapsed", "terms-changed", False)]


def test_a_release_is_closed_with_its_item_its_version_and_its_agreement(world: World) -> None:
    gone, old = label(world.tokyo), label(world.tokyo)
    for item in (gone, old):
        release(world.tokyo, item)
    world.tokyo.act("registrar", "entry.void", {"item": gone, "reason": "entered twice"})
    sign_newer(world)
    assert close_lapsed(world.tokyo.registry) == 2
    assert sorted(lapsed(world.tokyo)) == ["item-gone", "terms-changed"]
    another = label(world.tokyo)
    release(world.tokyo, another)
    set_stage(world.tokyo, "terminated", ended_on="2026-09-01")
    assert close_lapsed(world.tokyo.registry) == 1 and "agreement-over" in lapsed(world.tokyo)


def test_a_destruction_of_what_went_back_is_closed(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"})
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert close_lapsed(world.kyiv.registry) == 1 and lapsed(world.kyiv, "destruction") == ["item-gone"]
    (proposal,) = bodies(world.kyiv, "destruction")
    with pytest.raises(OutOfOrder):
        world.kyiv.act("head", "destroy.witness", {"proposal": proposal})
    assert audit(world.kyiv).findings == []


def test_a_level_that_was_reached_otherwise_waits_for_nobody(world: World) -> None:
    item = label(world.tokyo)
    change(world.tokyo, item, AJISAI, on="2026-12-24")
    propose(world.tokyo, item, AJISAI)
    assert close_lapsed(world.tokyo.registry) == 0
    while world.clock.at.date().isoformat() < "2026-12-24":
        world.clock.advance(days=10)
    work(world)
    assert close_lapsed(world.tokyo.registry) == 1 and lapsed(world.tokyo, "level-proposal") == ["done-otherwise"]
    assert "confirm-level" not in waits(world.tokyo, "authority")


def test_it_is_looked_through_once_a_day(world: World) -> None:
    chaser = Chaser(world.tokyo.registry)
    chaser.work()
    item = label(world.tokyo)
    release(world.tokyo, item)
    change(world.tokyo, item, AJISAI)
    work(world)
    chaser.work()
    assert lapsed(world.tokyo) == []
    world.clock.advance(days=1)
    chaser.work()
    assert lapsed(world.tokyo) == ["terms-changed"]
