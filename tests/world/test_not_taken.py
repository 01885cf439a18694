"""What a partner's node refuses was never asked: it ends as not taken where it was asked, and no answer stays due."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import bodies, list_differences
from tests.world.reproducing import assign, cross, deliver
from tests.world.test_journey import PURPOSE, grant
from tests.world.test_level_change import open_duties
from tests.world.world import AGREEMENT, World

from cordiale.errors import OutOfOrder
from cordiale.records.ledger import Act


@pytest.fixture
def world() -> World:
    return World.in_force(seed=911)


def forget(world: World, item: str) -> None:
    """Let Tokyo's books know another originator for the item, so that its node refuses what is asked about it."""
    def perform(session: Any) -> dict[str, Any]:
        record = session.require("item", item)
        session.change(record, origin_party="POL")
        return {}

    world.tokyo.registry.ledger.commit(Act("x.forget", "test", "node", AGREEMENT, perform))


def test_a_consent_that_the_originator_s_node_does_not_take_is_waited_for_by_nobody(world: World) -> None:
    item = cross(world)
    forget(world, item)
    request = str(world.kyiv.act("registrar", "consent.ask", {
        "act": "copy", "item": item, "purpose": PURPOSE,
    }).value["request"])
    world.deliver()
    asked = bodies(world.kyiv, "consent-request")[request]
    assert (asked["state"], asked["refusal"]) == ("not-taken", "consent.item-not-there")


def test_a_return_that_the_holder_s_node_does_not_take_leaves_no_answer_due(world: World) -> None:
    item = cross(world, form="paper")
    (copy,) = (id for id, one in bodies(world.kyiv, "copy").items() if one["item"] == item)

    def perform(session: Any) -> dict[str, Any]:
        session.change(session.require("copy", copy), agreement="another")
        return {}

    world.kyiv.registry.ledger.commit(Act("x.change", "test", "node", AGREEMENT, perform))
    request = str(world.tokyo.act("registrar", "return.ask", {
        "item": item, "party": "UKR", "reason": "the dialogue has ended",
    }).value["request"])
    assert open_duties(world.tokyo) == {"return-answer"}
    world.deliver()
    asked = bodies(world.tokyo, "return-request")[request]
    assert (asked["state"], asked["refusal"]) == ("not-taken", "return.copy-not-there")
    assert open_duties(world.tokyo) == set()


def test_an_originator_is_not_asked_about_what_was_made_of_its_item_elsewhere(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item, act="translate", language="fr")
    world.deliver()
    made = str(deliver(world.kyiv, task).value["item"])
    world.deliver()
    with pytest.raises(OutOfOrder) as unknown:
        world.kyiv.act("registrar", "consent.ask", {"act": "copy", "item": made, "purpose": PURPOSE})
    assert unknown.value.code == "consent.made-here"
    assert list_differences(world) == []
