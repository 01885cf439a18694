"""What a partner asks of us stands in the books as due where it arrived: with its day, and until it is answered."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_duties import number_of, todo
from tests.world.comparing import bodies
from tests.world.forging import tell, waiting
from tests.world.organising import open_one, sign_newer
from tests.world.reproducing import cross
from tests.world.test_accord_time import NEXT, amended, enter, open_duties, sign, successor
from tests.world.test_consent import answer, ask
from tests.world.test_level_change import AJISAI, change, told, work
from tests.world.test_registries import notify
from tests.world.world import AGREEMENT, World, exercise_agreement

from cordiale.model.agreement import Term, TermUnit
from cordiale.records.level_copies import work_levels
from cordiale.work.chaser import chase_due

CONSENT = Term("consent.answer", "Art. 14(2)", 14, TermUnit.CALENDAR_DAYS)
LEVEL = Term("level.acknowledge", "Art. 4(4)", 10, TermUnit.CALENDAR_DAYS)


@pytest.fixture
def world() -> World:
    return World.in_force(seed=1301)


def due(world: World, what: str) -> list[dict[str, Any]]:
    """Return what is open of one kind at Tokyo and at Kyiv, in this order."""
    return [
        one for player in world.players for one in bodies(player, "duty").values()
        if one["what"] == what and one["state"] == "open"
    ]


def test_a_request_for_consent_is_due_at_whoever_was_asked_and_brought_before_another_when_it_is_late(
    world: World,
) -> None:
    sign_newer(world, terms=(CONSENT,))
    item = cross(world)
    request = ask(world, item, "use-abroad")
    (asked,) = due(world, "answer-consent")
    (waits,) = due(world, "consent-answer")
    assert asked["due"] == waits["due"] == "2026-09-15" and asked["basis"] == waits["basis"] == "Art. 14(2)"
    assert (asked["owner"], waits["owner"]) == ("JPN", "JPN")
    assert asked["falls_to"] == ["competent-authority", "releasing-authority"]
    (row,) = [one for one in todo(world.tokyo, "authority") if one["what"] == "answer-consent"]
    assert (row["subject"], row["about"]) == (request, number_of(world.tokyo, item))
    world.clock.advance(days=15)
    for player in world.players:
        chase_due(player.registry)
    world.deliver()
    assert [one["what"] for one in bodies(world.tokyo, "reminder").values()] == ["consent-answer"]
    assert "security-officer" in due(world, "answer-consent")[0]["falls_to"]
    given = answer(world, request, "declined")
    assert due(world, "answer-consent") == due(world, "consent-answer") == []
    assert bodies(world.tokyo, "duty")[f"consent-answer.{request}"]["proof"] == given


def test_without_a_term_a_request_for_consent_is_due_all_the_same_and_silence_settles_nothing(world: World) -> None:
    item = cross(world)
    ask(world, item, "use-abroad")
    world.clock.advance(days=400)
    for player in world.players:
        chase_due(player.registry)
    (asked,) = due(world, "answer-consent")
    assert "due" not in asked and len(due(world, "consent-answer")) == 1


def test_an_old_mark_on_a_thing_is_due_by_the_day_on_which_its_originator_is_answered(world: World) -> None:
    sign_newer(world, terms=(LEVEL,))
    item = cross(world, form="paper")
    change(world.tokyo, item, AJISAI)
    work(world)
    marks = due(world, "mark-level")
    assert [one.get("due") for one in marks] == [None, "2026-09-11"] and marks[1]["basis"] == "Art. 4(4)"
    assert due(world, "level-change-done")[0]["due"] == "2026-09-11"
    for player in world.players:
        player.act("registrar", "level.mark", {"item": item})
    work(world)
    assert due(world, "mark-level") == due(world, "level-change-done") == []


def test_a_thing_that_has_gone_bears_no_mark_that_somebody_waits_for(world: World) -> None:
    item = cross(world, form="paper")
    change(world.tokyo, item, AJISAI)
    work(world)
    world.kyiv.act("registrar", "return", {"item": item})
    work(world)
    assert open_duties(world.kyiv, "mark-level") == []
    assert open_duties(world.tokyo, "level-change-done") == [] and told(world.tokyo)["state"] == "done"


def test_the_word_that_all_is_marked_may_overtake_the_certificate_of_what_was_returned(world: World) -> None:
    item = cross(world, form="paper")
    change(world.tokyo, item, AJISAI)
    work(world)
    world.kyiv.act("registrar", "return", {"item": item})
    work_levels(world.kyiv.registry)
    for row in sorted(waiting(world.kyiv), key=lambda one: -one.seq):
        tell(world.kyiv, world.tokyo, row.message)
        work_levels(world.tokyo.registry)
    assert open_duties(world.tokyo, "level-change-done") == []


def test_the_first_profile_of_an_agreement_is_due_to_be_signed_and_so_is_what_replaces_it() -> None:
    world = World.founded(seed=1302)
    first = amended(1)
    text, _ = exercise_agreement()
    enter(world.tokyo, text, first)
    world.deliver()
    assert open_duties(world.kyiv, "amendment-answer") == [f"amendment-answer.{AGREEMENT}.1.ukr"]
    enter(world.tokyo, text, amended(2))
    world.deliver()
    assert open_duties(world.kyiv, "amendment-answer") == [f"amendment-answer.{AGREEMENT}.2.ukr"]
    sign(world.kyiv, amended(2))
    assert open_duties(world.kyiv, "amendment-answer") == []
    assert open_duties(world.tokyo, "amendment-answer") == [f"amendment-answer.{AGREEMENT}.2.ukr"]
    world.deliver()
    assert open_duties(world.tokyo, "amendment-answer") == []


def test_a_partner_s_word_that_an_agreement_follows_waits_for_ours(world: World) -> None:
    successor(world)
    said = {"agreement": NEXT, "article": "Art. 11(2)", "carries": [], "on": "2026-09-01", "predecessor": AGREEMENT}
    world.tokyo.act("authority", "accord.rehome", said)
    world.deliver()
    assert [one["owner"] for one in due(world, "answer-rehoming")] == ["UKR", "UKR"]
    world.kyiv.act("authority", "accord.rehome", said)
    world.deliver()
    assert due(world, "answer-rehoming") == []


def test_a_dispute_and_an_opened_registry_are_due_by_the_terms_that_say_so(world: World) -> None:
    sign_newer(world, terms=(
        Term("dispute.answer", "Art. 14(2)", 20, TermUnit.CALENDAR_DAYS),
        Term("registry.notify", "Art. 14(2)", 5, TermUnit.CALENDAR_DAYS),
    ))
    world.tokyo.act("authority", "accord.notice", {
        "agreement": AGREEMENT, "article": "Art. 12(1)", "kind": "dispute", "on": "2026-09-02", "text": "what was meant",
    })
    world.deliver()
    assert [(one["owner"], one["due"]) for one in due(world, "notice-answer")] == [
        ("UKR", "2026-09-21"), ("UKR", "2026-09-21"),
    ]
    notify(world.kyiv, registry="odesa")
    open_one(world.kyiv, "central", "chief", "", "registrar")
    open_one(world.kyiv, "odesa", "sub-registry", "odesa", "registrar")
    (told,) = due(world, "tell-registry")[-1:]
    assert (told["due"], told["basis"]) == ("2026-09-06", "Art. 14(2)")
