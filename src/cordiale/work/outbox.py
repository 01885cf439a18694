"""Outbox: what is queued is sent by wire until it is answered, orders first, with growing pauses.

A message that does not get through holds up no other: those that must follow it
name it, and the partner lets them wait. A partner that does not answer at all is
left alone after a few tries. While a node serves, a few messages are under way
beside each other, so that one large envelope does not keep all others waiting
and the partner can take several in one commit; what is queued meanwhile goes as
soon as there is room.

The queue is durable; the pauses are not, and need not be: after a restart
everything that waits is tried again at once. What was sent twice is answered
alike by the other side, so nothing happens twice.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from cordiale.errors import CordialeError, Unavailable, Undecidable
from cordiale.limits import DISPATCH_ITEMS_MAX, TRANSPORT_IDLE_CONNECTIONS_MAX
from cordiale.message.form import read_unverified_routing
from cordiale.message.verification import read_unverified_object
from cordiale.model.party import NodeStatement
from cordiale.ports import OutboxRow
from cordiale.records.agreements import AGREEMENT, has_stopped
from cordiale.records.partners import PARTNER, open_partner
from cordiale.records.record import open_record
from cordiale.records.registry import Registry
from cordiale.work.intake import take_message

_log: Final = logging.getLogger("cordiale.outbox")
_PAUSE_FIRST_SECONDS: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 60.0
_ROUND_SECONDS: Final = 30.0
_FAILURES_IN_A_ROW_MAX: Final = 3
_LOOK_SECONDS: Final = 0.5
_AT_ONCE_MAX: Final = TRANSPORT_IDLE_CONNECTIONS_MAX
_ENVELOPES_AT_ONCE_MAX: Final = DISPATCH_ITEMS_MAX
"""So many envelopes are under way to one partner, or the one message that has more: half of each of many would fill the
room that a partner has for what no message has named, and none would become whole."""


def is_held_back(registry: Registry, row: OutboxRow) -> bool:
    """True for items on their way out under an agreement that is suspended or has ended, or that are being taken back.

    With the clock in doubt it cannot be told whether a notice of termination has run, and they wait too. What a
    courier carries has left: the message about it opens nothing, and whoever is given the thing needs it.
    """
    if not row.attachments:
        return False
    record = registry.record(AGREEMENT, row.agreement) if row.agreement else None
    sent = registry.find("consignment", "message", row.id)
    if record is None or not sent:
        return False
    if "withdrawal" in sent[0].body:
        return True
    try:
        if not has_stopped(record, registry.now().date(), (registry.party, str(sent[0]["party"]))):
            return False
    except Undecidable:
        pass
    return read_unverified_routing(read_unverified_object(row.message).unverified_payload).type == "consignment"


class Courier(Protocol):
    """Carries one message and its envelopes to a partner's node and brings back the answer."""

    def carry(self, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]) -> bytes | None:
        """Return the answer, None for none. Raises `Unavailable` when the partner did not take it now."""


@dataclass(slots=True)
class _Pause:
    seconds: float = _PAUSE_FIRST_SECONDS
    until: float = 0.0
    failures: int = 0

    def fail(self, now: float) -> float:
        """Begin the next, longer pause and return its length in seconds."""
        length, self.failures = self.seconds, self.failures + 1
        self.until = now + length
        self.seconds = min(length * 2, _PAUSE_SECONDS_MAX)
        return length


