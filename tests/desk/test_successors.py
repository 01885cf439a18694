"""Successors at the desk: one person enters who follows an originator, another who saw the instrument confirms it."""

from __future__ import annotations

from tests.desk.browser import Browser, open_door
from tests.world.world import AGREEMENT, World


def test_a_successor_is_entered_by_one_and_confirmed_and_taken_back_by_another() -> None:
    door = open_door(World.in_force(seed=78).kyiv)
    authority, security = Browser(door), Browser(door)
    authority.sign_in("authority")
    authority.open("/do/succession-enter")
    authority.submit({
        "agreement": AGREEMENT, "article": "Treaty of 2026", "former": "POL", "on": "2026-09-01", "successor": "JPN",
    })
    assert "another person confirms it" in authority.submit().said
    authority.open(next(link for link in authority.open("/successions").links() if "succession-confirm" in link))
    authority.submit()
    assert "does not confirm it" in authority.submit().said
    security.sign_in("security")
    security.open(next(link for link in security.open("/").links() if "succession-confirm" in link))
    assert "Treaty of 2026" in security.page.said
    security.submit()
    assert "JPN is asked in the place of POL" in security.submit().said
    security.open(next(link for link in security.open("/successions").links() if "succession-end" in link))
    security.submit({"reason": "entered in error"})
    assert "It counts no more" in security.submit().said
