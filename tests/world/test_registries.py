"""Registries open and close by notice; what was done on paper is entered later, by two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.world.comparing import audit
from tests.world.test_journey import PURPOSE, codes, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.canonical import encode_instant
from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.model.person import Person
from cordiale.records.registry import require_person
from cordiale.views.recorded_duties import Asked, Only, recorded_duties


@pytest.fixture
def world() -> World:
    return World.in_force(seed=881)


def notify(player: Player, **changes: Any) -> None:
    params = {
        "agreement": AGREEMENT, "article": "Art. 6(2)", "levels": ["EX-UKR:EXERCISE BARVINOK"], "opened_on": "2024-11-16",
        "registry": "registry-odesa", "title": "Registry at Odesa", **changes,
    }
    player.act("authority", "agreement.registry", params)


def send_to(world: World, registry: str) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
        "registry": registry,
    })


def test_nothing_goes_to_a_registry_before_its_notice_and_everything_after(world: World) -> None:
    with pytest.raises(Refused) as unlisted:
        send_to(world, "registry-odesa")
    assert codes(unlisted) == {"provision.registry-unlisted"}
    notify(world.kyiv)
    world.deliver()
    send_to(world, "registry-odesa")


def test_nothing_goes_to_a_registry_that_has_closed(world: World) -> None:
    today = world.clock.at.date()
    notify(world.kyiv, registry="registry-kyiv", closed_on=today.isoformat(), levels=["EX-UKR:EXERCISE BARVINOK"])
    world.deliver()
    with pytest.raises(Refused) as closed:
        send_to(world, "registry-kyiv")
    assert codes(closed) == {"provision.registry-closed"}


def test_a_notice_opens_no_level_that_it_does_not_name(world: World) -> None:
    notify(world.kyiv, levels=["EX-UKR:EXERCISE KALYNA"])
    world.deliver()
    with pytest.raises(Refused) as level:
        send_to(world, "registry-odesa")
    assert codes(level) == {"provision.registry-level"}


def test_nobody_gives_notice_of_anothers_registry(world: World) -> None:
    with pytest.raises(OutOfOrder, match="another party"):
        notify(world.kyiv, registry="registry-tokyo")
    with pytest.raises(Malformed):
        notify(world.kyiv, levels=["EX-JPN:EXERCISE SAKURA"])
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "agreement.registry", {
            "agreement": AGREEMENT, "article": "Art. 6(2)", "levels": ["EX-UKR:EXERCISE BARVINOK"],
            "opened_on": "2024-11-16", "registry": "registry-odesa", "title": "Registry at Odesa",
        })


def test_a_notice_stands_among_the_duties_until_it_is_acknowledged(world: World) -> None:
    notify(world.kyiv)
    assert [one["what"] for one in world.kyiv.registry.find("duty", "state", "open")] == ["registry-notice"]
    world.deliver()
    assert world.kyiv.registry.find("duty", "state", "open") == []


def test_nobody_confirms_alone_what_they_did_on_paper(world: World) -> None:
    done_at = encode_instant(world.clock.at.replace(microsecond=0) - timedelta(hours=5))
    entered = world.tokyo.act("registrar", "outage.enter", {
        "done_at": done_at, "paper": "sheet 7", "what": "handed copy 1 to the reader",
    }).value["entry"]
    with pytest.raises(Refused):
        world.tokyo.act("registrar", "outage.confirm", {"entry": entered})
    number = world.tokyo.act("head", "outage.confirm", {"entry": entered}).value["number"]
    (entry,) = world.tokyo.registry.find("entry", "number", number)
    assert (entry["act"], entry["done_at"], entry["book"]) == ("done-on-paper", done_at, "outage")
    with pytest.raises(OutOfOrder):
        world.tokyo.act("head", "outage.confirm", {"entry": entered})
    assert audit(world.tokyo).findings == [], "the number stands in the outage book, and in no gap of it"


def test_what_waits_for_a_second_person_is_not_among_what_waits_for_the_first(world: World) -> None:
    done_at = encode_instant(world.clock.at.replace(microsecond=0) - timedelta(hours=5))
    world.tokyo.act("registrar", "outage.enter", {"done_at": done_at, "paper": "sheet 7", "what": "handed over"})
    books = world.tokyo.registry.books()
    first, second = require_person(books, "registrar"), require_person(books, "security")
    both = replace(first, offices=first.offices | second.offices)

    def waiting(person: Person, only: Only) -> list[str]:
        return [row["what"] for row in recorded_duties(books, person, Asked(only=only)).rows]

    assert waiting(second, Only.MINE) == waiting(second, Only.ALL) == waiting(both, Only.ALL) == ["confirm-outage"]
    assert waiting(both, Only.MINE) == [], "whoever entered it cannot be the second person, whatever they hold"


def test_nothing_was_done_on_paper_tomorrow(world: World) -> None:
    later = encode_instant(world.clock.at.replace(microsecond=0) + timedelta(days=1))
    with pytest.raises(Malformed, match="not come"):
        world.tokyo.act("registrar", "outage.enter", {"done_at": later, "paper": "sheet 7", "what": "nothing"})
