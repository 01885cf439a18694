"""Consent on what was made here: asked for by the originator's own name of the item, and by what was made of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.browser import Browser, open_door
from tests.world.comparing import bodies, list_differences
from tests.world.reproducing import cross
from tests.world.test_consent import answer, ask
from tests.world.test_journey import PURPOSE, codes
from tests.world.test_level_change import refusals, send
from tests.world.test_reproduction_translations import translate
from tests.world.world import World

from cordiale.errors import Refused
from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms, MadeHere
from cordiale.model.agreement import Act
from cordiale.model.names import ItemId


@pytest.fixture
def world() -> World:
    return World.in_force(seed=741)


def publish(world: World, item: str) -> None:
    world.kyiv.act("authority", "use", {"act": "publish", "item": item, "purpose": PURPOSE})


def refused(world: World, item: str) -> Any:
    with pytest.raises(Refused) as why:
        publish(world, item)
    return codes(why)


def test_a_consent_for_a_translation_opens_that_translation_and_nothing_else(world: World) -> None:
    item = cross(world)
    made, other = translate(world, item), translate(world, item, language="fr")
    world.deliver()
    request = ask(world, made, "publish")
    asked = bodies(world.tokyo, "consent-request")[request]
    number = bodies(world.kyiv, "item")[made]["reference"]
    assert asked["item"] == item
    assert asked["of"] == {"act": "translate", "language": "uk", "made": made, "number": number}
    assert refused(world, made) == {"consent.missing"}
    answer(world, request)
    for another in (item, other):
        assert refused(world, another) == {"consent.missing"}
    publish(world, made)
    assert refused(world, made) == {"consent.number-exceeded"}
    assert list_differences(world) == []


def test_the_consent_for_a_translation_ends_and_is_taken_back_as_any_other(world: World) -> None:
    made = translate(world, cross(world))
    world.deliver()
    answer(world, ask(world, made, "publish"), valid_until=world.clock.at.date().isoformat())
    world.clock.advance(days=1)
    assert refused(world, made) == {"consent.expired"}
    consent = answer(world, ask(world, made, "publish"))
    world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    world.deliver()
    assert "consent.withdrawn" in refused(world, made)


def test_what_a_law_forces_of_a_translation_is_told_of_that_translation(world: World) -> None:
    item = cross(world)
    made = translate(world, item)
    world.deliver()
    request = ask(world, made, "disclose", due_on="2026-12-01", grounds="order of a court")
    for one, why in ((made, {"consent.missing"}), (item, {"consent.missing", "use.originator-not-told"})):
        with pytest.raises(Refused) as untold:
            world.kyiv.act("authority", "use", {"act": "disclose", "item": one, "purpose": PURPOSE})
        assert codes(untold) == why
    answer(world, request)
    world.kyiv.act("authority", "use", {"act": "disclose", "item": made, "purpose": PURPOSE})


def test_nobody_asks_about_what_descends_from_no_copy_they_have(world: World) -> None:
    """It is told in the words that it is told of any item that it was never given."""
    item = cross(world)
    for name in ("jpn.other.c1.t1", f"{item}.c9.t1", item):
        made = MadeHere(ItemId(name), Act.EXTRACT, "UKR/JPN-2026-0009")
        send(world, world.kyiv, ConsentRequest(ConsentTerms(ItemId(item), Act.COPY, PURPOSE, of=made)))
    assert refusals(world.tokyo) == ["consent.item-not-there"] * 3
    assert bodies(world.tokyo, "consent-request") == {}


def test_at_the_desk_the_authority_sees_what_was_made_before_it_answers(world: World) -> None:
    made = translate(world, cross(world))
    world.deliver()
    ask(world, made, "publish")
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("authority")
    shown = browser.open("/consents")
    page = browser.open(next(link for link in shown.links() if "consent-answer" in link))
    assert "translation" in page.said and bodies(world.kyiv, "item")[made]["reference"] in page.said
