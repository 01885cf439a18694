"""A release between two persons: declined with a reason, changed in between, answered by somebody else meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.desk.browser import Browser, Page, open_door
from tests.world.test_journey import AGREEMENT, PURPOSE, approve, dispatch, label, release
from tests.world.test_level_change import change
from tests.world.world import World

from cordiale.errors import OutOfOrder, Refused

_TERMS = {"agreement": AGREEMENT, "purpose": PURPOSE, "recipient": "UKR"}


@pytest.fixture
def world() -> World:
    return World.in_force()


def _at(app: Any, person: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(person)
    return browser


def _proposed(world: World) -> tuple[Any, str]:
    item = label(world.tokyo)
    approve(world.tokyo, item, "originator", "release.propose")
    return open_door(world.tokyo), item


def _proposal(world: World, item: str) -> Mapping[str, Any]:
    (one,) = [one.body for one in world.tokyo.registry.find("approval", "item", item) if one["part"] == "propose"]
    return one


def _decline(browser: Browser, item: str, reason: str) -> Page:
    browser.open(f"/do/release-decline?item={item}&recipient=UKR")
    browser.submit({"reason": reason})
    return browser.submit()


def test_whoever_proposed_sees_the_reason_and_proposes_anew(world: World) -> None:
    app, item = _proposed(world)
    authority, originator = _at(app, "authority"), _at(app, "originator")
    assert "Nothing has changed since." in authority.open(f"/do/release-decline?item={item}&recipient=UKR").said
    assert "is declined" in _decline(authority, item, "annex 2 is not for them").said
    assert not any("release-approve" in link for link in authority.open("/").links())
    assert "a release you proposed was declined" in originator.open("/").said
    page = originator.open("/releases")
    assert "annex 2 is not for them" in page.said
    originator.open(next(link for link in page.links() if "release-propose" in link))
    originator.submit(_TERMS)
    originator.submit()
    assert "annex 2 is not for them" not in originator.open("/releases").said
    assert "was declined" not in originator.open("/").said
    authority.open(f"/do/release-approve?item={item}&recipient=UKR")
    authority.submit()
    assert "Approved for release to UKR" in authority.submit().said


def test_nobody_declines_what_they_proposed_and_no_stranger_learns_of_it(world: World) -> None:
    _, item = _proposed(world)
    asked = {"binding": _proposal(world, item)["bound_digest"], "item": item, "reason": "no"}
    for person in ("originator", "registrar", "head"):
        with pytest.raises(Refused):
            world.tokyo.act(person, "release.decline", asked)
    assert _proposal(world, item)["state"] == "waiting"


def test_a_declined_release_leaves_nothing_to_approve_and_names_who_declined(world: World) -> None:
    app, item = _proposed(world)
    late, first = _at(app, "authority"), _at(app, "authority")
    late.open(f"/do/release-approve?item={item}&recipient=UKR")
    late.submit()
    _decline(first, item, "not now")
    page = late.submit()
    assert page.status == 409
    name = world.tokyo.registry.record("person", "authority")["name"]
    assert f"{name} has declined this release meanwhile" in page.said
    assert "not now" in page.said
    with pytest.raises(OutOfOrder, match="nobody has proposed"):
        world.tokyo.act("authority", "release.decline", {"binding": "x", "item": item, "reason": "no"})


def test_who_comes_after_an_approval_or_a_withdrawal_is_told_whose_it_was(world: World) -> None:
    app, item = _proposed(world)
    late, first, name = _at(app, "authority"), _at(app, "authority"), ""
    late.open(f"/do/release-decline?item={item}&recipient=UKR")
    late.submit({"reason": "too late"})
    first.open(f"/do/release-approve?item={item}&recipient=UKR")
    first.submit()
    first.submit()
    page, name = late.submit(), world.tokyo.registry.record("person", "authority")["name"]
    assert (page.status, f"{name} has approved this release meanwhile" in page.said) == (409, True)
    _, other = _proposed(world)
    late.open(f"/do/release-decline?item={other}&recipient=UKR")
    late.submit({"reason": "too late"})
    world.tokyo.act("originator", "release.withdraw", {"item": other})
    page, name = late.submit(), world.tokyo.registry.record("person", "originator")["name"]
    assert (page.status, f"{name} has withdrawn the proposal meanwhile" in page.said) == (409, True)


def test_what_changed_since_the_proposal_stands_beside_it(world: World) -> None:
    app, item = _proposed(world)
    change(world.tokyo, item, "EX-JPN:EXERCISE FUJI")
    authority = _at(app, "authority")
    page = authority.open("/releases")
    assert "counts no more" in page.said
    assert not any("release-approve" in link for link in page.links())
    page = authority.open(f"/do/release-approve?item={item}&recipient=UKR")
    assert "Level: EX-JPN:EXERCISE SAKURA EX-JPN:EXERCISE FUJI" in page.said
    world.tokyo.change_people("people.leave", {"person": "originator"})
    assert "this person has left the service" in authority.open(f"/do/release-approve?item={item}&recipient=UKR").said


def test_of_two_who_count_one_consignment_the_second_is_told_who_registered_it(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    dispatch(world, [item])
    world.deliver()
    app = open_door(world.kyiv)
    first, late = _at(app, "registrar"), _at(app, "registrar")
    link = next(one for one in first.open("/inbox").links() if "/do/register" in one)
    late.open(link)
    first.open(link)
    assert "Registered" in first.submit({"counted": "1"}).said
    page, name = late.submit({"counted": "1"}), world.kyiv.registry.record("person", "registrar")["name"]
    assert (page.status, f"{name} has registered this consignment" in page.said) == (409, True)
    with pytest.raises(Refused):
        world.kyiv.act("head", "register", {"consignment": link.rpartition("=")[2], "counted": 1})
