"""An authority that withdraws its approval of a release: the matter waits for an authority again, and for any of them."""

from __future__ import annotations

import pytest
from tests.world.people import HEADER, row
from tests.world.test_journey import approve, codes, dispatch, label, release
from tests.world.world import World

from cordiale.errors import Refused


@pytest.fixture(scope="module")
def begun() -> World:
    """Two authorities in Tokyo, either of which may release."""
    begun = World.in_force(seed=83)
    begun.tokyo.enter_people(HEADER + row("second", "Second Authority", "JPN", "releasing-authority", "FUJI").strip())
    return begun


@pytest.fixture
def world(begun: World) -> World:
    return begun.twin(84)


def _states(world: World, item: str) -> dict[tuple[str, str], str]:
    found = world.tokyo.registry.find("approval", "item", item)
    return {(one["person"], one["part"]): one["state"] for one in found}


def _withdraw(world: World, person: str, item: str) -> None:
    world.tokyo.act(person, "release.withdraw", {"item": item})


def test_a_withdrawn_approval_opens_the_proposal_again_and_blocks_until_somebody_approves(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    _withdraw(world, "authority", item)
    assert _states(world, item) == {("originator", "propose"): "waiting", ("authority", "authorise"): "withdrawn"}
    with pytest.raises(Refused) as raised:
        dispatch(world, [item])
    assert "release.withdrawn" in codes(raised)
    approve(world.tokyo, item, "authority", "release.approve")
    assert _states(world, item) == {("originator", "propose"): "answered", ("authority", "authorise"): "authorised"}
    dispatch(world, [item])


def test_another_authority_approves_what_one_has_withdrawn_and_it_leaves(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    _withdraw(world, "authority", item)
    approve(world.tokyo, item, "second", "release.approve")
    assert _states(world, item)["authority", "authorise"] == "superseded"
    dispatch(world, [item])


def test_an_approval_that_stood_before_a_withdrawal_does_not_answer_it(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    approve(world.tokyo, item, "second", "release.approve")
    _withdraw(world, "authority", item)
    with pytest.raises(Refused) as raised:
        dispatch(world, [item])
    assert codes(raised) == {"release.withdrawn"}
    approve(world.tokyo, item, "second", "release.approve")
    dispatch(world, [item])


def test_a_withdrawn_approval_opens_no_way_to_approve_ones_own_proposal(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    _withdraw(world, "authority", item)
    with pytest.raises(Refused):
        approve(world.tokyo, item, "originator", "release.approve")
    _withdraw(world, "originator", item)
    with pytest.raises(Refused) as raised:
        dispatch(world, [item])
    assert {"release.withdrawn"} <= codes(raised)
    assert _states(world, item) == {("originator", "propose"): "withdrawn", ("authority", "authorise"): "withdrawn"}
