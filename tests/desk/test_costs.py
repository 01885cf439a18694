"""What a page costs: how often it looks into the books, with nothing of them in memory, and how much a browser loads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.world import AGREEMENT, Player

from cordiale.adapters.sqlite_reads import SqliteReads
from cordiale.doors.web.routes import Page, Who
from cordiale.doors.web.table import PAGES
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import open_record
from cordiale.records.registry import require_person
from cordiale.records.session import ActSession

QUESTIONS_COUNT_MAX = 12
PAGE_SIZE_BYTES_MAX = 40 * 1024
_KINDS = ("item", "copy", "entry", "approval", "consignment", "duty", "need")
_FORMS = ("/do/dispatch", "/do/register", "/do/release-approve", "/do/consent-answer", "/do/return-answer")
_TIMES = 15


def _repeat(player: Player) -> None:
    """Let what is known of the one paper stand in the books many times, so that a look for every row would show."""
    reads = player.registry.reads()
    found = [open_record(one) for kind in _KINDS for one in reads.every(kind)]

    def perform(session: ActSession) -> dict[str, Any]:
        for turn in range(_TIMES):
            for one in found:
                body = {
                    name: value.replace(paper(), f"{paper()}.{turn}") if isinstance(value, str) else value
                    for name, value in one.body.items()
                }
                session.put(one.kind, one.id.replace(paper(), f"{paper()}.{turn}") + f".{turn}", body)
            about = {"item": f"{paper()}.{turn}"}
            session.put("item", f"{paper()}.{turn}", dict(found[0].body))
            session.put("level-proposal", f"{paper()}.{turn}", about | {
                "proposed_at": "2026-09-01T00:00:00Z", "proposed_by": "originator", "state": "proposed",
            })
            copies, persons = [f"{paper()}.{turn}.c1.{turn}"], ["reader", "colleague", "head", "junior"]
            session.put("destruction", f"destruction.{turn}", about | {
                "copies": copies, "method": "burned", "persons": [persons[turn % 4]],
                "proposed_at": "2026-09-01T00:00:00Z", "state": "proposed",
            })
            session.put("crisis", f"crisis.{turn}", {
                "copies": copies, "done_by": [persons[turn % 4]], "entered_at": "2026-09-01T00:00:00Z",
                "entered_by": persons[turn % 3], "state": "entered",
            })
            session.put("level-change", f"change.{turn}", about | {
                "effective_at": "2026-09-01T00:00:00Z", "state": "marking",
            })
            session.put("asked-reproduction", f"asked.{turn}", about | {
                "act": "copy", "asked_at": "2026-09-01T00:00:00Z", "asked_by": f"clerk.{turn}", "state": "asked",
            })
            session.put("reproduction", f"task.{turn}", about | {
                "act": "copy", "assigned_at": "2026-09-01T00:00:00Z", "maker": f"clerk.{turn}", "purpose": "exercise",
                "state": "assigned", "witnesses": [f"other.{turn}"],
            })
        return {}

    player.registry.ledger.commit(Act("repeat", "repeat", "node", INTERNAL, perform))


def _is_asked(page: Page) -> bool:
    """Forms differ in what they do and little in what they look up: those that list what waits stand for them."""
    return page.get is not None and page.who is not Who.ANYBODY and page.path != "/house" \
        and (page.path in _FORMS or not page.path.startswith(("/do/", "/print/")))


def _counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often it is looked into the books, counted from now on."""
    asked = Counter[str]()

    def counting(look: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            asked["all"] += 1
            return look(*given)

        return counted

    for name in ("_rows", "_row", "_stream"):
        monkeypatch.setattr(SqliteReads, name, counting(getattr(SqliteReads, name)))
    return asked


def test_no_page_is_large_or_looks_into_the_books_more_than_twelve_times(monkeypatch: pytest.MonkeyPatch) -> None:
    player = world_with_paper(41).kyiv
    _repeat(player)
    asked = _counted(monkeypatch)
    app = open_door(player)
    for person in ("registrar", "head", "security", "authority", "reader"):
        offices = require_person(player.registry.books(), person).offices
        browser = Browser(app, language="uk")
        browser.sign_in(person)
        for page in PAGES:
            if _is_asked(page) and (page.offices is None or page.offices & offices):
                player.registry.store._kept._empty()  # type: ignore[attr-defined]
                asked.clear()
                path = page.path.replace("{item}", paper()).replace("{agreement}", AGREEMENT).replace("{article}", "13")
                path = path.replace("{", "").replace("}", "")
                shown = browser.open(f"{path}?item={paper()}")
                assert shown.status < 500 and asked["all"] <= QUESTIONS_COUNT_MAX, (person, page.path, asked, shown.said)
                assert len(shown.content) <= PAGE_SIZE_BYTES_MAX, (person, page.path, len(shown.content))


def _multiply(player: Player, count: int) -> None:
    """Let the one paper have many copies, each with its entry, its place and somebody who had it, and be read as often."""
    registry, item = player.registry, paper()
    copy, entry = registry.find("copy", "item", item)[0], registry.find("entry", "item", item)[0]

    def perform(session: ActSession) -> dict[str, Any]:
        for number in range(2, count):
            id, at = f"{item}.c{number}", {"at": f"2026-09-01T00:{number // 60:02}:{number % 60:02}Z", "by": "registrar"}
            session.put("copy", id, {**copy.body, "copy_number": number})
            session.put("entry", f"entry.{id}", {**entry.body, **at, "copy": id})
            session.put("place", id, {**at, "place": f"safe {number}", "unit": "east"})
            session.put("grant", f"grant.{id}", {**at, "copy": id, "item": item, "person": "reader", "purpose": "exercise"})
            session.put("custody", f"{item}/holder-{number}", {
                "charged_at": at["at"], "copy": id, "holder": f"holder-{number}", "item": item, "state": "confirmed",
            })
        return {}

    registry.ledger.commit(Act("multiply", "multiply", "node", INTERNAL, perform))


def test_what_has_very_many_copies_is_shown_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    player, count = world_with_paper(43).kyiv, 150
    _multiply(player, count)
    asked = _counted(monkeypatch)
    browser = Browser(open_door(player), language="uk")
    browser.sign_in("registrar")
    for path in (f"/items/{paper()}", f"/where?item={paper()}", "/crisis/list"):
        seen, following = "", path
        for _ in range(count):
            player.registry.store._kept._empty()  # type: ignore[attr-defined]
            asked.clear()
            shown = browser.open(following)
            assert shown.status == 200 and asked["all"] <= QUESTIONS_COUNT_MAX, (following, asked)
            assert len(shown.content) <= PAGE_SIZE_BYTES_MAX, (following, len(shown.content))
            seen += shown.said
            further = [link for link in shown.links() if "after=" in link]
            if not further:
                break
            following = further[0]
        assert following != path and f"safe {count - 1}" in seen


def test_the_first_page_and_all_that_it_loads_is_small() -> None:
    browser = Browser(open_door(world_with_paper(42).kyiv))
    sizes = {}
    for page in (browser.open("/sign-in"), browser.sign_in("registrar")):
        loaded = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)))
        assert loaded
        sizes[page.path] = len(page.content) + sum(len(browser.open(path).content) for path in loaded)
    assert max(sizes.values()) <= PAGE_SIZE_BYTES_MAX, sizes
