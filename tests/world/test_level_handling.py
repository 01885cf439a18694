"""Higher handling that is asked for after an item has crossed: the level stays, and everybody handles it as higher."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import tell, waiting
from tests.world.outside import MemoryMedium
from tests.world.test_journey import AGREEMENT, PURPOSE, cross, dispatch, grant, label, release
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

from cordiale.errors import Malformed, OutOfOrder, Refused, Unavailable
from cordiale.message.bodies.level_change import LevelChange
from cordiale.message.bodies.level_change_done import LevelChangeDone
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind, LevelOutcome
from cordiale.model.names import ItemId
from cordiale.records.labels import label_of
from cordiale.records.stamps import compose_stamp
from cordiale.wire.person_json import parse_level_ref
from cordiale.work.bag import pack, unpack


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
    at = world.tokyo.clock.at.replace(microsecond=0)
    level = LevelRef("EX-JPN", "EXERCISE SAKURA")
    send(world, world.tokyo, LevelChange(
        "c-lower", item, 9, LevelChangeKind.HANDLING_RAISED, level, "x", "x", at, at, level,
        handle_as=replace(level, name="EXERCISE AJISAI"),
    ))
    assert refusals(world.kyiv)[-1] == "level.not-sound" and str(label_of(item_of(world.kyiv, item)).handle_as) == FUJI


def test_it_goes_on_beside_a_level_below_it_whatever_calls_itself_raised_and_ends_with_one_that_is_as_high(world: World) -> None:
    _, (item,) = cross(world)
    ask(world.tokyo, item)
    work(world)
    change(world.tokyo, item, AJISAI)
    work(world)
    for player in world.players:
        now = label_of(item_of(player, item))
        assert (str(now.level), str(now.handle_as)) == (AJISAI, FUJI)
    send(world, world.tokyo, _says(world, item, 3, AJISAI, SAKURA))
    assert refusals(world.kyiv)[-1] == "level.not-sound"
    assert str(label_of(item_of(world.kyiv, item)).handle_as) == FUJI
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


def _says(world: World, item: str, issue: int, before: str, handle_as: str) -> LevelChange:
    """Return what an originator would say that calls it raised."""
    at, level = world.tokyo.clock.at.replace(microsecond=0), parse_level_ref(before)
    return LevelChange(
        f"c.{item}.{issue}", ItemId(item), issue, LevelChangeKind.HANDLING_RAISED, level, "x", "x", at, at, level,
        handle_as=parse_level_ref(handle_as),
    )


def test_handling_that_waits_for_an_item_is_not_taken_back_before_it_is_registered(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    ask(world.tokyo, item)
    world.deliver()
    send(world, world.tokyo, _says(world, item, 2, AJISAI, SAKURA))
    assert refusals(world.kyiv)[-1] == "level.not-sound"
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    assert str(label_of(item_of(world.kyiv, item)).handle_as) == FUJI


def test_handling_that_is_raised_after_it_had_ended_waits_for_what_ended_it(world: World) -> None:
    _, (item,) = cross(world)
    ask(world.tokyo, item)
    work(world)
    for level in (FUJI, AJISAI):
        change(world.tokyo, item, level)
    ask(world.tokyo, item, SAKURA)
    orders = sorted(waiting(world.tokyo), key=lambda row: row.seq)
    with pytest.raises(Unavailable):
        tell(world.tokyo, world.kyiv, orders[-1].message)
    assert str(label_of(item_of(world.kyiv, item)).handle_as) == FUJI
    work(world)
    for player in world.players:
        now = label_of(item_of(player, item))
        assert (str(now.level), str(now.handle_as)) == (AJISAI, SAKURA)


def test_a_partner_ends_no_change_by_calling_it_superseded(world: World) -> None:
    _, (item,) = cross(world)
    name = str(change(world.tokyo, item, AJISAI)["change"])
    ahead = world.clock.at.replace(microsecond=0) + timedelta(days=900)
    send(world, world.kyiv, LevelChangeDone(name, LevelOutcome.SUPERSEDED, ahead))
    assert refusals(world.tokyo)[-1] == "level.change-unknown"
    # What it says of a later time than now keeps no later word of it away.
    send(world, world.kyiv, LevelChangeDone(name, LevelOutcome.WORKING, ahead, (), (1,)))
    work(world)
    assert told(world.tokyo, item) == ("done", "done")


def test_a_label_that_was_not_known_yet_stands_above_a_raised_handling_below_it() -> None:
    world = World.in_force(seed=504)
    highest = {"JPN": FUJI, "UKR": "EX-UKR:EXERCISE SONIASHNYK"}
    for player in world.players:
        for party, level in highest.items():
            player.act("authority", "agreement.ready", {
                "agreement": AGREEMENT, "article": "Art. 3(2)", "level": level, "of_party": party,
            })
        player.act("authority", "agreement.link", {
            "agreement": AGREEMENT, "level": highest[player.party], "link": "bag", "reference": "approval 2",
        })
    world.deliver()
    item = label(world.tokyo, level=FUJI)
    release(world.tokyo, item)
    consignment, bag = dispatch(world, [item], "bag"), MemoryMedium()
    pack(world.tokyo.registry, "UKR", bag, "pack.1")
    unpack(world.kyiv.registry, bag)
    send(world, world.tokyo, _says(world, item, 1, AJISAI, SAKURA))
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    now = label_of(item_of(world.kyiv, item))
    assert (str(now.level), now.handle_as) == (FUJI, None) and "judge-level" in open_duties(world.kyiv)
