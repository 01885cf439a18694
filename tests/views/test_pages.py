"""The pages that are printed: every value in its place, nothing of Python shown, everything escaped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.world.test_journey import PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.records.registry import identify, require_person

TEMPLATES = Path(__file__).parents[2] / "src" / "cordiale" / "templates"


def view(player: Player, person: str, kind: str, **params: Any) -> dict[str, Any]:
    return dict(VIEWS[kind](player.registry, identify(player.registry, player.request(person, kind, params))))


@pytest.fixture(scope="module")
def world() -> World:
    world = World.founded(seed=31)
    world.bring_into_force()
    return world


def test_pages_show_every_value_and_nothing_of_the_program(world: World) -> None:
    consignment, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.read("reader", item, PURPOSE)
    with pytest.raises(Refused):
        world.kyiv.read("colleague", item, PURPOSE)
    pages = [
        view(world.kyiv, "security", "view.where", item=item, **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.where", item=item, **{"as": "html"})["html"],
        view(world.kyiv, "registrar", "view.register", book="JPN", **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.register", book="own", **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.register", book="dispatch", **{"as": "html"})["html"],
        view(world.kyiv, "registrar", "view.receipt", consignment=consignment, **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.receipt", consignment=consignment, **{"as": "html"})["html"],
    ]
    for page in pages:
        assert "built-in" not in page and "object at 0x" not in page and "{'" not in page
        assert "EXERCISE" in page and "<script" not in page
    assert "Exercise Reader K" in pages[0] and "Exercise Reader K" not in pages[1]
    assert "refused: read" in pages[0]


def test_a_receipt_page_names_no_title_and_no_level(world: World) -> None:
    consignment, _ = cross(world)
    page = view(world.kyiv, "registrar", "view.receipt", consignment=consignment, **{"as": "html"})["html"]
    assert "Exercise paper" not in page and "BARVINOK" not in page and "SAKURA" not in page


def test_what_happened_within_one_second_is_told_in_its_order(world: World) -> None:
    """Two logs stand side by side: the entry into the register is in ours, the dispatch in that of the agreement."""
    world.clock.advance(seconds=1)
    item = label(world.tokyo, form="paper")
    world.clock.advance(seconds=0.1)
    release(world.tokyo, item)
    world.clock.advance(seconds=0.1)
    dispatch(world, [item])
    story = view(world.tokyo, "registrar", "view.where", item=item)["story"]
    assert [row["act"].split(",")[0] for row in story] == [
        "entered", "release proposed", "release authorised", "dispatched",
    ]
    assert len({row["at"] for row in story}) == 1


def test_what_is_entered_is_escaped(world: World) -> None:
    item = label(world.tokyo, form="paper", title="<script>alert(1)</script>")
    page = view(world.tokyo, "registrar", "view.where", item=item, **{"as": "html"})["html"]
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_what_a_person_may_not_see_is_not_there_for_them(world: World) -> None:
    item = label(world.tokyo, form="paper", readers=["head"])
    assert item in str(view(world.tokyo, "registrar", "view.items"))
    _, (foreign,) = cross(world)
    with pytest.raises(OutOfOrder, match="there is no item"):
        view(world.kyiv, "colleague", "view.item", item=foreign)
    assert foreign not in str(view(world.kyiv, "colleague", "view.items"))
    with pytest.raises(OutOfOrder, match="there is no item"):
        view(world.tokyo, "authority", "view.item", item=item)
    for kind, params in (("view.register", {"book": "JPN"}), ("view.where", {"item": foreign}), ("view.inbox", {})):
        with pytest.raises(Refused):
            view(world.kyiv, "reader", kind, **params)


def test_an_item_is_found_by_their_number_too(world: World) -> None:
    _, (item,) = cross(world)
    ours = view(world.kyiv, "registrar", "view.where", item=item)
    theirs = ours["copies"][0]["their_reference"]
    assert view(world.kyiv, "registrar", "view.where", item=theirs)["item"] == item
    reference = ours["reference"]
    assert view(world.tokyo, "registrar", "view.where", item=reference)["item"] == item


def test_the_trail_says_which_act_was_refused_and_why(world: World) -> None:
    _, (item,) = cross(world)
    with pytest.raises(Refused):
        world.kyiv.read("colleague", item, PURPOSE)
    rows = view(world.kyiv, "security", "view.trail", log="internal", **{"from": 0, "count": 1000})["entries"]
    refused = [row for row in rows if row["outcome"] == "refused"]
    assert refused[-1]["act"] == "read" and "access.no-need-to-know" in refused[-1]["reasons"]
    record = world.kyiv.registry.record("item", item)
    assert record is not None and refused[-1]["about"] == record["reference"]
    assert all("reasons" not in row for row in rows if row["outcome"] == "done")


def test_a_book_that_is_not_there_is_answered_with_those_that_are(world: World) -> None:
    with pytest.raises(OutOfOrder) as raised:
        view(world.kyiv, "registrar", "view.register", book="XXX")
    assert raised.value.fields["books"] == "own, dispatch, JPN"
    assert view(world.kyiv, "registrar", "view.register", book="dispatch")["rows"] == []


def test_a_line_of_the_dispatch_book_names_number_title_and_level_of_its_item(world: World) -> None:
    _, (item,) = cross(world)
    number = world.tokyo.registry.books().require("item", item)["reference"]
    rows = [row for row in view(world.tokyo, "registrar", "view.register", book="dispatch")["rows"] if row["item"] == item]
    assert {row["act"] for row in rows} == {"dispatched", "receipted"}
    assert all(row["item_number"] == number and row["title"] and row["level"] == "EX-JPN:EXERCISE SAKURA" for row in rows)


def test_a_register_entry_of_what_came_has_the_fields_of_a_register(world: World) -> None:
    """EE-262 § 51 and EU-264: sender and its number, dates, unit, level, term, release, copies, legal basis, integrity."""
    item = label(world.tokyo, trigger={"kind": "date", "on": "2030-01-01"}, sheets=4)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (entry,) = world.kyiv.registry.find("entry", "item", item)
    for name in ("sender", "their_reference", "their_consignment", "at", "received_at", "office", "level", "equivalent",
                 "term", "release_to", "copy_number", "copies_total", "sheets", "legal_basis", "integrity", "title",
                 "purpose", "form"):
        assert entry[name], name
    assert entry["term"] == "date: 2030-01-01"


def test_where_tells_who_released_it(world: World) -> None:
    _, (item,) = cross(world)
    acts = {row["act"]: row for row in view(world.tokyo, "registrar", "view.where", item=item)["story"]}
    proposed, authorised = acts["release proposed, to UKR"], acts["release authorised, to UKR"]
    assert proposed["number"] == "Exercise Originator" and authorised["number"] == "Exercise Authority"
    assert proposed["trail"] != authorised["trail"]


def test_a_receipt_names_each_item_by_both_numbers(world: World) -> None:
    consignment, (item,) = cross(world)
    (line,) = view(world.tokyo, "registrar", "view.receipt", consignment=consignment)["lines"]
    assert line["number"] == world.tokyo.registry.books().require("item", item)["reference"]
    assert line["their_number"] == world.kyiv.registry.books().require("item", item)["reference"]


def test_a_wrong_level_or_scheme_is_answered_with_those_there_are(world: World) -> None:
    with pytest.raises(Malformed) as raised:
        label(world.tokyo, level="EX-JPN:EXERCISE NADESHIKO")
    assert "EXERCISE SAKURA" in str(raised.value.fields["levels"])
    with pytest.raises(Malformed) as raised:
        label(world.tokyo, level="NONE:EXERCISE")
    assert raised.value.fields["schemes"] == "EX-JPN"


def test_a_registry_that_is_not_listed_is_answered_with_those_that_are(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    with pytest.raises(Refused) as refused:
        world.tokyo.act("registrar", "dispatch", {
            "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
            "registry": "registry-lviv",
        })
    (reason,) = refused.value.decision.reasons
    assert "registry-kyiv" in dict(reason.fields)["listed"]


def in_parts(player: Player, kind: str, **params: Any) -> list[dict[str, Any]]:
    """Return all parts of what is asked for, one line a part."""
    parts = [view(player, "registrar", kind, count=1, **params)]
    while parts[-1]["next"]:
        parts.append(view(player, "registrar", kind, count=1, after=parts[-1]["next"], **params))
    return parts


def test_a_book_is_the_same_in_parts_as_in_one(world: World) -> None:
    for player, book in ((world.kyiv, "JPN"), (world.tokyo, "own")):
        whole = view(player, "registrar", "view.register", book=book)
        parts = in_parts(player, "view.register", book=book)
        assert whole["next"] == "" and len(parts) == len(whole["rows"])
        assert [row for part in parts for row in part["rows"]] == whole["rows"]
    with pytest.raises(Malformed, match="not the end of a page"):
        view(world.kyiv, "registrar", "view.register", book="JPN", after="x")


def test_the_list_for_a_crisis_has_in_its_parts_what_is_in_the_whole(world: World) -> None:
    def copies(shown: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [(place["place"], one["number"], one["copy"]) for place in shown["places"] for one in place["copies"]]

    level, high = "EX-UKR:EXERCISE KALYNA", "EX-UKR:EXERCISE SONIASHNYK"
    drafts = [
        world.kyiv.act("originator", "draft.enter", {"form": "paper", "level": one, "title": "Notes"}).value["draft"]
        for one in (level, level, high)
    ]
    world.kyiv.act("originator", "draft.destroy", {"draft": drafts[0], "method": "shredded"})
    world.kyiv.act("originator", "label", {"draft": drafts[1], "form": "paper", "level": level, "title": "Issued"})
    whole = view(world.kyiv, "registrar", "view.crisis-list")
    parts = in_parts(world.kyiv, "view.crisis-list")
    (nowhere,) = (place["copies"] for place in whole["places"] if not place["place"])
    assert nowhere[0] == {
        "book": "draft", "copy": "", "form": "paper", "holders": "originator", "level": high, "number": drafts[2],
    } and drafts[0] not in str(whole) and drafts[1] in [one["number"] for one in nowhere]
    assert sorted(one for part in parts for one in copies(part)) == sorted(copies(whole)) != []
    assert {level for part in parts for level in part["marked"]} >= set(whole["marked"])
    with pytest.raises(Malformed, match="not the end of a page"):
        view(world.kyiv, "registrar", "view.crisis-list", count=1, after="returned x")
    units = {place["unit"] for place in whole["places"]}
    assert view(world.kyiv, "registrar", "view.crisis-list", unit="elsewhere")["places"] == []
    of_the_author = require_person(world.kyiv.registry.books(), "originator").unit
    assert drafts[2] in str(view(world.kyiv, "registrar", "view.crisis-list", unit=of_the_author))
    for unit in units - {"", of_the_author}:
        shown = view(world.kyiv, "registrar", "view.crisis-list", unit=unit, **{"as": "html"})
        assert shown["places"] == [place for place in whole["places"] if place["unit"] == unit]
        assert f"only what lies in {unit}" in shown["html"]


def test_no_page_names_a_member_by_what_every_record_can_do() -> None:
    """In a template `line.copy` is what copies the line, and not its copy: such a member is named in brackets."""
    does = "|".join(sorted(name for name in dir(dict) if not name.startswith("_")))
    found = [
        f"{path.name}: {named[0]}" for path in TEMPLATES.rglob("*.html")
        for named in re.finditer(rf"\b[a-z_]+\.(?:{does})\b(?!\()", path.read_text(encoding="utf-8"))
    ]
    assert found == []
