"""Attacks on the running of a node: what one partner, or one act, can do to all the others."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import pytest
from tests.attack.test_persons import HEADER
from tests.world.comparing import audit, bodies
from tests.world.forging import forge, hand_envelopes, opened, refusal_in, signed_head, tell, waiting
from tests.world.test_bad_luck import dispatched
from tests.world.test_bad_moments import clicked, in_one_batch
from tests.world.test_journey import cross, label
from tests.world.world import AGREEMENT, Player, World, make_acquainted

from cordiale.canonical import encode_base64url
from cordiale.doors.peer.app import _failed
from cordiale.errors import CordialeError, OutOfOrder, Unavailable
from cordiale.limits import PARTNER_UPLOADS_COUNT_MAX
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.members import LogHead
from cordiale.ports import OutboxRow
from cordiale.records.arriving import arriving_name
from cordiale.records.correspondence import own_origin
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import require_partner
from cordiale.records.shown_heads import show_head


@pytest.fixture
def world() -> World:
    return World.in_force(seed=307)


@pytest.fixture
def warsaw(world: World) -> Player:
    warsaw = world.add_stranger()
    for player in world.players:
        make_acquainted(player, warsaw)
        make_acquainted(warsaw, player)
    return warsaw


# -- one act and the others written with it -----------------------------------------------------------------


def test_an_act_that_fails_inside_takes_no_other_act_with_it(world: World) -> None:
    """A defect met in one act (anything that is no error of ours) must not undo the acts of others beside it."""

    def broken(_: Any) -> Mapping[str, Any]:
        raise KeyError("copies")

    def fail() -> None:
        with contextlib.suppress(KeyError):
            world.kyiv.registry.ledger.commit(Act("in.poison", "take.poison", "partner:JPN", AGREEMENT, broken))

    _, (item,) = cross(world)
    need = clicked(world.kyiv, "head", "need.grant", {"item": item, "person": "reader", "purpose": "x"})
    _, result = in_one_batch(world.kyiv, fail, need)
    assert not isinstance(result, Exception) and result is not None


def test_an_act_too_large_for_the_log_takes_no_other_act_with_it(world: World) -> None:
    """Its own refusal, before anything is written; and no list within the stated limits is too large."""

    def much(session: Any) -> Mapping[str, Any]:
        for number in range(1_000):
            session.put("thing", f"thing.{number}", {}, expect=0)
        return {}

    def enter() -> None:
        world.kyiv.registry.ledger.commit(Act("act.much", "much", "node", INTERNAL, much))

    _, (item,) = cross(world)
    need = clicked(world.kyiv, "head", "need.grant", {"item": item, "person": "reader", "purpose": "x"})
    _, result = in_one_batch(world.kyiv, enter, need)
    assert not isinstance(result, CordialeError)


def test_as_many_people_as_the_limit_says_can_be_imported(world: World) -> None:
    """A ministry with a thousand people; the limit is ten thousand."""
    clearance = "EX-JPN:EXERCISE FUJI|2026-01-01|2029-12-31|exercise authority"
    rows = [f"p{number},Person {number},desk officer,desk,JPN,JPN,reader,{clearance},,," for number in range(1_000)]
    csv = "\n".join([HEADER, *rows, ""]).encode()
    world.tokyo.change_people("people.import", {"csv": encode_base64url(csv)})


# -- one partner and the others -----------------------------------------------------------------------------


def lies(world: World) -> dict[str, LogHead]:
    """What Kyiv can say of Tokyo's log without Tokyo having signed it; its own keys it has, and true heads of Tokyo."""
    reads = world.tokyo.registry.reads()
    origin = own_origin(world.tokyo.registry, AGREEMENT)
    ours, theirs = (reads.head(log) for log in (AGREEMENT, INTERNAL))
    assert ours is not None and theirs is not None
    return {
        "no signature": LogHead(origin, 900_000, bytes(32)),
        "no signature at all": LogHead(origin, 900_000, bytes(32), (b"x",)),
        "the signatures of another size": replace(show_head(ours), size=900_000),
        "another root of that size": replace(show_head(ours), root=bytes(32)),
        "one of the two signatures": replace(
            signed_head(world.tokyo, 900_000, bytes(32)), signatures=signed_head(world.tokyo, 900_000, bytes(32)).signatures[:1]
        ),
        "the signatures of another log": LogHead(origin, theirs.size, theirs.root, show_head(theirs).signatures),
        "signed by itself": LogHead(origin, 900_000, bytes(32), signed_head(world.kyiv, 900_000, bytes(32)).signatures),
    }


