"""An inventory at the desk: one number after another, left and gone on with, explained, signed by two."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.browser import Browser, open_door
from tests.world.test_journey import PURPOSE, cross, label
from tests.world.world import World

from cordiale.limits import DESK_ROWS_SHOWN_COUNT_MAX


@pytest.fixture
def world() -> World:
    return World.in_force(seed=72)


def _begun(world: World, **fields: Any) -> tuple[Browser, str, list[str]]:
    """Begin an inventory of two papers, and return the browser at the page for counting, and the numbers."""
    _, items = cross(world, forms=("paper", "paper"))
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    browser.open("/do/inventory-open")
    page = browser.submit({"kind": "whole", **fields})
    assert "2 copies must be there" in page.said
    return browser, page.path, [world.kyiv.registry.record("item", one)["reference"] for one in items]


def test_an_inventory_is_counted_explained_and_signed_by_two(world: World) -> None:
    browser, count, (first, second) = _begun(world)
    assert browser.page.tree.xpath("//input[@autofocus]/@name") == ["number"]
    assert f"Sighted: 1 of 2. {first}: sighted" in browser.submit({"number": first}).said
    assert f"{first}: sighted before" in browser.submit({"number": first}).said
    assert "no such number here" in browser.submit({"number": "another"}).said
    shown = browser.open(count.removesuffix("/count"))
    assert second in shown.said and first not in shown.said
    browser.open(next(link for link in shown.links() if "inventory-close" in link))
    browser.submit()
    result = browser.submit()
    assert "Sighted: 1; missing: 1; there too much: 1." in result.said
    early = next(link for link in result.links() if "inventory-sign" in link)
    browser.open(early)
    browser.submit()
    assert "is not explained yet" in browser.submit().said
    for link in [link for link in result.links() if "inventory-explain" in link]:
        browser.open(link)
        assert "is explained" in browser.submit({"explanation": "found", "text": "in the reading room"}).said
    other = Browser(browser.app)
    other.sign_in("security")
    for signer in (browser, other):
        signer.open(early)
        assert "in the reading room" in signer.submit().said
        signed = signer.submit()
        assert "The result is signed" in signed.said
    assert world.kyiv.registry.find("inventory", "state", "signed")


def test_what_is_not_sighted_is_gone_through_by_the_page(world: World) -> None:
    count = DESK_ROWS_SHOWN_COUNT_MAX + 5
    books = world.kyiv.registry.books
    items = [
        label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA", release_to=[]) for _ in range(count)
    ]
    numbers = [str(books().require("item", one)["reference"]) for one in items]
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    browser.open("/do/inventory-open")
    page = browser.submit({"kind": "whole"}).path.removesuffix("/count")
    first = browser.open(page)
    rest = browser.open(next(link for link in first.links() if "rowsunsighted=" in link))
    cells = [{str(one).strip() for one in looked.tree.xpath("//main//td//text()")} for looked in (first, rest)]
    shown = [[one for one in numbers if one in on_page] for on_page in cells]
    assert [len(one) for one in shown] == [DESK_ROWS_SHOWN_COUNT_MAX, 5] and sorted(shown[0] + shown[1]) == numbers


def test_a_count_is_left_and_gone_on_with_by_another_person(world: World) -> None:
    browser, count, (first, second) = _begun(world)
    browser.submit({"how": "hand", "number": first})
    other = Browser(browser.app)
    other.sign_in("security")
    other.open(next(link for link in other.open("/").links() if link.endswith("/count")))
    assert "Sighted: 1 of 2" in other.page.said
    assert "Sighted: 2 of 2" in other.submit({"number": "", "numbers": f"{second}\n\n"}).said
    again = browser.open(f"{count}?how=hand")
    assert first in again.said and second not in again.said
    assert again.tree.xpath("//input[@name='how'][@checked]/@value") == ["hand"]


def test_a_second_click_counts_once_and_nothing_is_lost_when_it_does_not_go(world: World) -> None:
    browser, count, (first, _) = _begun(world)
    empty = browser.submit({"number": ""}, keep=False)
    assert (empty.status, "something is missing" in empty.said) == (400, True)
    browser.submit({"number": first}, keep=False)
    browser.submit({"number": first}, keep=False)
    shown = browser.open(count)
    assert len(shown.tree.xpath("//main//tbody/tr")) == 1 and "sighted before" not in shown.said
    world.kyiv.act("registrar", "inventory.withdraw", {"inventory": count.split("/")[2], "reason": "wrong book"})
    stale = browser.submit({"number": "what was typed"})
    assert (stale.status, "this inventory is withdrawn" in stale.said) == (409, True)
    assert stale.tree.xpath("//input[@name='number']/@value") == ["what was typed"]


def test_the_node_looks_at_sealed_files_and_a_list_is_made_for_the_originator(world: World) -> None:
    cross(world)
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    browser.open("/do/inventory-open")
    count = browser.submit({"kind": "whole"}).path
    shown = browser.open(count.removesuffix("/count"))
    browser.open(next(link for link in shown.links() if "sight-files" in link))
    assert "1 sealed file is there" in browser.submit().said
    browser.open("/do/inventory-export")
    browser.submit({"party": "JPN"})
    listed = browser.submit()
    assert "Listed: 1 copy" in listed.said and "JPN-2026-0001" in listed.said
    assert listed.tree.xpath("//div[@class='banner']")


def _name(world: World, person: str) -> str:
    return str(world.kyiv.registry.record("person", person)["name"])


def test_of_two_at_one_inventory_the_second_is_told_who_was_there_first(world: World) -> None:
    browser, count, (first, second) = _begun(world)
    other = Browser(browser.app)
    other.sign_in("security")
    browser.submit({"number": first})
    other.open(count)
    assert f"sighted before, by {_name(world, 'registrar')}" in other.submit({"number": first}).said
    browser.open(f"/do/inventory-close?inventory={count.split('/')[2]}")
    browser.submit()
    result = browser.submit()
    late = other.submit({"number": second})
    assert (late.status, f"{_name(world, 'registrar')} has ended the counting" in late.said) == (409, True)

    link = next(link for link in result.links() if "inventory-explain" in link)
    other.open(link)
    browser.open(link)
    assert "is explained" in browser.submit({"explanation": "found", "text": "in the reading room"}).said
    late = other.submit({"explanation": "not-found", "text": "nowhere"})
    assert (late.status, f"{_name(world, 'registrar')} has explained {second} already" in late.said) == (409, True)
    assert "in the reading room" in late.said
    other.open(next(link for link in browser.page.links() if "inventory-explain" in link))
    assert "is explained" in other.submit({"explanation": "not-found", "text": "looked once more"}).said
    (line,) = world.kyiv.registry.find("difference", "state", "explained")
    assert line["text"] == "looked once more"


def test_numbers_are_taken_as_people_type_them_and_what_is_not_known_is_said_and_not_counted(world: World) -> None:
    browser, _, (first, second) = _begun(world)
    copy = world.kyiv.registry.find("copy", "reference", second)[0]
    typed = [
        first.lower(), first.replace("/", " / "), first.replace("-", chr(0x2013)), f"{first} copy 1", f"{first} 1",
        f"{first} # 1", "".join(chr(ord(one) + 0xFEE0) for one in first),
    ]
    page = browser.submit({"number": "", "numbers": "\n".join(typed)})
    assert "Sighted: 1 of 2" in page.said and page.said.count(": sighted before") == 1
    assert [row.text_content().startswith(one) and "sighted" in row.text_content()
            for row, one in zip(page.tree.xpath("//main//tbody/tr"), reversed(typed), strict=True)] == [True] * len(typed)
    page = browser.submit({"number": f"{first}0", "numbers": ""})
    assert "Sighted: 1 of 2" in page.said
    assert page.tree.xpath("//*[@role='alert']")[0].text_content() == f"{first}0: no such number here"
    page = browser.submit({"number": copy["their_reference"], "numbers": copy.id.upper()})
    assert "Sighted: 2 of 2" in page.said and f"{copy.id.upper()}: sighted before" in page.said


def test_of_several_copies_under_one_number_the_page_says_what_to_enter(world: World) -> None:
    tokyo, item = world.tokyo, label(world.tokyo)
    number = tokyo.registry.record("item", item)["reference"]
    tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    task = tokyo.act("registrar", "reproduce.assign", {
        "act": "copy", "item": item, "maker": "originator", "purpose": PURPOSE,
    })
    tokyo.act("originator", "reproduce.finish", {"pages": 3, "task": task.value["task"]})
    browser = Browser(open_door(tokyo))
    browser.sign_in("registrar")
    browser.open("/do/inventory-open")
    count = browser.submit({"kind": "whole"}).path
    page = browser.submit({"number": number})
    assert f"write NUMBER#COPY: {number}#0, {number}#1" in page.said and "Sighted: 0 of 2" in page.said
    listed = browser.open(count.removesuffix("/count"))
    assert f"{number}#0" in listed.said and f"{number}#1" in listed.said
    browser.open(count)
    assert "Sighted: 1 of 2" in browser.submit({"number": f"{number}#0"}).said
