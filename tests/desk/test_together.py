"""Visits, contracts, folders and emergencies at the desk: asked, answered, filed and refused by forms."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.test_contracts import BARVINOK, SAKURA
from tests.world.test_folders import paper as made
from tests.world.test_inventory import number_of
from tests.world.visiting import to_day
from tests.world.world import AGREEMENT, World


@pytest.fixture
def world() -> World:
    return world_with_paper(seed=91)


def _link(browser: Browser, path: str, part: str) -> str:
    return next(link for link in browser.open(path).links() if part in link)


def test_a_visit_is_asked_for_answered_and_a_visitor_let_in(world: World) -> None:
    ours, theirs = open_door(world.kyiv), open_door(world.tokyo)
    authority, host, registrar = Browser(ours), Browser(theirs), Browser(theirs)
    authority.sign_in("authority")
    asked = {
        "agreement": AGREEMENT, "first_day": "2026-09-14", "host": "JPN", "kind": "once", "last_day": "2026-09-16",
        "level": SAKURA, "programme": "briefing", "purpose": "high-level dialogue",
        "sites.1.address": "Exercise Quay 3", "sites.1.contact": "Gate office", "sites.1.name": "Exercise Plant",
        "sites.1.phone": "+00 1", "visitors.1.born_at": "Exercise Town", "visitors.1.born_on": "1980-01-02",
        "visitors.1.document": "EX 1", "visitors.1.person": "reader",
    }
    authority.open("/do/visit-last-day")
    counted = authority.submit({name: asked[name] for name in ("agreement", "first_day", "host", "kind", "level")})
    assert "Ask by" in counted.said and "Art. 13(3)" in counted.said
    authority.open("/do/visit-request")
    wrong = authority.submit({**asked, "sites.2.phone": "+00 2"})
    assert wrong.status == 400 and "something is missing: Place" in wrong.said and "high-level dialogue" in wrong.text
    assert wrong.tree.xpath("//input[@name='sites.2.phone']/@value") == ["+00 2"]
    assert "Exercise Plant" in authority.submit({**asked, "sites.2.phone": ""}).said
    told = authority.submit()
    assert "The visit is asked for" in told.said and told.path.startswith("/visits/")
    world.deliver()

    host.sign_in("authority")
    host.open(_link(host, "/", "visit-answer"))
    nobody = host.submit({"answer": "some"})
    assert (nobody.status, "something is missing: Visitors" in nobody.said) == (400, True)
    host.submit({"answer": "all", "conditions": "escorted"})
    assert "The visit is answered" in host.submit().said
    late = host.open(f"/do/visit-answer?visit={told.path.rpartition('/')[2]}")
    host.submit({"answer": "refuse"})
    again = host.submit()
    assert late.status == 200 and (again.status, "waits for no answer" in again.said) == (409, True)
    world.deliver()
    assert "escorted" in authority.open(told.path).said

    to_day(world, "2026-09-14")
    registrar.sign_in("registrar")
    registrar.open(_link(registrar, told.path, "visit-admit"))
    assert "They may go in" in registrar.submit({"site": "Exercise Plant"}).said
    registrar.open(_link(registrar, told.path, "visit-leave"))
    assert "Noted" in registrar.submit().said
    assert registrar.open("/do/visit-answer?visit=x").status == 403


def test_a_firm_is_assured_and_its_contract_told_and_acknowledged(world: World) -> None:
    ours, theirs = open_door(world.tokyo), open_door(world.kyiv)
    asking, security, answering = Browser(ours), Browser(ours), Browser(theirs)
    asking.sign_in("authority")
    asking.open("/do/facility-ask")
    asking.submit({"agreement": AGREEMENT, "facility": "Exercise Works", "level": BARVINOK, "party": "UKR", "purpose": "bid"})
    assert "The question is asked" in asking.submit().said
    world.deliver()
    answering.sign_in("authority")
    answering.open(_link(answering, "/contracts", "facility-answer"))
    answering.submit({"assurance": "held", "level": BARVINOK, "valid_until": "2027-08-31"})
    assert "Answered" in answering.submit().said
    world.deliver()
    security.sign_in("security")
    security.open(_link(security, "/contracts", "contract-tell"))
    security.submit({"copies": "2", "level": SAKURA, "parts.1.level": SAKURA, "parts.1.reference": "drawings", "title": "Exercise lantern"})
    told = security.submit()
    assert "The list is told" in told.said and "drawings" in told.said
    world.deliver()
    answering.open(_link(answering, "/contracts", "contract-answer"))
    answering.submit({"outcome": "acknowledged"})
    assert "Answered" in answering.submit().said
    world.deliver()
    change = security.open(_link(security, told.path, "contract-change"))
    assert change.tree.xpath("//input[@name='parts.1.reference']/@value") == ["drawings"]
    assert change.tree.xpath("//select[@name='parts.1.level']/option[@selected]/@value") == [SAKURA]


def test_a_folder_shows_what_lies_in_it_and_an_emergency_needs_an_article(world: World) -> None:
    door, foreign = open_door(world.kyiv), paper()
    folder = made(world, BARVINOK)
    number = number_of(world.kyiv, foreign)
    registrar, head = Browser(door), Browser(door)
    registrar.sign_in("registrar")
    registrar.open("/do/folder-floor")
    assert BARVINOK in registrar.submit({"numbers": number, "scheme": "EX-UKR"}).said
    registrar.open(f"/do/folder-add?item={folder}")
    registrar.submit({"numbers": number})
    assert number in registrar.submit().said
    assert f"/folders/{folder}" in registrar.open("/folders").links()
    registrar.open(_link(registrar, f"/folders/{folder}", "folder-take-out"))
    registrar.submit({"numbers": number, "reason": "goes back"})
    assert "Nothing lies in it" in registrar.submit().said
    assert "Nothing lies in a folder" in registrar.open("/folders").said

    head.sign_in("head")
    assert "Nothing was disclosed" in head.open("/emergencies").said
    head.open(f"/do/emergency-disclose?item={foreign}")
    head.submit({"circumstances": "a threat to a convoy", "count": "3"})
    refused = head.submit()
    assert refused.status in (403, 409) and "Nothing was disclosed" in head.open("/emergencies").said
