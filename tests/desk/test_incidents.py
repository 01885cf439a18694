"""Incidents at the desk: reported in a sentence by anybody, frozen, told, concluded by another, settled by both."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.test_journey import PURPOSE, grant
from tests.world.world import AGREEMENT, World

_REPORT = {"extent": "One copy", "facts": "Left in a train", "prevention": "Couriers go in pairs", "remedy": "Found"}


@pytest.fixture
def world() -> World:
    return world_with_paper(seed=75)


def test_a_case_is_reported_told_concluded_and_settled_by_both(world: World) -> None:
    item = paper()
    ours, theirs = open_door(world.kyiv), open_door(world.tokyo)
    reader, security, head, authority, partner = (
        Browser(ours), Browser(ours), Browser(ours), Browser(ours), Browser(theirs)
    )
    reader.sign_in("reader")
    reader.open("/report")
    number = world.kyiv.registry.record("item", item)["reference"]
    told = reader.submit({"items": number, "kind": "loss", "what": "The folder was left in a train"})
    assert "Reported" in told.said and "What is affected" not in told.said
    case = told.path

    security.sign_in("security")
    security.open(next(link for link in security.open("/").links() if "incident-add" in link))
    assert "Noted" in security.submit({"note": "The lock is whole"}).said
    security.open(f"/do/freeze?item={item}")
    security.submit({"reason": "It may have been seen"})
    assert "It is frozen" in security.submit().said
    assert "It may have been seen" in security.open("/incidents").said

    authority.sign_in("authority")
    authority.open(next(link for link in authority.open(case).links() if "incident-tell" in link))
    authority.submit({"agreement": AGREEMENT, "certain": "certain", "facts": "A paper is lost", "party": "JPN"})
    assert "JPN is told" in authority.submit().said
    world.deliver()
    partner.sign_in("authority")
    partner.open(next(link for link in partner.open("/").links() if "incident-reply" in link))
    partner.submit()
    assert "UKR is told" in partner.submit().said
    world.deliver()

    head.sign_in("head")
    head.open(next(link for link in head.open(case).links() if "incident-conclude" in link))
    assert "is kept for three days" in head.submit({"facts": "Left in a train", "later": "yes"}).said
    head.open(f"/do/incident-conclude?incident={case.rpartition('/')[2]}")
    assert head.page.tree.xpath("//textarea[@name='facts']/text()") == ["Left in a train"]
    head.submit(_REPORT)
    assert "The inquiry is concluded" in head.submit().said
    authority.open(next(link for link in authority.open(case).links() if "incident-final" in link))
    authority.submit()
    assert "JPN is told" in authority.submit().said
    world.deliver()
    partner.open(next(link for link in partner.open("/").links() if "incident" in link))
    partner.open(next(link for link in partner.open("/incidents").links() if link.startswith("/incidents/")))
    partner.open(next(link for link in partner.page.links() if "incident-reply" in link))
    partner.submit()
    assert "UKR is told" in partner.submit().said
    world.deliver()
    assert "The folder was left in a train" in authority.open("/incidents?state=closed").said


def test_who_reported_a_case_does_not_conclude_it_and_a_second_click_reports_once(world: World) -> None:
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("security")
    browser.open("/report")
    first, second = browser.submit({"what": "A seal is broken"}, keep=False), browser.submit({"what": "A seal is broken"})
    assert first.path == second.path
    assert len(world.kyiv.registry.reads().every("incident")) == 1
    browser.open(next(link for link in second.links() if "incident-conclude" in link))
    browser.submit(_REPORT)
    refused = browser.submit()
    assert (refused.status, "already did another part of this matter" in refused.said) == (403, True)


def test_a_case_shows_its_reporter_no_more_and_others_nothing(world: World) -> None:
    item = paper()
    grant(world, item, "reader")
    case = world.kyiv.act("reader", "incident.report", {"items": [item], "what": "It was seen"}).value["incident"]
    door = open_door(world.kyiv)
    reader, stranger = Browser(door), Browser(door)
    reader.sign_in("reader")
    assert "It was seen" in reader.open(f"/incidents/{case}").said and PURPOSE not in reader.page.text
    assert reader.open("/incidents").status == 403
    stranger.sign_in("junior")
    hidden, absent = stranger.open(f"/incidents/{case}"), stranger.open("/incidents/ukr.incident.0")
    assert hidden.status == absent.status == 409
    assert hidden.said.replace(case, "X") == absent.said.replace("ukr.incident.0", "X")


def test_an_order_to_freeze_is_asked_and_a_freeze_lifted(world: World) -> None:
    item = paper()
    authority, security = Browser(open_door(world.tokyo)), Browser(open_door(world.kyiv))
    authority.sign_in("authority")
    authority.open(f"/do/freeze-order?item={item}")
    authority.submit({"demand": "freeze", "party": "UKR", "reason": "A copy was seen outside"})
    assert "UKR is asked" in authority.submit().said
    world.deliver()
    security.sign_in("security")
    security.open(next(link for link in security.open("/").links() if "freeze-answer" in link))
    assert "A copy was seen outside" in security.submit().said
    assert "Answered" in security.submit().said
    security.open(f"/do/freeze-lift?item={item}")
    security.submit({"reason": "It was found, sealed"})
    assert "It is no longer frozen" in security.submit().said
    security.open(f"/do/freeze-lift?item={item}")
    security.submit({"reason": "It was found, sealed"})
    again = security.submit()
    assert (again.status, "this is not frozen" in again.said) == (409, True)
