"""Levels at the desk: proposed by one, confirmed by another, marked, noted; doubts without a name."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.test_journey import PURPOSE, grant
from tests.world.test_level_change import AJISAI, SAKURA, change, work
from tests.world.world import World


@pytest.fixture
def world() -> World:
    return world_with_paper(seed=73)


def test_a_level_changes_by_two_persons_and_every_copy_is_marked(world: World) -> None:
    item = paper()
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    ours, theirs = open_door(world.tokyo), open_door(world.kyiv)
    originator, authority = Browser(ours), Browser(ours)
    originator.sign_in("originator")
    originator.open(f"/do/level-propose?item={item}")
    originator.submit({"article": "Art. 4(4)", "to": AJISAI})
    assert "another person confirms it" in originator.submit().said
    authority.sign_in("authority")
    authority.open(next(link for link in authority.open("/").links() if "level-confirm" in link))
    assert AJISAI in authority.page.said and "Art. 4(4)" in authority.submit().said
    assert "whoever has a copy is told" in authority.submit().said
    late = authority.open(f"/do/level-confirm?item={item}")
    assert "Nothing is proposed" in late.said
    work(world)

    registrar, reader = Browser(theirs), Browser(theirs)
    reader.sign_in("reader")
    reader.open(next(link for link in reader.open("/").links() if "level-note" in link))
    assert "Noted" in reader.submit().said
    registrar.sign_in("registrar")
    assert AJISAI in registrar.open("/levels").said
    registrar.open(next(link for link in registrar.page.links() if "level-mark" in link))
    wrong = registrar.submit({"copies": "second"})
    assert (wrong.status, "by their numbers" in wrong.said) == (400, True)
    assert "the copies bear the new mark" in registrar.submit({"copies": "1"}).said
    work(world)
    assert not world.kyiv.registry.find("level-change", "state", "marking")
    story = originator.open(f"/items/{item}")
    assert [mark.text for mark in story.tree.xpath("//main//s")] == [SAKURA], "what was struck is shown as struck"
    assert "UKR" in story.said and "partner:UKR" not in story.said

    change(world.tokyo, item, "declassified")
    work(world)
    (level,) = registrar.open("/register").tree.xpath("//main//td[s]")
    assert "".join(level.itertext()).startswith("declassified EX-JPN:")


def test_a_proposal_that_was_answered_meanwhile_is_not_confirmed(world: World) -> None:
    item = paper()
    browser = Browser(open_door(world.tokyo))
    world.tokyo.act("originator", "level.propose", {"article": "Art. 4(4)", "item": item, "to": AJISAI})
    browser.sign_in("authority")
    browser.open(f"/do/level-confirm?item={item}")
    browser.submit()
    proposal = world.tokyo.registry.record("level-proposal", item)["proposal"]
    world.tokyo.act("authority", "level.confirm", {"decline": True, "item": item, "proposal": proposal})
    stale = browser.submit()
    assert (stale.status, "was answered before" in stale.said) == (409, True)
    browser.sign_in("originator")
    assert browser.open(f"/do/level-confirm?item={item}").status == 403


def test_a_doubt_is_answered_and_shows_nobody_who_had_it(world: World) -> None:
    item = paper()
    door = open_door(world.tokyo)
    browser, authority = Browser(door), Browser(door)
    browser.sign_in("originator")
    browser.open(f"/do/level-challenge?item={item}")
    assert "shown to nobody" in browser.submit({"doubt": "too-high", "reason": "it is in the press"}).said
    authority.sign_in("authority")
    duty = next(link for link in authority.open("/").links() if "level-answer" in link)
    shown = authority.open("/levels/doubts")
    assert "it is in the press" in shown.said and "Originator" not in shown.said
    assert "it is in the press" in authority.open(duty).said
    authority.submit({"outcome": "kept", "reason": "the source is live"})
    assert "Answered" in authority.submit().said
    assert "No doubt waits" in authority.open("/levels/doubts").said
    assert PURPOSE not in authority.page.text


def test_a_change_of_what_one_may_not_see_is_not_listed(world: World) -> None:
    item = paper()
    world.tokyo.act("originator", "level.propose", {"article": "Art. 4(4)", "item": item, "to": AJISAI})
    proposal = world.tokyo.registry.record("level-proposal", item)["proposal"]
    world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposal})
    work(world)
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("junior")
    assert item not in browser.open("/levels").text and "No level changes" in browser.page.said
