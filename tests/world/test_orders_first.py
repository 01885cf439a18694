"""An order to freeze waits for nothing, and what does wait for good is told to whoever keeps the register."""

from __future__ import annotations

import pytest
from tests.attack.test_accord import set_stage
from tests.world.comparing import list_unrest
from tests.world.outside import MemoryMedium
from tests.world.test_custody_crisis import enter
from tests.world.test_incidents import view
from tests.world.test_journey import PURPOSE, codes, cross, dispatch, grant, label, release
from tests.world.test_level_change import change
from tests.world.world import Player, World

from cordiale.errors import Refused
from cordiale.records.ledger import Act
from cordiale.work.bag import pack, unpack


@pytest.fixture
def world() -> World:
    return World.in_force(seed=78)


def order(world: World, item: str, demand: str = "freeze") -> None:
    world.tokyo.act("authority" if demand == "freeze" else "head", "freeze.order", {
        "demand": demand, "item": item, "party": "UKR", "reason": "it may have been opened",
    })
    world.deliver()


def orders(player: Player) -> list[tuple[str, str]]:
    """Return what was ordered and how it stands."""
    return sorted((one["demand"], one["state"]) for one in player.registry.books().every("freeze-order"))


def answer(world: World, demand: str) -> None:
    (waiting,) = [one for one in world.kyiv.registry.find("freeze-order", "state", "asked") if one["demand"] == demand]
    world.kyiv.act("security", "freeze.answer", {"order": waiting.id})
    world.deliver()


def sent(world: World, link: str) -> tuple[str, str]:
    item = label(world.tokyo)
    release(world.tokyo, item)
    return item, dispatch(world, [item], link)


def test_an_order_is_there_before_the_bag_with_its_item_and_the_item_comes_in_frozen(world: World) -> None:
    item, consignment = sent(world, "bag")
    order(world, item)
    assert list_unrest(world) != [] and orders(world.kyiv) == [("freeze", "asked")]
    answer(world, "freeze")
    assert orders(world.tokyo) == [("freeze", "frozen")]
    medium = MemoryMedium()
    pack(world.tokyo.registry, "UKR", medium, "pack.1")
    unpack(world.kyiv.registry, medium)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    grant(world, item, "reader")
    with pytest.raises(Refused) as frozen:
        world.kyiv.read("reader", item, PURPOSE)
    assert "item.frozen" in codes(frozen)


def test_of_two_orders_that_say_the_contrary_the_newer_counts(world: World) -> None:
    _, (item,) = cross(world)
    order(world, item)
    answer(world, "freeze")
    order(world, item, "lift")
    order(world, item)
    assert orders(world.kyiv) == orders(world.tokyo) == [("freeze", "asked"), ("freeze", "frozen"), ("lift", "declined")]
    answer(world, "freeze")
    record = world.kyiv.registry.record("item", item)
    assert record is not None and record["state"] == "frozen"


def test_the_registrar_is_told_of_what_does_not_leave_and_what_is_told_of_it_waits_with_it(world: World) -> None:
    item, consignment = sent(world, "wire")
    set_stage(world.tokyo, "suspended")
    change(world.tokyo, item, "EX-JPN:EXERCISE AJISAI")
    order(world, item)
    assert orders(world.kyiv) == [("freeze", "asked")] and list_unrest(world) == []

    def held_back() -> list[str]:
        rows = view(world.tokyo, "registrar", "view.duties")["duties"]
        return [row["subject"] for row in rows if row["what"] == "held-back"]

    assert held_back() == [consignment]
    set_stage(world.tokyo, "in-force")
    world.deliver()
    assert held_back() == [] and not list(world.tokyo.registry.reads().outbox_open())


def test_a_report_on_a_crisis_names_only_copies_that_the_originator_knows_of(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    (copy,) = (one for one in world.kyiv.registry.find("copy", "item", item) if one["party"] == "UKR")

    def reproduce(session: object) -> dict[str, object]:
        session.put("copy", f"{copy.id}.1", {**copy.body, "copy_number": 2, "parent": copy.id, "root": item}, expect=0)  # type: ignore[attr-defined]
        return {}

    world.kyiv.registry.ledger.commit(Act("x.copy", "test", "node", copy["agreement"], reproduce))
    crisis = enter(world, copy.id, f"{copy.id}.1")
    world.kyiv.act("security", "crisis.confirm", {"crisis": crisis})
    world.deliver()
    (report,) = world.tokyo.registry.books().every("crisis-report")
    assert report["copies"] == [copy.id]
