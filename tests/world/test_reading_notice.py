"""Where the layers allow reading with notice only, the originator is told which copy and when, and never by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.message.samples import SAMPLES, message_of
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import forge, opened, payload_of, tell, waiting
from tests.world.test_journey import AGREEMENT, PURPOSE, cross, grant
from tests.world.test_level_change import open_duties, refusals, send
from tests.world.test_transfer_away import order
from tests.world.world import World

from cordiale.message.bodies.certificate import Certificate, Ending, Proof
from cordiale.message.bodies.reading_notice import CopyRead, ReadingNotice
from cordiale.model.mode import Mode
from cordiale.model.names import CopyId, ItemId
from cordiale.records.correspondence import Arrived
from cordiale.records.partners import own_statement
from cordiale.records.readings_heard import Why, each_given, find_doubt
from cordiale.records.readings_told import tell_readings

SAKURA = "EX-JPN:EXERCISE SAKURA"


@pytest.fixture(scope="module")
def world() -> World:
    """One world: each test is about an item of its own."""
    return World.in_force(seed=811)


def ask_notice(world: World, **more: Any) -> None:
    """Let Ukrainian law ask for notice of each reading."""
    order(world, {"act": "read", "article": "Order 4", "level": SAKURA, "ruling": "with-notice", **more})


def crossed(world: World, form: str = "file") -> str:
    _, (item,) = cross(world, forms=(form,))
    for person in ("reader", "colleague"):
        grant(world, item, person)
    return item


def heard(world: World, item: str) -> list[list[str]]:
    return [one["readings"] for one in bodies(world.tokyo, "entry").values()
            if one["act"] == "read-there" and one["item"] == item]


def test_no_reading_is_told_where_no_layer_asks_for_it(world: World) -> None:
    item = crossed(world)
    world.kyiv.read("reader", item, PURPOSE)
    assert bodies(world.kyiv, "reading-told") == {} and "tell-reading" not in open_duties(world.kyiv)


def test_each_reading_is_told_at_once_by_copy_and_time_alone(world: World) -> None:
    item, paper = crossed(world), crossed(world, "paper")
    ask_notice(world)
    world.kyiv.read("reader", item, PURPOSE)
    world.kyiv.act("registrar", "circulate", {"item": paper, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": paper})
    assert "tell-reading" in open_duties(world.kyiv)
    tell_readings(world.kyiv.registry)
    assert "tell-reading" not in open_duties(world.kyiv)
    told = [payload_of(row.message)["body"] for row in waiting(world.kyiv)]
    read = [{"at": "2026-09-01T09:00:00Z", "number": 1}]
    assert sorted(map(str, told)) == sorted(str({"item": one, "readings": read}) for one in (item, paper))
    world.deliver()
    assert heard(world, item) == heard(world, paper) == [["1: 2026-09-01T09:00:00Z"]]
    tell_readings(world.kyiv.registry)
    world.deliver()
    assert len(heard(world, item)) == 1 and list_differences(world) == []


def test_what_is_read_in_one_day_is_told_together_where_the_rule_gives_days(world: World) -> None:
    item = crossed(world)
    ask_notice(world, deadline={"count": 5, "kind": "calendar"})
    for person in ("reader", "colleague", "reader"):
        world.kyiv.read(person, item, PURPOSE)
    tell_readings(world.kyiv.registry)
    world.deliver()
    assert heard(world, item) == [] and "tell-reading" in open_duties(world.kyiv)
    world.clock.advance(hours=24)
    tell_readings(world.kyiv.registry)
    world.deliver()
    assert [len(one) for one in heard(world, item)] == [3] and "tell-reading" not in open_duties(world.kyiv)
    assert audit(world.kyiv).findings == audit(world.tokyo).findings == []


def test_a_copy_or_an_item_that_the_sender_was_never_given_is_entered_nowhere(world: World) -> None:
    item, at = crossed(world), world.clock.at.replace(microsecond=0)
    for name, number in ((item, 7), ("jpn.act.none", 1)):
        send(world, world.kyiv, ReadingNotice(name, (CopyRead(at, number),)))
        assert refusals(world.tokyo)[-1] == "copy.not-with-partner"
    assert heard(world, item) == []


def doubts(world: World, item: str) -> list[str]:
    """Return what is doubted of the readings of an item, without number and time, and see that somebody looks at it."""
    found = [line for one in bodies(world.tokyo, "entry").values() if one["item"] == item for line in one.get("doubts", ())]
    looked = [one for one in bodies(world.tokyo, "duty").values() if one["what"] == "reading-doubt" and one["subject"] == item]
    assert bool(found) == bool(looked) and all(one["falls_to"] == ["security-officer"] for one in looked)
    return [line.rpartition(" ")[2] for line in found]


def told(world: World, item: str, *times: datetime, agreement: str = AGREEMENT) -> None:
    at = tuple(CopyRead(one, 1) for one in sorted(times))
    data = forge(
        world.kyiv, world.tokyo, ReadingNotice(ItemId(item), at), agreement=agreement, id=f"n.{item}.{len(times)}",
        seq=900_000 + len(bodies(world.tokyo, "message")),
    )
    assert opened(tell(world.kyiv, world.tokyo, data)).type == "acknowledgement"


def test_a_reading_from_before_the_copy_was_given_or_after_now_is_a_doubt_that_somebody_looks_at(world: World) -> None:
    item, now = crossed(world), world.clock.at.replace(microsecond=0)
    told(world, item, now)
    assert doubts(world, item) == []
    told(world, item, now - timedelta(days=3), now, now + timedelta(days=3))
    assert doubts(world, item) == ["before-given", "after-told"] and [len(one) for one in heard(world, item)] == [1, 3]


def test_whatever_a_partner_tells_of_the_readings_of_one_item_there_is_one_look_to_be_had(world: World) -> None:
    item, before = crossed(world), world.clock.at.replace(microsecond=0) - timedelta(days=3)
    told(world, item, before)
    told(world, item, before, before + timedelta(days=1))
    assert doubts(world, item) == ["before-given"] * 3
    looks = [one for one in bodies(world.tokyo, "duty").values() if one["what"] == "reading-doubt" and one["subject"] == item]
    assert len(looks) == 1


def test_a_reading_after_the_copy_was_certified_as_gone_is_a_doubt_whichever_is_told_first(world: World) -> None:
    item, late = crossed(world), crossed(world)
    world.clock.advance(days=2)
    now = world.clock.at.replace(microsecond=0)
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    told(world, item, now)
    assert doubts(world, item) == []
    world.clock.advance(days=2)
    then = world.clock.at.replace(microsecond=0)
    told(world, item, now, then)
    assert doubts(world, item) == ["after-ended"]
    # A certificate of an earlier day that comes behind the reading.
    told(world, late, then)
    done = replace(certificate_of(world, item), number="UKR-RET-JPN-2026-9999", item=ItemId(late), copy=CopyId(f"{late}.c1"),
                   done_on=now.date())
    tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, done, id="late", seq=990_001))
    (look,) = [one for one in bodies(world.tokyo, "duty").values() if one["subject"] == late and one["what"] == "reading-doubt"]
    assert look["state"] == "open"


def certificate_of(world: World, item: str) -> Certificate:
    (row,) = [one for one in bodies(world.tokyo, "certificate").values() if one["item"] == item]
    return Certificate(**{name: row[name] for name in ("copy", "copy_number", "item", "legal_basis", "method", "number")},
                       ending=Ending(row["ending"]), persons=tuple(row["persons"]), witnesses=tuple(row["witnesses"]),
                       done_on=date.fromisoformat(row["done_on"]), proof=Proof(row["proof"]))


def test_a_reading_told_under_another_agreement_than_its_copy_stands_under_is_a_doubt(world: World) -> None:
    item = crossed(world)
    read = CopyRead(message_of(SAMPLES["reading-notice"]).sent_at, 1)
    books = world.tokyo.registry.books()
    (copy,) = list(each_given(books, item, "UKR"))
    found = [
        find_doubt(books, Arrived(message, b"", b"", own_statement(books.reads, Mode.EXERCISE).statement, books.at), read, [copy])
        for message in (message_of(ReadingNotice(ItemId(item), (read,)), agreement=one) for one in (AGREEMENT, "another"))
    ]
    assert found[1] is Why.AGREEMENT and found[0] is not Why.AGREEMENT
