"""Return and destruction at the desk: what two persons end, what is asked back, what a crisis took."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.test_journey import dispatch, label, release
from tests.world.world import World


@pytest.fixture
def world() -> World:
    return world_with_paper(seed=71)


def test_two_persons_destroy_and_nobody_twice(world: World) -> None:
    item = paper()
    door = open_door(world.kyiv)
    registrar, head = Browser(door), Browser(door)
    registrar.sign_in("registrar")
    registrar.open(f"/do/destroy-propose?item={item}")
    registrar.submit({"method": "shredded"})
    proposed = registrar.submit()
    assert "another person witnesses it" in proposed.said and "shredded" in proposed.said
    assert not [link for link in proposed.links() if "destroy-witness" in link]

    head.sign_in("head")
    head.open(next(link for link in head.open("/").links() if "destroy-witness" in link))
    assert "shredded" in head.submit().said
    assert "You have joined the destruction" in head.submit().said
    assert world.kyiv.registry.find("copy", "state", "destroyed")
    late = registrar.open(next(link for link in proposed.links() if "destroy-withdraw" in link))
    assert late.status == 200
    registrar.submit()
    stale = registrar.submit()
    assert (stale.status, "waits for nobody" in stale.said) == (409, True)


def test_nobody_witnesses_their_own_proposal_and_the_article_is_said(world: World) -> None:
    item = paper()
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"}).value["proposal"]
    browser.open(f"/do/destroy-witness?proposal={proposal}")
    browser.submit()
    refused = browser.submit()
    assert refused.status == 403
    assert "the same person is named twice" in refused.said and "Art." in refused.said
    assert world.kyiv.registry.find("destruction", "state", "proposed")


def test_an_order_to_return_is_answered_carried_out_and_certified(world: World) -> None:
    item = paper()
    asking, giving = Browser(open_door(world.tokyo)), Browser(open_door(world.kyiv))
    asking.sign_in("registrar")
    asking.open(f"/do/return-ask?item={item}")
    wrong = asking.submit({"copies": "the first", "party": "UKR", "reason": "the dialogue has ended"})
    assert (wrong.status, "by their numbers" in wrong.said) == (400, True)
    fields = {"copies": "", "party": "UKR", "reason": "the dialogue has ended"}
    first, second = asking.submit(fields, keep=False), asking.submit(fields, keep=False)
    assert "Asked back" in first.said and second.status == 200
    assert len(world.tokyo.registry.reads().every("return-request")) == 1
    world.deliver()

    giving.sign_in("registrar")
    giving.open(next(link for link in giving.open("/returns").links() if "return-answer" in link))
    assert "the dialogue has ended" in giving.submit().said
    assert "Answered" in giving.submit().said
    giving.open(f"/do/return?item={item}")
    giving.submit({"method": "by courier"})
    assert "It is returned" in giving.submit().said
    world.deliver()
    giving.open("/returns")
    shown = giving.open(next(link for link in giving.page.links() if link.startswith("/returns/")))
    assert "held any moreyes" in shown.said and "returned" in shown.said


def test_what_a_crisis_took_is_entered_by_one_and_confirmed_by_another(world: World) -> None:
    item = paper()
    door = open_door(world.kyiv)
    number = world.kyiv.registry.record("item", item)["reference"]
    registrar, security = Browser(door), Browser(door)
    registrar.sign_in("registrar")
    assert number in registrar.open("/crisis/list").said
    registrar.open("/do/crisis-enter")
    registrar.submit({
        "circumstances": "the building had to be left", "done_by": ["registrar", "head"],
        "happened_at": world.clock.at.strftime("%Y-%m-%dT%H:%M"), "method": "burnt", "numbers": number,
        "ordered_by": "head of mission",
    })
    assert "another person confirms it" in registrar.submit().said
    security.sign_in("security")
    security.open(next(link for link in security.open("/crisis").links() if "crisis-confirm" in link))
    assert "head of mission" in security.submit().said
    assert "The copies have ended" in security.submit().said
    assert world.kyiv.registry.find("copy", "state", "destroyed")


def test_a_consignment_is_refused_with_a_reason_and_registered_no_more(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    shown = browser.open(f"/consignments/{consignment}")
    assert "Refuse a consignment" in shown.said, shown.said
    browser.open(next(one for one in shown.links() if "refuse" in one))
    browser.submit({"why": "damaged"})
    assert "the partner is told" in browser.submit().said
    assert world.kyiv.registry.record("consignment", consignment)["state"] == "refused"


def test_a_destruction_of_what_one_may_not_see_is_not_there(world: World) -> None:
    item = paper()
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"}).value["proposal"]
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("junior")
    assert "shredded" not in browser.open("/disposal").text
    hidden, absent = browser.open(f"/do/destroy-witness?proposal={proposal}"), browser.open(
        "/do/destroy-witness?proposal=act.0000")
    assert hidden.status == absent.status == 409
    assert hidden.said.replace(proposal, "X") == absent.said.replace("act.0000", "X")


def test_an_item_is_handed_over_for_good_only_as_an_authority_allowed(world: World) -> None:
    own = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("registrar")
    fields = {"receipt": "fonds 12, file 7", "to": "state archive"}
    browser.open(f"/do/transfer-away?item={own}")
    browser.submit(fields)
    refused = browser.submit()
    assert (refused.status, "nobody has allowed" in refused.said) == (409, True)
    world.kyiv.act("authority", "use", {"act": "archive", "item": own, "purpose": "state archive"})
    browser.open(f"/do/transfer-away?item={own}")
    shown = browser.submit(fields)
    assert "fonds 12, file 7" in shown.said and "state archive" in shown.said
    assert "It is handed over to state archive, and ends here" in browser.submit().said
    assert world.kyiv.registry.record("item", own)["state"] == "ceded"  # type: ignore[index]
