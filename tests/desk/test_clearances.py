"""Clearances and briefings at the desk: asked and answered as the register stands, given and acknowledged."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.world.test_journey import PURPOSE
from tests.world.world import AGREEMENT, World


@pytest.fixture
def world() -> World:
    return World.in_force(seed=76)


def test_a_clearance_is_asked_and_answered_as_the_register_stands(world: World) -> None:
    asking, giving = Browser(open_door(world.tokyo)), Browser(open_door(world.kyiv))
    asking.sign_in("authority")
    asking.open("/do/clearance-ask")
    fields = {"agreement": AGREEMENT, "name": "Exercise Reader K", "party": "UKR", "purpose": PURPOSE}
    wrong = asking.submit({**fields, "level": "EX-JPN:EXERCISE SAKURA"})
    assert (wrong.status, "is no level of UKR" in wrong.said) == (400, True)
    assert wrong.tree.xpath("//input[@name='name']/@value") == ["Exercise Reader K"]
    asked = asking.submit({**fields, "level": "EX-UKR:EXERCISE BARVINOK"})
    assert "UKR is asked" in asked.said
    world.deliver()
    giving.sign_in("authority")
    giving.open(next(link for link in giving.open("/").links() if "clearance-answer" in link))
    assert "Exercise Reader K" in giving.page.said
    giving.submit({"person": "reader"})
    assert "Answered" in giving.submit().said
    world.deliver()
    assert world.tokyo.registry.find("clearance-query", "state", "cleared")
    giving.open(next(link for link in asked.links() if "clearance-assure" in link))
    giving.submit({
        "agreement": AGREEMENT, "article": "Art. 7(5)", "level": "EX-UKR:EXERCISE BARVINOK", "party": "JPN",
        "person": "reader", "purpose": PURPOSE,
    })
    done = giving.submit()
    assert "JPN is told" in done.said, (done.status, done.said)


def test_a_briefing_counts_once_the_person_acknowledges_it(world: World) -> None:
    door = open_door(world.kyiv)
    security, reader, other = Browser(door), Browser(door), Browser(door)
    security.sign_in("security")
    security.open("/do/briefing-give")
    security.submit({"agreement": AGREEMENT, "person": "reader", "until": "2026-12-31"})
    given = security.submit()
    assert "it counts once it is acknowledged" in given.said, given.said
    assert not [link for link in security.page.links() if "briefing-acknowledge" in link]
    other.sign_in("junior")
    assert "No briefing waits" in other.open("/clearances").said
    reader.sign_in("reader")
    reader.open(next(link for link in reader.open("/clearances").links() if "briefing-acknowledge" in link))
    reader.submit()
    assert "Acknowledged" in reader.submit().said
    assert "until 31 Dec 2026" in security.open("/roster").said


def test_the_roster_is_for_those_in_office(world: World) -> None:
    door = open_door(world.kyiv)
    authority, reader = Browser(door), Browser(door)
    authority.sign_in("authority")
    assert "Exercise Reader K" in authority.open("/roster").said
    extract = authority.open(f"/roster/{AGREEMENT}")
    assert extract.status == 403, (extract.status, extract.said)
    reader.sign_in("reader")
    assert reader.open("/roster").status == 403
    assert "Exercise Junior K" not in reader.open("/clearances").text
