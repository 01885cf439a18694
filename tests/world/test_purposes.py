"""When a purpose ends nobody reads for it, and whoever keeps the register is told what to give back or destroy."""

from __future__ import annotations

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit
from tests.world.test_consent import answer, ask
from tests.world.test_journey import CONTENT, PURPOSE, codes, cross, grant
from tests.world.test_level_change import open_duties
from tests.world.world import AGREEMENT, World

from cordiale.errors import OutOfOrder, Refused

PARAMS = {"agreement": AGREEMENT, "purpose": PURPOSE}
NEW = "a further dialogue"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=981)


def test_nobody_reads_for_a_purpose_that_has_ended_and_what_is_here_is_due(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    world.kyiv.act("head", "purpose.end", PARAMS)
    with pytest.raises(Refused) as refused:
        world.kyiv.read("reader", item, PURPOSE)
    assert codes(refused) == {"access.other-purpose"}
    assert "purpose-ended" in open_duties(world.kyiv)
    shown = view(world.kyiv, "registrar", "view.purpose", **PARAMS)
    assert shown["ended"] and [one["item"] for one in shown["copies"]] == [item]
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert view(world.kyiv, "registrar", "view.purpose", **PARAMS)["copies"] == []
    assert audit(world.kyiv).findings == []


def test_a_new_purpose_takes_the_originators_consent(world: World) -> None:
    _, (item,) = cross(world)
    world.kyiv.act("authority", "purpose.end", PARAMS)
    world.kyiv.act("head", "need.grant", {"item": item, "person": "reader", "purpose": NEW})
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, NEW)
    answer(world, ask(world, item, "read", purpose=NEW))
    assert world.kyiv.read("reader", item, NEW) == CONTENT


def test_a_purpose_is_ended_by_its_offices_once_and_goes_on_only_by_an_act(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    for person in ("reader", "registrar", "security"):
        with pytest.raises(Refused):
            world.kyiv.act(person, "purpose.end", PARAMS)
    with pytest.raises(OutOfOrder):
        world.kyiv.act("head", "purpose.resume", PARAMS)
    world.kyiv.act("head", "purpose.end", PARAMS)
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "purpose.end", PARAMS)
    world.kyiv.act("authority", "purpose.resume", PARAMS)
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT and "purpose-ended" not in open_duties(world.kyiv)
