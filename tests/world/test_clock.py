"""A clock that jumps, falls behind, or is wrong when the node starts: nothing that depends on time is guessed."""

from __future__ import annotations

import pytest
from tests.world.comparing import bodies
from tests.world.forging import size_of_books
from tests.world.test_bad_luck import dispatched
from tests.world.test_bad_moments import reading
from tests.world.test_journey import CONTENT, PURPOSE, cross, grant
from tests.world.world import World

from cordiale.errors import Undecidable


@pytest.fixture
def world() -> World:
    return World.in_force(seed=43)


@pytest.mark.parametrize("jump", [{"hours": 2}, {"hours": -2}, {"days": -400}, {"days": 400}])
def test_after_a_jump_of_the_clock_nothing_is_decided_until_it_is_confirmed(
    world: World, jump: dict[str, float]
) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    read = reading(world.kyiv, "reader", item)
    before = size_of_books(world.kyiv)
    world.clock.jump(**jump)
    with pytest.raises(Undecidable) as doubt:
        read()
    assert doubt.value.code == "clock.jumped"
    with pytest.raises(Undecidable):
        world.kyiv.registry.books()
    assert size_of_books(world.kyiv) == before
    if next(iter(jump.values())) < 0:
        with pytest.raises(Undecidable) as behind:
            world.kyiv.registry.ledger.confirm_clock()
        assert behind.value.code == "clock.behind"
        world.clock.jump(**{unit: -amount for unit, amount in jump.items()})
    world.kyiv.registry.ledger.confirm_clock()
    if jump != {"days": 400}:
        assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_a_message_that_comes_while_the_clock_is_in_doubt_is_taken_afterwards(world: World) -> None:
    _, consignment = dispatched(world)
    for player in world.players:
        player.registry.now()
    world.clock.jump(hours=5)
    world.deliver(2)
    assert bodies(world.kyiv, "consignment") == {}
    for player in world.players:
        player.registry.ledger.confirm_clock()
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"


def test_a_clock_behind_the_books_at_start_is_noticed(world: World) -> None:
    cross(world)
    world.clock.jump(hours=-3)
    world.kyiv.reopen()
    with pytest.raises(Undecidable):
        world.kyiv.registry.now()


def test_time_in_the_books_never_runs_backwards(world: World) -> None:
    cross(world)
    world.clock.jump(minutes=-4)
    world.kyiv.reopen()
    cross(world)
    for player in world.players:
        reads = player.registry.reads()
        for log in reads.logs():
            times = [act.at for act in reads.acts(log, 0, reads.log_size(log))]
            assert times == sorted(times)
