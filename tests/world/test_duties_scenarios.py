"""Scenarios of the sheet that belong to duties: a receipt on day 45 (S4), a gap in the numbers (S13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies
from tests.world.test_accord_time import in_effect
from tests.world.test_duties_engine import duty
from tests.world.test_journey import dispatch, label, release
from tests.world.world import World, exercise_agreement

from cordiale.model.agreement import Act, Term, TermUnit
from cordiale.work.chaser import chase_due


@pytest.fixture
def world() -> World:
    return World.in_force(seed=91)


def test_a_receipt_that_is_not_back_on_day_45_opens_a_case(world: World) -> None:
    """S4: the rules set no day for the receipt, and the period for chasing is 45 days (US-117)."""
    _, profile = exercise_agreement()
    acts = tuple(replace(one, deadline=None) if one.act is Act.RECEIPT else one for one in profile.acts)
    terms = tuple(one for one in profile.terms if one.name != "receipt.chase")
    in_effect(world, replace(
        profile, version=2, acts=acts,
        terms=(*terms, Term("receipt.chase", "Art. 7(2)", 45, TermUnit.CALENDAR_DAYS)),
    ))
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    name = f"receipt.{consignment}"
    assert "receipt_due" not in bodies(world.kyiv, "consignment")[consignment]
    assert duty(world.tokyo, name)["due"] == "2026-10-16"
    world.clock.advance(days=44)
    chase_due(world.tokyo.registry)
    assert "overdue_at" not in duty(world.tokyo, name).body
    world.clock.advance(days=2)
    chase_due(world.tokyo.registry)
    case = duty(world.tokyo, name)
    assert case["falls_to"] == ["registrar", "competent-authority"] and case["overdue_at"] and case["chased"] == 1
    rows = view(world.tokyo, "authority", "view.duties", only="overdue")["duties"]
    assert [row["duty"] for row in rows] == [name]
    world.deliver()
    assert [one["what"] for one in bodies(world.kyiv, "reminder").values()] == ["receipt"]


def test_a_gap_in_the_numbers_of_the_register_is_reported(world: World) -> None:
    """S13."""
    for _ in range(3):
        label(world.tokyo, form="paper")
    assert audit(world.tokyo).findings == []
    reads: Any = world.tokyo.registry.reads()
    for (name,) in list(reads._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")):
        reads._connection.execute(f"DROP TRIGGER {name}")
    (id,) = [id for id, body in bodies(world.tokyo, "entry").items() if str(body["number"]).endswith("-0002")]
    reads._connection.execute("DELETE FROM record WHERE kind = 'entry' AND id = ?", (id,))
    reads._connection.execute("DELETE FROM field WHERE kind = 'entry' AND id = ?", (id,))
    found = [one for one in audit(world.tokyo).findings if one.code == "audit.number-gap"]
    assert [(one.place, one.text) for one in found] == [("own 2026", "number 2 is missing from the register")]
