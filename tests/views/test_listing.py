"""Lists are shown a part at a time: every row once, in the order of the list, and no more read than is shown."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.world import Player, World

from cordiale.errors import Malformed
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.plans import PLAN
from cordiale.records.session import ActSession

COUNT = 130
_STATES = ("proposed", "agreed", "declined", "withdrawn")
KALYNA = "EX-UKR:EXERCISE KALYNA"
_VISIT = ("agreement", "direction", "kind", "last_day", "late", "level", "party", "purpose", "renews")
_TABLES = ("incidents", "drafts", "freezes", "orders")


@pytest.fixture(scope="module")
def player() -> Player:
    kyiv = World.in_force(seed=917).kyiv
    item = kyiv.act("originator", "label", {"form": "paper", "level": KALYNA, "title": "Paper"}).value["item"]

    def perform(session: ActSession) -> dict[str, Any]:
        for number in range(COUNT):
            at = f"2026-09-01T00:{number // 60:02}:{number % 60:02}Z"
            session.put(PLAN, f"plan.{number:03}", {"party": "JPN", "state": _STATES[number % 4]})
            session.put("consignment", f"ukr.c.{number:03}", {
                "direction": "in", "message": f"m{number}", "party": "JPN", "received_at": at, "state": "registered",
            })
            session.put("incident", f"incident.{number:03}", {
                "items": [], "kind": "loss", "reported_at": at, "reported_by": "registrar", "state": "open", "what": "x",
            })
            session.put("freeze-order", f"order.{number:03}", {"item": "none", "party": "JPN", "state": "asked"})
            session.put("consignment", f"ukr.h.{number:03}", {
                "direction": "in", "message": f"h{number}", "party": "JPN", "received_at": at, "state": "held",
            })
            session.put("carriage", f"ukr.c.{number:03}", {
                "direction": "in", "party": "JPN", "state": ("packed", "under-way", "overdue")[number % 3],
            })
            session.put("draft", f"draft.{number:03}", {
                "author": "security", "level": KALYNA, "state": ("draft", "issued")[number % 2],
            })
            session.put("clearance-query", f"query.{number:03}", {"direction": "in", "party": "JPN", "state": "asked"})
            session.put("return-request", f"return.{number:03}", {"asked_at": at, "item": item, "state": "asked"})
            session.put("emergency", f"emergency.{number:03}", {"at": at, "item": item, "state": "told"})
            session.put("visit", f"visit.{number:03}", {
                "first_day": at, "state": ("asked", "approved")[number % 2], **dict.fromkeys(_VISIT, "x"),
            })
            session.put("person", f"one.{number:03}", {
                "keys": {}, "name": "One", "offices": [], "post": "Clerk", "unit": "Registry",
            })
        return {}

    kyiv.registry.ledger.commit(Act("many", "many", "node", INTERNAL, perform))
    return kyiv


def parts(player: Player, kind: str, count: int) -> list[dict[str, Any]]:
    found = [view(player, "security", kind, count=count)]
    while found[-1]["next"]:
        found.append(view(player, "security", kind, after=found[-1]["next"], count=count))
    return found


@pytest.mark.parametrize(("kind", "tables"), [
    ("view.plans", ("plans",)), ("view.incidents", _TABLES), ("view.inbox", ("consignments",)),
    ("view.drafts", ("drafts",)), ("view.people", ("people",)),
    ("view.clearances", ("briefings", "queries", "told")),
])
def test_parts_together_are_the_whole_list_and_none_is_longer_than_asked(
    player: Player, kind: str, tables: tuple[str, ...]
) -> None:
    whole, some = view(player, "security", kind), parts(player, kind, 40)
    assert whole["next"] == "" and sum(len(whole[table]) for table in tables) >= COUNT
    for table in tables:
        assert [row for part in some for row in part[table]] == whole[table]
    assert [sum(len(part[table]) for table in tables) for part in some[:-1]] == [40] * (len(some) - 1)


@pytest.mark.parametrize(("kind", "table", "first"), [
    ("view.returns", "requests", "return.039"), ("view.visits", "visits", "visit.000"),
    ("view.carriages", "carriages", "ukr.c.000"), ("view.emergencies", "emergencies", "emergency.039"),
])
def test_a_part_is_in_the_order_of_its_days_and_all_parts_have_all(
    player: Player, kind: str, table: str, first: str
) -> None:
    some = parts(player, kind, 40)
    called = {"requests": "request", "emergencies": "disclosure", "visits": "visit", "carriages": "consignment"}[table]
    named = [[row[called] for row in part[table]] for part in some]
    assert named[0][0] == first and [len(part) for part in named] == [40, 40, 40, 10]
    assert len({id for part in named for id in part}) == COUNT


def test_what_waits_for_an_answer_comes_first_over_all_parts(player: Player) -> None:
    states = [row["state"] for part in parts(player, "view.plans", 7) for row in part["plans"]]
    assert states == sorted(states, key=_STATES.index) and len(states) == COUNT


def test_one_is_found_without_the_others_and_no_other_end_of_a_page_is_taken(player: Player) -> None:
    assert [row["plan"] for row in view(player, "security", "view.plans", only="plan.007")["plans"]] == ["plan.007"]
    assert view(player, "security", "view.plans", only="plan.999")["plans"] == []
    for after in ("plan.007", "elsewhere plan.007", "plans.proposed "):
        with pytest.raises(Malformed):
            view(player, "security", "view.plans", after=after)


def test_consignments_come_a_part_at_a_time(player: Player) -> None:
    first = view(player, "registrar", "view.consignments", count=50)
    second = view(player, "registrar", "view.consignments", after=first["next"], count=500)
    found = [row["consignment"] for row in (*first["consignments"], *second["consignments"])]
    assert len(first["consignments"]) == 50 and second["next"] == "" and len(set(found)) == len(found) >= COUNT
