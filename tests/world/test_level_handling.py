"""Higher handling that is asked for after an item has crossed: the level stays, and everybody handles it as higher."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.test_journey import PURPOSE, cross, dispatch, grant, release
from tests.world.test_level_change import (
    AJISAI,
    FUJI,
    SAKURA,
    change,
    item_of,
    open_duties,
    propose,
    refusals,
    send,
    work,
)
from tests.world.world import Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind
from cordiale.records.items import label_of
from cordiale.records.stamps import compose_stamp


@pytest.fixture(scope="module")
def world() -> World:
    """One world: each test is about an item of its own."""
    return World.in_force(seed=503)


def told(player: Player, item: str) -> tuple[str, str]:
    """Return how far the partner has come with the last change of `item`."""
    last = max((one["issue"], id) for id, one in bodies(player, "level-change").items() if one["item"] == item)[1]
    (one,) = (one for one in bodies(player, "level-told").values() if one["change"] == last)
    return one["state"], one["outcome"]


def ask(player: Player, item: str, handle_as: str = FUJI, **more: Any) -> dict[str, Any]:
    asked = {"article": "Art. 4(4)", "handle_as": handle_as, "item": item, **more}
    proposal = str(player.act("originator", "level.propose", asked).value["proposal"])
    return dict(player.act("authority", "level.confirm", {"item": item, "proposal": proposal}).value)


def test_the_level_stays_and_the_item_is_handled_as_higher_at_both_ends(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    before = item_of(world.kyiv, item)
    assert world.kyiv.read("reader", item, PURPOSE)
    assert ask(world.tokyo, item)["told"] == ["UKR"]
    work(world)
    for player in world.players:
        now = item_of(player, item)
        assert (str(label_of(now).level), str(label_of(now).handle_as)) == (SAKURA, FUJI)
        assert now["label"] == before["label"], "the originator's label is never written again"
        stamp = compose_stamp(player.registry.books(), now, None, player.registry.mode)
        assert any("HANDLE AS JPN EXERCISE FUJI" in line for line in stamp.top)
        assert any(line.startswith(f"HANDLE AS {FUJI} 2026-") and "Art. 4(4)" in line for line in stamp.top)
        assert not any("STRUCK" in line for line in stamp.top)
    (entry,) = (
        one for one in bodies(world.kyiv, "entry").values() if one["act"] == "handling-raised" and one["item"] == item
    )
    assert (entry["handle_as"], entry["level"], entry["legal_basis"]) == (FUJI, SAKURA, "Art. 4(4)")
    with pytest.raises(Refused, match="below the level"):
        world.kyiv.read("reader", item, PURPOSE)
    assert {"note-level", "recover-item"} <= open_duties(world.kyiv)
    assert told(world.tokyo, item) == ("done", "done")
    assert list_differences(world) == [] and audit(world.kyiv).findings == []


def test_a_paper_is_answered_for_once_a_registrar_has_marked_it(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    ask(world.tokyo, item)
    work(world)
    assert told(world.tokyo, item) == ("told", "working")
    world.kyiv.act("registrar", "level.mark", {"item": item})
    work(world)
    assert told(world.tokyo, item) == ("done", "done")


def test_handling_is_only_ever_raised_and_by_two_persons_of_the_originator(world: World) -> None:
    _, (item,) = cross(world)
    for lower in (SAKURA, AJISAI):
        with pytest.raises(Refused, match="handled as"):
            ask(world.tokyo, item, lower)
    with pytest.raises(Malformed):
        ask(world.tokyo, item, to=FUJI)
    with pytest.raises(OutOfOrder, match="only its originator"):
        ask(world.kyiv, item)
    ask(world.tokyo, item)
    with pytest.raises(Refused, match="or higher already"):
        ask(world.tokyo, item)
    work(world)
    at = world.tokyo.clock.now().replace(microsecond=0)
    level = LevelRef("EX-JPN", "EXERCISE SAKURA")
    send(world, world.tokyo, LevelChange(
        "c-lower", item, 9, LevelChangeKind.HANDLING_RAISED, level, "x", "x", at, at, level,
        handle_as=replace(level, name="EXERCISE AJISAI"),
    ))
    assert refusals(world.kyiv)[-1] == "level.not-sound" and str(label_of(item_of(world.kyiv, item)).handle_as) == FUJI


def test_it_goes_on_beside_a_level_below_it_and_ends_with_one_that_is_as_high(world: World) -> None:
    _, (item,) = cross(world)
    ask(world.tokyo, item)
    work(world)
    change(world.tokyo, item, AJISAI)
    work(world)
    for player in world.players:
        now = label_of(item_of(player, item))
        assert (str(now.level), str(now.handle_as)) == (AJISAI, FUJI)
    change(world.tokyo, item, FUJI)
    work(world)
    for player in world.players:
        assert label_of(item_of(player, item)).handle_as is None
    assert list_differences(world) == []


def test_a_level_and_a_handling_never_wait_beside_each_other(world: World) -> None:
    """The later of two would take the place of the earlier, and both are to hold."""
    _, (item,) = cross(world)
    change(world.tokyo, item, AJISAI, on="2027-02-01")
    with pytest.raises(Refused, match="another change of this item waits"):
        ask(world.tokyo, item)
    _, (other,) = cross(world)
    ask(world.tokyo, other, on="2027-02-01")
    with pytest.raises(Refused, match="another change of this item waits"):
        propose(world.tokyo, other, AJISAI)


def test_a_further_copy_leaves_only_as_the_handling_allows_and_comes_under_it(world: World) -> None:
    _, (item,) = cross(world)
    change(world.tokyo, item, AJISAI)
    ask(world.tokyo, item, SAKURA)
    work(world)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], is_another=True)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    ask(world.tokyo, item)
    work(world)
    assert told(world.tokyo, item) == ("done", "done") and list_differences(world) == []
    release(world.tokyo, item)
    with pytest.raises(Refused, match="approved this link"):
        dispatch(world, [item], is_another=True)
