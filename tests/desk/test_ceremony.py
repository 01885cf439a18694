"""The signing ceremony: both screens say the same, what is heard is held against it, and each signature is seen to come."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, Page, open_door
from tests.world.test_journey import AGREEMENT
from tests.world.world import World

_PATH = f"/agreements/{AGREEMENT}/ceremony"


def _aloud(page: Page) -> list[str]:
    return [" ".join(one.xpath(".//code/text()")) for one in page.tree.xpath("//ol[@class='aloud']")]


@pytest.fixture(scope="module")
def sides() -> tuple[Browser, Browser]:
    world = World.in_force()
    both = Browser(open_door(world.tokyo)), Browser(open_door(world.kyiv))
    for browser in both:
        browser.sign_in("authority")
        browser.open(_PATH)
    return both


def test_both_screens_show_the_same_to_be_read_aloud(sides: tuple[Browser, Browser]) -> None:
    ours, theirs = (_aloud(browser.open(_PATH)) for browser in sides)
    assert len(ours) == 4 and ours == theirs
    assert all(len(one.split()) == 24 for one in ours)


def test_what_is_heard_is_held_against_what_stands_here(sides: tuple[Browser, Browser]) -> None:
    ours, theirs = sides
    text, profile = _aloud(theirs.open(_PATH))[2:]
    ours.open(_PATH)
    assert "It is the same" in ours.submit({"heard": profile.upper().replace(" ", "  ")}).said
    assert "Do not sign" in ours.submit({"heard": text}).said
    assert "Do not sign" in ours.submit({"heard": profile[:-1]}).said


def test_each_signature_is_verified_when_it_is_shown(sides: tuple[Browser, Browser]) -> None:
    said = sides[0].open(_PATH).said
    assert said.count("verified just now") == 2 and "Every party has signed this version." in said
    assert "cordiale agreement sign" not in said


def test_before_it_is_signed_the_page_says_what_is_missing_and_what_to_enter() -> None:
    world = World.founded()
    world.enter_agreement()
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("authority")
    said = browser.open(_PATH).said
    assert said.count("not here yet") == 2 and f"cordiale agreement sign {AGREEMENT} --key" in said
