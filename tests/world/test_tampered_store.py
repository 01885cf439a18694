"""Somebody with access to the store of envelopes exchanges what is whole and truly sealed: it is noticed."""

from __future__ import annotations

import pytest
from tests.world.comparing import bodies
from tests.world.forging import waiting
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, release
from tests.world.world import Player, World

from cordiale.errors import Unverified


@pytest.fixture
def world() -> World:
    return World.in_force(seed=51)


def deposited(player: Player, content: bytes) -> str:
    params = {"form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    return str(player.act("originator", "label", params, content=content).value["item"])


def exchange(player: Player, one: str, other: str) -> None:
    contents = player.objects.contents
    contents[one], contents[other] = contents[other], contents[one]


def test_our_own_envelope_of_another_item_is_neither_read_nor_sent(world: World) -> None:
    first, second = deposited(world.tokyo, CONTENT), deposited(world.tokyo, b"of another item")
    items = bodies(world.tokyo, "item")
    exchange(world.tokyo, items[first]["envelope"], items[second]["envelope"])
    world.tokyo.act("head", "need.grant", {"item": first, "person": "originator", "purpose": PURPOSE})
    with pytest.raises(Unverified):
        world.tokyo.read("originator", first, PURPOSE)
    release(world.tokyo, first)
    with pytest.raises(Unverified):
        dispatch(world, [first])
    assert waiting(world.tokyo) == []
    assert not any(name.startswith("out.") for name in world.tokyo.objects.contents)


@pytest.mark.parametrize("place", [0.05, 0.5, 0.95])
def test_our_own_envelope_of_which_a_byte_was_changed_is_not_sent(world: World, place: float) -> None:
    """Also of the sealed content, which is verified while it is sealed for the partner and not before."""
    content = bytes(300_000)
    item = deposited(world.tokyo, content)
    release(world.tokyo, item)
    contents = world.tokyo.objects.contents
    name = bodies(world.tokyo, "item")[item]["envelope"]
    changed = bytearray(contents[name])
    changed[int(len(changed) * place)] ^= 1
    contents[name] = bytes(changed)
    with pytest.raises(Unverified):
        dispatch(world, [item])
    assert waiting(world.tokyo) == []
    assert bodies(world.tokyo, "consignment") == {}
    assert not any(name.startswith("out.") for name in contents)


def test_two_envelopes_of_one_consignment_exchanged_before_registration_are_noticed(world: World) -> None:
    items = [deposited(world.tokyo, CONTENT), deposited(world.tokyo, b"of another item")]
    for item in items:
        release(world.tokyo, item)
    consignment = dispatch(world, items)
    world.deliver()
    exchange(world.kyiv, *(held["object"] for held in bodies(world.kyiv, "consignment")[consignment]["items"]))
    with pytest.raises(Unverified):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 2})
    assert bodies(world.kyiv, "item") == {}


def test_a_received_envelope_of_another_item_is_not_read(world: World) -> None:
    first, second = cross(world)[1] + cross(world)[1]
    copies = bodies(world.kyiv, "copy")
    exchange(world.kyiv, *(body["object"] for body in copies.values()))
    assert {body["item"] for body in copies.values()} == {first, second}
    for item in (first, second):
        grant(world, item, "reader")
        with pytest.raises(Unverified):
            world.kyiv.read("reader", item, PURPOSE)
