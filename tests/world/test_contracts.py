"""Classified contracts between two nodes: assurance, notice, list, sub-contracts, and the end of it all."""

from __future__ import annotations

from typing import Any

import pytest
from tests.message.visit_samples import SAMPLES
from tests.world.forging import forge, refusal_in
from tests.world.forging import tell as bring
from tests.world.test_journey import approve, dispatch, label
from tests.world.visiting import body, to_day
from tests.world.world import AGREEMENT, World

from cordiale.errors import Malformed, OutOfOrder, Refused

SAKURA, BARVINOK = "EX-JPN:EXERCISE SAKURA", "EX-UKR:EXERCISE BARVINOK"
AJISAI, KALYNA = "EX-JPN:EXERCISE AJISAI", "EX-UKR:EXERCISE KALYNA"
PARTS = [{"level": SAKURA, "reference": "drawings"}, {"level": AJISAI, "reference": "price list"}]


@pytest.fixture
def world() -> World:
    return World.in_force(seed=34)


def codes(raised: pytest.ExceptionInfo[Any]) -> set[str]:
    return {reason.code for reason in raised.value.decision.reasons}


def open_duties(player: Any, what: str) -> list[str]:
    return [one["subject"] for one in player.registry.find("duty", "state", "open") if one["what"] == what]


def ask(world: World, level: str = BARVINOK) -> str:
    query = str(world.tokyo.act("authority", "facility.ask", {
        "agreement": AGREEMENT, "facility": "Exercise Works", "level": level, "party": "UKR", "purpose": "bid 7",
    }).value["query"])
    world.deliver()
    return query


def assure(world: World, query: str, assurance: str = "held", **more: Any) -> None:
    held = {"level": BARVINOK, "valid_until": "2027-08-31"} if assurance == "held" else {}
    world.kyiv.act("authority", "facility.answer", {"assurance": assurance, "query": query, **held, **more})
    world.deliver()


def assured(world: World) -> str:
    query = ask(world)
    assure(world, query)
    return query


def tell(world: World, query: str, **more: Any) -> str:
    contract = str(world.tokyo.act("security", "contract.tell", {
        "copies": 2, "level": SAKURA, "parts": PARTS, "query": query, "title": "Exercise lantern", **more,
    }).value["contract"])
    world.deliver()
    return contract


def acknowledge(world: World, contract: str, *, number: int = 1, outcome: str = "acknowledged") -> None:
    world.kyiv.act("authority", "contract.answer", {"contract": contract, "number": number, "outcome": outcome})
    world.deliver()


def agreed(world: World, **more: Any) -> str:
    contract = tell(world, assured(world), **more)
    acknowledge(world, contract)
    return contract


def send(world: World, contract: str) -> str:
    """Let an item made under the drawings of `contract` cross and be filed there."""
    item = label(world.tokyo, form="paper", contract=contract, part="drawings")
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    world.kyiv.act("registrar", "contract.file", {"contract": contract, "item": item})
    return item


def test_an_assurance_is_asked_for_and_given_and_in_process_is_an_answer_too(world: World) -> None:
    query = ask(world)
    assert open_duties(world.kyiv, "answer-facility") == [query] == open_duties(world.tokyo, "answer-facility")
    assure(world, query, "in-process")
    assert body(world.tokyo, "facility", query)["state"] == "in-process"
    assert open_duties(world.tokyo, "answer-facility") == [query]
    assure(world, query)
    known = body(world.tokyo, "facility", query)
    assert (known["state"], known["held"], known["valid_until"]) == ("held", BARVINOK, "2027-08-31")
    assert open_duties(world.tokyo, "answer-facility") == [] == open_duties(world.kyiv, "answer-facility")
    with pytest.raises(OutOfOrder):
        assure(world, query, "not-held")


def test_control_by_a_third_state_is_told_and_no_clearance_stands_beside_it(world: World) -> None:
    query = ask(world)
    with pytest.raises(Malformed):
        assure(world, query, controlled=True)
    assure(world, query, "not-held", controlled=True)
    known = body(world.tokyo, "facility", query)
    assert (known["state"], known["controlled"]) == ("not-held", True)
    with pytest.raises(Refused) as refused:
        tell(world, query)
    assert codes(refused) == {"contract.no-assurance"}