@dataclass(slots=True)
class _Turn:
    """One round through what waits: what is still to be tried, and what is under way beside each other.

    `known` are those that are not to be taken up again in this round: they wait for their turn, are under way, or
    cannot go at all.
    """

    clock: Callable[[], float]
    began: float
    rows: deque[OutboxRow] = field(default_factory=deque)
    known: set[str] = field(default_factory=set)
    under_way: dict[Future[bool], OutboxRow] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    seconds: float = _ROUND_SECONDS
    has_progressed: bool = False

    def add(self, rows: Iterable[OutboxRow]) -> None:
        """Try `rows` too, unless they are known."""
        for row in rows:
            if row.id not in self.known:
                self.known.add(row.id)
                self.rows.append(row)

    def let_go(self, row: OutboxRow) -> None:
        """Let `row` be taken up again in this round, should it wait then."""
        self.known.discard(row.id)

    def again_in(self, seconds: float) -> None:
        """Say that something is to be tried again in so many seconds."""
        self.seconds = min(self.seconds, seconds)

    def take_next(self) -> OutboxRow | None:
        """Take the first row that may go beside what is under way; None while there is none, or no room.

        A message goes only after those it names, an order too: the partner would let it wait.
        """
        if len(self.under_way) >= _AT_ONCE_MAX:
            return None
        before = {row.id for row in (*self.under_way.values(), *self.rows)}
        for row in self.rows:
            if before.isdisjoint(_after(row)) and self._has_room(row):
                self.rows.remove(row)
                return row
        return None

    def _has_room(self, row: OutboxRow) -> bool:
        """Tell whether the envelopes of `row` may go beside those that are under way to its partner."""
        going = sum(len(one.attachments) for one in self.under_way.values() if one.partner == row.partner)
        return not row.attachments or not going or going + len(row.attachments) <= _ENVELOPES_AT_ONCE_MAX


def _after(row: OutboxRow) -> tuple[str, ...]:
    return read_unverified_routing(read_unverified_object(row.message).unverified_payload).after


