"""Visits, and a partner's node that lies about them: of what it has no part in it learns and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.message.visit_samples import SAMPLES
from tests.world.forging import forge, refusal_in
from tests.world.forging import tell as bring
from tests.world.visiting import approved, ask, body, entry, states
from tests.world.world import World

from cordiale.message.bodies.visit_amendment import VisitAmendment
from cordiale.message.bodies.visit_answer import VisitAnswer, VisitOutcome
from cordiale.message.bodies.visit_ended import VisitEnded, VisitEnding
from cordiale.message.bodies.visit_request import VisitRequest
from cordiale.message.members import NamedPost
from cordiale.model.label import LevelRef
from cordiale.model.names import MessageId, PartyId
from cordiale.model.visit import Site, VisitKind, Visitor, VisitPlan

NAMED = NamedPost("Exercise Authority", "Director")
PLAN = VisitPlan(
    VisitKind.ONCE, date(2026, 9, 14), date(2026, 9, 16), LevelRef("EX-JPN", "EXERCISE SAKURA"), "exercise",
    (Site("Exercise Plant"),),
)


def visitor(id: str, **more: Any) -> Visitor:
    return replace(Visitor(
        id, "Exercise Visitor", (PartyId("UKR"),), LevelRef("EX-UKR", "EXERCISE BARVINOK"), date(2029, 12, 31),
        date(1980, 1, 2), "Exercise Town", "EX 1", "Engineer", "Exercise Works",
    ), **more)


@pytest.fixture
def world() -> World:
    return World.in_force(seed=33)


def test_an_unknown_visit_and_one_of_others_are_refused_in_the_same_words(world: World) -> None:
    """Also where the direction is wrong: the partner answers for a visit that it asked for itself."""
    visit = ask(world)
    told = []
    for number, named in enumerate((visit, "nowhere.visit")):
        answer = VisitAnswer(named, 0, VisitOutcome.APPROVED, (f"{visit}.001",), NAMED)
        data = forge(world.kyiv, world.tokyo, answer, id=f"f{number}", seq=900 + number, in_reply_to="m1")
        told.append(refusal_in(bring(world.kyiv, world.tokyo, data)))
    assert {(one.code, one.text) for one in told} == {("visit.not-shared", told[0].text)}
    assert states(world.tokyo, visit) == ["asked"]


@pytest.mark.parametrize("body_", [SAMPLES[name] for name in (
    "visit-amendment", "visit-ended", "visit-notice", "disclosure",
)], ids=lambda one: type(one).__name__)
def test_nothing_is_entered_of_a_visit_that_is_not_there(world: World, body_: Any) -> None:
    answer = bring(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body_))
    assert refusal_in(answer).code == "visit.not-shared"


def test_a_visitor_is_named_after_the_visit_and_never_taken_over(world: World) -> None:
    visit = approved(world)
    for number, (name, members) in enumerate((
        ("ukr.other.visit", (visitor(f"{visit}.001"),)), (visit, (visitor(f"{visit}.002"),)),
    )):
        request = VisitRequest(name, PLAN, members, NAMED)
        data = forge(world.kyiv, world.tokyo, request, id=f"f{number}", seq=900 + number)
        assert refusal_in(bring(world.kyiv, world.tokyo, data)).code in ("visit.visitor-id", "visit.known")
    assert states(world.tokyo, visit) == ["approved"]


def test_an_amendment_does_not_change_a_visitor_under_the_hand(world: World) -> None:
    visit = approved(world)
    days, later = (date(2026, 9, 14), date(2026, 9, 16)), (date(2026, 9, 13), date(2026, 9, 16))
    for number, (amendment, code) in enumerate((
        (VisitAmendment(visit, 1, *days, (), (visitor(f"{visit}.001", document="EX other"),), NAMED),
         "visit.visitor-known"),
        (VisitAmendment(visit, 1, *days, ("nobody.1",), (), NAMED), "visit.other-visitor"),
        (VisitAmendment(visit, 1, *later, (), (visitor(f"{visit}.002"),), NAMED), "refused.visit"),
    )):
        data = forge(world.kyiv, world.tokyo, amendment, id=f"f{number}", seq=900 + number)
        assert refusal_in(bring(world.kyiv, world.tokyo, data)).code == code
    assert "pending" not in body(world.tokyo, "visit", visit)


def test_an_approval_of_somebody_who_was_not_asked_for_is_not_entered(world: World) -> None:
    visit = ask(world)
    asking = body(world.kyiv, "visit", visit)["request"]
    for number, (named, reply) in enumerate((((f"{visit}.009",), asking), ((f"{visit}.001",), "another"))):
        answer = VisitAnswer(visit, 0, VisitOutcome.APPROVED, named, NAMED)
        data = forge(world.tokyo, world.kyiv, answer, id=f"f{number}", seq=900 + number, in_reply_to=reply)
        assert refusal_in(bring(world.tokyo, world.kyiv, data)).code in ("visit.approves-others", "visit.other-request")
    assert states(world.kyiv, visit) == ["asked"]


def test_a_repeated_end_and_one_of_a_stranger_change_nothing(world: World) -> None:
    visit = approved(world, visitors=[entry(), entry("colleague")])
    ended = VisitEnded(visit, VisitEnding.SUSPENDED, ("nobody.1",), MessageId("m1"))
    answer = bring(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, ended))
    assert refusal_in(answer).code == "visit.other-visitor"
    world.kyiv.act("authority", "visit.end", {"ending": "cancelled", "visit": visit, "visitors": [f"{visit}.001"]})
    world.deliver()
    again = replace(ended, visitors=(f"{visit}.001",))
    bring(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, again, id="f2", seq=901))
    assert states(world.tokyo, visit) == ["cancelled", "approved"]


def test_no_error_and_no_refusal_names_a_visitor(world: World) -> None:
    """What goes back to the partner, and what the books keep of a refusal, has identifiers and no names."""
    low = visitor("ukr.v.visit.1", clearance=None, cleared_until=None, name="Exercise Secret Name")
    data = forge(world.kyiv, world.tokyo, VisitRequest("ukr.v.visit", PLAN, (low,), NAMED))
    bring(world.kyiv, world.tokyo, data)
    with pytest.raises(Exception, match="cleared") as refused:
        world.tokyo.act("authority", "visit.answer", {"approve": ["ukr.v.visit.1"], "number": 0, "visit": "ukr.v.visit"})
    assert "Secret Name" not in str(refused.value)
    kept = [one for one in world.tokyo.registry.books().every("refusal") if one["subject"] == "ukr.v.visit"]
    assert kept
    assert "Secret Name" not in str([one.body for one in kept])
