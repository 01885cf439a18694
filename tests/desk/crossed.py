"""A world in which one paper has crossed, made once and copied for each test."""

from __future__ import annotations

import functools

from tests.world.test_journey import cross
from tests.world.world import World


@functools.cache
def _crossed() -> tuple[World, str]:
    world = World.in_force(seed=700)
    _, (item,) = cross(world, forms=("paper",))
    return world, item


def world_with_paper(seed: int) -> World:
    """Return a world of one's own in which `paper()` stands in both registers."""
    return _crossed()[0].twin(seed)


def paper() -> str:
    """Return the item that has crossed."""
    return _crossed()[1]
