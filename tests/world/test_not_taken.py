"""What a partner's node refuses was never asked: it ends as not taken where it was asked, and no answer stays due."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.reproducing import cross
from tests.world.test_journey import PURPOSE
from tests.world.test_level_change import open_duties
from tests.world.world import AGREEMENT, World

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
