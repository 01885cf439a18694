"""The calendar of levels, doubts about them, and that foreign items never fall under national law by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.views.test_pages import view
from tests.world import world as worlds
from tests.world.comparing import bodies
from tests.world.test_journey import cross, grant, label
from tests.world.test_level_change import AJISAI, item_of, open_duties
from tests.world.world import World

from cordiale.errors import OutOfOrder, Refused
from cordiale.model.agreement import Term, TermUnit
from cordiale.work.chaser import chase_due

TERMS = (
    Term("level.review", "Exercise Order s. 9", 30, TermUnit.CALENDAR_DAYS),
    Term("challenge.answer", "Exercise Order s. 10", 60, TermUnit.CALENDAR_DAYS),
    Term("challenge.escalate", "Exercise Order s. 10", 120, TermUnit.CALENDAR_DAYS),
)


@pytest.fixture(scope="module")
def founded() -> Iterator[World]:
    plain = worlds.load_template

    def with_terms(name: str):  # type: ignore[no-untyped-def]
        draft = plain(name)
        return replace(draft, nationals=tuple(
            replace(one, terms=(*(term for term in one.terms if term.name not in {t.name for t in TERMS}), *TERMS))
            for one in draft.nationals
        ))

    worlds.load_template = with_terms  # type: ignore[assignment]
    try:
        world = World.founded(seed=911)
        world.bring_into_force()
    finally:
        worlds.load_template = plain
    yield world


def test_the_national_day_passes_a_foreign_item_over_and_consults_its_originator(founded: World) -> None:
    """S16: the national job meets a foreign item: it skips it and raises a consultation."""
    world = founded.twin(1)
    _, (item,) = cross(world)
    own = label(world.kyiv, level="EX-UKR:EXERCISE BARVINOK", release_to=["JPN"])
    chase_due(world.kyiv.registry)
    assert "level-review" not in open_duties(world.kyiv)
    world.clock.advance(days=31)
    chase_due(world.kyiv.registry)
    world.deliver()
    for one in (item, own):
        assert "marks" not in item_of(world.kyiv, one).body and "declassified_at" not in item_of(world.kyiv, one).body
    (asked,) = [one for one in bodies(world.tokyo, "consent-request").values() if one["direction"] == "in"]
    assert (asked["item"], asked["act"], asked["purpose"]) == (item, "change-level", "declassified")
    chase_due(world.kyiv.registry)
    assert len(bodies(world.kyiv, "consent-request")) == 1
    assert "level-review" in open_duties(world.kyiv)


def test_the_day_of_a_label_brings_its_review_and_changes_nothing(founded: World) -> None:
    world = founded.twin(2)
    day = world.clock.at.date() + timedelta(days=10)
    item = label(world.tokyo, trigger={"kind": "review", "on": day.isoformat()})
    world.clock.advance(days=11)
    chase_due(world.tokyo.registry)
    assert "level-review" in open_duties(world.tokyo)
    assert "marks" not in item_of(world.tokyo, item).body


def test_a_doubt_about_our_own_item_is_answered_in_time_and_nobody_learns_whose_it_was(founded: World) -> None:
    world = founded.twin(3)
    item = label(world.tokyo)
    name = str(world.tokyo.act("originator", "level.challenge", {
        "doubt": "too-high", "item": item, "reason": "it is in the press", "to": AJISAI,
    }).value["challenge"])
    (duty,) = [one for one in bodies(world.tokyo, "duty").values() if one["what"] == "answer-challenge"]
    assert duty["due"] == (world.clock.at.date() + timedelta(days=60)).isoformat()
    assert duty["falls_to"] == ["releasing-authority"] and duty["escalate_to"] == "competent-authority"
    assert "originator" not in str(bodies(world.tokyo, "level-challenge"))
    with pytest.raises(Refused):
        world.tokyo.act("registrar", "level.answer", {"challenge": name, "outcome": "kept", "reason": "x"})
    world.tokyo.act("authority", "level.answer", {"challenge": name, "outcome": "kept", "reason": "live source"})
    assert "answer-challenge" not in open_duties(world.tokyo)
    with pytest.raises(OutOfOrder):
        world.tokyo.act("authority", "level.answer", {"challenge": name, "outcome": "kept", "reason": "x"})


def test_a_doubt_about_a_foreign_item_asks_its_originator_without_naming_a_reader(founded: World) -> None:
    world = founded.twin(4)
    _, (item,) = cross(world)
    with pytest.raises(Refused):
        world.kyiv.act("colleague", "level.challenge", {"doubt": "too-low", "item": item, "reason": "sources"})
    grant(world, item, "reader")
    world.kyiv.act("reader", "level.challenge", {"doubt": "missing-mark", "item": item, "reason": "page 3 bears none"})
    world.deliver()
    (asked,) = [one for one in bodies(world.tokyo, "consent-request").values() if one["direction"] == "in"]
    assert asked["grounds"] == "missing-mark: page 3 bears none"
    assert "reader" not in str(asked)
    assert "marks" not in item_of(world.kyiv, item).body


def test_a_change_proposed_for_an_item_whose_readers_are_named_waits_before_whoever_can_answer() -> None:
    world = World.in_force(seed=557)
    item = label(world.tokyo, form="paper", release_to=[], readers=["originator"])
    proposed = world.tokyo.act("originator", "level.propose", {"article": "Art. 4(4)", "item": item, "to": AJISAI})
    (row,) = (one for one in view(world.tokyo, "authority", "view.duties")["duties"] if one["subject"] == item)
    assert row["what"] == "confirm-level"
    world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposed.value["proposal"]})
    assert not [one for one in view(world.tokyo, "authority", "view.duties")["duties"] if one["subject"] == item]