@pytest.mark.parametrize("lie", [
    "no signature", "no signature at all", "the signatures of another size", "another root of that size",
    "one of the two signatures", "the signatures of another log", "signed by itself",
])
def test_a_partners_word_alone_does_not_stop_the_node(world: World, lie: str) -> None:
    """It says it has seen our log further ahead, or otherwise; only what we have signed shows that."""
    _, consignment = dispatched(world)
    body = Acknowledgement(bytes(48), world.clock.at, None)
    data = forge(world.kyiv, world.tokyo, body, in_reply_to="m1", seen=lies(world)[lie])
    assert refusal_in(tell(world.kyiv, world.tokyo, data)).code == "log.head-unproved"
    assert [one["code"] for one in bodies(world.tokyo, "refused-message").values()] == ["log.head-unproved"]
    assert world.tokyo.registry.ledger.stopped is None
    label(world.tokyo)
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"
    assert audit(world.tokyo).findings == []


def test_a_head_that_a_partner_shows_of_its_own_log_is_signed_by_that_log(world: World) -> None:
    """What is remembered of it is proof towards others, and is shown to the partner again."""
    cross(world)
    body = Acknowledgement(bytes(48), world.clock.at, None)
    before = world.tokyo.registry.reads().seen(own_origin(world.kyiv.registry, AGREEMENT))
    assert before is not None
    for number, signatures in enumerate((
        (), (b"x",), show_head(before).signatures, signed_head(world.tokyo, 900_000, bytes(32)).signatures,
    )):
        shown = LogHead(before.origin, 900_000, bytes(32), signatures)
        data = forge(world.kyiv, world.tokyo, body, id=f"f{number}", seq=900 + number, in_reply_to="m1", checkpoint=shown)
        assert refusal_in(tell(world.kyiv, world.tokyo, data)).code == "log.head-unproved"
    assert world.tokyo.registry.reads().seen(before.origin) == before


def test_what_stopped_the_node_is_not_told_to_another_partner(world: World, warsaw: Player) -> None:
    """Who saw what of which log, and how long our log is, are dealings with others."""
    further = signed_head(world.tokyo, 900_000, bytes(32))
    body = Acknowledgement(bytes(48), world.clock.at, None)
    with pytest.raises(Unavailable):
        tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, body, in_reply_to="m1", seen=further))
    assert world.tokyo.registry.ledger.stopped is not None
    try:
        answer = tell(warsaw, world.tokyo, forge(warsaw, world.tokyo, body, agreement="", in_reply_to="m2"))
        told = str(answer)
    except CordialeError as error:
        told = json.dumps(json.loads(bytes(_failed(error).body)))
    assert "kyiv" not in told and AGREEMENT not in told


