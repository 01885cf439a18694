"""Consents and reproductions at the desk: asked for, left and gone on with, answered, used, delivered as a file."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.test_journey import PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import World


@pytest.fixture
def world() -> World:
    return world_with_paper(seed=74)


def test_a_consent_is_asked_answered_used_and_taken_back(world: World) -> None:
    item = label(world.tokyo, form="paper", release_to=["UKR", "POL"])
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    asking, giving = Browser(open_door(world.kyiv)), Browser(open_door(world.tokyo))
    asking.sign_in("registrar")
    asking.open(f"/do/pass-on?item={item}")
    asking.submit({"purpose": PURPOSE, "recipient": "POL"})
    refused = asking.submit()
    assert (refused.status, "Art." in refused.said) == (403, True)

    asking.open(f"/do/consent-ask?item={item}")
    assert "is kept for three days" in asking.submit({"purpose": "Joint statement", "later": "yes"}).said
    again = asking.open(f"/do/consent-ask?item={item}")
    assert again.tree.xpath("//input[@name='purpose']/@value") == ["Joint statement"]
    asked = asking.submit({"act": "pass-on", "purpose": PURPOSE, "recipient": "POL"})
    assert "Asked; the answer comes" in asked.said
    fresh = asking.open(f"/do/consent-ask?item={item}")
    assert fresh.tree.xpath("//input[@name='purpose']/@value") == [""]
    world.deliver()

    giving.sign_in("authority")
    giving.open(next(link for link in giving.open("/").links() if "consent-answer" in link))
    assert PURPOSE in giving.submit({"outcome": "granted"}).said
    assert "Answered" in giving.submit().said
    world.deliver()
    asking.open(f"/do/pass-on?item={item}")
    asking.submit({"purpose": PURPOSE, "recipient": "POL"})
    assert "It may be passed on to POL" in asking.submit().said
    giving.open(next(link for link in giving.open("/consents").links() if "consent-withdraw" in link))
    giving.submit()
    assert "Taken back" in giving.submit().said
    assert not [link for link in giving.open("/consents").links() if "consent-withdraw" in link]


def test_what_somebody_keeps_is_nobody_elses(world: World) -> None:
    item = paper()
    door = open_door(world.kyiv)
    browser, other = Browser(door), Browser(door)
    browser.sign_in("registrar")
    browser.open(f"/do/consent-ask?item={item}")
    browser.submit({"grounds": "Exercise court", "later": "yes"})
    for person in ("originator", "security"):
        other.sign_in(person)
        assert "Exercise court" not in other.open(f"/do/consent-ask?item={item}").text
        assert "Exercise court" not in other.open("/").text
    assert "Exercise court" not in browser.open("/do/consent-ask?item=another").text


def test_copies_are_asked_for_assigned_and_entered_by_their_maker(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    door = open_door(world.kyiv)
    reader, registrar = Browser(door), Browser(door)
    reader.sign_in("reader")
    reader.open(f"/do/reproduce-ask?item={item}")
    assert "The registry is asked" in reader.submit({"act": "copy", "number": "1", "purpose": PURPOSE}).said
    registrar.sign_in("registrar")
    registrar.open(next(link for link in registrar.open("/reproductions").links() if "reproduce-assign" in link))
    assert registrar.page.tree.xpath("//input[@name='purpose']/@value") == [PURPOSE]
    assigned = registrar.submit({"maker": "reader"})
    assert "Assigned to reader" in assigned.said, assigned.said
    reader.open(next(link for link in reader.open("/reproductions").links() if "reproduce-finish" in link))
    first, second = reader.submit({"pages": "2"}, keep=False), reader.submit({"pages": "2"}, keep=False)
    assert "The copies are entered" in first.said and second.status == 200
    assert len(world.kyiv.registry.find("copy", "item", item)) == 2
    assert "JPN EXERCISE SAKURA" in registrar.open(f"/items/{item}/stamps").said


def test_an_extract_is_delivered_as_a_file_that_is_sealed_as_it_arrives(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    task = world.kyiv.act("registrar", "reproduce.assign", {
        "act": "extract", "item": item, "maker": "reader", "purpose": PURPOSE,
    }).value["task"]
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("reader")
    browser.open(next(link for link in browser.open("/reproductions").links() if link.endswith("/deliver")))
    without = browser.submit({"title": "Exercise extract"})
    assert (without.status, "together with its content" in without.said) == (400, True)
    done = browser.submit({"file": ("extract.txt", b"Exercise: one part.\n"), "title": "Exercise extract"})
    assert "Entered as" in done.said and "Exercise extract" in done.said
    stranger = Browser(browser.app)
    stranger.sign_in("junior")
    assert stranger.open(f"/reproductions/{task}/deliver").status == 409


def test_a_draft_is_entered_and_destroyed_by_its_author_alone(world: World) -> None:
    door = open_door(world.tokyo)
    browser, other = Browser(door), Browser(door)
    browser.sign_in("originator")
    browser.open("/drafts/enter")
    shown = browser.submit({"form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "title": "Exercise notes"})
    assert "Exercise notes" in shown.said
    link = next(link for link in shown.links() if "draft-destroy" in link)
    other.sign_in("authority")
    other.open(link)
    other.submit({"method": "shredded"})
    assert other.submit().status == 403
    browser.open(link)
    browser.submit({"method": "shredded"})
    assert "The draft is destroyed" in browser.submit().said


def test_what_somebody_else_did_first_is_said_in_the_words_of_the_reader(world: World) -> None:
    browser = Browser(open_door(world.tokyo), language="uk")
    browser.sign_in("originator")
    browser.open("/drafts/enter")
    shown = browser.submit({"form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "title": "Exercise notes"})
    link = next(link for link in shown.links() if "draft-destroy" in link)
    (draft,) = (one.id for one in world.tokyo.registry.books().every("draft") if one["title"] == "Exercise notes"
                and one["state"] == "draft")
    browser.open(link)
    browser.submit({"method": "спалено"})
    world.tokyo.act("originator", "draft.destroy", {"draft": draft, "method": "burnt"})
    said = browser.submit()
    assert said.status == 409 and "знищено" in said.said and "destroyed" not in said.said


def test_a_page_that_is_not_theirs_is_refused_in_the_words_of_the_reader(world: World) -> None:
    browser = Browser(open_door(world.tokyo), language="fr")
    browser.sign_in("originator")
    refused = browser.open("/house")
    assert refused.status == 403 and "security-officer" not in refused.said and "administrator" not in refused.said
