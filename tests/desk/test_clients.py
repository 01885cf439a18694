"""Machine clients at the desk: entered by one, confirmed by another over what is shown, withdrawn by their person."""

from __future__ import annotations

import pytest
from tests.api.client import Client
from tests.api.test_api import PAPER
from tests.desk.browser import Browser, open_door
from tests.world.world import World

from cordiale.canonical import encode_canonical
from cordiale.crypto.signatures import SigningPair


@pytest.fixture
def world() -> World:
    return World.in_force(seed=734)


def test_a_client_is_entered_by_one_confirmed_by_another_and_withdrawn_by_its_person(world: World) -> None:
    door = open_door(world.tokyo)
    security, head, originator = Browser(door), Browser(door), Browser(door)
    world.tokyo.people["robot"] = SigningPair.generate()
    security.sign_in("security")
    security.open("/clients")
    security.open("/do/client-add")
    fields = {
        "key": encode_canonical(world.tokyo.people["robot"].public.encode()).decode() + "\n", "name": "draft system",
        "person": "originator", "scopes": ["label"], "until": "2027-01-15", "views": "view.item\nview.search",
    }
    wrong = security.submit({**fields, "key": "{}"})
    assert wrong.status == 400 and wrong.tree.xpath("//input[@name='name']/@value") == ["draft system"]
    assert "draft system" in security.submit(fields).said
    entered = security.submit()
    assert "It waits for a second person." in entered.said and "Label an item" in entered.said
    confirming = next(link for link in entered.links() if "client-withdraw" in link).replace("withdraw", "confirm")
    assert confirming not in entered.links()
    security.open(confirming)
    security.submit()
    assert security.submit().status == 403

    head.sign_in("head")
    assert confirming in head.open("/clients").links()
    assert "view.search" in head.open(confirming).said
    head.submit()
    assert "From now on it acts for" in head.submit().said
    assert Client.of(world.tokyo).act(world.tokyo.request("robot", "label", PAPER)).status_code == 200

    originator.sign_in("originator")
    assert originator.open("/clients").status == 403
    originator.open(next(link for link in originator.open("/credentials").links() if "client-withdraw" in link))
    originator.submit()
    assert "It counts no longer" in originator.submit().said
    assert Client.of(world.tokyo).act(world.tokyo.request("robot", "label", PAPER)).status_code == 403


def test_nobody_is_shown_anothers_client_to_withdraw(world: World) -> None:
    from tests.api.test_clients import enter

    client = enter(world, "label")
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("authority")
    told = browser.open(f"/do/client-withdraw?client={client}")
    assert (told.status, "draft system" in told.said) == (409, False)
    assert told.said == browser.open("/do/client-withdraw?client=jpn.client.none").said
