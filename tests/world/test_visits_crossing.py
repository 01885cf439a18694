"""Visits and bad luck: answers that cross, come late or twice; and what visitors learned, up to its note."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.comparing import audit
from tests.world.forging import opened, waiting
from tests.world.forging import tell as bring
from tests.world.test_erasing import everywhere
from tests.world.test_journey import approve as approve_release
from tests.world.test_journey import label
from tests.world.visiting import LEVEL, admit, approve, approved, ask, body, entry, plan, states, to_day
from tests.world.world import AGREEMENT, World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.message.bodies.visit_ended import VisitEnded
from cordiale.work.chaser import chase_due

PURPOSE = "high-level dialogue"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=32)


def answer(world: World, visit: str, number: int, *visitors: str) -> None:
    world.tokyo.act("authority", "visit.answer", {"approve": list(visitors), "number": number, "visit": visit})


def codes(raised: pytest.ExceptionInfo[Any]) -> set[str]:
    return {reason.code for reason in raised.value.decision.reasons}


def amend(world: World, visit: str, **changes: Any) -> None:
    world.kyiv.act("authority", "visit.amend", {"visit": visit, **changes})


def open_duties(player: Any, what: str) -> list[str]:
    return [one["subject"] for one in player.registry.find("duty", "state", "open") if one["what"] == what]


def test_an_amendment_that_crosses_the_approval_waits_for_its_own_answer(world: World) -> None:
    visit = ask(world)
    answer(world, visit, 0, f"{visit}.001")
    amend(world, visit, last_day="2026-09-18", visitors=[entry("colleague")])
    world.deliver()
    for player in world.players:
        record = body(player, "visit", visit)
        assert (record["state"], record["last_day"], record["pending"]["number"]) == ("approved", "2026-09-16", 1)
        assert states(player, visit) == ["approved"]
    assert open_duties(world.kyiv, "answer-visit") == [visit] == open_duties(world.tokyo, "answer-visit")
    approve(world, visit, number=1)
    for player in world.players:
        assert body(player, "visit", visit)["last_day"] == "2026-09-18"
        assert states(player, visit) == ["approved", "approved"]
    assert open_duties(world.kyiv, "answer-visit") == []


def test_an_amendment_that_the_host_s_node_refuses_leaves_nothing_due_and_the_next_one_is_taken(world: World) -> None:
    """The visitor was suspended after it was written, and the word of that came first."""
    visit = approved(world)
    amend(world, visit, last_day="2026-09-18", visitors=[entry("colleague")])
    world.kyiv.act("security", "visit.end", {
        "ending": "suspended", "visit": visit, "visitors": [f"{visit}.001"],
    })
    (suspended,) = (row for row in waiting(world.kyiv) if isinstance(opened(row.message).body, VisitEnded))
    assert opened(bring(world.kyiv, world.tokyo, suspended.message)).in_reply_to == suspended.id
    world.deliver()
    record = body(world.kyiv, "visit", visit)
    assert (record["refusal"], record["last_day"], record["state"]) == ("visit.visitor-gone", "2026-09-16", "approved")
    assert body(world.kyiv, "visitor", f"{visit}.002")["state"] == "refused"
    assert open_duties(world.kyiv, "answer-visit") == []
    amend(world, visit, last_day="2026-09-17", visitors=[entry("colleague")], drop=[f"{visit}.001"])
    world.deliver()
    approve(world, visit, number=1)
    for player in world.players:
        assert body(player, "visit", visit)["last_day"] == "2026-09-17"
        assert states(player, visit) == ["approved"]


def test_an_amendment_before_any_answer_is_answered_in_place_of_the_request(world: World) -> None:
    visit = ask(world)
    amend(world, visit, visitors=[entry("colleague")], drop=[f"{visit}.001"])
    world.deliver()
    with pytest.raises(OutOfOrder) as older:
        answer(world, visit, 0, f"{visit}.001")
    assert older.value.code == "visit.other-version"
    answer(world, visit, 1, f"{visit}.002")
    world.deliver()
    for player in world.players:
        assert body(player, "visit", visit)["visitors"] == [f"{visit}.002"]
        assert states(player, visit) == ["approved"]
        assert body(player, "visitor", f"{visit}.001")["state"] == "cancelled"


def test_two_amendments_never_wait_at_once(world: World) -> None:
    visit = approved(world)
    amend(world, visit, last_day="2026-09-17")
    with pytest.raises(OutOfOrder) as waiting:
        amend(world, visit, last_day="2026-09-18")
    assert waiting.value.code == "visit.amendment-waits"


def test_a_visit_is_answered_once(world: World) -> None:
    visit = ask(world)
    answer(world, visit, 0)
    with pytest.raises(OutOfOrder) as again:
        answer(world, visit, 0, f"{visit}.001")
    assert again.value.code == "visit.other-version"
    world.deliver()
    assert states(world.kyiv, visit) == ["refused"]


def test_an_approval_that_comes_after_the_visit_lets_nobody_come(world: World) -> None:
    visit = ask(world)
    answer(world, visit, 0, f"{visit}.001")
    to_day(world, "2026-09-17")
    world.deliver()
    assert body(world.kyiv, "visit", visit)["state"] == "too-late"
    with pytest.raises(OutOfOrder):
        amend(world, visit, last_day="2026-09-20")
    with pytest.raises(Refused) as refused:
        admit(world, visit)
    assert codes(refused) == {"admit.other-day"}


def test_the_host_does_not_approve_what_is_over(world: World) -> None:
    visit = ask(world)
    to_day(world, "2026-09-17")
    with pytest.raises(Refused) as over:
        answer(world, visit, 0, f"{visit}.001")
    assert codes(over) == {"visit.over"}
    answer(world, visit, 0)


def test_a_cancellation_and_an_approval_that_cross_end_in_a_cancelled_visit(world: World) -> None:
    visit = ask(world)
    answer(world, visit, 0, f"{visit}.001")
    world.kyiv.act("authority", "visit.end", {"ending": "cancelled", "visit": visit})
    world.deliver()
    for player in world.players:
        assert body(player, "visit", visit)["state"] == "cancelled"
        assert states(player, visit) == ["cancelled"]
    to_day(world, "2026-09-14")
    with pytest.raises(Refused):
        admit(world, visit)


def test_one_request_repeated_after_a_crash_is_one_visit(world: World) -> None:
    first = world.kyiv.act("authority", "visit.request", plan(), act_id="act.once")
    world.kyiv.reopen(seed=99)
    world._connect(world.kyiv)
    again = world.kyiv.act("authority", "visit.request", plan(), act_id="act.once")
    assert first.value == again.value
    world.deliver()
    assert len(world.tokyo.registry.find("visit", "state", "asked")) == 1


def during_visit(world: World) -> str:
    visit = approved(world, visitors=[entry(), entry("colleague")])
    to_day(world, "2026-09-14")
    admit(world, visit)
    return visit


def tell(world: World, visit: str, *listeners: str, level: str = LEVEL) -> str:
    return str(world.tokyo.act("originator", "visit.disclose", {
        "level": level, "listeners": list(listeners), "manner": "oral", "subject": "Exercise briefing", "visit": visit,
    }).value["disclosure"])


def note(world: World, *, level: str = LEVEL, form: str = "oral") -> str:
    item = label(world.tokyo, form=form, level=level)
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        approve_release(world.tokyo, item, person, kind, PURPOSE)
    return item


def test_what_a_visitor_is_told_is_written_up_at_both_and_confirmed_by_a_note(world: World) -> None:
    visit = during_visit(world)
    disclosure = tell(world, visit, f"{visit}.001")
    world.deliver()
    told = body(world.kyiv, "disclosure", disclosure)
    assert (told["level"], told["listeners"], told["state"]) == (LEVEL, [f"{visit}.001"], "told")
    assert open_duties(world.kyiv, "confirm-disclosure") == [disclosure] == open_duties(
        world.tokyo, "confirm-disclosure")
    item = note(world)
    with pytest.raises(OutOfOrder) as early:
        world.tokyo.act("originator", "visit.confirm", {"disclosure": disclosure, "item": item})
    assert early.value.code == "disclose.not-dispatched"
    sent = world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv",
    }).value["consignment"]
    world.tokyo.act("originator", "visit.confirm", {"disclosure": disclosure, "item": item})
    world.deliver()
    for player in world.players:
        assert (body(player, "disclosure", disclosure)["item"], open_duties(player, "confirm-disclosure")) == (item, [])
    world.kyiv.act("registrar", "register", {"consignment": sent, "counted": 1})
    assert body(world.kyiv, "item", item)["form"] == "oral"


def test_nobody_is_told_more_than_the_visit_is_approved_for_nor_without_being_let_in(world: World) -> None:
    visit = during_visit(world)
    with pytest.raises(Refused) as above:
        tell(world, visit, f"{visit}.001", level="EX-JPN:EXERCISE FUJI")
    assert codes(above) == {"disclose.above-visit"}
    with pytest.raises(Refused) as outside:
        tell(world, visit, f"{visit}.001", f"{visit}.002")
    assert codes(outside) == {"disclose.not-admitted"}
    with pytest.raises(Refused):
        tell(world, visit)


def test_a_note_is_of_the_level_that_the_listeners_were_told(world: World) -> None:
    visit = during_visit(world)
    disclosure = tell(world, visit, f"{visit}.001")
    for item in (note(world, level="EX-JPN:EXERCISE AJISAI"), note(world, form="paper")):
        with pytest.raises(Malformed):
            world.tokyo.act("originator", "visit.confirm", {"disclosure": disclosure, "item": item})


def test_what_is_personal_of_a_visitor_is_erased_at_both_after_the_visit(world: World) -> None:
    """S15, with the visit itself: the node proposes it, one person confirms, and both logs still verify."""
    visit = approved(world)
    amend(world, visit, last_day="2026-09-17", visitors=[entry("colleague")])
    world.deliver()
    approve(world, visit, number=1)
    to_day(world, "2026-09-18")
    for player in world.players:
        assert b"EX reader" in everywhere(player) and b"EX colleague" in everywhere(player)
        chase_due(player.registry)
        for number in (1, 2):
            player.act("security", "erase.confirm", {"proposal": f"erase.visitor.{visit}.00{number}"})
        assert b"EX reader" not in everywhere(player) and b"EX colleague" not in everywhere(player)
        assert audit(player).findings == []
        assert states(player, visit) == ["approved", "approved"]
