"""Drafts are dated and marked, become an item in time, and are destroyed at the latest when national law says."""

from __future__ import annotations

import pytest
from tests.world.test_journey import codes
from tests.world.world import World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.records.drafts import DRAFT
from cordiale.records.duties import DUTY

SAKURA = "EX-JPN:EXERCISE SAKURA"


@pytest.fixture
def world() -> World:
    return World.in_force()


def draft(world: World) -> str:
    answer = world.tokyo.act("originator", "draft.enter", {"form": "paper", "level": SAKURA, "title": "Notes"})
    assert (answer.value["until"][:10], answer.value["basis"]) == ("2027-02-28", "Exercise Order J-3, s. 9")
    return str(answer.value["draft"])


def owed(world: World) -> dict[str, str]:
    return {one["what"]: one.body.get("due", "") for one in world.tokyo.registry.find(DUTY, "state", "open")}


def test_a_draft_is_due_to_be_entered_and_on_issue_due_to_be_destroyed(world: World) -> None:
    entered = draft(world)
    assert owed(world) == {"draft-accountable": "2027-02-28"}
    item = world.tokyo.act("originator", "label", {
        "draft": entered, "form": "paper", "level": SAKURA, "release_to": ["UKR"], "title": "Paper",
    }).value["item"]
    found = world.tokyo.registry.record(DRAFT, entered)
    assert found is not None and (found["state"], found["issued_as"]) == ("issued", item)
    assert owed(world) == {"draft-destroy": "2026-09-01"}
    world.tokyo.act("originator", "draft.destroy", {"draft": entered, "method": "shredded"})
    assert owed(world) == {}


def test_a_draft_becomes_one_item_and_no_second(world: World) -> None:
    entered = draft(world)
    labelled = {"draft": entered, "form": "paper", "level": SAKURA, "release_to": ["UKR"], "title": "Paper"}
    world.tokyo.act("originator", "label", labelled)
    with pytest.raises(OutOfOrder, match="issued already"):
        world.tokyo.act("originator", "label", labelled)


def test_only_its_author_or_a_registrar_destroys_a_draft(world: World) -> None:
    entered = draft(world)
    with pytest.raises(Refused) as other:
        world.tokyo.act("head", "draft.destroy", {"draft": entered, "method": "shredded"})
    assert codes(other) == {"draft.other-author"}
    with pytest.raises(Refused):
        world.tokyo.act("head", "draft.destroy", {"draft": "act.unknown", "method": "shredded"})
    world.tokyo.act("registrar", "draft.destroy", {"draft": entered, "method": "shredded"})
    with pytest.raises(OutOfOrder, match="destroyed already"):
        world.tokyo.act("originator", "draft.destroy", {"draft": entered, "method": "again"})


def test_where_no_national_rule_says_how_long_there_is_no_day_and_that_is_said(world: World) -> None:
    with pytest.raises(Malformed, match="not one of our own"):
        world.kyiv.act("originator", "draft.enter", {"form": "paper", "level": SAKURA, "title": "Notes"})
    answer = world.kyiv.act("originator", "draft.enter", {
        "form": "paper", "level": "EX-UKR:EXERCISE KALYNA", "title": "Notes",
    })
    assert answer.value["until"] == ""
    (duty,) = world.kyiv.registry.find(DUTY, "state", "open")
    assert duty["what"] == "draft-accountable" and "due" not in duty.body
