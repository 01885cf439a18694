"""What is left in a form is kept for its person, in memory alone, within bounds, and until the act is done."""

from __future__ import annotations

from tests.desk.browser import Browser, open_door
from tests.world.outside import FakeClock
from tests.world.world import World

from cordiale.doors.web.kept import Kept
from cordiale.limits import (
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
