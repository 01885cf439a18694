"""What is left in a form, or was wrong with it, is kept for its person, in memory alone, within bounds, until it is done."""

from __future__ import annotations

import gc

import pytest
from tests.desk.browser import Browser, Page, open_door
from tests.world.outside import FakeClock
from tests.world.world import World

from cordiale.doors.web.kept import Kept
from cordiale.doors.web.visit import Visit
from cordiale.limits import (
    DESK_HELD_COUNT_MAX,
    DESK_IDLE_SECONDS_MAX,
    DESK_KEPT_COUNT_MAX,
    DESK_KEPT_LENGTH_MAX,
    DESK_KEPT_PERSONS_COUNT_MAX,
    DESK_KEPT_SECONDS_MAX,
)

_ONE = [("field", "value")]


def test_what_is_kept_is_bounded_by_person_by_form_and_in_all() -> None:
    kept = Kept(FakeClock())
    assert not kept.put("long", "form", [("field", "x" * DESK_KEPT_LENGTH_MAX)])
    for number in range(DESK_KEPT_COUNT_MAX + 1):
        assert kept.put("clerk", f"form {number}", _ONE)
    assert len(kept.names("clerk")) == DESK_KEPT_COUNT_MAX
    assert kept.get("clerk", "form 0") == [] and kept.get("clerk", "form 1") == _ONE
    for number in range(DESK_KEPT_PERSONS_COUNT_MAX):
        assert kept.put(f"person {number}", "form", _ONE)
    assert kept.names("clerk") == [] and kept.get("person 0", "form") == _ONE


def test_what_is_kept_is_forgotten_after_some_days() -> None:
    clock = FakeClock()
    kept = Kept(clock)
    kept.put("clerk", "form", _ONE)
    clock.advance(seconds=DESK_KEPT_SECONDS_MAX - 1)
    assert kept.get("clerk", "form") == _ONE
    clock.advance(seconds=2)
    assert kept.get("clerk", "form") == [] and kept.names("clerk") == []


def test_a_report_that_was_left_outlives_the_session_and_is_its_writer_s_alone() -> None:
    world = World.in_force()
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    browser.open("/do/incident-report")
    assert "kept for three days" in browser.submit({"what": "A folder lay open", "later": "yes"}).said
    assert world.tokyo.registry.reads().every("incident") == ()
    world.clock.advance(seconds=DESK_IDLE_SECONDS_MAX + 1)
    other = Browser(browser.app)
    other.sign_in("registrar")
    assert "to go on with" not in other.open("/").said
    assert "A folder" not in other.open("/do/incident-report").text
    browser.sign_in("originator")
    assert "What you left, to go on with Report an incident" in browser.open("/").said
    page = browser.open("/do/incident-report")
    assert page.tree.xpath("//input[@name='what']/@value") == ["A folder lay open"]
    assert "Reported." in browser.submit({}).said
    assert "to go on with" not in browser.open("/").said


@pytest.fixture(scope="module")
def app() -> object:
    return open_door(World.in_force(seed=44).tokyo)


def _at(app: object, person: str = "originator") -> Browser:
    browser = Browser(app)
    browser.sign_in(person)
    return browser


def _entered(page: Page) -> list[str]:
    return [str(one) for one in page.tree.xpath("//input[@name='title']/@value")]


def test_a_wrong_form_stands_at_an_address_that_says_nothing_of_it_until_it_is_done(app: object) -> None:
    browser = _at(app)
    browser.open("/label")
    wrong = browser.submit({"title": "Kept title", "level": ""})
    assert (wrong.status, wrong.hops, _entered(wrong)) == (400, 1, ["Kept title"]) and "Level" in wrong.said
    assert "Kept" not in wrong.path and wrong.path.startswith("/label?held=")
    again = browser.open(wrong.path)
    assert (again.status, again.hops, again.said, _entered(again)) == (400, 0, wrong.said, ["Kept title"])
    assert _entered(browser.open("/label")) == [""]
    for other in (_at(app), _at(app, "registrar")):
        assert "Kept title" not in other.open(wrong.path).text


def test_what_was_wrong_is_forgotten_with_the_act_and_by_newer_ones(app: object) -> None:
    browser = _at(app)
    browser.open("/do/incident-report")
    wrong = browser.submit({"what": ""})
    assert wrong.status == 400 and "something is missing" in browser.open(wrong.path).said
    assert "Reported." in browser.submit({"what": "A folder lay open"}).said
    assert browser.open(wrong.path).status == 200 and "something is missing" not in browser.open(wrong.path).said
    browser.open("/label")
    held = [browser.submit({"title": f"Title {number}", "level": ""}).path for number in range(DESK_HELD_COUNT_MAX + 1)]
    assert _entered(browser.open(held[0])) == [""] and _entered(browser.open(held[1])) == ["Title 1"]


def test_what_was_sent_is_not_kept_with_what_was_wrong_with_it(app: object) -> None:
    browser = Browser(app)
    browser.sign_in("originator")
    browser.open("/label")
    assert browser.submit({"title": "Kept", "level": ""}).status == 400
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, Visit) and one.method == "POST"] == []


def test_the_address_of_a_wrong_form_says_what_it_is_about(app: object) -> None:
    browser = _at(app)
    browser.label({"title": "Paper", "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "declassify": "none"})
    item = str(browser.page.path if browser.page is not None else "").rpartition("/")[2]
    browser.open(f"/do/level-challenge?item={item}")
    wrong = browser.submit({"reason": "It was in the newspaper", "doubt": ""})
    assert wrong.status == 400 and wrong.path.startswith(f"/do/level-challenge?item={item}&held=")
    assert "newspaper" not in wrong.path and "newspaper" in browser.open(wrong.path).text
    assert "newspaper" not in _at(app).open(wrong.path).text and "Paper" in _at(app).open(wrong.path).text


def test_a_further_row_is_gone_back_to_as_well(app: object) -> None:
    browser = _at(app)
    browser.open("/label")
    further = browser.submit({"title": "With rows", "caveats.1.tag": "PRESS", "more": "caveats"})
    assert (further.status, further.hops, _entered(further)) == (200, 1, ["With rows"])
    assert further.tree.xpath("//input[@name='caveats.2.tag']") and _entered(browser.open(further.path)) == ["With rows"]


def test_what_is_too_much_to_be_kept_is_answered_at_once(app: object) -> None:
    browser = _at(app)
    browser.open("/label")
    wrong = browser.submit({"title": "x" * DESK_KEPT_LENGTH_MAX, "level": ""})
    assert (wrong.status, wrong.hops) == (400, 0) and len(_entered(wrong)[0]) == DESK_KEPT_LENGTH_MAX