def test_a_message_that_one_partner_never_takes_does_not_hold_up_those_behind_it(world: World) -> None:
    """Its envelope is gone from our store: it fails for ever, and everything after it must still leave."""
    for _ in range(2):
        dispatched(world)
    first, second = waiting(world.tokyo)
    carry = world.carry

    def lose_the_first(on: World, partner: Any, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        if message == first.message:
            raise Unavailable("courier.no-envelope", "not here", hint="")
        return carry(on, partner, message, attachments)

    world.carry = lose_the_first
    world.deliver(6)
    states = {row.id: row.state for row in (world.tokyo.registry.reads().outbox(one.id) for one in (first, second))
              if row is not None}
    assert states[second.id] == "answered"


def test_what_waits_for_the_bag_of_one_partner_does_not_hide_what_waits_for_another(world: World) -> None:
    def fill(session: Any) -> Mapping[str, Any]:
        for number in range(1_000):
            session.queue(OutboxRow(
                id=f"m.waits.{number}", partner="aaa.pol", agreement="", seq=number + 1, precedence="bulk",
                message=b"x", attachments=(), link="bag", state="waiting", queued_at=session.at,
            ))
        return {}

    world.tokyo.registry.ledger.commit(Act("act.fill", "fill", "node", INTERNAL, fill))
    _, consignment = dispatched(world)
    world.deliver(3)
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"


def test_a_partner_whose_entry_is_damaged_does_not_stop_the_exchange_with_the_others(
    world: World, warsaw: Player
) -> None:
    def damage(session: Any) -> Mapping[str, Any]:
        record = session.require("partner", "POL")
        session.change(record, statement=record["root"])
        return {}

    world.tokyo.registry.ledger.commit(Act("act.damage", "damage", "node", INTERNAL, damage))
    _, consignment = dispatched(world)
    with contextlib.suppress(CordialeError):
        world.deliver(3)
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"


def test_envelopes_that_no_message_ever_names_are_swept(world: World) -> None:
    """Any partner may leave envelopes of any name and of ten gigabytes; nothing removes what nobody names."""
    from cordiale.records.sweeping import sweep_envelopes

    partial = world.tokyo.registry.objects.partial("in.nobody.names.this")
    partial.append(0, [b"x" * 1_000])
    partial.finish()
    world.tokyo.registry.objects.partial("in.never.whole").append(0, [b"x"])
    world.clock.advance(days=29)
    sweep_envelopes(world.tokyo.registry)
    assert "in.nobody.names.this" in world.tokyo.objects.contents and world.tokyo.objects.parts
    world.clock.advance(days=31)
    sweep_envelopes(world.tokyo.registry)
    assert "in.nobody.names.this" not in world.tokyo.objects.contents
    assert world.tokyo.objects.parts == {}


# -- time ---------------------------------------------------------------------------------------------------


def test_a_clock_that_was_ahead_at_the_start_and_was_set_right_can_be_confirmed(world: World) -> None:
    """Nothing was written meanwhile: the last act in the books is not behind the clock."""
    cross(world)
    world.clock.jump(days=30)
    world.tokyo.reopen()
    world.tokyo.registry.now()
    world.clock.jump(days=-30)
    try:
        world.tokyo.registry.now()
    except CordialeError:
        world.tokyo.registry.ledger.confirm_clock()
    label(world.tokyo)


def test_a_full_disk_is_not_reported_for_what_is_no_full_disk(world: World) -> None:
    def twice(session: Any) -> Mapping[str, Any]:
        session.put("thing", "thing.1", {}, expect=0)
        session.put("thing", "thing.1", {}, expect=0)
        return {}

    with pytest.raises(CordialeError) as raised:
        world.tokyo.registry.ledger.commit(Act("act.twice", "twice", "node", INTERNAL, twice))
    assert not isinstance(raised.value, Unavailable) and isinstance(raised.value, OutOfOrder)


# -- what arrives by wire -----------------------------------------------------------------------------------


def test_no_partner_fills_more_than_its_own_room_with_what_it_never_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cordiale.work import arrivals
    from cordiale.work.arrivals import Arrivals

    monkeypatch.setattr(arrivals, "ARRIVED_UNNAMED_SIZE_BYTES_MAX", 1_000)
    desk = Arrivals(world.tokyo.registry)
    partial = world.tokyo.registry.objects.partial(arriving_name("kyiv.ukr", "since.before"))
    partial.append(0, [bytes(600)])
    desk.look("kyiv.ukr")
    with pytest.raises(Unavailable) as full, desk.receiving("kyiv.ukr", "more", 500):
        pass
    assert full.value.code == "arrivals.no-room"
    with desk.receiving("warsaw.pol", "more", 500), desk.receiving("kyiv.ukr", "since.before", 1_000):
        pass
    world.tokyo.registry.objects.remove(arriving_name("kyiv.ukr", "since.before"))
    with desk.receiving("kyiv.ukr", "more", 500):
        pass


def test_what_a_message_names_takes_no_room_any_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from cordiale.work import arrivals
    from cordiale.work.arrivals import Arrivals

    monkeypatch.setattr(arrivals, "ARRIVED_UNNAMED_COUNT_MAX", 1)
    desk = Arrivals(world.kyiv.registry)
    dispatched(world)
    (row,) = waiting(world.tokyo)
    with desk.receiving("tokyo.jpn", row.attachments[0], 500):
        hand_envelopes(world.tokyo, world.kyiv, row)
    with pytest.raises(Unavailable), desk.receiving("tokyo.jpn", "another", 1):
        pass
    tell(world.tokyo, world.kyiv, row.message)
    with desk.receiving("tokyo.jpn", "another", 1):
        pass


def test_more_envelopes_at_once_than_the_limit_are_asked_to_wait(world: World) -> None:
    from cordiale.work.arrivals import Arrivals

    desk = Arrivals(world.tokyo.registry)
    with contextlib.ExitStack() as under_way:
        for number in range(PARTNER_UPLOADS_COUNT_MAX):
            under_way.enter_context(desk.receiving("kyiv.ukr", f"e.{number}", 1))
        for name, code in (("e.0", "arrivals.busy"), ("e.more", "arrivals.too-many")):
            with pytest.raises(Unavailable) as waits, desk.receiving("kyiv.ukr", name, 1):
                pass
            assert waits.value.code == code
        under_way.enter_context(desk.receiving("warsaw.pol", "e.0", 1))
    with desk.receiving("kyiv.ukr", "e.more", 1):
        pass


def test_a_message_that_names_what_was_swept_meanwhile_waits_for_it(world: World) -> None:
    """The sweep and the message that names the envelope at last: whichever is first, nothing is held that is not here."""
    from cordiale.journey.receive import take_consignment
    from cordiale.records.correspondence import Arrived

    dispatched(world)
    (row,) = waiting(world.tokyo)
    partner = require_partner(world.kyiv.registry.reads(), "JPN", mode=world.kyiv.registry.mode, now=world.clock.at)
    arrived = Arrived(opened(row.message), row.message, bytes(48), partner.statement, world.clock.at)
    act = Act("in.late", "take", "node", AGREEMENT, lambda session: {
        "notice": str(take_consignment(world.kyiv.registry, session, arrived)),
    })
    with pytest.raises(Unavailable):
        world.kyiv.registry.ledger.commit(act)
    assert bodies(world.kyiv, "consignment") == {}


def test_a_body_that_hardly_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before counts and is kept; a body that moves may take as long as it needs."""
    from cordiale.doors import steady as door

    monkeypatch.setattr(door, "TRANSPORT_MOVES_SECONDS_MAX", 0.05)
    monkeypatch.setattr(door, "TRANSPORT_MOVES_SIZE_BYTES_MIN", 10)

    async def coming(*, stops: bool) -> AsyncIterator[bytes]:
        for _ in range(10):
            await anyio.sleep(0.02)
            yield bytes(10)
        if stops:
            yield b"x"
            await anyio.sleep_forever()

    async def taken(*, stops: bool) -> int:
        size = 0
        try:
            async for piece in door.pieces(coming(stops=stops), 1_000):
                size += sum(map(len, piece))
        except Unavailable as error:
            assert error.code == "peer.too-slow"
            return size
        return -size

    assert anyio.run(partial(taken, stops=False)) == -100
    assert anyio.run(partial(taken, stops=True)) == 101
