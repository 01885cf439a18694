"""The desks of two serving nodes in a real browser: an item crosses by forms alone, and every page is open to everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from demo.scenes import AGREEMENT, MIDDLE, Play
from demo.stage import Actor, settle
from tests.browser.furnished import furnish
from tests.browser.theatre import CHROMIUM, LOCALES, Screen, said, screen, send, two_nodes
from tests.doors.nodes import wait_until

from cordiale.doors.web.routes import Page, Who
from cordiale.doors.web.table import PAGES

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PURPOSE = "Exercise dialogue"
PICTURES = Path(__file__).parents[2] / ".pictures"


@dataclass
class Crossing:
    """Two nodes, the browser in front of them, and the names of what crossed."""

    play: Play
    screen: Screen
    scripts: bool
    names: dict[str, str] = field(default_factory=dict)

    def tokyo(self, person: str) -> Any:
        """The window of somebody in Tokyo."""
        return self.screen.seat(self.play.tokyo, person)

    def kyiv(self, person: str) -> Any:
        """The window of somebody in Kyiv."""
        return self.screen.seat(self.play.kyiv, person)

    def go(self, page: Any, path: str) -> None:
        """Go to another page of the same desk."""
        page.goto("/".join(page.url.split("/")[:3]) + path)


def _cross(one: Crossing) -> None:
    """Let an item be labelled, released, dispatched, registered and read by five persons and a head."""
    hana, minato, ren = one.tokyo("hana"), one.tokyo("minato"), one.tokyo("ren")
    one.go(hana, "/label")
    wrong = send(hana, {
        "title": "Exercise paper", "level": MIDDLE["JPN"], "release_to": "UKR", "form": "file", "declassify": "date",
    })
    assert "The day" in wrong and "Exercise" not in hana.url
    one.go(hana, "/")
    hana.go_back()
    assert hana.input_value("main form [name='title']") == "Exercise paper"
    send(hana, {"declassify": "none"})
    one.names["label"] = hana.url.rpartition("/")[2]
    send(hana, {"file": str(one.play.document)})
    item = one.names["item"] = hana.url.rpartition("/")[2]
    one.go(hana, f"/do/release-propose?item={item}")
    assert "REL TO JPN, UKR" in send(hana, {"recipient": "UKR", "agreement": AGREEMENT, "purpose": PURPOSE})
    assert "Proposed for release" in send(hana)

    one.go(minato, "/")
    minato.click(f"main a[href*='release-approve'][href*='{item}']")
    assert "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK" in send(minato)
    assert "Approved for release to UKR" in send(minato)

    one.go(ren, "/")
    ren.click(f"main a[href*='/do/dispatch'][href*='{item}']")
    assert ren.input_value("[name=purpose]") == PURPOSE
    send(ren, {"registry": "registry-kyiv"})
    assert "Dispatched as" in send(ren)
    settle(one.play.actors)

    olena, bohdan, daryna = one.kyiv("olena"), one.kyiv("bohdan"), one.kyiv("daryna")

    def has_arrived() -> bool:
        one.go(olena, "/inbox")
        return bool(olena.locator("main a[href*='/do/register']").count())

    wait_until(has_arrived)
    olena.click("main a[href*='/do/register']")
    one.names["consignment"] = olena.url.rpartition("=")[2]
    assert "say in the remarks" in send(olena, {"counted": "2"})
    assert "Registered" in send(olena, {"counted": "1"})

    one.go(bohdan, f"/do/need-grant?item={item}")
    send(bohdan, {"person": "daryna", "purpose": PURPOSE})
    assert "Need-to-know is granted." in send(bohdan)
    one.go(daryna, f"/items/{item}/read")
    send(daryna, {"purpose": PURPOSE})
    one.names["reading"] = daryna.url.split("/")[-2]
    settle(one.play.actors)


def _prepare(one: Crossing) -> None:
    """Leave something on every page, and an act that waits to be signed."""
    one.names |= furnish(one.play, one.names["item"])
    hana = one.tokyo("hana")
    one.go(hana, f"/do/release-withdraw?item={one.names['item']}")
    send(hana)
    one.names["pending"] = hana.url.rpartition("/")[2]


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossing]:
    with two_nodes(tmp_path_factory.mktemp("two-nodes")) as play, screen(scripts=False) as shown:
        one = Crossing(play, shown, scripts=False)
        _cross(one)
        yield one


@pytest.fixture(scope="module")
def furnished(crossed: Crossing) -> Crossing:
    _prepare(crossed)
    return crossed


def _comes(page: Page, play: Play) -> tuple[Actor, str]:
    """Return somebody who may open a page, and where."""
    if page.path.startswith("/sign/"):
        return play.tokyo, "hana"
    if page.path.startswith("/room/") or page.path == "/items/{item}/read":
        return play.kyiv, "daryna"
    if page.path.startswith("/carriages"):
        return play.tokyo, "ren"
    persons = [
        (play.kyiv, "olena", "registrar key-officer"), (play.kyiv, "taras", "releasing-authority competent-authority"),
        (play.kyiv, "iryna", "security-officer"), (play.kyiv, "bohdan", "head"), (play.tokyo, "hana", "originator"),
    ]
    return next(
        (actor, person) for actor, person, offices in persons
        if page.offices is None or page.offices & set(offices.split())
    )


_NAMED = ("item", "consignment", "person", "proposal", "visit", "contract", "incident", "inventory", "request")


def _address(page: Page, names: dict[str, str]) -> str:
    if page.path.startswith("/carriages/"):
        return f"/carriages/{names['carried']}"
    if not page.path.startswith(("/do/", "/where")):
        return page.path.format_map(defaultdict(lambda: "nothing", names))
    named = "&".join(f"{name}={names[name]}" for name in _NAMED)
    return f"{page.path}?{named}"


def _is_page(page: Page) -> bool:
    """Whether an address gives a page of its own: no picture, no paper to print, and nothing of a provider."""
    return page.get is not None and not page.path.startswith(("/print/", "/sign-in/")) \
        and not page.path.endswith("/picture")


def _windows(one: Crossing, pages: Sequence[Page], **more: Any) -> Iterator[tuple[Page, Any]]:
    """Go to every page as somebody who may, in windows with scripts."""
    windows: dict[tuple[str, str], Any] = {}
    for page in filter(_is_page, pages):
        actor, person = _comes(page, one.play)
        if page.who is Who.ANYBODY:
            person = ""
        window = windows.get((actor.name, person))
        if window is None:
            window = windows[actor.name, person] = one.screen.also(actor, person, **more)
        answer = window.goto(actor.desk + _address(page, one.names))
        shown = said(window)
        assert answer.status < 500 and "is for the offices of" not in shown, (page.path, answer.status, shown)
        yield page, window
    for window in windows.values():
        window.context.close()


def _violations(window: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(window, options={"runOnly": WCAG, "resultTypes": ["violations"]})
    return [f"{one['id']}: {node['html']}" for one in found.response["violations"] for node in one["nodes"]]


def test_an_item_crosses_and_is_read_by_forms_alone_without_scripts(crossed: Crossing) -> None:
    ren, daryna = crossed.tokyo("ren"), crossed.kyiv("daryna")
    wait_until(lambda: _receipted(crossed.play))
    assert "Sign out" in ren.inner_text(".top")
    picture = daryna.locator("main img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    assert crossed.screen.told == []


def _receipted(play: Play) -> bool:
    rows = play.tokyo.view("ren", "view.consignments")["consignments"]
    return bool(rows) and rows[0]["state"] == "receipted"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768, 390])
@pytest.mark.parametrize("language", sorted(LOCALES))
def test_every_page_holds_in_every_language_and_width(
    furnished: Crossing, language: str, width: int, scheme: str
) -> None:
    """A picture of each page stays in the folder .pictures, to be looked at."""
    shape = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "locale": LOCALES[language]}
    folder = PICTURES / f"{language}-{width}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[str]] = {}
    for page, window in _windows(furnished, PAGES, **shape):
        with window.expect_navigation():
            window.click(f".languages button[value='{language}']")
        window.screenshot(path=folder / f"{page.path.strip('/').replace('/', '-') or 'today'}.png", full_page=True)
        broken = _violations(window)
        if window.evaluate("document.documentElement.scrollWidth > innerWidth"):
            broken.append("the page is wider than its window")
        if broken:
            found[page.path] = broken
    assert found == {}
    assert furnished.screen.told == []


@pytest.mark.slow
def test_an_item_crosses_with_scripts_as_without(tmp_path: Path) -> None:
    with two_nodes(tmp_path) as play, screen(scripts=True) as shown:
        _cross(Crossing(play, shown, scripts=True))
        wait_until(lambda: _receipted(play))
        assert shown.told == []
