"""Where an agreement asks for it an originator is told what an inventory found of its items, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.desk.browser import Browser, open_door
from tests.views.test_pages import view
from tests.world import world as worlds
from tests.world.comparing import audit, bodies
from tests.world.forging import tell as bring
from tests.world.forging import waiting
from tests.world.reproducing import copy_it
from tests.world.test_inventory import begin, close, duties, number_of, sight, sign
from tests.world.test_inventory_export import CAVEAT, keep_out
from tests.world.test_journey import codes, cross, dispatch, grant, label, release
from tests.world.test_level_change import refusals, send
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import OutOfOrder, Refused, Unavailable
from cordiale.journey import inventory_tell
from cordiale.message.bodies.inventory_result import CopyDifference, InventoryResult
from cordiale.message.verification import read_unverified_object
from cordiale.model.agreement import Term, TermUnit
from cordiale.model.names import CopyId
from cordiale.rules.inventory import Explanation, Finding

A_MONTH = Term("inventory.report", "Art. 11(4)", 1, TermUnit.MONTHS)


@pytest.fixture(scope="module")
def in_force() -> Iterator[World]:
    plain = worlds.exercise_agreement
    text, profile = plain()
    asked = replace(profile, terms=(*profile.terms, A_MONTH))
    worlds.exercise_agreement = lambda: (text, asked)  # type: ignore[assignment]
    try:
        world = World.founded(seed=731)
        world.bring_into_force()
    finally:
        worlds.exercise_agreement = plain  # type: ignore[assignment]
    yield world


@pytest.fixture
def world(in_force: World) -> World:
    return in_force.twin(1)


def counted(player: Player, *numbers: str, missing: str = "", explanation: str = "not-found", **params: Any) -> str:
    """Take an inventory in which `numbers` are seen, and sign it."""
    inventory = begin(player, **params)
    sight(player, inventory, *numbers)
    close(player, inventory)
    if missing:
        player.act("registrar", "inventory.explain", {
            "explanation": explanation, "inventory": inventory, "number": missing, "text": "M. Leserin had it last",
        })
    assert sign(player, inventory) == "signed"
    return inventory


def tell(world: World, inventory: str, person: str = "registrar", **params: Any) -> dict[str, Any]:
    asked = {"agreement": AGREEMENT, "inventory": inventory, "party": "JPN", **params}
    answer = world.kyiv.act(person, "inventory.tell", asked).value
    world.deliver()
    return dict(answer)


def told_at(player: Player) -> dict[str, Any]:
    (one,) = bodies(player, "inventory-told").values()
    return dict(one)


def copies_of(world: World, item: str) -> list[str]:
    return [one.id for one in world.kyiv.registry.find("copy", "item", item)]


def test_a_result_that_agrees_is_told_by_its_day_and_makes_no_work(world: World) -> None:
    _, items = cross(world, forms=("paper", "file"))
    inventory = counted(world.kyiv, *(number_of(world.kyiv, one) for one in items))
    (duty,) = duties(world.kyiv, "tell-inventory")
    assert (duty["due"], duty["basis"]) == ("2026-10-01", "Art. 11(4)")
    assert tell(world, inventory)["present"] == 2
    assert duties(world.kyiv, "tell-inventory") == []
    there = told_at(world.tokyo)
    assert (there["state"], there["present"], there["differs"]) == ("agrees", 2, 0)
    assert duties(world.tokyo, "inventory-differs") == []
    assert all(audit(player).findings == [] for player in world.players)


def test_a_missing_copy_is_a_duty_of_its_originator_and_no_silent_change(world: World) -> None:
    _, (item, other) = cross(world, forms=("paper", "paper"))
    grant(world, other, "reader")
    number = number_of(world.kyiv, other)
    before = bodies(world.tokyo, "copy")
    inventory = counted(world.kyiv, number_of(world.kyiv, item), missing=number)
    tell(world, inventory)
    assert duties(world.tokyo, "inventory-differs") and told_at(world.tokyo)["state"] == "differs"
    (told,) = bodies(world.tokyo, "inventory-told")
    shown = view(world.tokyo, "authority", "view.inventory-told", told=told)
    assert [(one["finding"], one["explanation"], one["their_number"]) for one in shown["differences"]] == [
        ("missing", "not-found", number),
    ]
    assert bodies(world.tokyo, "copy") == before, "what a partner says ends nothing here"
    with pytest.raises(Refused):
        view(world.tokyo, "originator", "view.inventory-told", told=told)


def test_a_copy_that_was_found_after_all_is_no_difference_to_the_originator(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    tell(world, counted(world.kyiv, missing=number_of(world.kyiv, item), explanation="found"))
    assert told_at(world.tokyo)["state"] == "agrees"


def test_neither_persons_nor_places_nor_items_of_others_nor_national_caveats_cross(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    marked = label(world.tokyo, form="paper", caveats=["=".join(CAVEAT)])
    release(world.tokyo, marked)
    consignment = dispatch(world, [marked])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    own = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    world.kyiv.act("registrar", "place", {"copy": copies_of(world, item)[0], "place": "Panzerschrank Sieben", "unit": "east"})
    keep_out(world)
    missing = number_of(world.kyiv, item)
    inventory = counted(world.kyiv, number_of(world.kyiv, marked), number_of(world.kyiv, own), missing=missing)
    tell(world, inventory)
    (sent,) = [one for one in bodies(world.kyiv, "inventory-told").values() if one["direction"] == "out"]
    assert len(sent["left_out"]) == 1 and sent["differs"] == 1 and sent["present"] == 0
    row = world.kyiv.registry.reads().outbox(sent["messages"][0])
    assert row is not None
    crossed = bytes(row.message).decode()
    crossed = read_unverified_object(row.message).unverified_payload.decode()
    for word in ("Leserin", "Panzerschrank", "east", own, copies_of(world, marked)[0], "DIALOGUE"):
        assert word not in crossed


def test_at_the_desk_a_result_is_told_from_its_page_and_the_other_side_sees_what_differs(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    inventory = counted(world.kyiv, missing=number_of(world.kyiv, item))
    giver, taker = Browser(open_door(world.kyiv)), Browser(open_door(world.tokyo))
    giver.sign_in("registrar")
    shown = giver.open(f"/inventories/{inventory}")
    assert "not told yet" in shown.said and "Art. 11(4)" in shown.said
    giver.open(next(link for link in shown.links() if "inventory-tell" in link))
    giver.submit()
    assert "JPN is told." in giver.submit().said
    world.deliver()
    taker.sign_in("authority")
    page = taker.open(next(link for link in taker.open("/inventories/told").links() if "/inventories/told/" in link))
    assert "missing" in page.said and "not found" in page.said


def test_under_an_agreement_that_says_nothing_the_result_stays_at_home() -> None:
    world = World.in_force(seed=732)
    _, (item,) = cross(world, forms=("paper",))
    inventory = counted(world.kyiv, number_of(world.kyiv, item))
    assert duties(world.kyiv, "tell-inventory") == []
    with pytest.raises(OutOfOrder, match="does not ask"):
        tell(world, inventory)
    assert world.kyiv.registry.reads().outbox_open() == []


def test_a_count_of_a_part_says_nothing_of_the_rest_and_is_not_told(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    for part in ({"levels": ["EX-JPN:EXERCISE SAKURA"]}, {"book": "own"}):
        numbers = [number_of(world.kyiv, item)] if "levels" in part else []
        inventory = counted(world.kyiv, *numbers, **part)
        with pytest.raises(OutOfOrder, match="does not ask"):
            tell(world, inventory)
    assert duties(world.kyiv, "tell-inventory") == []


def test_a_result_is_told_once_when_it_is_signed_and_by_those_who_count(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    inventory = begin(world.kyiv)
    with pytest.raises(OutOfOrder):
        tell(world, inventory)
    sight(world.kyiv, inventory, number_of(world.kyiv, item))
    close(world.kyiv, inventory)
    sign(world.kyiv, inventory)
    with pytest.raises(Refused) as refused:
        tell(world, inventory, person="reader")
    assert codes(refused) == {"office.not-held"}
    tell(world, inventory)
    with pytest.raises(OutOfOrder, match="before"):
        tell(world, inventory)


def test_a_copy_that_left_while_it_was_counted_is_no_difference(world: World) -> None:
    _, (item, other) = cross(world, forms=("paper", "paper"))
    inventory = begin(world.kyiv)
    world.kyiv.act("registrar", "return", {"item": item})
    sight(world.kyiv, inventory, number_of(world.kyiv, other))
    close(world.kyiv, inventory)
    sign(world.kyiv, inventory)
    tell(world, inventory)
    there = told_at(world.tokyo)
    assert (there["state"], there["left"], there["present"]) == ("agrees", 1, 1)


@pytest.mark.parametrize("at_once", [60, 1])
def test_a_result_that_overtakes_what_was_told_of_copies_waits_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """A copy that was made and one that was returned, and nobody was told before the result was."""
    monkeypatch.setattr(inventory_tell, "_FOLLOWED_COUNT", at_once)
    _, (item, gone) = cross(world, forms=("paper", "paper"))
    copy_it(world, item)
    world.kyiv.act("registrar", "return", {"item": gone})
    world.clock.advance(seconds=60)
    inventory = begin(world.kyiv)
    sight(world.kyiv, inventory, *copies_of(world, item))
    close(world.kyiv, inventory)
    sign(world.kyiv, inventory)
    world.kyiv.act("registrar", "inventory.tell", {"agreement": AGREEMENT, "inventory": inventory, "party": "JPN"})
    for row in sorted(waiting(world.kyiv), key=lambda one: one.seq, reverse=True):
        with suppress(Unavailable):
            bring(world.kyiv, world.tokyo, row.message)
    world.deliver()
    there = told_at(world.tokyo)
    assert (there["state"], there["present"], there["differs"]) == ("agrees", 2, 0)


def test_a_long_result_comes_in_parts_and_is_compared_once_it_is_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, items = cross(world, forms=("paper", "paper", "paper"))
    monkeypatch.setattr(inventory_tell, "COPIES_COUNT_MAX", 2)
    tell(world, counted(world.kyiv, *(number_of(world.kyiv, one) for one in items)))
    there = told_at(world.tokyo)
    assert (there["came"], there["parts"], there["present"], there["state"]) == ([1, 2], 2, 3, "agrees")


def test_answers_for_copies_a_partner_never_had_or_no_longer_has_stand_out(world: World) -> None:
    """What the partner leaves away stands out as well; nothing of it is believed, and nothing changes."""
    _, (item, gone) = cross(world, forms=("paper", "paper"))
    (left_away,), (ended,) = copies_of(world, item), copies_of(world, gone)
    world.kyiv.act("registrar", "return", {"item": gone})
    world.deliver()
    world.clock.advance(days=1)
    now = world.clock.at.replace(microsecond=0)
    before = bodies(world.tokyo, "copy")
    result = InventoryResult(
        "act.forged", now, now, "Art. 11(4)", 1, 1, tuple(sorted((CopyId("no.such.copy"), CopyId(ended)))), (),
    )
    send(world, world.kyiv, result)
    (told,) = bodies(world.tokyo, "inventory-told")
    lines = view(world.tokyo, "registrar", "view.inventory-told", told=told)["differences"]
    assert {(one["copy"], one["finding"]) for one in lines} == {
        ("no.such.copy", "never-there"), (ended, "had-ended"), (left_away, "not-listed"),
    }
    assert bodies(world.tokyo, "copy") == before
    send(world, world.kyiv, result)
    send(world, world.kyiv, replace(result, parts=2, part=2))
    assert refusals(world.tokyo) == ["inventory-result.other-parts"] * 2


def test_a_result_that_contradicts_itself_is_not_read(world: World) -> None:
    at, copy = world.clock.at, CopyId("c.1")
    difference = CopyDifference(copy, Finding.MISSING, Explanation.FOUND)
    for wrong in (
        {"present": (copy,), "left": (copy,)}, {"differences": (difference, difference)}, {"part": 2},
        {"signed_at": at - timedelta(days=1)}, {"differences": (replace(difference, finding=Finding.SIGHTED),)},
    ):
        with pytest.raises(Exception, match="result"):
            replace(InventoryResult("act.1", at, at, "Art. 1", 1, 1), **wrong)  # type: ignore[arg-type]
