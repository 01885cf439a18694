"""Repeated, reordered, overtaken, replayed: what a verified message is to its stream.

A stream is all that one node sends another under one agreement; its messages
are numbered from 1 without gaps. Messages take effect as soon as those they
name in `after` have: order is kept per item, so a bag that is two weeks on its
way holds up nothing but the items in it. Gaps in the numbers hold nothing up
either; they are reported, and chased.

Everything here is a pure function of the state; the caller keeps the state in
the same transaction as the effect of the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType

from cordiale.errors import Unverified
from cordiale.message.bodies.body import Precedence
from cordiale.message.form import Message
from cordiale.model.names import MessageId


@dataclass(frozen=True, slots=True)
class Received:
    """A message that has arrived: its number in the stream and the digest of its exact bytes."""

    seq: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class StreamState:
    """What has arrived in one stream.

    Every number up to `contiguous` has arrived, and those in `ahead` beyond it. `received` names what arrived
    under which identifier; it may be narrowed to the identifier in question. `settled` are the messages that
    have taken effect or been refused, in this stream and in the one of the other direction; it may be narrowed
    to the predecessors in question.
    """

    contiguous: int = 0
    ahead: frozenset[int] = frozenset()
    received: Mapping[MessageId, Received] = field(default_factory=dict)
    settled: Set[MessageId] = frozenset()


@dataclass(frozen=True, slots=True)
class Arriving:
    """What counts of a verified message for its place in the stream."""

    id: MessageId
    seq: int
    digest: bytes
    after: tuple[MessageId, ...] = ()
    precedence: Precedence = Precedence.BULK


@dataclass(frozen=True, slots=True)
class Fresh:
    """New, and nothing is before it: it takes effect. `missing` are numbers before it that have not arrived."""

    missing: tuple[range, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It has arrived before, the same bytes: the same answer is given again and nothing else happens."""


@dataclass(frozen=True, slots=True)
class Gap:
    """New, but `until` are not settled yet: it is kept and takes effect after them."""

    until: tuple[MessageId, ...]
    missing: tuple[range, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """Its identifier or its number has been used for other bytes. `code` says which."""

    code: str


Arrival = Fresh | Duplicate | Gap | Replay


def arriving(message: Message, digest: bytes) -> Arriving:
    """Return what counts of `message`, whose exact bytes have `digest`."""
    return Arriving(message.id, message.seq, digest, message.after, message.precedence)


def decide_arrival(state: StreamState, one: Arriving) -> Arrival:
    """Decide what `one` is to the stream in `state`. Never raises."""
    known = state.received.get(one.id)
    if known is not None:
        same = known == Received(one.seq, one.digest)
        return Duplicate() if same else Replay("sequence.identifier-reused")
    if one.seq <= state.contiguous or one.seq in state.ahead:
        return Replay("sequence.number-reused")
    missing = missing_before(state, one.seq)
    waiting = tuple(sorted(set(one.after) - set(state.settled)))
    return Gap(waiting, missing) if waiting else Fresh(missing)


def require_no_replay(arrival: Arrival) -> Fresh | Duplicate | Gap:
    """Return `arrival` unless it is a replay. Raises `Unverified`: a partner never signs two things as one.

    The usual cause is a partner whose node was restored from an old backup; the two heads of its log will say.
    """
    if isinstance(arrival, Replay):
        raise Unverified(
            arrival.code, "the partner has sent other bytes under this identifier or number before",
            hint="keep both; ask the partner whether its node was restored from a backup",
        )
    return arrival


def after_arrival(state: StreamState, one: Arriving) -> StreamState:
    """Return the state once `one`, which was fresh or leaves a gap, has been kept. It has no effect yet."""
    ahead = set(state.ahead)
    ahead.add(one.seq)
    contiguous = state.contiguous
    while contiguous + 1 in ahead:
        contiguous += 1
        ahead.discard(contiguous)
    received = MappingProxyType({**state.received, one.id: Received(one.seq, one.digest)})
    return StreamState(contiguous, frozenset(ahead), received, state.settled)


def after_settling(state: StreamState, id: MessageId) -> StreamState:
    """Return the state once the message `id` has taken effect or been refused."""
    return StreamState(state.contiguous, state.ahead, state.received, frozenset(state.settled) | {id})


def missing_before(state: StreamState, seq: int) -> tuple[range, ...]:
    """Return the numbers below `seq` that have not arrived, as ranges."""
    gaps: list[range] = []
    last = state.contiguous
    for arrived in (*sorted(one for one in state.ahead if one < seq), seq):
        if arrived > last + 1:
            gaps.append(range(last + 1, arrived))
        last = arrived
    return tuple(gaps)


def releasable_now(held: Iterable[Arriving], settled: Set[MessageId]) -> tuple[Arriving, ...]:
    """Return those of `held` whose predecessors are all `settled`: orders first, then by number.

    The caller lets them take effect one by one and asks again after each: an effect may release more.
    """
    ready = [one for one in held if set(one.after) <= settled]
    return in_order(ready)


def in_order(messages: Sequence[Arriving]) -> tuple[Arriving, ...]:
    """Return `messages` in the order they are sent or unpacked: orders overtake bulk, then by number."""
    return tuple(sorted(messages, key=lambda one: (one.precedence is not Precedence.ORDER, one.seq, one.id)))
