"""What a partner's node refuses was never asked: it ends as not taken where it was asked, and no answer stays due."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.reproducing import cross
from tests.world.test_contracts import PARTS, acknowledge, agreed
from tests.world.test_incidents import report, share_of, tell
from tests.world.test_journey import PURPOSE
from tests.world.test_level_change import open_duties
from tests.world.world import AGREEMENT, World

from cordiale.limits import PARTNER_DAY_ASKS_COUNT_MAX
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


def place_under(world: World, item: str, agreement: str) -> None:
    """Let Tokyo's books say that what Kyiv has of an item went there under another agreement, or under ours again."""
    def perform(session: Any) -> dict[str, Any]:
        for copy in session.find("copy", "item", item):
            if copy["party"] == "UKR":
                session.change(copy, agreement=agreement)
        return {}

    world.tokyo.registry.ledger.commit(Act(f"x.place.{agreement}", "test", "node", AGREEMENT, perform))


def count_asked(world: World, count: int) -> None:
    """Let Kyiv's books say how many lists they were told today."""
    def perform(session: Any) -> dict[str, Any]:
        session.put("partner-day", "jpn.contract-notice", {
            "count": count, "on": session.at.date().isoformat(), "party": "JPN",
        })
        return {}

    world.kyiv.registry.ledger.commit(Act(f"x.count.{count}", "test", "node", AGREEMENT, perform))


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
    assert open_duties(world.tokyo) == {"refused-by-partner"}


def test_a_case_of_which_the_partner_s_node_takes_no_report_is_still_to_be_told(world: World) -> None:
    item = cross(world)
    place_under(world, item, "another")
    incident = report(world.kyiv, item)
    for facts in (["first"], ["second"]):
        tell(world.kyiv, incident, facts=facts)
        assert "tell-incident" not in open_duties(world.kyiv)
    world.deliver()
    share = share_of(world.kyiv, incident)
    assert (share["state"], share["refusal"]) == ("to-tell", "incident.item-not-passed")
    assert "tell-incident" in open_duties(world.kyiv)
    place_under(world, item, AGREEMENT)
    tell(world.kyiv, incident, facts=["third"])
    world.deliver()
    (there,) = world.tokyo.registry.find("incident-share", "theirs", share.id)
    assert (there["version"], share_of(world.kyiv, incident)["state"]) == (3, "told")


def test_a_list_that_the_contractor_s_node_does_not_take_leaves_the_one_before_it_standing(world: World) -> None:
    contract = agreed(world)
    world.tokyo.act("security", "contract.change", {"contract": contract, "parts": PARTS[:1]})
    count_asked(world, PARTNER_DAY_ASKS_COUNT_MAX)
    world.deliver()
    known = bodies(world.tokyo, "contract")[contract]
    assert (known["number"], known["parts"], known["state"]) == (1, PARTS, "acknowledged")
    assert "answer-contract" not in open_duties(world.tokyo)
    count_asked(world, 0)
    world.tokyo.act("security", "contract.change", {"contract": contract, "parts": PARTS[:1]})
    world.deliver()
    acknowledge(world, contract, number=2)
    assert bodies(world.kyiv, "contract")[contract]["parts"] == PARTS[:1]
