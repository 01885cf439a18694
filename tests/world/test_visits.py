"""Visits between two nodes: who comes, whom the host lets in, and what ends at once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.visiting import OFFICE, PLANT, admit, approve, approved, ask, body, entry, plan, states, to_day
from tests.world.world import AGREEMENT, World

from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable


def codes(raised: pytest.ExceptionInfo[Any]) -> set[str]:
    return {reason.code for reason in raised.value.decision.reasons}


def open_duties(player: Any, what: str) -> list[str]:
    return [one["subject"] for one in player.registry.find("duty", "state", "open") if one["what"] == what]


@pytest.fixture
def world() -> World:
    return World.in_force(seed=31)


def test_a_visit_is_asked_for_approved_and_the_visitor_let_in(world: World) -> None:
    visit = ask(world)
    assert body(world.tokyo, "visit", visit)["late"] == "no"
    assert open_duties(world.tokyo, "answer-visit") == [visit] == open_duties(world.kyiv, "answer-visit")
    approve(world, visit, conditions="escorted", warning="a storm is forecast", evacuation="by the east gate")
    assert states(world.kyiv, visit) == ["approved"] == states(world.tokyo, visit)
    assert body(world.kyiv, "visit", visit)["warning"] == "a storm is forecast"
    assert open_duties(world.tokyo, "answer-visit") == [] == open_duties(world.kyiv, "answer-visit")
    for player in world.players:
        assert body(player, "duty", f"erase.visitor.{visit}.001")["opens_on"] == "2026-09-17"
    to_day(world, "2026-09-14")
    told = admit(world, visit).value
    assert (told["conditions"], told["evacuation"], told["level"]) == (
        "escorted", "by the east gate", "EX-JPN:EXERCISE SAKURA"
    )


def test_the_clearance_that_is_asserted_is_the_one_in_the_register(world: World) -> None:
    visitor = body(world.tokyo, "visitor", f"{ask(world)}.001")
    assert (visitor["clearance"], visitor["cleared_until"]) == ("EX-UKR:EXERCISE BARVINOK", "2029-12-31")
    assert "person" not in visitor


@pytest.mark.parametrize(("changes", "code"), [
    ({"visitors": [entry("junior")]}, "visit.not-cleared"),
    ({"first_day": "2026-09-04", "last_day": "2026-09-05"}, "visit.late"),
    ({"first_day": "2026-08-20"}, "visit.past"),
    ({"programme": ""}, "visit.field-missing"),
    ({"visitors": [{"person": "reader"}]}, "visit.field-missing"),
    ({"sites": [{"name": "Exercise Plant"}]}, "visit.field-missing"),
    ({"visitors": [entry("foreigner")]}, "visit.third-state"),
    ({"level": "EX-UKR:EXERCISE BARVINOK"}, "visit.level-scheme"),
    ({"kind": "recurring", "last_day": "2027-09-14"}, "visit.too-long"),
])
def test_what_may_not_be_asked_for_is_refused_with_its_reason(
    world: World, changes: dict[str, Any], code: str
) -> None:
    asked = {name: value for name, value in plan(**changes).items() if value != ""}
    with pytest.raises(Refused) as refused:
        world.kyiv.act("authority", "visit.request", asked)
    assert code in codes(refused)
    assert not world.kyiv.registry.reads().outbox_open()


def test_only_the_authority_asks_and_only_the_host_answers(world: World) -> None:
    with pytest.raises(Refused) as registrar:
        world.kyiv.act("registrar", "visit.request", plan())
    assert codes(registrar) == {"office.not-held"}
    visit = ask(world)
    with pytest.raises(OutOfOrder, match="only the host"):
        world.kyiv.act("authority", "visit.answer", {"approve": [f"{visit}.001"], "number": 0, "visit": visit})
    with pytest.raises(Refused):
        world.tokyo.act("security", "visit.answer", {"approve": [f"{visit}.001"], "number": 0, "visit": visit})


def test_a_refusal_needs_no_reason_and_lets_nobody_in(world: World) -> None:
    visit = ask(world)
    world.tokyo.act("authority", "visit.answer", {"number": 0, "visit": visit})
    world.deliver()
    assert body(world.kyiv, "visit", visit)["state"] == "refused" == body(world.tokyo, "visit", visit)["state"]
    to_day(world, "2026-09-14")
    with pytest.raises(Refused) as refused:
        admit(world, visit)
    assert "admit.not-approved" in codes(refused)


def test_the_host_approves_some_and_the_others_stay_outside(world: World) -> None:
    visit = ask(world, visitors=[entry(), entry("colleague")])
    approve(world, visit, only=[f"{visit}.002"])
    assert states(world.kyiv, visit) == ["refused", "approved"] == states(world.tokyo, visit)
    to_day(world, "2026-09-14")
    admit(world, visit, number=2)
    with pytest.raises(Refused):
        admit(world, visit, number=1)


def test_nobody_is_let_in_who_is_not_in_the_request_nor_elsewhere_nor_on_another_day(world: World) -> None:
    visit = approved(world)
    other = approved(world, visitors=[entry("colleague")], sites=[OFFICE])
    with pytest.raises(Refused) as early:
        admit(world, visit)
    assert codes(early) == {"admit.other-day"}
    to_day(world, "2026-09-14")
    with pytest.raises(Refused) as stranger:
        admit(world, visit, number=9)
    assert "admit.not-named" in codes(stranger)
    with pytest.raises(Refused) as borrowed:
        world.tokyo.act("registrar", "visit.admit", {
            "site": "Exercise Plant", "visit": visit, "visitor": f"{other}.001",
        })
    assert "admit.not-named" in codes(borrowed)
    with pytest.raises(Refused) as elsewhere:
        admit(world, visit, site="Exercise Office")
    assert codes(elsewhere) == {"admit.other-site"}


def test_a_clearance_withdrawn_while_a_visit_stands_approved_suspends_it_and_stops_access(world: World) -> None:
    visit = approved(world, visitors=[entry(), entry("colleague")])
    to_day(world, "2026-09-14")
    admit(world, visit, number=1)
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })
    assert states(world.kyiv, visit) == ["suspended", "approved"]
    world.deliver()
    assert states(world.tokyo, visit) == ["suspended", "approved"]
    assert open_duties(world.tokyo, "stop-access") == [visit]
    to_day(world, "2026-09-15")
    with pytest.raises(Refused) as refused:
        admit(world, visit, number=1)
    assert codes(refused) == {"admit.suspended"}
    admit(world, visit, number=2)
    world.tokyo.act("registrar", "visit.leave", {"visit": visit, "visitor": f"{visit}.001"})
    assert open_duties(world.tokyo, "stop-access") == []


def test_who_has_left_the_service_visits_nobody(world: World) -> None:
    visit = approved(world)
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    world.deliver()
    assert states(world.tokyo, visit) == ["suspended"]


def test_a_suspension_overtakes_the_approval_and_the_approval_does_not_undo_it(world: World) -> None:
    visit = ask(world)
    world.tokyo.act("authority", "visit.answer", {"approve": [f"{visit}.001"], "number": 0, "visit": visit})
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })
    world.deliver()
    assert states(world.kyiv, visit) == ["suspended"] == states(world.tokyo, visit)


def test_a_suspended_visitor_comes_again_only_when_named_anew_and_approved(world: World) -> None:
    visit = approved(world, visitors=[entry(), entry("colleague")])
    world.kyiv.act("security", "visit.end", {"ending": "suspended", "visit": visit, "visitors": [f"{visit}.001"]})
    world.deliver()
    world.kyiv.act("authority", "visit.amend", {"visit": visit, "visitors": [entry()]})
    world.deliver()
    approve(world, visit, number=1)
    assert states(world.tokyo, visit) == ["approved", "approved"] == states(world.kyiv, visit)
    assert body(world.tokyo, "visitor", f"{visit}.001")["state"] == "suspended"
    assert body(world.tokyo, "visit", visit)["visitors"] == [f"{visit}.002", f"{visit}.003"]


def test_either_side_cancels_and_gives_no_reason(world: World) -> None:
    ours, theirs = approved(world), approved(world)
    world.kyiv.act("authority", "visit.end", {"ending": "cancelled", "visit": ours})
    world.tokyo.act("security", "visit.end", {"ending": "cancelled", "visit": theirs})
    world.deliver()
    for player in world.players:
        assert body(player, "visit", ours)["state"] == body(player, "visit", theirs)["state"] == "cancelled"
        assert states(player, ours) == states(player, theirs) == ["cancelled"]


def test_a_visit_is_moved_later_and_never_earlier(world: World) -> None:
    visit = approved(world)
    for days in ({"first_day": "2026-09-13"}, {"last_day": "2026-09-15"}):
        with pytest.raises(Refused) as earlier:
            world.kyiv.act("authority", "visit.amend", {"visit": visit, **days})
        assert codes(earlier) == {"visit.earlier-day"}
    world.kyiv.act("authority", "visit.amend", {"last_day": "2026-09-17", "visit": visit})
    world.deliver()
    assert body(world.tokyo, "visit", visit)["last_day"] == "2026-09-16"
    approve(world, visit, number=1)
    for player in world.players:
        assert body(player, "visit", visit)["last_day"] == "2026-09-17"


def test_an_urgent_visit_is_not_amended(world: World) -> None:
    visit = approved(world, kind="urgent", first_day="2026-09-03", last_day="2026-09-04")
    with pytest.raises(Refused) as refused:
        world.kyiv.act("authority", "visit.amend", {"last_day": "2026-09-07", "visit": visit})
    assert codes(refused) == {"visit.urgent-not-amended"}


def test_an_amendment_that_is_refused_leaves_what_was_approved(world: World) -> None:
    visit = approved(world)
    world.kyiv.act("authority", "visit.amend", {"visit": visit, "visitors": [entry("colleague")]})
    world.deliver()
    world.tokyo.act("authority", "visit.answer", {"number": 1, "visit": visit})
    world.deliver()
    for player in world.players:
        assert states(player, visit) == ["approved"]
        assert "pending" not in body(player, "visit", visit)
        assert body(player, "visitor", f"{visit}.002")["state"] == "refused"


def test_third_state_nationals_need_both_authorities(world: World) -> None:
    visit = ask(world, visitors=[entry("foreigner", agreed=True)])
    approve(world, visit)
    assert states(world.tokyo, visit) == ["approved"]


def test_a_series_is_announced_between_the_places_and_nobody_comes_unannounced(world: World) -> None:
    visit = approved(world, kind="recurring", last_day="2027-09-13", sites=[PLANT, {**OFFICE, "phone": "+00 2"}])
    to_day(world, "2026-09-14")
    with pytest.raises(Refused) as unannounced:
        admit(world, visit)
    assert codes(unannounced) == {"admit.not-announced"}
    notice = {"first_day": "2026-09-15", "last_day": "2026-09-15", "site": "Exercise Plant", "visit": visit,
              "visitors": [f"{visit}.001"]}
    with pytest.raises(Refused) as late:
        world.kyiv.act("registrar", "visit.announce", notice)
    assert codes(late) == {"visit.notice-late"}
    world.kyiv.act("registrar", "visit.announce", {**notice, "first_day": "2026-09-16", "last_day": "2026-09-16"})
    world.deliver()
    to_day(world, "2026-09-16")
    admit(world, visit)
    with pytest.raises(Refused):
        admit(world, visit, site="Exercise Office")


def test_a_series_is_renewed_once_for_a_year(world: World) -> None:
    first = approved(world, kind="recurring", last_day="2027-09-13")
    year = {"kind": "recurring", "first_day": "2027-09-14", "last_day": "2028-09-13"}
    second = approved(world, **year, renews=first)
    with pytest.raises(Refused) as third:
        ask(world, kind="recurring", first_day="2028-09-14", last_day="2029-09-13", renews=second)
    assert codes(third) == {"visit.renewals-used"}


def test_each_place_is_told_subject_scope_and_level_and_nobodys_name(world: World) -> None:
    visit = approved(world)
    assert open_duties(world.tokyo, "brief-site") == [visit]
    told = world.tokyo.act("security", "visit.brief", {"site": "Exercise Plant", "visit": visit}).value
    assert told == {
        "level": "EX-JPN:EXERCISE SAKURA", "programme": "briefing", "purpose": "high-level dialogue",
        "site": "Exercise Plant", "visit": visit,
    }
    assert open_duties(world.tokyo, "brief-site") == []


def test_nothing_is_asked_under_an_agreement_that_is_suspended_and_nobody_is_let_in(world: World) -> None:
    visit = approved(world)
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-02", "reason": "exercise", "stage": "suspended",
    })
    with pytest.raises(Refused):
        # The notice of the suspension is still on its way to Kyiv: the host's own books decide.
        to_day(world, "2026-09-14")
        admit(world, visit)
    world.deliver()
    with pytest.raises(Refused) as refused:
        ask(world, first_day="2026-10-05", last_day="2026-10-06")
    assert "provision.suspended" in codes(refused)


def test_a_request_that_meets_a_suspension_on_its_way_is_refused_there(world: World) -> None:
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-01", "reason": "exercise", "stage": "suspended",
    })
    visit = str(world.kyiv.act("authority", "visit.request", plan()).value["visit"])
    world.kyiv.outbox.send_waiting()
    world.deliver()
    assert world.tokyo.registry.record("visit", visit) is None
    record = body(world.kyiv, "visit", visit)
    assert (record["state"], record["refusal"]) == ("not-taken", "refused.visit")
    assert open_duties(world.kyiv, "answer-visit") == []


def test_holidays_that_nobody_entered_are_not_guessed(world: World) -> None:
    with pytest.raises(Undecidable):
        ask(world, first_day="2041-03-04", last_day="2041-03-05")


def test_a_visitor_is_one_of_our_people_and_named_once(world: World) -> None:
    with pytest.raises(OutOfOrder):
        ask(world, visitors=[entry("nobody")])
    with pytest.raises(Malformed):
        ask(world, visitors=[entry(), entry()])
