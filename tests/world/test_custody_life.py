"""Where each copy is at all times: charged out, handed over by two, put in a place, brought back by its day."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.test_audit import audit
from tests.world.test_inventory import begin, close, number_of, sight
from tests.world.test_journey import codes, cross, grant
from tests.world.world import Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.work.chaser import chase_due


@pytest.fixture
def world() -> World:
    return World.in_force(seed=51)


def charge(world: World, person: str, item: str, **more: Any) -> None:
    world.kyiv.act("registrar", "circulate", {"item": item, "person": person, **more})


def paper(world: World, *readers: str) -> str:
    """Let a paper cross that `readers` need, and give it to the first of them."""
    _, (item,) = cross(world, forms=("paper",))
    for reader in readers:
        grant(world, item, reader)
    charge(world, readers[0], item)
    world.kyiv.act(readers[0], "circulate.confirm", {"item": item})
    return item


def custody(player: Player, item: str, person: str) -> str:
    record = player.registry.record("custody", f"{item}/{person}")
    return str(record["state"]) if record is not None else ""


def test_a_hand_over_takes_both_and_the_giver_answers_until_the_second(world: World) -> None:
    item = paper(world, "reader", "colleague")
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    assert (custody(world.kyiv, item, "reader"), custody(world.kyiv, item, "colleague")) == ("confirmed", "offered")
    world.kyiv.act("colleague", "circulate.confirm", {"item": item})
    assert (custody(world.kyiv, item, "reader"), custody(world.kyiv, item, "colleague")) == (
        "handed-over", "confirmed",
    )
    shown = view(world.kyiv, "registrar", "view.where", item=item)
    assert shown["copies"][0]["with"] == "colleague"
    assert {"handed over to", "handed over by"} <= {row["act"] for row in shown["story"]}
    assert audit(world.kyiv).findings == []


def test_nothing_is_handed_over_to_who_may_not_have_it(world: World) -> None:
    item = paper(world, "reader", "junior")
    with pytest.raises(Refused) as uncleared:
        world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "junior"})
    assert any(code.startswith("access.clearance") for code in codes(uncleared))
    with pytest.raises(Refused) as stranger:
        world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    assert "access.no-need-to-know" in codes(stranger)


def test_who_lost_the_need_between_offer_and_confirmation_does_not_get_it(world: World) -> None:
    item = paper(world, "reader", "colleague")
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "colleague"})
    with pytest.raises(Refused):
        world.kyiv.act("colleague", "circulate.confirm", {"item": item})
    assert custody(world.kyiv, item, "reader") == "confirmed"


def test_a_declined_hand_over_leaves_the_item_where_it_was(world: World) -> None:
    item = paper(world, "reader", "colleague")
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    with pytest.raises(OutOfOrder):
        world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("colleague", "circulate.decline", {"item": item})
    assert (custody(world.kyiv, item, "reader"), custody(world.kyiv, item, "colleague")) == ("confirmed", "declined")
    world.kyiv.act("reader", "circulate.back", {"item": item})


def test_an_offer_is_void_once_the_giver_has_handed_it_back(world: World) -> None:
    item = paper(world, "reader", "colleague")
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("reader", "circulate.back", {"item": item})
    with pytest.raises(OutOfOrder, match="any more"):
        world.kyiv.act("colleague", "circulate.confirm", {"item": item})


def test_a_paper_is_in_one_pair_of_hands_and_a_file_is_not(world: World) -> None:
    item = paper(world, "reader", "colleague")
    with pytest.raises(OutOfOrder, match="in hand"):
        charge(world, "colleague", item)
    _, (file,) = cross(world)
    for person in ("reader", "colleague"):
        grant(world, file, person)
        charge(world, person, file)


def test_what_is_not_back_on_its_day_stands_overdue_until_it_is(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    grant(world, item, "reader")
    until = world.clock.at.date().isoformat()
    charge(world, "reader", item, until=until)
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.clock.advance(days=2)
    chase_due(world.kyiv.registry)
    (row,) = [one for one in view(world.kyiv, "registrar", "view.duties")["duties"] if one["what"] == "custody-back"]
    assert row["overdue"] and row["due"] == until
    world.kyiv.act("reader", "circulate.back", {"item": item})
    assert not [
        one for one in view(world.kyiv, "registrar", "view.duties")["duties"] if one["what"] == "custody-back"
    ]


def test_the_place_and_the_unit_of_a_copy_are_known_and_counted(world: World) -> None:
    _, items = cross(world, forms=("paper", "paper", "paper"))
    numbers = [number_of(world.kyiv, item) for item in items]
    for number, unit in zip(numbers, ("east/vault", "east/desk", "west"), strict=True):
        world.kyiv.act("registrar", "place", {"copy": number, "place": "safe 3", "unit": unit})
    with pytest.raises(Malformed):
        world.kyiv.act("registrar", "place", {"copy": numbers[0], "place": "safe 3", "unit": "east//vault"})
    shown = view(world.kyiv, "registrar", "view.where", item=numbers[0])
    assert (shown["copies"][0]["unit"], shown["copies"][0]["place"]) == ("east/vault", "safe 3")
    east = begin(world.kyiv, unit="east")
    assert sight(world.kyiv, east, numbers[0]) == ["sighted"]
    close(world.kyiv, east)
    units = view(world.kyiv, "registrar", "view.inventory", inventory=east)["units"]
    assert units[""] == units["east"] == {"sighted": 1, "missing": 1}
    assert units["east/vault"] == {"sighted": 1} and "west" not in units


def test_who_has_what_and_where_never_crosses(world: World) -> None:
    item = paper(world, "reader", "colleague")
    world.kyiv.act("registrar", "place", {"copy": number_of(world.kyiv, item), "place": "safe 3", "unit": "east"})
    world.kyiv.act("reader", "circulate.hand-over", {"item": item, "person": "colleague"})
    world.kyiv.act("colleague", "circulate.confirm", {"item": item})
    assert world.kyiv.registry.reads().outbox_open() == []
