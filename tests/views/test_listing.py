"""Lists are shown a part at a time: every row once, in the order of the list, and no more read than is shown."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.browser import Browser, Page, open_door
from tests.views.test_pages import view
from tests.world.world import Player, World

from cordiale.errors import Malformed
from cordiale.limits import DESK_ROWS_SHOWN_COUNT_MAX
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.plans import PLAN
from cordiale.records.session import ActSession

COUNT = 130
_STATES = ("proposed", "agreed", "declined", "withdrawn")
KALYNA = "EX-UKR:EXERCISE KALYNA"
_VISIT = ("agreement", "direction", "kind", "last_day", "late", "level", "party", "purpose", "renews")
_FIRM_STATES = ("asked", "in-process", "held", "not-held", "withdrawn")
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
                **({"expected_at": f"2026-10-01T00:{(COUNT - number) // 60:02}:{(COUNT - number) % 60:02}Z"}
                   if number % 3 else {}),
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
            _put_lists(session, number, at, item)
            session.put("person", f"one.{number:03}", {
                "keys": {}, "name": "One", "offices": [], "post": "Clerk", "unit": "Registry",
            })
        return {}

    kyiv.registry.ledger.commit(Act("many", "many", "node", INTERNAL, perform))
    return kyiv


def _put_lists(session: ActSession, number: int, at: str, item: str) -> None:
    """Let there be one more of each of what else is listed."""
    session.put("level-proposal", f"item.{number:03}", {"item": item, "proposal": at, "state": "proposed"})
    session.put("level-change", f"change.{number:03}", {
        "change": f"change.{number:03}", "effective_at": at, "item": item,
        "state": ("pending", "working", "marking", "done")[number % 4],
    })
    for party in ("JPN", "POL"):
        session.put("level-told", f"change.{number:03}/{party}", {
            "change": f"change.{number:03}", "party": party, "state": "told",
        })
    session.put("level-challenge", f"doubt.{number:03}", {
        "at": at, "doubt": "too-high", "item": item, "reason": "x", "request": "", "state": "open",
    })
    session.put("asked-reproduction", f"asked.{number:03}", {
        "act": "copy", "asked_at": at, "asked_by": ("security", f"one.{number:03}")[number % 2], "item": item,
        "state": "asked",
    })
    session.put("reproduction", f"task.{number:03}", {
        "act": "copy", "item": item, "state": "assigned",
        **({"maker": "reader", "witnesses": ["registrar"]}, {"maker": f"one.{number:03}", "witnesses": ["reader"]},
           {"maker": "registrar", "witnesses": []})[number % 3],
    })
    session.put("contract", f"contract.{number:03}", {
        "direction": "in", "state": ("acknowledged", "notified", "ended")[number % 3], "title": "One",
    })
    session.put("facility", f"firm.{number:03}", {"direction": "in", "facility": "Firm", "state": _FIRM_STATES[number % 5]})
    session.put("inventory", f"inventory.{number:03}", {"kind": "whole", "opened_at": at, "state": "signed"})
    session.put("destruction", f"destruction.{number:03}", {
        "copies": [f"{item}.0"], "item": item, "method": "burned", "persons": [f"one.{max(0, number - 1):03}"],
        "proposed_at": at, "state": "proposed",
    })
    session.put("crisis", f"crisis.{number:03}", {
        "copies": [f"{item}.0"], "done_by": ["security"], "entered_at": at, "entered_by": f"one.{max(0, number - 1):03}",
        "state": "entered",
    })
    session.put("inventory-told", f"told.{number:03}", {"party": "JPN", "told_at": at})
    session.put("device", f"device.{number:03}", {"kind": "printer", "level": KALYNA, "state": "in-use"})
    session.put("medium", f"medium.{number:03}", {"kind": "tape", "state": "in-use"})
    session.put("backup", f"backup.{number:03}", {"begun_at": at, "medium": "medium.000"})


def parts(player: Player, kind: str, count: int, person: str = "security", **asked: Any) -> list[dict[str, Any]]:
    found = [view(player, person, kind, count=count, **asked)]
    while found[-1]["next"]:
        found.append(view(player, person, kind, after=found[-1]["next"], count=count, **asked))
    return found


@pytest.mark.parametrize(("kind", "tables"), [
    ("view.plans", ("plans",)), ("view.incidents", _TABLES), ("view.inbox", ("consignments",)),
    ("view.drafts", ("drafts",)), ("view.people", ("people",)),
    ("view.clearances", ("briefings", "queries", "told")), ("view.levels", ("changes", "proposals")),
    ("view.challenges", ("challenges",)), ("view.reproductions", ("asked", "tasks")),
    ("view.contracts", ("contracts", "firms")), ("view.inventories", ("inventories",)),
    ("view.inventories-told", ("told",)), ("view.equipment", ("devices", "media", "backups")),
    ("view.returns", ("requests",)), ("view.emergencies", ("emergencies",)), ("view.visits", ("visits",)),
    ("view.carriages", ("carriages",)), ("view.destructions", ("destructions",)), ("view.crises", ("crises",)),
])
def test_parts_together_are_the_whole_list_and_none_is_longer_than_asked(
    player: Player, kind: str, tables: tuple[str, ...]
) -> None:
    whole, some = view(player, "security", kind), parts(player, kind, 40)
    assert whole["next"] == "" and sum(len(whole[table]) for table in tables) >= COUNT
    for table in tables:
        assert [row for part in some for row in part[table]] == whole[table]
    assert [sum(len(part[table]) for table in tables) for part in some[:-1]] == [40] * (len(some) - 1)


@pytest.mark.parametrize(("kind", "table", "name", "day"), [
    ("view.returns", "requests", "request", "asked_at"), ("view.emergencies", "emergencies", "disclosure", "at"),
    ("view.inventories", "inventories", "inventory", "opened_at"), ("view.inventories-told", "told", "told", "told_at"),
    ("view.equipment", "backups", "backup", "begun_at"),
])
def test_the_newest_stands_first_in_the_whole_list_and_not_only_in_a_part(
    player: Player, kind: str, table: str, name: str, day: str
) -> None:
    rows = [row for part in parts(player, kind, 40) for row in part[table]]
    assert [row[day] for row in rows] == sorted((row[day] for row in rows), reverse=True)
    assert len({row[name] for row in rows}) == len(rows) == COUNT


def test_the_earliest_stands_first_whatever_state_it_is_in(player: Player) -> None:
    visits = [row for part in parts(player, "view.visits", 40) for row in part["visits"]]
    assert [row["visit"] for row in visits] == [f"visit.{number:03}" for number in range(COUNT)]
    changes = [row for part in parts(player, "view.levels", 40) for row in part["changes"]]
    assert [row["change"] for row in changes] == [f"change.{number:03}" for number in range(COUNT) if number % 4 < 3]
    firms = [row for part in parts(player, "view.contracts", 40) for row in part["firms"]]
    assert [row["query"] for row in firms] == [f"firm.{number:03}" for number in range(COUNT) if number % 5 < 4]


def test_of_what_is_packed_under_way_and_overdue_each_is_listed_by_the_time_it_is_expected(player: Player) -> None:
    rows = [row for part in parts(player, "view.carriages", 40) for row in part["carriages"]]
    order = ("packed", "under-way", "overdue")
    assert rows == sorted(rows, key=lambda row: (order.index(row["state"]), row.get("expected_at", ""), row["consignment"]))
    assert len(rows) == COUNT and rows[-1]["expected_at"] > rows[-2]["expected_at"]


def test_who_keeps_no_register_is_listed_what_they_asked_for_make_or_join_and_nothing_else(player: Player) -> None:
    some = parts(player, "view.reproductions", 40, "reader")
    tasks = [row["task"] for part in some for row in part["tasks"]]
    assert sorted(tasks) == [f"task.{number:03}" for number in range(COUNT) if number % 3 < 2]
    assert not [row for part in some for row in part["asked"]] and "reader" not in "".join(part["next"] for part in some)


def test_one_item_has_its_own_changes_doubts_and_reproductions(player: Player) -> None:
    (item,) = {row["item"] for row in view(player, "security", "view.challenges", only="doubt.007")["challenges"]}
    assert len([row for part in parts(player, "view.levels", 40, item=item) for row in part["changes"]]) == COUNT
    assert len(view(player, "security", "view.challenges", item=item)["challenges"]) == COUNT
    asked = view(player, "security", "view.reproductions", item=item)
    assert (len(asked["asked"]), len(asked["tasks"])) == (COUNT, COUNT)
    for kind, table in (("view.challenges", "challenges"), ("view.reproductions", "asked")):
        assert view(player, "security", kind, item="another")[table] == []


def test_devices_are_listed_without_the_media_and_these_with_the_backups(player: Player) -> None:
    assert set(view(player, "security", "view.equipment", of="devices")) == {"devices", "next"}
    assert set(view(player, "security", "view.equipment", of="media")) == {"media", "backups", "next"}


def test_what_waits_for_an_answer_comes_first_over_all_parts(player: Player) -> None:
    states = [row["state"] for part in parts(player, "view.plans", 7) for row in part["plans"]]
    assert states == sorted(states, key=_STATES.index) and len(states) == COUNT


def test_one_is_found_without_the_others_and_no_other_end_of_a_page_is_taken(player: Player) -> None:
    assert [row["plan"] for row in view(player, "security", "view.plans", only="plan.007")["plans"]] == ["plan.007"]
    assert view(player, "security", "view.plans", only="plan.999")["plans"] == []
    for after in ("plan.007", "elsewhere plan.007", "plans.proposed "):
        with pytest.raises(Malformed):
            view(player, "security", "view.plans", after=after)
    with pytest.raises(Malformed):
        view(player, "security", "view.inventories", after="inventories inventory.007")
    assert [row["task"] for row in view(player, "reader", "view.reproductions", only="task.000")["tasks"]] == ["task.000"]
    assert view(player, "reader", "view.reproductions", only="task.002")["tasks"] == []


def test_consignments_come_a_part_at_a_time(player: Player) -> None:
    first = view(player, "registrar", "view.consignments", count=50)
    second = view(player, "registrar", "view.consignments", after=first["next"], count=500)
    found = [row["consignment"] for row in (*first["consignments"], *second["consignments"])]
    assert len(first["consignments"]) == 50 and second["next"] == "" and len(set(found)) == len(found) >= COUNT


@pytest.fixture(scope="module")
def browser(player: Player) -> Browser:
    made = Browser(open_door(player))
    made.sign_in("security")
    return made


def test_the_desk_leads_through_all_parts_of_each_list(browser: Browser) -> None:
    for path, said in (
        ("/levels/doubts", "too high"), ("/reproductions", "Assigned"), ("/contracts", "One"), ("/equipment", "tape"),
        ("/inventories", "signed"), ("/inventories/told", "JPN"),
    ):
        page, count = browser.open(path), 1
        told = page.said
        while following := next(iter(page.tree.xpath("//main//a[@rel='next']/@href")), ""):
            page, count = browser.open(following), count + 1
            assert page.status == 200, following
            told += page.said
        assert count >= COUNT // DESK_ROWS_SHOWN_COUNT_MAX and said in told, path


def test_a_long_section_of_a_part_goes_on_within_that_part(browser: Browser) -> None:
    page = browser.open("/levels")
    while "rows2=" not in "".join(page.links()):
        page = browser.open(next(iter(page.tree.xpath("//main//a[@rel='next']/@href"))))
    changes, (more,) = _changes_of(page), [link for link in page.links() if "rows2=" in link]
    further = browser.open(more)
    assert "after=" in more and _changes_of(further) == changes
    (back,) = [link for link in further.links() if "after=" in link and link in page.path]
    assert browser.open(back).said == page.said


def _changes_of(page: Page) -> str:
    return str(page.tree.xpath("//main//table")[1 if page.tree.xpath("count(//main//table)") > 2 else 0].text_content())
