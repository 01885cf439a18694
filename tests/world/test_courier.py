"""A hostile courier loses time, never anything else."""

from __future__ import annotations

import pytest
from tests.world.comparing import bodies, list_differences, list_unrest
from tests.world.courier import MAIMING, TRICKS, HostileCourier
from tests.world.outside import MemoryMedium
from tests.world.test_journey import dispatch, label, release
from tests.world.world import World, make_acquainted

from cordiale.records.sweeping import sweep_envelopes
from cordiale.work.bag import pack, unpack


def hostile_world(seed: int, tricks: dict[str, int] | None = None) -> tuple[World, HostileCourier]:
    world = World.in_force(seed)
    courier = HostileCourier(world, seed, tricks or dict(TRICKS))
    world.carry = courier
    return world, courier


def register_held(world: World) -> int:
    held = [id for id, body in bodies(world.kyiv, "consignment").items() if body["state"] == "held"]
    for id in held:
        count = len(bodies(world.kyiv, "consignment")[id]["items"])
        world.kyiv.act("registrar", "register", {"consignment": id, "counted": count})
    return len(held)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_the_courier_did_faithful_delivery_brings_everything_to_rest(seed: int) -> None:
    world, courier = hostile_world(seed)
    stranger = world.add_stranger()
    for player in world.players:
        make_acquainted(player, stranger)
        make_acquainted(stranger, player)
    for _ in range(3):
        items = [label(world.tokyo), label(world.tokyo, form="paper")]
        for item in items:
            release(world.tokyo, item)
        dispatch(world, items)
        world.deliver(8)
        register_held(world)
        world.deliver(8)
    courier.calm()
    world.deliver()
    while register_held(world):
        world.deliver()
    assert len(courier.played) > 4
    assert list_unrest(world) == []
    assert list_differences(world) == []
    assert {body["state"] for body in bodies(world.tokyo, "consignment").values()} == {"receipted"}


@pytest.mark.parametrize("trick", MAIMING)
def test_a_maimed_envelope_is_refused_signed_and_the_item_can_be_sent_again(trick: str) -> None:
    world, courier = hostile_world(5, {trick: 1})
    item = label(world.tokyo)
    release(world.tokyo, item)
    first = dispatch(world, [item])
    world.deliver(4)
    courier.calm()
    world.deliver()
    sent = bodies(world.tokyo, "consignment")[first]
    assert sent["state"] == "refused-by-partner"
    assert first not in bodies(world.kyiv, "consignment")
    assert len(bodies(world.tokyo, "partner-refusal")) == 1
    second = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": second, "counted": 1})
    world.deliver()
    assert bodies(world.tokyo, "consignment")[second]["state"] == "receipted"
    assert list_differences(world) == []


def sent(world: World, form: str) -> str:
    item = label(world.tokyo, form=form)
    release(world.tokyo, item)
    return dispatch(world, [item])


def test_one_message_that_does_not_get_through_holds_up_no_other() -> None:
    world, courier = hostile_world(6, {"withhold": 1})
    stuck = [sent(world, "file") for _ in range(4)]
    others = [sent(world, "paper") for _ in range(2)]
    world.deliver(4)
    states = {id: body["state"] for id, body in bodies(world.tokyo, "consignment").items()}
    assert {states[id] for id in stuck} == {"dispatched"}
    assert {states[id] for id in others} == {"delivered"}
    assert world.tokyo.outbox.trouble().keys() == {"kyiv.ukr"}
    courier.calm()
    world.deliver()
    assert world.tokyo.outbox.trouble() == {}
    assert list_unrest(world) == []


def test_a_receipt_settles_a_dispatch_whose_delivery_notice_was_lost() -> None:
    world, courier = hostile_world(8, {"lose-answer": 1})
    consignment = sent(world, "file")
    world.tokyo.outbox.send_waiting()
    courier.calm()
    register_held(world)
    world.kyiv.outbox.send_waiting()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "receipted"
    sweep_envelopes(world.tokyo.registry)
    world.deliver()
    assert list_unrest(world) == []
    assert list_differences(world) == []


@pytest.mark.parametrize("by_bag", [False, True])
def test_what_was_destroyed_does_not_come_back_with_a_repeated_delivery(by_bag: bool) -> None:
    world, courier = hostile_world(9, {"lose-answer": 1})
    item, bag = label(world.tokyo), MemoryMedium()
    release(world.tokyo, item)
    dispatch(world, [item], link="bag" if by_bag else "wire")
    if by_bag:
        pack(world.tokyo.registry, "UKR", bag, "pack.1")
        unpack(world.kyiv.registry, bag)
    else:
        world.tokyo.outbox.send_waiting()
    register_held(world)
    world.kyiv.act("registrar", "return", {"item": item})
    assert not list(world.kyiv.objects.names("in."))
    courier.calm()
    world.clock.advance(seconds=5)
    if by_bag:
        unpack(world.kyiv.registry, bag)
        back = MemoryMedium()
        pack(world.kyiv.registry, "JPN", back, "pack.2")
        unpack(world.tokyo.registry, back)
    world.deliver()
    assert list_unrest(world) == []
    assert list_differences(world) == []


def test_a_partner_that_does_not_answer_is_not_asked_for_every_message_that_waits() -> None:
    world, courier = hostile_world(7, {"drop": 1})
    for _ in range(8):
        sent(world, "paper")
    world.tokyo.outbox.send_waiting()
    assert courier.played["drop"] <= 3