@dataclass(slots=True)
class Outbox:
    """Sends what waits. `run` is for a thread of its own; `send_waiting` does one round."""

    registry: Registry
    courier: Courier
    _bell: threading.Event = field(default_factory=threading.Event)
    _stopped: bool = False
    _partner_pauses: dict[str, _Pause] = field(default_factory=dict)
    _pauses: dict[str, _Pause] = field(default_factory=dict)
    _trouble: dict[str, tuple[str, str]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    def ring(self) -> None:
        """Say that something may be waiting."""
        self._bell.set()

    def stop(self) -> None:
        """Let `run` end after the message it is at."""
        self._stopped = True
        self._bell.set()

    def run(self) -> None:
        """Send until stopped; woken by `ring` and at the end of the shortest pause."""
        with ThreadPoolExecutor(_AT_ONCE_MAX, "outbox") as self._pool:
            while not self._stopped:
                self._bell.clear()
                seconds = self.send_waiting()
                if seconds:
                    self._bell.wait(seconds)

    def trouble(self) -> dict[str, str]:
        """Return, by partner node, why what waits for it does not get through; empty where nothing is wrong."""
        return dict(self._trouble.values())

    def send_waiting(self, now: Callable[[], float] | None = None) -> float:
        """Try everything that waits once, and return the seconds until something is to be tried again."""
        clock = now or self.registry.clock.monotonic
        turn = _Turn(clock, clock())
        turn.add(self._in_turn())
        partners = self._partners()
        while turn.rows or turn.under_way:
            # Whoever was rolled back must not go on telling partners another story.
            if self._stopped or self.registry.ledger.stopped is not None:
                turn.rows.clear()
            row = turn.take_next()
            statement = partners.get(row.partner) if row is not None else None
            if row is None:
                self._await_one(turn)
            elif statement is not None and self._is_due(turn, row, statement):
                self._begin(turn, row, statement)
        return 0.0 if turn.has_progressed else turn.seconds

    def _is_due(self, turn: _Turn, row: OutboxRow, statement: NodeStatement) -> bool:
        """True when `row` is to be sent now."""
        if row.link == "bag" or not statement.endpoints:
            return False
        if is_held_back(self.registry, row):
            self._trouble[row.id] = (row.partner, "a consignment waits: provision under its agreement has stopped")
            return False
        partner_pause = self._partner_pauses.setdefault(row.partner, _Pause())
        until = max(partner_pause.until, self._pauses.setdefault(row.id, _Pause()).until)
        if until > turn.clock():
            turn.again_in(until - turn.clock())
            turn.let_go(row)
            return False
        return True

    def _begin(self, turn: _Turn, row: OutboxRow, statement: NodeStatement) -> None:
        """Send `row`: beside others while the node serves, so that whatever comes meanwhile need not wait for it."""
        if self._pool is None:
            self._note(turn, row, is_sent=self._send(row, statement))
            return
        sending = self._pool.submit(self._send, row, statement)
        turn.under_way[sending] = row
        sending.add_done_callback(lambda _: self._bell.set())

    def _await_one(self, turn: _Turn) -> None:
        """Wait until one of those under way has ended, or something new may be waiting, and take note of it."""
        self._bell.wait(_LOOK_SECONDS)
        self._bell.clear()
        for done in [one for one in turn.under_way if one.done()]:
            self._note(turn, turn.under_way.pop(done), is_sent=done.result())
        # After a while a round takes nothing up any more and ends, and all that waits is looked at anew.
        if turn.clock() - turn.began < _ROUND_SECONDS:
            turn.add(self._in_turn())

    def _note(self, turn: _Turn, row: OutboxRow, *, is_sent: bool) -> None:
        turn.let_go(row)
        partner_pause = self._partner_pauses.setdefault(row.partner, _Pause())
        if is_sent:
            self._partner_pauses[row.partner], turn.failures[row.partner] = _Pause(), 0
            turn.has_progressed = True
            return
        turn.again_in(self._pauses.setdefault(row.id, _Pause()).fail(turn.clock()))
        if self._waits_for_another(row):
            return
        turn.failures[row.partner] = turn.failures.get(row.partner, 0) + 1
        if turn.failures[row.partner] >= _FAILURES_IN_A_ROW_MAX:
            turn.again_in(partner_pause.fail(turn.clock()))

    def _waits_for_another(self, row: OutboxRow) -> bool:
        """True when `row` names a message that waits here itself, in the bag perhaps: the partner is not to blame.

        Were it counted, a few orders about one item would have the partner left alone, with all else that waits for it.
        """
        named = map(self.registry.reads().outbox, _after(row))
        return any(one is not None and one.state == "waiting" for one in named)

    def _in_turn(self) -> list[OutboxRow]:
        """Return what waits: orders first, and what has failed before behind what has not."""
        rows = list(self.registry.reads().outbox_open(link_not="bag"))
        waiting = {row.id for row in rows}
        self._pauses = {id: pause for id, pause in self._pauses.items() if id in waiting}
        self._trouble = {id: trouble for id, trouble in self._trouble.items() if id in waiting}
        nothing = _Pause()
        return sorted(rows, key=lambda row: (row.precedence == "bulk", self._pauses.get(row.id, nothing).failures))

    def _partners(self) -> dict[str, NodeStatement]:
        statements: dict[str, NodeStatement] = {}
        for stored in self.registry.reads().every(PARTNER):
            try:
                statement = open_partner(open_record(stored), self.registry.mode).statement
            except CordialeError as error:
                _log.warning("the entry of the partner %s cannot be used: %s", stored.id, error.code)
                continue
            statements[statement.node] = statement
        return statements

    def _send(self, row: OutboxRow, partner: NodeStatement) -> bool:
        try:
            answer = self.courier.carry(partner, row.message, row.attachments)
            if answer is None:
                raise Unavailable("outbox.no-answer", "the partner's node gave no answer", hint="it is tried again")
            take_message(self.registry, answer, partner.node, may_wait=self._pool is not None)
            settled = self.registry.reads().outbox(row.id)
            if settled is not None and settled.state == "waiting":
                raise Unavailable("outbox.not-settled", "the partner's answer does not settle it", hint="look at it")
        except CordialeError as error:
            self._trouble[row.id] = (row.partner, str(error))
            _log.info("message %s to %s waits: %s", row.id, row.partner, error.code)
            return False
        self._trouble.pop(row.id, None)
        return True
