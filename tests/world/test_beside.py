"""While a node serves, messages are under way beside each other, and each after those it names."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from tests.world.test_journey import CONTENT, dispatch, release
from tests.world.world import World

from cordiale.canonical import encode_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import Unavailable
from cordiale.limits import DISPATCH_ITEMS_MAX, TRANSPORT_IDLE_CONNECTIONS_MAX
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement
from cordiale.ports import OutboxRow
from cordiale.work.outbox import Outbox, _Turn

PAIR = SigningPair.from_seeds(ed25519=bytes(32), ml_dsa_65=bytes(32))


@dataclass
class Together:
    """A line on which a message gets no further until others are under way."""

    meeting: threading.Barrier
    met: threading.Event = field(default_factory=threading.Event)

    def carry(self, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait()
            self.met.set()
        raise Unavailable("test.line", "the line is down", hint="it is tried again")


def leave(world: World) -> None:
    """Let one item leave Tokyo."""
    params = {"form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper"}
    item = str(world.tokyo.act("originator", "label", params, content=CONTENT).value["item"])
    release(world.tokyo, item)
    dispatch(world, [item])


@pytest.mark.parametrize(("before", "meanwhile"), [(3, 0), (2, 1), (1, 1)])
def test_a_message_under_way_holds_up_no_other(before: int, meanwhile: int) -> None:
    world = World.in_force(seed=77)
    for _ in range(before):
        leave(world)
    line = Together(threading.Barrier(before + meanwhile, timeout=60))
    outbox = Outbox(world.tokyo.registry, line)
    sending = threading.Thread(target=outbox.run)
    sending.start()
    try:
        for _ in range(meanwhile):
            while line.meeting.n_waiting < before:
                time.sleep(0.01)
            leave(world)
            outbox.ring()
        assert line.met.wait(60)
    finally:
        outbox.stop()
        line.meeting.abort()
        sending.join(60)
    assert not sending.is_alive()
    assert outbox.trouble().keys() == {"kyiv.ukr"}


def row(id: str, *after: str) -> OutboxRow:
    payload = encode_canonical({"after": list(after), "id": id})
    message = sign_object(payload, object_type(Purpose.MESSAGE, Mode.EXERCISE), [PAIR])
    return OutboxRow(
        id=id, partner="kyiv.ukr", agreement="", seq=1, precedence="bulk", message=message, attachments=(), link="any",
        state="waiting", queued_at=datetime(2026, 11, 26, tzinfo=UTC),
    )


def all_taken(turn: _Turn) -> list[str]:
    """Take what may go beside each other, and leave it under way."""
    taken = []
    while (one := turn.take_next()) is not None:
        taken.append(one.id)
        turn.under_way[Future()] = one
    return taken


def taken_when_those_are_over(turn: _Turn) -> str:
    """Let what is under way be over, and take the next."""
    turn.under_way.clear()
    following = turn.take_next()
    assert following is not None
    return following.id


def test_a_message_goes_only_after_those_it_names() -> None:
    turn = _Turn(lambda: 0.0, 0.0)
    turn.add([row("m.1"), row("m.2", "m.1"), row("m.3", "m.2"), row("m.4", "m.gone")])
    assert all_taken(turn) == ["m.1", "m.4"]
    assert taken_when_those_are_over(turn) == "m.2"


def test_no_more_are_under_way_than_connections_are_kept() -> None:
    turn = _Turn(lambda: 0.0, 0.0)
    turn.add(row(f"m.{number}") for number in range(9))
    all_taken(turn)
    assert len(turn.under_way) == TRANSPORT_IDLE_CONNECTIONS_MAX


def test_long_consignments_go_one_after_the_other_and_whatever_has_no_envelope_beside_them() -> None:
    half = tuple(f"out.{number}" for number in range(DISPATCH_ITEMS_MAX // 2 + 1))
    turn = _Turn(lambda: 0.0, 0.0)
    turn.add([replace(row("m.1"), attachments=half), replace(row("m.2"), attachments=half), row("m.3")])
    assert all_taken(turn) == ["m.1", "m.3"]
    assert taken_when_those_are_over(turn) == "m.2"


def test_what_is_under_way_is_taken_up_once_and_again_only_when_it_was_let_go() -> None:
    turn, one = _Turn(lambda: 0.0, 0.0), row("m.1")
    for _ in range(2):
        turn.add([one])
        assert turn.take_next() == one
        turn.add([one])
        assert turn.take_next() is None
        turn.let_go(one)
