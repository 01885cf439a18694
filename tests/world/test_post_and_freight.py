"""By post only what a rule lets go so; as freight only under a plan that the authorities of both parties agreed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit
from tests.world.forging import forge, refusal_in, tell
from tests.world.organising import enter_national, sign_newer
from tests.world.test_couriers import COURIERS, SEEN, carriage, duties, hand_over, meet, pack, set_stage
from tests.world.test_journey import PURPOSE, codes, label, release
from tests.world.world import AGREEMENT, World

from cordiale.canonical import encode_instant
from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable
from cordiale.message.bodies.transport_plan_answer import PlanAnswer
from cordiale.message.members import NamedPost
from cordiale.model.agreement import Act, ActRule, Ruling, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.plan import PlanOutcome
from cordiale.work.couriers import raise_overdue

LOWEST = "EX-JPN:EXERCISE AJISAI"
BY_POST = ActRule(Act.POST, Ruling.ALLOWED, "Art. 5(1)", level=LevelRef("EX-JPN", "EXERCISE AJISAI"), persons=2)


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=551)
    world.tokyo.enter_people(COURIERS)
    return world


def send(world: World, link: str, *, level: str = "EX-JPN:EXERCISE SAKURA", **more: Any) -> str:
    """Dispatch a thing by `link`; its message is at the other side."""
    item = label(world.tokyo, form="equipment", level=level)
    release(world.tokyo, item)
    consignment = str(world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": link, "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv", **more,
    }).value["consignment"])
    world.deliver()
    return consignment


def post(world: World, consignment: str, **changes: Any) -> dict[str, Any]:
    expected = world.clock.at.replace(microsecond=0).replace(hour=23)
    return dict(world.tokyo.act("registrar", "carry.post", {
        "consignment": consignment, "expected_at": encode_instant(expected), "overdue_hours": 24,
        "tracking": "RR123456789JP", **changes,
    }).value)


def posted(world: World) -> str:
    sign_newer(world, acts=(BY_POST,))
    consignment = send(world, "post", level=LOWEST)
    pack(world.tokyo, consignment)
    world.tokyo.act("head", "carry.witness", {"consignment": consignment, **SEEN})
    post(world, consignment)
    world.deliver()
    return consignment


def propose(world: World, **changes: Any) -> str:
    """Put a plan to Ukraine that holds today; it is there when this returns."""
    today = world.clock.at.date().isoformat()
    plan = world.tokyo.act("authority", "plan.propose", {
        "agreement": AGREEMENT, "consignments": 1, "contingency": "back to the port", "description": "two vehicles",
        "escorts": "escort desk", "first_day": today, "last_day": today, "party": "UKR", "route": "Yokohama, Odesa",
        **changes,
    }).value["plan"]
    world.deliver()
    return str(plan)


def answer(world: World, plan: str, outcome: str = "agreed", *, by: str = "kyiv", person: str = "authority") -> None:
    getattr(world, by).act(person, "plan.answer", {"outcome": outcome, "plan": plan})
    world.deliver()


def test_what_no_layer_lets_go_by_post_is_not_dispatched_so(world: World) -> None:
    with pytest.raises(Undecidable) as unsaid:
        send(world, "post", level=LOWEST)
    assert codes(unsaid) == {"ruling.silent"}


def test_the_lowest_level_goes_by_post_where_a_rule_says_so_and_no_other(world: World) -> None:
    consignment = posted(world)
    with pytest.raises(Undecidable):
        send(world, "post")
    announced = carriage(world.kyiv, consignment)
    assert (announced["means"], announced["certificate"]) == ("post", "RR123456789JP")
    assert "courier_name" not in announced
    assert [list(audit(player).findings) for player in world.players] == [[], []], "the post has no certificate of ours"
    with pytest.raises(OutOfOrder, match="announced"):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    meet(world, consignment)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert "receipt" not in duties(world.tokyo) and "courier-certificate" not in duties(world.tokyo)


def test_a_content_is_not_posted_and_national_law_may_forbid_what_the_agreement_allows(world: World) -> None:
    sign_newer(world, acts=(BY_POST,))
    item = label(world.tokyo, level=LOWEST)
    release(world.tokyo, item)
    with pytest.raises(Refused) as content:
        world.tokyo.act("registrar", "dispatch", {
            "agreement": AGREEMENT, "items": [item], "link": "post", "purpose": PURPOSE, "recipient": "UKR",
            "registry": "registry-kyiv",
        })
    assert codes(content) == {"provision.carried-content"}
    enter_national(world.tokyo, acts=(ActRule(Act.POST, Ruling.FORBIDDEN, "Exercise Order J-9", provider=world.tokyo.party),))
    with pytest.raises(Refused) as forbidden:
        send(world, "post", level=LOWEST)
    assert "ruling.forbidden" in codes(forbidden)


def test_the_post_takes_nothing_unwitnessed_untracked_suspended_or_meant_for_a_courier(world: World) -> None:
    sign_newer(world, acts=(BY_POST,))
    consignment = send(world, "post", level=LOWEST)
    pack(world.tokyo, consignment)
    with pytest.raises(Refused) as alone:
        post(world, consignment)
    assert codes(alone) == {"carriage.sealed-by"}
    world.tokyo.act("head", "carry.witness", {"consignment": consignment, **SEEN})
    with pytest.raises(Malformed):
        post(world, consignment, tracking="")
    with pytest.raises(Refused) as past:
        post(world, consignment, expected_at=encode_instant(world.clock.at.replace(microsecond=0)))
    assert codes(past) == {"carriage.times"}
    set_stage(world.kyiv, "suspended")
    world.deliver()
    with pytest.raises(Refused) as suspended:
        post(world, consignment)
    assert codes(suspended) == {"provision.suspended"}
    set_stage(world.kyiv, "in-force")
    world.deliver()
    with pytest.raises(OutOfOrder, match="otherwise"):
        hand_over(world, consignment)
    carried = send(world, "carry")
    pack(world.tokyo, carried)
    with pytest.raises(OutOfOrder, match="otherwise"):
        post(world, carried)


def test_the_post_that_does_not_come_alarms_both_sides(world: World) -> None:
    posted(world)
    world.clock.advance(seconds=3 * 86_400)
    for player in world.players:
        assert raise_overdue(player.registry) == 1
        assert "courier-overdue" in duties(player)


def test_freight_leaves_only_under_a_plan_that_both_authorities_agreed(world: World) -> None:
    with pytest.raises(Refused) as without:
        send(world, "freight")
    assert codes(without) == {"freight.no-plan"}
    plan = propose(world)
    with pytest.raises(Refused) as waiting:
        send(world, "freight", plan=plan)
    assert codes(waiting) == {"freight.not-agreed"}
    answer(world, plan)
    consignment = send(world, "freight", plan=plan)
    pack(world.tokyo, consignment, packages=2)
    hand_over(world, consignment)
    world.deliver()
    assert carriage(world.kyiv, consignment)["plan"] == plan
    with pytest.raises(Refused) as again:
        send(world, "freight", plan=plan)
    assert codes(again) == {"freight.used-up"}
    with pytest.raises(Malformed):
        send(world, "carry", plan=plan)


def test_a_plan_holds_on_its_days_and_until_somebody_withdraws(world: World) -> None:
    later = propose(world, first_day="2027-01-01", last_day="2027-01-31")
    answer(world, later)
    with pytest.raises(Refused) as early:
        send(world, "freight", plan=later)
    assert codes(early) == {"freight.other-day"}
    plan = propose(world)
    answer(world, plan)
    answer(world, plan, "withdrawn")
    with pytest.raises(Refused) as withdrawn:
        send(world, "freight", plan=plan)
    assert codes(withdrawn) == {"freight.not-agreed"}
    with pytest.raises(Malformed):
        propose(world, first_day="2027-01-31", last_day="2027-01-01")


def test_a_plan_is_agreed_by_the_other_authority_and_by_nobody_else(world: World) -> None:
    plan = propose(world)
    assert "answer-plan" in duties(world.tokyo) and "answer-plan" in duties(world.kyiv)
    with pytest.raises(OutOfOrder):
        answer(world, plan, by="tokyo")
    with pytest.raises(Refused):
        answer(world, plan, person="registrar")
    answer(world, plan, "declined")
    assert {"answer-plan"} & (duties(world.tokyo) | duties(world.kyiv)) == set()
    with pytest.raises(OutOfOrder):
        answer(world, plan)
    (shown,) = view(world.tokyo, "authority", "view.plans")["plans"]
    assert (shown["plan"], shown["state"], shown["route"]) == (plan, "declined", "Yokohama, Odesa")


def test_an_answer_to_another_plan_than_was_put_is_refused(world: World) -> None:
    plan = propose(world)
    forged = PlanAnswer(plan, bytes(48), PlanOutcome.AGREED, NamedPost("Exercise", "authority"))
    data = forge(world.kyiv, world.tokyo, forged, id="forged", agreement=AGREEMENT)
    assert refusal_in(tell(world.kyiv, world.tokyo, data)).code == "transport-plan.other-plan"
    with pytest.raises(Refused):
        send(world, "freight", plan=plan)


def test_more_packages_than_a_layer_allows_go_under_a_plan(world: World) -> None:
    enter_national(world.tokyo, terms=(Term("freight.packages", "Exercise Order J-7", 2, TermUnit.COUNT),))
    consignment = send(world, "carry")
    pack(world.tokyo, consignment, packages=3, seals=["O-1", "O-2", "O-3"])
    with pytest.raises(Refused) as many:
        hand_over(world, consignment)
    assert [(one.code, one.article) for one in many.value.decision.reasons] == [
        ("freight.volume", "Exercise Order J-7")
    ]
    pack(world.tokyo, consignment, packages=2)
    hand_over(world, consignment)
