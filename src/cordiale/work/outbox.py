"""Outbox: what is queued is sent by wire until it is answered, orders first, with growing pauses.

A message that does not get through holds up no other: those that must follow it
name it, and the partner lets them wait. A partner that does not answer at all is
left alone after a few tries.

The queue is durable; the pauses are not, and need not be: after a restart
everything that waits is tried again at once. What was sent twice is answered
alike by the other side, so nothing happens twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from cordiale.errors import CordialeError, Unavailable, Undecidable
from cordiale.message.form import read_unverified_routing
from cordiale.message.verification import read_unverified_object
from cordiale.model.agreement import Stage
from cordiale.model.party import NodeStatement
from cordiale.ports import OutboxRow
from cordiale.records.agreements import AGREEMENT, stage_of
from cordiale.records.partners import PARTNER, open_partner
from cordiale.records.record import open_record
from cordiale.records.registry import Registry
from cordiale.work.intake import take_message

_log: Final = logging.getLogger("cordiale.outbox")
_PAUSE_FIRST_SECONDS: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 60.0
_ROUND_SECONDS: Final = 30.0
_FAILURES_IN_A_ROW_MAX: Final = 3


def is_held_back(registry: Registry, row: OutboxRow) -> bool:
    """True for items on their way out under an agreement that is suspended or has ended: they do not leave.

    With the clock in doubt it cannot be told whether a notice of termination has run, and they wait too.
    """
    record = registry.record(AGREEMENT, row.agreement) if row.agreement else None
    if record is None:
        return False
    try:
        is_open = stage_of(record, registry.now().date()) not in (Stage.SUSPENDED, Stage.TERMINATED)
    except Undecidable:
        is_open = False
    if is_open:
        return False
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
class Outbox:
    """Sends what waits. `run` is for a thread of its own; `send_waiting` does one round."""

    registry: Registry
    courier: Courier
    _bell: threading.Event = field(default_factory=threading.Event)
    _stopped: bool = False
    _partner_pauses: dict[str, _Pause] = field(default_factory=dict)
    _pauses: dict[str, _Pause] = field(default_factory=dict)
    _trouble: dict[str, tuple[str, str]] = field(default_factory=dict)

    def ring(self) -> None:
        """Say that something may be waiting."""
        self._bell.set()

    def stop(self) -> None:
        """Let `run` end after the message it is at."""
        self._stopped = True
        self._bell.set()

    def run(self) -> None:
        """Send until stopped; woken by `ring` and at the end of the shortest pause."""
        while not self._stopped:
            self._bell.clear()
            wait = self.send_waiting()
            if wait:
                self._bell.wait(wait)

    def trouble(self) -> dict[str, str]:
        """Return, by partner node, why what waits for it does not get through; empty where nothing is wrong."""
        return dict(self._trouble.values())

    def send_waiting(self, now: Callable[[], float] | None = None) -> float:
        """Try everything that waits once, and return the seconds until something is to be tried again."""
        clock = now or self.registry.clock.monotonic
        partners = self._partners()
        waiting: float = _ROUND_SECONDS
        progressed = False
        failures: dict[str, int] = {}
        for row in self._in_turn():
            statement = partners.get(row.partner)
            # Whoever was rolled back must not go on telling partners another story.
            if self._stopped or self.registry.ledger.stopped is not None:
                break
            if row.link == "bag" or statement is None or not statement.endpoints:
                continue
            if is_held_back(self.registry, row):
                self._trouble[row.id] = (row.partner, "a consignment waits: provision under its agreement has stopped")
                continue
            partner_pause = self._partner_pauses.setdefault(row.partner, _Pause())
            pause = self._pauses.setdefault(row.id, _Pause())
            until = max(partner_pause.until, pause.until)
            if until > clock():
                waiting = min(waiting, until - clock())
            elif self._send(row, statement):
                self._partner_pauses[row.partner], failures[row.partner] = _Pause(), 0
                progressed = True
            else:
                waiting = min(waiting, pause.fail(clock()))
                failures[row.partner] = failures.get(row.partner, 0) + 1
                if failures[row.partner] >= _FAILURES_IN_A_ROW_MAX:
                    waiting = min(waiting, partner_pause.fail(clock()))
        return 0.0 if progressed else waiting

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
            take_message(self.registry, answer, partner.node)
            settled = self.registry.reads().outbox(row.id)
            if settled is not None and settled.state == "waiting":
                raise Unavailable("outbox.not-settled", "the partner's answer does not settle it", hint="look at it")
        except CordialeError as error:
            self._trouble[row.id] = (row.partner, str(error))
            _log.info("message %s to %s waits: %s", row.id, row.partner, error.code)
            return False
        self._trouble.pop(row.id, None)
        return True
