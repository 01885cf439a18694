"""The reading room: one opening is one grant, decided again at every page, for one person and one session."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops
from tests.world.test_journey import PURPOSE, grant
from tests.world.test_reproduction_stamps import CONTENT, cross_file
from tests.world.world import Player, World

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unavailable, Undecidable
from cordiale.journey.read import open_as_file
from cordiale.limits import (
    ROOM_IDLE_SECONDS_MAX,
    ROOM_PERSON_READINGS_COUNT_MAX,
    ROOM_READING_SECONDS_MAX,
    ROOM_READINGS_COUNT_MAX,
)
from cordiale.model.agreement import Term, TermUnit
from cordiale.model.names import PersonId
from cordiale.operate.reading_room import Reader, Reading, ReadingRoom
from cordiale.records.registry import identify
from cordiale.wire.agreement_json import national_profile_to_json
from cordiale.wire.agreement_toml import load_template

BARVINOK = "EX-UKR:EXERCISE BARVINOK"
READER = Reader(PersonId("reader"), "session-1")


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    made = World.in_force(seed=31)
    yield made
    made.kyiv.registry.renderer.close()


@pytest.fixture
def room(shared: World) -> Iterator[ReadingRoom]:
    made = ReadingRoom(shared.kyiv.registry)
    yield made
    made.close_session("session-1")


@pytest.fixture
def world(shared: World) -> World:
    return shared


def enter(room: ReadingRoom, player: Player, item: str, *, person: str = "reader", **more: str) -> Reading:
    params = {"item": item, "purpose": PURPOSE, **more}
    return room.open(identify(player.registry, player.request(person, "read.open", params)), "session-1")


def grants(player: Player, item: str) -> list[dict[str, Any]]:
    return [dict(one.body) for one in player.registry.find("grant", "item", item)]


def page(room: ReadingRoom, reading: Reading, number: int = 1) -> Image.Image:
    return Image.open(io.BytesIO(room.page(reading.id, READER, number, 25).body)).convert("RGB")


def code(raised: pytest.ExceptionInfo[CordialeError]) -> set[str]:
    decision = getattr(raised.value, "decision", None)
    return {reason.code for reason in decision.reasons} if decision else {raised.value.code}


def test_one_opening_is_one_grant_however_many_pages_are_looked_at(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    before = dict(world.kyiv.objects.contents)
    reading = enter(room, world.kyiv, item)
    assert reading.pages == 2
    for number in (1, 2, 1):
        page(room, reading, number)
    (granted,) = grants(world.kyiv, item)
    assert (granted["person"], granted["copy"], granted["room"]) == ("reader", reading.copy, True)
    assert world.kyiv.objects.contents == before
    assert "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK" in reading.banner
    room.close(reading.id, READER)
    with pytest.raises(OutOfOrder) as raised:
        page(room, reading)
    assert code(raised) == {"room.no-reading"}


def test_two_readers_of_one_page_see_different_pictures(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    grant(world, item, "colleague")
    one, two = enter(room, world.kyiv, item), enter(room, world.kyiv, item, person="colleague")
    shown = room.page(two.id, Reader(PersonId("colleague"), "session-1"), 1, 25)
    theirs = Image.open(io.BytesIO(shown.body)).convert("RGB")
    assert ImageChops.difference(page(room, one), theirs).getbbox() is not None


@pytest.mark.parametrize("stranger", [
    Reader(PersonId("colleague"), "session-1"), Reader(PersonId("reader"), "session-2"), Reader(PersonId("reader"), ""),
])
def test_a_reading_is_nobody_elses_and_no_other_sessions(world: World, room: ReadingRoom, stranger: Reader) -> None:
    reading = enter(room, world.kyiv, cross_file(world))
    for asked in (lambda: room.page(reading.id, stranger, 1), lambda: room.text(reading.id, stranger, 1),
                  lambda: room.close(reading.id, stranger)):
        with pytest.raises(OutOfOrder) as raised:
            asked()
        assert code(raised) == {"room.no-reading"}
    page(room, reading)


def test_who_may_not_read_opens_nothing_and_the_refusal_is_in_the_log(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    with pytest.raises(Refused) as raised:
        enter(room, world.kyiv, item, person="colleague")
    assert "access.no-need-to-know" in code(raised)
    assert grants(world.kyiv, item) == []


def withdraw_need(world: World, item: str) -> None:
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "reader"})


def withdraw_clearance(world: World, item: str) -> None:
    world.kyiv.act("security", "people.withdraw-clearance", {"level": BARVINOK, "person": "reader"})


def freeze(world: World, item: str) -> None:
    world.kyiv.act("security", "freeze", {"item": item, "reason": "exercise inquiry"})


def leave(world: World, item: str) -> None:
    world.kyiv.act("security", "people.leave", {"person": "reader"})


def give_back(world: World, item: str) -> None:
    world.kyiv.act("registrar", "return", {"item": item})


@pytest.mark.parametrize(("ends", "reason"), [
    (withdraw_need, "access.need-withdrawn"), (withdraw_clearance, "access.clearance-withdrawn"),
    (freeze, "item.frozen"), (leave, "access.left-service"), (give_back, "item.gone"),
])
def test_what_ends_the_right_to_read_closes_the_reading_between_two_pages(ends: Any, reason: str) -> None:
    world = World.in_force(seed=32)
    room = ReadingRoom(world.kyiv.registry)
    item = cross_file(world)
    reading = enter(room, world.kyiv, item)
    page(room, reading)
    ends(world, item)
    with pytest.raises(Refused) as raised:
        page(room, reading)
    assert reason in code(raised)
    with pytest.raises(OutOfOrder) as raised_again:
        page(room, reading)
    assert code(raised_again) == {"room.no-reading"}
    room.close_all()


def test_a_reading_nobody_looks_at_ends_and_a_long_one_too(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    idle = enter(room, world.kyiv, item)
    world.clock.advance(seconds=ROOM_IDLE_SECONDS_MAX + 1)
    with pytest.raises(OutOfOrder):
        page(room, idle)
    long = enter(room, world.kyiv, item)
    for _ in range(ROOM_READING_SECONDS_MAX // ROOM_IDLE_SECONDS_MAX):
        world.clock.advance(seconds=ROOM_IDLE_SECONDS_MAX)
        room.sweep()
        with room._lock:
            for one in room._readings.values():
                one.asked = world.clock.monotonic()
    world.clock.advance(seconds=1)
    with pytest.raises(OutOfOrder):
        page(room, long)


def test_signing_out_closes_the_readings_of_that_session(world: World, room: ReadingRoom) -> None:
    reading = enter(room, world.kyiv, cross_file(world))
    room.close_session("another")
    page(room, reading)
    room.close_session("session-1")
    with pytest.raises(OutOfOrder):
        page(room, reading)


def test_one_person_keeps_so_many_open_and_the_oldest_is_given_up(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    readings = []
    for _ in range(ROOM_PERSON_READINGS_COUNT_MAX + 1):
        readings.append(enter(room, world.kyiv, item))
        world.clock.advance(seconds=1)
    with pytest.raises(OutOfOrder):
        page(room, readings[0])
    for reading in readings[1:]:
        page(room, reading)


def test_a_full_room_says_so_before_anything_is_granted(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    room._opening = ROOM_READINGS_COUNT_MAX
    with pytest.raises(Unavailable) as raised:
        enter(room, world.kyiv, item)
    assert code(raised) == {"room.full"}
    assert grants(world.kyiv, item) == []
    room._opening = 0


def test_one_request_opens_once(world: World, room: ReadingRoom) -> None:
    item = cross_file(world)
    params = {"item": item, "purpose": PURPOSE}
    request = identify(world.kyiv.registry, world.kyiv.request("reader", "read.open", params))
    room.open(request, "session-1")
    with pytest.raises(OutOfOrder) as raised:
        room.open(request, "session-1")
    assert code(raised) == {"read.used"}
    assert len(grants(world.kyiv, item)) == 1


def test_a_content_that_cannot_be_shown_tells_nothing_of_itself(world: World, room: ReadingRoom) -> None:
    item = cross_file(world, b"%PDF-1.7 secret words of the exercise")
    with pytest.raises(Malformed) as raised:
        enter(room, world.kyiv, item)
    assert "secret words" not in str(raised.value) and raised.value.code == "room.unreadable"
    assert room._readings == {} and room._opening == 0


# -- what leaves the room beside pictures ---------------------------------------------------------------------


def test_where_nothing_says_so_neither_text_nor_file_leaves_the_room(world: World, room: ReadingRoom) -> None:
    reading = enter(room, world.kyiv, cross_file(world))
    assert (reading.may_have_text, reading.may_have_file) == (False, False)
    with pytest.raises(Undecidable) as raised:
        room.text(reading.id, READER, 1)
    assert code(raised) == {"room.unsaid"}
    page(room, reading)


def where_law_says(name: str, count: int) -> World:
    """Return a world in which Kyiv's national profile says `count` of `name`."""
    world = World.in_force(seed=33)
    national = next(one for one in load_template("exercise").nationals if one.party == "UKR")
    term = Term(name=name, count=count, unit=TermUnit.COUNT, article="Order 7")
    world.kyiv.act("authority", "agreement.national", {"profile": national_profile_to_json(
        replace(national, terms=(*national.terms, term))
    )})
    return world


