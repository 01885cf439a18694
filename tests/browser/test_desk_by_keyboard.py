"""The main form of the desk with the keyboard alone: from signing in to a registered consignment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from demo.scenes import AGREEMENT, MIDDLE, PURPOSE
from demo.stage import settle
from tests.browser.theatre import CHROMIUM, said, screen, two_nodes
from tests.doors.nodes import wait_until

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed")
_TABS_COUNT_MAX = 60
_LOOKS_COUNT_MAX = 40
_IS_IT = "wanted => document.activeElement.matches(wanted)"
_IS_SEEN = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && box.top >= 0 && box.bottom <= innerHeight && box.width > 0;
}"""


def _is_seen(page: Any) -> bool:
    """Whether the focus stands in the window with a line around it, as soon as the page has moved there."""
    for _ in range(_LOOKS_COUNT_MAX):
        if page.evaluate(_IS_SEEN):
            return True
        page.wait_for_timeout(50)
    return False


def _tab_to(page: Any, wanted: str) -> None:
    """Go on with Tab until the focus is on what is wanted; at every stop it can be seen where it is."""
    stops = []
    for _ in range(_TABS_COUNT_MAX):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        assert _is_seen(page), f"the focus cannot be seen at {stops[-1]}"
        if page.evaluate(_IS_IT, wanted):
            return
    raise AssertionError(f"{wanted} is not among the stops: {stops}")


def _enter(page: Any, wanted: str) -> str:
    """Go to a link or a button with Tab, press Enter, and return what the next page says."""
    _tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return said(page)


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [False, True])
def test_a_consignment_is_registered_with_tab_and_enter_alone(tmp_path: Path, scripts: bool) -> None:
    with two_nodes(tmp_path) as play, screen(scripts=scripts) as shown:
        labelled = play.tokyo.label(
            "hana", "", play.document, title="Exercise paper", form="file", level=MIDDLE["JPN"], release_to=["UKR"],
            file_name=play.document.name, media_type="application/pdf",
        )
        terms = {"agreement": AGREEMENT, "purpose": PURPOSE, "recipient": "UKR"}
        item = labelled.answer["item"]
        binding = play.tokyo.view("hana", "view.preview", **terms, item=item)["binding"]
        play.tokyo.act("hana", "release.propose", "", **terms, item=item, binding=binding)
        play.tokyo.act("minato", "release.approve", "", **terms, item=item, binding=binding)
        play.tokyo.act("ren", "dispatch", "", **terms, items=[item], link="wire", registry="registry-kyiv")
        settle(play.actors)
        wait_until(lambda: bool(play.kyiv.view("olena", "view.inbox")["consignments"]))

        page = shown.window(play.kyiv, scripts=scripts)
        page.goto(f"{play.kyiv.desk}/sign-in")
        assert "To register" in _enter(page, "form:has([value=olena]) button")
        _enter(page, "main a[href*='/do/register']")
        _tab_to(page, ".skip")
        page.keyboard.press("Enter")
        assert page.evaluate(_IS_IT, "main")
        _tab_to(page, "main [name=counted]")
        page.keyboard.type("2")
        assert "say in the remarks" in _enter(page, "main form .buttons button.main")
        _tab_to(page, "main [name=counted]")
        page.keyboard.type("1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "Registered" in said(page)
        assert shown.told == []
