"""The ledger: the one way to write.

Callers bring acts; whoever comes first while nobody writes becomes the writer
for all that wait. One transaction holds many acts, each in its own savepoint:

1. the act gathers again and decides on what is true now;
2. its records and numbers are written, its messages queued;
3. one log entry commits to everything it wrote;
4. all logs touched are signed at their new size, and one flush makes it durable.

Only then does any caller hear of it. The same act id twice is one act with one
answer. A refusal is an act too: it leaves a record in the internal log. What is
raised for malformed input or a wrong state leaves nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cordiale.canonical import encode_canonical
from cordiale.errors import CordialeError, OutOfOrder, Refused, Unavailable, Undecidable
from cordiale.limits import BATCH_ACTS_MAX, CLOCK_JUMP_SECONDS_MAX
from cordiale.ports import Clock, Random, Store, StoredAct, StoredEntry, StoredHead, StoredTile, UnitOfWork
from cordiale.records.answer import Answer, open_answer, refusal_body, seal_answer, seal_refusal
from cordiale.records.log.checkpoint import Checkpoint, LogSigner
from cordiale.records.log.sequencer import LogState, append_entries, restore_state
from cordiale.records.log.tiles import require_entry_size
from cordiale.records.record import act_commitment_of, shown_at
from cordiale.records.session import ActSession

INTERNAL: Final = "internal"
_GATHER_SECONDS: Final = 0.000_1

_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)

Perform = Callable[["ActSession"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something to be done once.

    `id` is made by the caller; `kind` names the act (``release.propose``); `actor` is a person's id or
    ``node``; `log` is the log that records it: `INTERNAL`, or the id of an agreement. `perform` gathers,
    decides and writes through the session, and returns the answer; it may run again on a retry and has no
    effect outside the session. `subject` is the item or agreement that a refusal is noted against. `asked`
    names exactly what was asked, so that the id of one act never fetches the answer of another.
    """

    id: str
    kind: str
    actor: str
    log: str
    perform: Perform
    subject: str = ""
    asked: str = ""


class _Waiting:
    """An act and its caller, who sleeps on `bell` until the act is settled or it is his turn to write."""

    __slots__ = ("act", "answer", "bell", "done", "error")

    def __init__(self, act: Act) -> None:
        self.act = act
        self.done = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.bell = threading.Lock()
        self.bell.acquire()


@dataclass(slots=True)
class _Batch:
    """What one transaction is about to add, by log."""

    at: datetime
    shown_at: str
    states: dict[str, LogState] = field(default_factory=dict)
    pending: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    settled: list[tuple[_Waiting, Answer | Exception]] = field(default_factory=list)


