"""What is searched, kept and exported is what stands in the register, marked as a whole."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from tests.attack.test_search import enter, founded, searched
from tests.views.test_pages import view
from tests.world.test_inventory_export import CAVEAT, keep_out
from tests.world.test_journey import cross, label
from tests.world.world import Player, World

from cordiale.errors import Malformed, OutOfOrder
from cordiale.limits import EXPORT_ROWS_COUNT_MAX, SEARCHES_KEPT_COUNT_MAX
from cordiale.records.registry import require_person
from cordiale.records.searching import Search, questions_of
from cordiale.views import register_export


@pytest.fixture(scope="module")
def world() -> World:
    return founded().twin(31)


def exported(player: Player, person: str, **asked: Any) -> tuple[list[list[str]], list[str]]:
    """Return the lines of all pages of an export, and its marking."""
    page = view(player, person, "view.export-register", **asked)
    text = page["csv"]
    while page["next"]:
        page = view(player, person, "view.export-register", **asked, after=page["next"])
        text += page["csv"]
    return list(csv.reader(io.StringIO(text))), page["marked"]


def test_an_item_that_crossed_is_found_by_both_numbers_on_both_sides(world: World) -> None:
    _, (item,) = cross(world)
    ours = world.kyiv.registry.record("item", item)
    assert ours is not None
    for player in world.players:
        for number in (ours["reference"], ours["their_reference"]):
            assert item in searched(player, "registrar", {"text": number}, 10)[0]


def test_the_newest_comes_first_and_the_oldest_where_that_is_asked(world: World) -> None:
    twin = world.twin(32)
    every = []
    for _ in range(3):
        twin.clock.advance(seconds=1)
        every.append(label(twin.tokyo, form="paper", title="Ordered"))
    assert searched(twin.tokyo, "registrar", {"text": "ordered"}, 2)[0] == every[::-1]
    assert searched(twin.tokyo, "registrar", {"text": "ordered", "order": "oldest"}, 2)[0] == every
    listed = view(twin.tokyo, "registrar", "view.items", count=100)["items"]
    assert [row["item"] for row in listed][-3:] == every


def test_a_book_is_searched_on_its_own_side_of_the_register_alone(world: World) -> None:
    _, (item,) = cross(world)
    head = require_person(world.kyiv.registry.books(), "head")
    for book, is_asked in (("own", False), ("JPN", True)):
        by_office = [one for one in questions_of(Search(filters={"book": book}), head) if not one.person]
        assert bool(by_office) is is_asked
        assert (item in searched(world.kyiv, "head", {"book": book}, 50)[0]) is is_asked


def test_a_period_holds_its_first_and_its_last_day(world: World) -> None:
    twin = world.twin(33)
    day = twin.clock.at.date().isoformat()
    item = label(twin.tokyo, form="paper", title="Dated")
    for asked, is_there in (
        ({"from": day}, True), ({"until": day}, True), ({"from": day, "until": day}, True),
        ({"from": "2026-12-31"}, False), ({"until": "2026-01-01"}, False), ({"until": "9999-12-31"}, True),
    ):
        assert (item in searched(twin.tokyo, "registrar", {"text": "dated", **asked}, 5)[0]) is is_there


def test_a_page_shows_what_was_entered_while_it_was_turned_and_nothing_twice(world: World) -> None:
    twin = world.twin(34)
    first = [label(twin.tokyo, form="paper", title="Turned") for _ in range(3)]
    page = view(twin.tokyo, "registrar", "view.search", text="turned", count=2)
    twin.clock.advance(seconds=1)
    label(twin.tokyo, form="paper", title="Turned")
    rest = view(twin.tokyo, "registrar", "view.search", text="turned", count=2, after=page["next"])
    assert [row["item"] for row in (*page["rows"], *rest["rows"])] == first[::-1]


def test_a_declassified_item_is_found_as_such_and_at_its_level_no_more(world: World) -> None:
    body = {
        "entered_by": "originator", "form": "paper", "origin_party": "JPN", "reference": "JPN-2026-0900",
        "state": "registered", "title": "Declassified", "declassified_at": "2026-09-01T00:00:00Z",
        "label": {
            "created_at": "2026-09-01T00:00:00Z", "form": "cordiale-label-1", "level": "EXERCISE SAKURA",
            "originator": "JPN", "release_to": ["JPN"], "scheme": "EX-JPN",
        },
    }
    twin = world.twin(35)
    enter(twin.tokyo, {"id": "x.d", "item": body, "copies": (), "needs": (), "custody": ()})
    assert searched(twin.tokyo, "registrar", {"level": "declassified"}, 5)[0] == ["x.d"]
    assert "x.d" not in searched(twin.tokyo, "registrar", {"level": "EX-JPN:EXERCISE SAKURA"}, 50)[0]
    assert exported(twin.tokyo, "registrar", level="declassified")[1] == []


def test_a_search_is_kept_replaced_and_forgotten_by_its_own_person_alone(world: World) -> None:
    twin = world.twin(36)
    asked = {"text": "угода", "state": "registered", "from": "2026-01-01", "order": "oldest"}
    twin.tokyo.act("registrar", "search.save", {"name": "open", **asked})
    assert view(twin.tokyo, "registrar", "view.search")["saved"] == [{"name": "open", "search": asked}]
    assert view(twin.tokyo, "head", "view.search")["saved"] == []
    with pytest.raises(OutOfOrder):
        twin.tokyo.act("head", "search.forget", {"name": "open"})
    twin.tokyo.act("registrar", "search.save", {"name": "open"})
    assert view(twin.tokyo, "registrar", "view.search")["saved"] == [{"name": "open", "search": {"order": "newest"}}]
    twin.tokyo.act("registrar", "search.forget", {"name": "open"})
    assert view(twin.tokyo, "registrar", "view.search")["saved"] == []


def test_no_more_searches_are_kept_than_can_be_shown(world: World) -> None:
    twin = world.twin(37)
    for number in range(SEARCHES_KEPT_COUNT_MAX):
        twin.tokyo.act("head", "search.save", {"name": str(number)})
    with pytest.raises(OutOfOrder):
        twin.tokyo.act("head", "search.save", {"name": "one more"})
    twin.tokyo.act("head", "search.save", {"name": "7", "state": "void"})
    assert len(view(twin.tokyo, "head", "view.search")["saved"]) == SEARCHES_KEPT_COUNT_MAX


def test_a_search_without_words_is_not_kept(world: World) -> None:
    with pytest.raises(Malformed):
        world.tokyo.act("registrar", "search.save", {"name": "x", "text": "?!"})


def test_an_export_is_marked_with_the_highest_level_of_what_is_in_it(world: World) -> None:
    twin = world.twin(38)
    low = label(twin.tokyo, form="paper", title="Exported low", level="EX-JPN:EXERCISE SAKURA")
    label(twin.tokyo, form="paper", title="Exported high", level="EX-JPN:EXERCISE FUJI", readers=["head"])
    lines, marked = exported(twin.tokyo, "registrar", text="exported", count=1)
    assert marked == ["EX-JPN:EXERCISE FUJI"]
    assert lines[0] == lines[-1] == ["marked", *marked] and len(lines) == 5
    lines, marked = exported(twin.tokyo, "authority", text="exported", count=1)
    assert marked == ["EX-JPN:EXERCISE SAKURA"] and len(lines) == 4
    assert lines[2][0] == view(twin.tokyo, "authority", "view.item", item=low)["reference"]


def test_an_export_of_nothing_is_unmarked_and_whole(world: World) -> None:
    lines, marked = exported(world.tokyo, "head", text="nothing")
    assert marked == [] and lines[0] == lines[-1] == ["marked"] and len(lines) == 3


def test_a_title_is_no_formula(world: World) -> None:
    twin = world.twin(39)
    label(twin.tokyo, form="paper", title='=HYPERLINK("x"), "quoted"')
    lines, _ = exported(twin.tokyo, "registrar", text="hyperlink")
    assert lines[2][-1] == '\'=HYPERLINK("x"), "quoted"'


def test_more_than_one_export_holds_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = world.twin(40)
    for _ in range(3):
        label(twin.tokyo, form="paper", title="Many")
    monkeypatch.setattr(register_export, "EXPORT_ROWS_COUNT_MAX", 2)
    with pytest.raises(OutOfOrder, match="more than 2"):
        view(twin.tokyo, "registrar", "view.export-register", text="many")
    assert EXPORT_ROWS_COUNT_MAX > 2


def test_what_national_law_keeps_out_of_lists_is_in_no_export_and_not_in_its_marking() -> None:
    twin = founded().twin(41)
    plain = label(twin.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA", release_to=[])
    label(
        twin.kyiv, form="paper", level="EX-UKR:EXERCISE BARVINOK", release_to=[], caveats=["=".join(CAVEAT)],
        readers=["originator"],
    )
    keep_out(twin)
    for person in ("registrar", "originator"):
        assert len(searched(twin.kyiv, person, {}, 5)[0]) == 2
        lines, marked = exported(twin.kyiv, person)
        assert marked == ["EX-UKR:EXERCISE KALYNA"] and len(lines) == 4
        assert lines[2][0] == view(twin.kyiv, person, "view.item", item=plain)["reference"]