@pytest.mark.parametrize(("given", "code"), [
    (None, "contract.no-assurance"), ({"assurance": "in-process"}, "contract.no-assurance"),
    ({"level": KALYNA}, "contract.assurance-below"), ({"valid_until": "2026-09-01"}, "contract.assurance-ended"),
])
def test_nothing_is_told_to_a_firm_without_an_assurance_that_reaches(
    world: World, given: dict[str, Any] | None, code: str
) -> None:
    query = ask(world)
    if given is not None:
        assure(world, query, **given)
    to_day(world, "2026-09-02")
    with pytest.raises(Refused) as refused:
        tell(world, query)
    assert codes(refused) == {code}


def test_a_contract_is_notified_with_its_highest_level_before_anything_is_exchanged(world: World) -> None:
    contract = tell(world, assured(world))
    told = body(world.kyiv, "contract", contract)
    assert (told["level"], told["copies"], told["parts"]) == (SAKURA, 2, PARTS)
    with pytest.raises(Refused) as early:
        label(world.tokyo, form="paper", contract=contract, part="drawings")
    assert codes(early) == {"contract.not-acknowledged"}
    acknowledge(world, contract)
    assert body(world.tokyo, "contract", contract)["acknowledged_by"]["post"] == "authority of the desk"
    item = send(world, contract)
    assert body(world.kyiv, "item", item)["contract"] == contract


def test_a_copy_of_the_list_is_due_at_our_own_authority(world: World) -> None:
    """Ukraine's national law asks for it within a month; Japan's says nothing."""
    contract = tell(world, assured(world))
    duty = body(world.kyiv, "duty", f"copy-contract.{contract}.1")
    assert (duty["state"], duty["due"]) == ("open", "2026-10-01")
    assert open_duties(world.tokyo, "copy-contract") == []


def test_no_part_is_above_its_contract(world: World) -> None:
    query = assured(world)
    with pytest.raises(Refused) as above:
        tell(world, query, level=AJISAI)
    assert "contract.part-above" in codes(above)


def test_an_item_takes_its_level_from_the_list_and_never_a_lower_one(world: World) -> None:
    contract = agreed(world)
    with pytest.raises(Refused) as lower:
        label(world.tokyo, form="paper", level=AJISAI, contract=contract, part="drawings")
    assert codes(lower) == {"label.below-contract"}
    label(world.tokyo, form="paper", level=SAKURA, contract=contract, part="price list")
    with pytest.raises(OutOfOrder) as nowhere:
        label(world.tokyo, form="paper", contract=contract, part="nowhere")
    assert nowhere.value.code == "contract.no-part"


def test_what_the_contractors_country_makes_takes_the_equivalent_level(world: World) -> None:
    contract = agreed(world)
    made = {"contract": contract, "form": "paper", "part": "drawings", "release_to": ["JPN"], "title": "Made there"}
    with pytest.raises(Refused) as lower:
        world.kyiv.act("originator", "label", {**made, "level": KALYNA})
    assert codes(lower) == {"label.below-contract"}
    world.kyiv.act("originator", "label", {**made, "level": BARVINOK})


def test_a_changed_list_is_told_acknowledged_and_counts_from_then_on(world: World) -> None:
    contract = agreed(world)
    world.tokyo.act("security", "contract.change", {
        "contract": contract, "parts": [{"level": SAKURA, "reference": "price list"}],
    })
    world.deliver()
    assert (body(world.kyiv, "contract", contract)["number"], open_duties(world.kyiv, "answer-contract")) == (
        2, [contract]
    )
    with pytest.raises(OutOfOrder) as older:
        acknowledge(world, contract, number=1)
    assert older.value.code == "contract.answered"
    acknowledge(world, contract, number=2)
    with pytest.raises(Refused):
        label(world.tokyo, form="paper", level=AJISAI, contract=contract, part="price list")


