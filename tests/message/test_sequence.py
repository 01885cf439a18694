"""Duplicates, gaps, replays and order, held against a naive model."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.message.samples import SAMPLES, message_of
from tests.trying import tried

from cordiale.errors import Unverified
from cordiale.message.bodies.body import Precedence
from cordiale.message.form import message_digest
from cordiale.message.sequence import (
    Arrival,
    Arriving,
    Duplicate,
    Fresh,
    Gap,
    Received,
    Replay,
    StreamState,
    after_arrival,
    after_settling,
    arriving,
    decide_arrival,
    in_order,
    missing_before,
    releasable_now,
    require_no_replay,
)
from cordiale.model.mode import Mode
from cordiale.model.names import MessageId


def one(seq: int, *, after: tuple[str, ...] = (), content: str = "", id: str = "", order: bool = False) -> Arriving:
    return Arriving(
        MessageId(id or f"m-{seq}"), seq, (content or f"bytes {seq}").encode(), tuple(map(MessageId, after)),
        Precedence.ORDER if order else Precedence.BULK,
    )


@dataclass
class Node:
    """A receiving node as its transaction would be: decide, keep, let take effect, release what waited."""

    state: StreamState = field(default_factory=StreamState)
    held: list[Arriving] = field(default_factory=list)
    effects: list[MessageId] = field(default_factory=list)

    def take(self, message: Arriving) -> Arrival:
        arrival = decide_arrival(self.state, message)
        if isinstance(arrival, (Fresh, Gap)):
            self.state = after_arrival(self.state, message)
            self.held.append(message)
            while ready := releasable_now(self.held, self.state.settled):
                self.effects.append(ready[0].id)
                self.held.remove(ready[0])
                self.state = after_settling(self.state, ready[0].id)
        return arrival


@st.composite
def streams(draw: st.DrawFn) -> list[Arriving]:
    """A stream as its sender made it: every message may name any earlier ones."""
    count = draw(st.integers(1, 8))
    made: list[Arriving] = []
    for seq in range(1, count + 1):
        earlier = [before.id for before in made]
        after = draw(st.sets(st.sampled_from(earlier), max_size=3)) if earlier else set()
        made.append(one(seq, after=tuple(sorted(after)), order=draw(st.booleans())))
    return made


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Arriving], list[Arriving]]:
    """A stream, and what a courier that drops, repeats, reorders and alters makes of it."""
    stream = draw(streams())
    carried: list[Arriving] = []
    for _ in range(draw(st.integers(0, 16))):
        message = draw(st.sampled_from(stream))
        forged = draw(st.sampled_from(["", "", "", "bytes", "id", "seq"]))
        if forged == "bytes":
            message = Arriving(message.id, message.seq, b"other", message.after, message.precedence)
        elif forged == "id":
            message = Arriving(MessageId("forged"), message.seq, b"other", message.after, message.precedence)
        elif forged == "seq":
            message = Arriving(message.id, message.seq + 1, message.digest, message.after, message.precedence)
        carried.append(message)
    return stream, carried


@tried(80)
@given(deliveries())
def test_whatever_the_courier_does_the_node_agrees_with_the_naive_model(
    given_: tuple[list[Arriving], list[Arriving]],
) -> None:
    _, carried = given_
    node = Node()
    kept: list[Arriving] = []
    for message in carried:
        same_id = [before for before in kept if before.id == message.id]
        same_seq = [before for before in kept if before.seq == message.seq]
        if same_id:
            fits = (same_id[0].seq, same_id[0].digest) == (message.seq, message.digest)
            expected = "Duplicate" if fits else "Replay"
        elif same_seq:
            expected = "Replay"
        else:
            settled: set[MessageId] = set()
            while more := {b.id for b in kept if set(b.after) <= settled} - settled:
                settled |= more
            expected = "Fresh" if set(message.after) <= settled else "Gap"
        arrival = node.take(message)
        assert type(arrival).__name__ == expected
        if expected in ("Fresh", "Gap"):
            assert isinstance(arrival, (Fresh, Gap))
            arrived = {before.seq for before in kept}
            assert [seq for gap in arrival.missing for seq in gap] == [
                seq for seq in range(1, message.seq) if seq not in arrived
            ]
            kept.append(message)
        everything = {before.seq for before in kept}
        assert node.state.contiguous == next(n for n in range(20) if n + 1 not in everything)
        assert node.state.ahead == {seq for seq in everything if seq > node.state.contiguous}


@tried(50)
@given(streams(), st.randoms(use_true_random=False))
def test_in_any_order_each_takes_effect_once_and_after_its_predecessors(stream: list[Arriving], random: object) -> None:
    shuffled = stream * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    node = Node()
    for message in shuffled:
        node.take(message)
    assert sorted(node.effects) == sorted(message.id for message in stream)
    for message in stream:
        for before in message.after:
            assert node.effects.index(before) < node.effects.index(message.id)
    assert node.state.contiguous == len(stream)
    assert node.held == []


@tried(40)
@given(deliveries())
def test_importing_the_same_twice_changes_nothing(given_: tuple[list[Arriving], list[Arriving]]) -> None:
    stream, _ = given_
    node = Node()
    for message in stream:
        node.take(message)
    before = (node.state, list(node.effects))
    assert all(isinstance(node.take(message), Duplicate) for message in stream)
    assert (node.state, node.effects) == before


def test_a_gap_in_the_numbers_holds_nothing_up_and_is_reported() -> None:
    node = Node()
    assert node.take(one(3)) == Fresh((range(1, 3),))
    assert node.take(one(6)) == Fresh((range(1, 3), range(4, 6)))
    assert node.take(one(1)) == Fresh()
    assert missing_before(node.state, 9) == (range(2, 3), range(4, 6), range(7, 9))


def test_a_message_waits_for_its_predecessors_and_for_nothing_else() -> None:
    node = Node()
    assert node.take(one(2, after=("m-1",))) == Gap((MessageId("m-1"),), (range(1, 2),))
    assert node.take(one(3)) == Fresh((range(1, 2),))
    assert node.effects == ["m-3"]
    node.take(one(1))
    assert node.effects == ["m-3", "m-1", "m-2"]


def test_a_message_may_wait_for_one_that_went_the_other_way() -> None:
    state = StreamState(settled=frozenset({MessageId("ours-4")}))
    assert decide_arrival(state, one(1, after=("ours-4",))) == Fresh()
    assert decide_arrival(state, one(1, after=("ours-4", "ours-5"))) == Gap((MessageId("ours-5"),))


def test_a_held_message_that_comes_again_is_a_duplicate() -> None:
    node = Node()
    node.take(one(2, after=("m-1",)))
    assert node.take(one(2, after=("m-1",))) == Duplicate()
    assert node.effects == []


def test_last_years_message_is_told_from_a_fresh_one_by_its_number_alone() -> None:
    state = StreamState(contiguous=500)
    assert decide_arrival(state, one(7)) == Replay("sequence.number-reused")
    known = StreamState(contiguous=500, received={MessageId("m-7"): Received(7, b"bytes 7")})
    assert decide_arrival(known, one(7)) == Duplicate()


@pytest.mark.parametrize(("message", "code"), [
    (one(1, content="other"), "sequence.identifier-reused"),
    (one(9, id="m-1", content="bytes 1"), "sequence.identifier-reused"),
    (one(1, id="new"), "sequence.number-reused"),
    (one(3, id="new"), "sequence.number-reused"),
])
def test_two_things_under_one_name_are_unverified(message: Arriving, code: str) -> None:
    node = Node()
    node.take(one(1))
    node.take(one(3))
    arrival = node.take(message)
    assert arrival == Replay(code)
    with pytest.raises(Unverified) as told:
        require_no_replay(arrival)
    assert told.value.code == code


def test_what_is_no_replay_is_handed_on() -> None:
    for arrival in (Fresh(), Duplicate(), Gap((MessageId("m-1"),))):
        assert require_no_replay(arrival) == arrival


def test_orders_overtake_bulk_and_neither_overtakes_its_own_kind() -> None:
    waiting = [one(1), one(2, order=True), one(3), one(4, order=True)]
    assert [message.seq for message in in_order(waiting)] == [2, 4, 1, 3]
    assert [message.seq for message in releasable_now(waiting, frozenset())] == [2, 4, 1, 3]


def test_an_order_does_not_overtake_what_it_is_about() -> None:
    waiting = [one(1), one(2, order=True, after=("m-1",))]
    assert [message.seq for message in releasable_now(waiting, frozenset())] == [1]


def test_what_counts_of_a_message_is_taken_from_it() -> None:
    message = message_of(SAMPLES["level-change"])
    digest = message_digest(b"bytes", Mode.EXERCISE)
    assert arriving(message, digest) == Arriving(
        message.id, message.seq, digest, message.after, Precedence.ORDER
    )
