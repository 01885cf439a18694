"""The same item comes twice: for another purpose, after the first copy has ended, or under another label."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import bodies, list_differences
from tests.world.test_journey import CONTENT, PURPOSE, approve, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, World

from cordiale.errors import OutOfOrder, Refused, Undecidable, Unverified
from cordiale.journey import dispatch as dispatching
from cordiale.records import opening
from cordiale.records.labels import label_of

OTHER_PURPOSE = "mine action forum"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=71)


def send_again(world: World, item: str, purpose: str = PURPOSE) -> str:
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind, purpose)
    answer = world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": purpose, "recipient": "UKR",
        "registry": "registry-kyiv",
    })
    world.deliver()
    return str(answer.value["consignment"])


def register(world: World, consignment: str) -> None:
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()


def test_an_item_that_was_returned_and_comes_again_is_read_again(world: World) -> None:
    _, (item,) = cross(world)
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    grant(world, item, "reader")
    with pytest.raises((Refused, OutOfOrder)):
        world.kyiv.read("reader", item, PURPOSE)
    register(world, send_again(world, item))
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    states = {body["state"] for body in bodies(world.tokyo, "copy").values() if body["party"] == "UKR"}
    assert states == {"returned"}
    assert list_differences(world) == []


def test_an_item_that_comes_for_a_second_purpose_is_read_for_both(world: World) -> None:
    _, (item,) = cross(world)
    register(world, send_again(world, item, OTHER_PURPOSE))
    for purpose in (PURPOSE, OTHER_PURPOSE):
        world.kyiv.act("head", "need.grant", {"item": item, "person": "reader", "purpose": purpose})
        assert world.kyiv.read("reader", item, purpose) == CONTENT
    assert list_differences(world) == []


def test_a_second_copy_under_another_label_is_not_registered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (item,) = cross(world)
    monkeypatch.setattr(dispatching, "label_of", lambda record: relabelled(record))
    consignment = send_again(world, item)
    monkeypatch.undo()
    before = bodies(world.kyiv, "item")
    with pytest.raises(Unverified):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert bodies(world.kyiv, "item") == before
    assert bodies(world.kyiv, "consignment")[consignment]["state"] == "held"


def relabelled(record: Any) -> Any:
    from dataclasses import replace

    from cordiale.model.label import LevelRef
    return replace(label_of(record), level=LevelRef("EX-JPN", "EXERCISE AJISAI"))


def test_an_item_without_any_label_is_not_registered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    unlock = opening.unlock

    def without_label(*args: Any) -> Any:
        from dataclasses import replace
        return replace(unlock(*args), label=b"")

    monkeypatch.setattr(opening, "unlock", without_label)
    with pytest.raises((Unverified, Undecidable, Refused)):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert bodies(world.kyiv, "item") == {}


def test_a_copy_number_used_before_is_not_used_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a partner does whose books were rolled back without anybody noticing."""
    _, (item,) = cross(world)
    monkeypatch.setattr(dispatching, "_next_copy_number", lambda *_: 1)
    monkeypatch.setattr(dispatching, "enter_copy", lambda session, order, one, numbered: str(one.consigned.copy))
    get = dispatching.ActSession.get
    monkeypatch.setattr(
        dispatching.ActSession, "get", lambda self, kind, id: None if id.endswith(".c1") else get(self, kind, id)
    )
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    consignment = dispatch(world, [item])
    monkeypatch.undo()
    world.deliver()
    if bodies(world.tokyo, "consignment")[consignment]["state"] != "refused-by-partner":
        with pytest.raises((OutOfOrder, Unverified)):
            world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert len(bodies(world.kyiv, "copy")) == 1