def test_a_sub_contract_obeys_the_same_rules_and_waits_for_approval(world: World) -> None:
    contract = agreed(world)
    with pytest.raises(Refused) as unassured:
        tell(world, ask(world), parent=contract)
    assert codes(unassured) == {"contract.no-assurance"}
    lower = agreed(world, level=AJISAI, parts=[{"level": AJISAI, "reference": "screws"}])
    with pytest.raises(Refused) as above:
        tell(world, assured(world), parent=lower)
    assert codes(above) == {"contract.above-parent"}
    below = tell(world, assured(world), parent=contract)
    with pytest.raises(Refused) as waits:
        label(world.tokyo, form="paper", contract=below, part="drawings")
    assert codes(waits) == {"contract.not-acknowledged"}
    acknowledge(world, below, outcome="declined")
    with pytest.raises(Refused) as declined:
        label(world.tokyo, form="paper", contract=below, part="drawings")
    assert codes(declined) == {"contract.over"}


def test_at_the_end_of_a_contract_each_of_its_items_is_due_to_be_returned(world: World) -> None:
    contract = agreed(world)
    item = send(world, contract)
    below = tell(world, assured(world), parent=contract)
    acknowledge(world, below)
    lower = send(world, below)
    world.tokyo.act("security", "contract.end", {"contract": contract, "ending": "ended"})
    world.deliver()
    for player in world.players:
        assert body(player, "contract", contract)["state"] == "ended" == body(player, "contract", below)["state"]
    assert sorted(open_duties(world.kyiv, "contract-item")) == sorted([item, lower])
    assert open_duties(world.tokyo, "contract-item") == []
    world.kyiv.act("registrar", "return", {"item": item})
    assert open_duties(world.kyiv, "contract-item") == [lower]
    with pytest.raises(Refused) as over:
        label(world.tokyo, form="paper", contract=contract, part="drawings")
    assert codes(over) == {"contract.over"}


def test_papers_of_a_bid_without_award_go_back_at_once(world: World) -> None:
    contract = agreed(world)
    item = send(world, contract)
    to_day(world, "2026-09-09")
    world.tokyo.act("security", "contract.end", {"contract": contract, "ending": "not-awarded"})
    world.deliver()
    duty = body(world.kyiv, "duty", f"contract-item.{item}")
    assert (duty["state"], duty["due"]) == ("open", "2026-09-09")


def test_an_item_of_a_contract_goes_to_no_other_party_and_not_after_its_end(world: World) -> None:
    contract = agreed(world)
    item = label(world.tokyo, form="paper", contract=contract, part="drawings")
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve(world.tokyo, item, person, kind)
    world.tokyo.act("security", "contract.end", {"contract": contract, "ending": "ended"})
    with pytest.raises(Refused) as over:
        dispatch(world, [item])
    assert codes(over) == {"contract.over"}


def test_only_what_came_under_the_same_agreement_is_filed_and_under_one_contract(world: World) -> None:
    contract, other = agreed(world), agreed(world)
    item = send(world, contract)
    with pytest.raises(OutOfOrder) as filed:
        world.kyiv.act("registrar", "contract.file", {"contract": other, "item": item})
    assert filed.value.code == "contract.filed"
    with pytest.raises(Refused):
        world.kyiv.act("reader", "contract.file", {"contract": contract, "item": item})


@pytest.mark.parametrize("name", ["facility-answer", "contract-notice", "contract-answer", "contract-ended"])
def test_a_partner_learns_and_changes_nothing_by_what_it_has_no_part_in(world: World, name: str) -> None:
    reply = "m1" if name.endswith("answer") else ""
    answer = bring(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, SAMPLES[name], in_reply_to=reply))
    assert refusal_in(answer).code in (
        "facility.not-asked", "contract.no-such-assurance", "contract.not-shared",
    )
    assert world.tokyo.registry.find("contract", "state", "notified") == []


def test_the_contractors_side_neither_changes_nor_ends_the_contract(world: World) -> None:
    contract = agreed(world)
    for kind, more in (("contract.end", {"ending": "ended"}), ("contract.change", {"parts": PARTS})):
        with pytest.raises(OutOfOrder) as ours:
            world.kyiv.act("security", kind, {"contract": contract, **more})
        assert ours.value.code == "contract.not-ours"


def test_nothing_is_asked_or_told_while_the_agreement_is_suspended(world: World) -> None:
    query = assured(world)
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-01", "reason": "exercise", "stage": "suspended",
    })
    with pytest.raises(Refused) as told:
        tell(world, query)
    with pytest.raises(Refused) as asked:
        ask(world)
    assert "provision.suspended" in codes(told) & codes(asked)