def take_file(world: World, item: str) -> bytes:
    request = identify(world.kyiv.registry, world.kyiv.request("reader", "read.file", {
        "item": item, "purpose": PURPOSE,
    }))
    return b"".join(open_as_file(world.kyiv.registry, request).chunks)


@pytest.mark.parametrize(("count", "told"), [(None, "room.unsaid"), (0, "room.not-given"), (1, "")])
def test_a_file_leaves_the_room_where_national_law_says_so_and_by_a_grant_of_its_own(
    world: World, count: int | None, told: str
) -> None:
    if count is not None:
        world = where_law_says("room.file", count)
    item = cross_file(world)
    if told:
        with pytest.raises((Refused, Undecidable)) as raised:
            take_file(world, item)
        assert code(raised) == {told} and grants(world.kyiv, item) == []
        return
    assert take_file(world, item) == CONTENT
    assert [one.get("as_file") for one in grants(world.kyiv, item)] == [True]


@pytest.mark.parametrize(("count", "told"), [(1, ""), (0, "room.not-given")])
def test_a_text_leaves_the_room_where_national_law_says_so(count: int, told: str) -> None:
    world = where_law_says("room.text", count)
    room = ReadingRoom(world.kyiv.registry)
    reading = enter(room, world.kyiv, cross_file(world))
    assert (reading.may_have_text, reading.may_have_file) == (count == 1, False)
    if told:
        with pytest.raises(Refused) as raised:
            room.text(reading.id, READER, 2)
        assert (code(raised), "Order 7" in str(raised.value)) == ({told}, True)
    else:
        assert room.text(reading.id, READER, 2).strip() == "Exercise paper"
    room.close_all()


def test_an_originator_reads_their_own_item_in_the_room(world: World) -> None:
    item = str(world.tokyo.act("originator", "label", {
        "file_name": "own.txt", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "media_type": "text/plain",
        "release_to": ["UKR"], "title": "Exercise paper",
    }, content="自国の文書".encode()).value["item"])
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    room = ReadingRoom(world.tokyo.registry)
    reading = enter(room, world.tokyo, item, person="originator")
    assert reading.pages == 1
    assert room.page(reading.id, Reader(PersonId("originator"), "session-1"), 1).body
    room.close_all()