class Ledger:
    """The only writer of a node's books."""

    def __init__(
        self, store: Store, clock: Clock, random: Random, *,
        signer_for: Callable[[str], LogSigner], record_domain: bytes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._signer_for = signer_for
        self._record_domain = record_domain
        self._waiting: deque[_Waiting] = deque()
        self._gate = threading.Lock()
        self._writing = threading.Lock()
        self._has_writer = False
        self._batch_size = 0
        self._signers: dict[str, LogSigner] = {}
        self._states: dict[str, LogState] = {}
        self._listeners: list[Callable[[], None]] = []
        self._stopped: CordialeError | None = None
        self._last_at = self._newest_time()
        self._last_monotonic = clock.monotonic()
        self._has_read_clock = False
        self._clock_doubt = self._clock_behind_at_start()

    def commit(self, act: Act) -> Answer:
        """Perform `act` durably and return its answer; an act that already happened is answered again.

        Raises what the act raised, `Unavailable` when the disk did not take it (nothing was kept), and
        `Undecidable` while the clock is in doubt.
        """
        waiting = _Waiting(act)
        with self._gate:
            self._waiting.append(waiting)
            is_writer, self._has_writer = not self._has_writer, True
        if not is_writer:
            waiting.bell.acquire()
        while not waiting.done:
            try:
                with self._writing:
                    self._write_batch(waiting)
            finally:
                self._hand_over(waiting)
        if waiting.error is not None:
            raise waiting.error
        if waiting.answer is None:
            raise Unavailable("ledger.unanswered", "the act was not written", hint="repeat it")
        return waiting.answer

    def _hand_over(self, writer: _Waiting) -> None:
        """Make the first who waits the next writer; `writer` goes on only while his own act is unsettled."""
        with self._gate:
            if not writer.done:
                return
            self._has_writer = bool(self._waiting)
            following = self._waiting[0] if self._waiting else None
        if following is not None:
            following.bell.release()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every durable commit; it must not write and must not block."""
        self._listeners.append(listener)

    def stop(self, reason: CordialeError) -> None:
        """Refuse every further act with `reason`, for example when a partner has seen us further ahead."""
        self._stopped = reason

    @property
    def stopped(self) -> CordialeError | None:
        """Why no further act is taken, None while acts are."""
        return self._stopped

    def confirm_clock(self) -> None:
        """Accept the clock as it stands after an operator has checked it.

        Raises `Undecidable` when it is still behind the last act: time in the books never runs backwards.
        """
        with self._writing:
            # What counts is what was written: a clock that was only read while it was ahead binds nobody.
            now, newest = self._clock.now(), self._newest_time()
            if now < newest:
                raise Undecidable(
                    "clock.behind", "the clock is behind the last act in the books ({last})",
                    hint="set the clock of this machine right, then confirm it", last=shown_at(newest),
                )
            self._last_monotonic = self._clock.monotonic()
            self._last_at = now
            self._clock_doubt = None

    def now(self) -> datetime:
        """Return the time for a decision: never before the last committed act.

        Raises `Undecidable` when the clock has jumped and no operator has confirmed it.
        """
        now, monotonic = self._clock.now().astimezone(UTC), self._clock.monotonic()
        if self._clock_doubt is None:
            self._clock_doubt = self._clock_jump(now, monotonic)
        if self._clock_doubt is not None:
            raise self._clock_doubt
        self._last_monotonic = max(monotonic, self._last_monotonic)
        self._last_at = max(now, self._last_at)
        return self._last_at

    def checkpoint_of(self, log: str) -> Checkpoint:
        """Return where `log` stands: the head of the last commit."""
        state = self._states.get(log) or self._restore(log)
        return Checkpoint(self._signer(log).origin, state.size, state.root)

    # -- one batch ---------------------------------------------------------------------------------------

    def _write_batch(self, writer: _Waiting) -> None:
        self._gather()
        with self._gate:
            count = self._batch_size = min(len(self._waiting), BATCH_ACTS_MAX)
            waiting = [self._waiting.popleft() for _ in range(count)]
        try:
            if self._stopped is not None:
                raise self._stopped
            now = self.now()
            batch = _Batch(now, shown_at(now))
            with self._store.transaction() as work:
                for one in waiting:
                    batch.settled.append((one, self._settle(work, batch, one.act)))
                following = self._append(work, batch)
        except BaseException as error:
            for one in waiting:
                one.error = error
                self._settled(one, writer)
            if isinstance(error, CordialeError):
                return
            raise
        self._states.update(following)
        for one, outcome in batch.settled:
            if isinstance(outcome, Answer):
                one.answer = outcome
            else:
                one.error = outcome
            self._settled(one, writer)
        for listener in self._listeners:
            listener()

    def _gather(self) -> None:
        """Let those who were answered by the last batch and come again at once join this one, for as long as more come.

        A flush and two signatures are shared by a batch; whoever acts alone is never kept waiting.
        """
        size = 0
        while self._batch_size > 1 and size < len(self._waiting) < BATCH_ACTS_MAX:
            size = len(self._waiting)
            time.sleep(_GATHER_SECONDS)

    @staticmethod
    def _settled(one: _Waiting, writer: _Waiting) -> None:
        one.done = True
        if one is not writer:
            one.bell.release()

    def _settle(self, work: UnitOfWork, batch: _Batch, act: Act) -> Answer | Exception:
        stored = work.act(act.id)
        if stored is not None:
            return self._answer_again(stored, act)
        work.savepoint()
        session = self._session(work, batch, act)
        try:
            value = act.perform(session)
            answer = self._enter(work, batch, session, (act, seal_answer(value, act.asked), value))
        except (Refused, Undecidable) as error:
            work.undo()
            return self._note_refusal(work, batch, act, error)
        except Exception as error:  # noqa: BLE001 - a defect in one act is its caller's alone, not the batch's
            work.undo()
            return error
        work.release()
        return answer

    def _answer_again(self, stored: StoredAct, act: Act) -> Answer | CordialeError:
        if (stored.kind, stored.actor) != (act.kind, act.actor):
            return OutOfOrder(
                "act.id-taken", "the act id `{id}` belongs to another act", hint="repeat it with a new act id",
                id=act.id,
            )
        return open_answer(stored, asked=act.asked)

    def _note_refusal(
        self, work: UnitOfWork, batch: _Batch, act: Act, error: Refused | Undecidable
    ) -> CordialeError:
        work.savepoint()
        noted = Act(act.id, act.kind, act.actor, INTERNAL, act.perform, act.subject)
        session = self._session(work, batch, noted)
        body = refusal_body(act.kind, act.actor, act.subject, error)
        session.put("refusal", act.id, {**body, "at": batch.shown_at})
        answer = self._enter(work, batch, session, (noted, seal_refusal(error, act.asked), {}))
        work.release()
        error.trail = answer.trail
        return error

    def _session(self, work: UnitOfWork, batch: _Batch, act: Act) -> ActSession:
        state = batch.states.setdefault(act.log, self._states.get(act.log) or self._restore(act.log))
        index = state.size + len(batch.pending.get(act.log, ()))
        return ActSession(
            work, act_id=act.id, at=batch.at, actor=act.actor, log=act.log, index=index,
            random=self._random, domain=self._record_domain,
        )

    def _enter(
        self, work: UnitOfWork, batch: _Batch, session: ActSession,
        what: tuple[Act, bytes, Mapping[str, Any]],
    ) -> Answer:
        act, answer, value = what
        stored = StoredAct(
            act.id, act.kind, act.actor, batch.at, act.log, session.index, answer, self._random.bytes_(32)
        )
        own = act_commitment_of(self._record_domain, stored)
        entry = encode_canonical({
            "act": act.kind, "at": batch.shown_at, "id": act.id, "records": [own, *session.commitments], "v": 1,
        })
        require_entry_size(entry)
        work.put_act(stored)
        batch.pending.setdefault(act.log, []).append((act.id, entry))
        return Answer(value, act.log, session.index, batch.at)

    def _append(self, work: UnitOfWork, batch: _Batch) -> dict[str, LogState]:
        following: dict[str, LogState] = {}
        for log, pending in batch.pending.items():
            state = batch.states[log]
            appended = append_entries(state, [entry for _, entry in pending])
            work.put_entries([
                StoredEntry(log, index, act_id, leaf_hash, entry)
                for index, leaf_hash, (act_id, entry) in zip(
                    appended.indexes, appended.leaf_hashes, pending, strict=True
                )
            ])
            work.put_tiles(log, [StoredTile(t.level, t.index, t.root, t.hashes) for t in appended.tiles])
            work.set_log_size(log, state.size, appended.state.size)
            signer = self._signer(log)
            checkpoint = Checkpoint(signer.origin, appended.state.size, appended.state.root)
            note = signer.sign(checkpoint, signed_at=batch.at)
            work.put_head(log, StoredHead(signer.origin, checkpoint.size, checkpoint.root, note))
            following[log] = appended.state
        return following

    # -- what is remembered ------------------------------------------------------------------------------

    def _signer(self, log: str) -> LogSigner:
        signer = self._signers.get(log)
        if signer is None:
            signer = self._signers[log] = self._signer_for(log)
        return signer

    def _restore(self, log: str) -> LogState:
        reads = self._store.reads()
        state = restore_state(
            reads.log_size(log),
            lambda start, end: reads.leaf_hashes(log, start, end),
            lambda level, start, end: reads.tile_roots(log, level, start, end),
        )
        head = reads.head(log)
        if (head.size, head.root) != (state.size, state.root) if head is not None else state.size > 0:
            raise Undecidable(
                "log.head-differs", "the log {log} does not match its own last signed head",
                hint="do not serve; run `cordiale audit verify` and restore from a backup", log=log,
            )
        self._states[log] = state
        return state

    def _newest_time(self) -> datetime:
        reads = self._store.reads()
        newest = _BEFORE_ALL
        for log in reads.logs():
            size = reads.log_size(log)
            for act in reads.acts(log, max(0, size - 1), size):
                newest = max(newest, act.at)
        return newest

    def _clock_behind_at_start(self) -> Undecidable | None:
        if self._clock.now() < self._last_at - timedelta(seconds=CLOCK_JUMP_SECONDS_MAX):
            return _clock_doubt()
        return None

    def _clock_jump(self, now: datetime, monotonic: float) -> Undecidable | None:
        passed = monotonic - self._last_monotonic
        if self._last_at == _BEFORE_ALL:
            return None
        drift = (now - self._last_at).total_seconds() - passed
        behind = now < self._last_at - timedelta(seconds=CLOCK_JUMP_SECONDS_MAX)
        if behind or (self._has_read_clock and abs(drift) > CLOCK_JUMP_SECONDS_MAX):
            return _clock_doubt()
        self._has_read_clock = True
        return None


def _clock_doubt() -> Undecidable:
    return Undecidable(
        "clock.jumped", "the clock of this machine has jumped, so nothing that depends on time can be decided",
        hint="check the clock, then have an administrator run `cordiale clock confirm`",
    )
