"""What the state of the agreement or the label does not allow: refused, at whichever node it is tried."""

from __future__ import annotations

import pytest
from tests.world.comparing import bodies
from tests.world.forging import forge, require_signed_refusal, tell, waiting
from tests.world.test_journey import CONTENT, PURPOSE, approve, codes, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, World

from cordiale.errors import Refused, Undecidable
from cordiale.message.bodies.consignment import ConsignedItem, Consignment, ConsignmentKind, ItemForm


@pytest.fixture
def world() -> World:
    return World.in_force(seed=23)


def test_before_it_is_in_force_only_messages_about_the_agreement_pass() -> None:
    world = World.founded(seed=31)
    world.enter_agreement()
    world.sign_agreement()
    item = ConsignedItem("x", "x.c1", 1, 1, ItemForm.PAPER, bytes(48), sheet=b"x")
    early = forge(world.tokyo, world.kyiv, Consignment("c1", ConsignmentKind.PROVIDE, (item,)))
    refused = require_signed_refusal(world.kyiv, world.tokyo, early, tell(world.tokyo, world.kyiv, early))
    assert refused.code == "intake.not-in-force"
    world.exchange_notes()
    assert bodies(world.kyiv, "agreement")[AGREEMENT]["stage"] == "in-force"


def test_after_termination_nothing_is_provided_and_what_was_is_still_read(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    waiting_item = label(world.tokyo)
    release(world.tokyo, waiting_item)
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-01", "stage": "terminated",
        "ended_on": "2026-09-01",
    })
    world.deliver()
    world.clock.advance(days=1)
    with pytest.raises(Refused):
        dispatch(world, [waiting_item])
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert len(bodies(world.tokyo, "certificate")) == 1


# -- what may not be released at all ------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["EX-JPN:EXERCISE MATSU"])
def test_a_level_without_equivalent_is_refused_not_guessed(world: World, level: str) -> None:
    item = label(world.tokyo, level=level)
    with pytest.raises((Refused, Undecidable)) as refused:
        approve(world.tokyo, item, "originator", "release.propose")
    assert any("equivalen" in code for code in codes(refused))
    with pytest.raises((Refused, Undecidable)):
        dispatch(world, [item])


def test_an_empty_release_set_means_the_originator_only(world: World) -> None:
    for more in ({"release_to": []}, ):
        item = label(world.tokyo, **more)
        with pytest.raises(Refused) as refused:
            approve(world.tokyo, item, "originator", "release.propose")
        assert any("release" in code for code in codes(refused))
    params = {"form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "title": "Exercise paper"}
    missing = str(world.tokyo.act("originator", "label", params).value["item"])
    with pytest.raises(Refused):
        approve(world.tokyo, missing, "originator", "release.propose")
    assert waiting(world.tokyo) == []
