"""The ledger: the one way to write.

Callers bring acts; whoever comes first while nobody writes becomes the writer
for all that wait. One transaction holds many acts, each in its own savepoint:

1. the act gathers again and decides on what is true now;
2. its records and numbers are written, its messages queued;
3. one log entry commits to everything it wrote;
4. all logs touched are signed at their new size, the batch is chained to the one
   before, and one flush makes it durable;
5. the anchor outside the books is told how far they have come.

Only then does any caller hear of it. The same act id twice is one act with one
answer. A refusal is an act too: it leaves a record in the internal log. What is
raised for malformed input or a wrong state leaves nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cordiale.crypto.digests import SALT_SIZE_BYTES
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import CordialeError, OutOfOrder, Refused, Unavailable, Undecidable
from cordiale.limits import BATCH_ACTS_MAX
from cordiale.model.mode import Mode
from cordiale.ports import Clock, Random, Store, StoredAct, StoredBatch, UnitOfWork
from cordiale.records.anchor import Anchor
from cordiale.records.answer import Answer, open_answer, refusal_body, seal_answer, seal_refusal
from cordiale.records.batches import Grown, Position, bind_before, chain_after, encode_grown, position_of
from cordiale.records.client_standing import CLIENT_ACT
from cordiale.records.clockwatch import ClockWatch, newest_time
from cordiale.records.entry import encode_entry
from cordiale.records.finding import begin_index, continue_index, follow, is_whole
from cordiale.records.log.checkpoint import Checkpoint, LogSigner
from cordiale.records.log.sequencer import LogState
from cordiale.records.log.tiles import require_entry_size
from cordiale.records.logs import Logs
from cordiale.records.record import Record, act_commitment_of, shown_at
from cordiale.records.session import ActHead, ActSession
from cordiale.records.turns import Turns, Waiting

INTERNAL: Final = "internal"
_GATHER_SECONDS: Final = 0.000_1

Perform = Callable[["ActSession"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something to be done once.

    `id` is made by the caller; `kind` names the act (``release.propose``); `actor` is a person's id or
    ``node``; `log` is the log that records it: `INTERNAL`, or the id of an agreement. `perform` gathers,
    decides and writes through the session, and returns the answer; it may run again on a retry and has no
    effect outside the session. `subject` is the item or agreement that a refusal is noted against. `asked`
    names exactly what was asked, so that the id of one act never fetches the answer of another. One that
    `is_patient` answers nobody: it may wait a moment to be written together with others.
    `client` is the machine client that acts for the actor.
    """

    id: str
    kind: str
    actor: str
    log: str
    perform: Perform
    subject: str = ""
    asked: str = ""
    is_patient: bool = False
    client: str = ""


@dataclass(frozen=True, slots=True)
class Seals:
    """What the books are bound with: the signer of each log, the mode of every domain, and the anchor outside."""

    signer_for: Callable[[str], LogSigner]
    mode: Mode
    anchor: Anchor


class _Waiting(Waiting):
    """An act and its caller."""

    __slots__ = ("act", "answer", "error")

    def __init__(self, act: Act) -> None:
        super().__init__(is_patient=act.is_patient)
        self.act = act
        self.answer: Answer | None = None
        self.error: BaseException | None = None


@dataclass(slots=True)
class _Batch:
    """What one transaction is about to add, by log; `known` are those of its acts that the books have an entry of."""

    at: datetime
    shown_at: str
    known: set[str] = field(default_factory=set)
    following: dict[str, LogState] = field(default_factory=dict)
    salts: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    settled: list[tuple[_Waiting, Answer | Exception]] = field(default_factory=list)
    touched: dict[tuple[str, str], Record] = field(default_factory=dict)


class Ledger:
    """The only writer of a node's books."""

    def __init__(self, store: Store, clock: Clock, random: Random, seals: Seals) -> None:
        self._store = store
        self._random = random
        self._seals = seals
        self._record_domain, self._many_domain, self._chain_domain, self._before_domain = (
            domain(purpose, seals.mode) for purpose in (
                Purpose.RECORD_COMMITMENT, Purpose.RECORD_LIST, Purpose.BATCH_CHAIN, Purpose.BATCH_COMMITMENT
            )
        )
        self._turns: Turns[_Waiting] = Turns()
        self._writing = threading.Lock()
        self._batch_size = 0
        self._logs = Logs(store, seals.signer_for)
        self._listeners: list[Callable[[], None]] = []
        self._position = position_of(store.reads())
        self._is_anchor_new = self._position.number == 0
        self._anchor_trouble: Unavailable | None = None
        self._stopped: CordialeError | None = seals.anchor.doubt(store.reads())
        self._watch = ClockWatch(clock, lambda: newest_time(store.reads()))

    def commit(self, act: Act) -> Answer:
        """Perform `act` durably and return its answer; an act that already happened is answered again.

        Raises what the act raised, `Unavailable` when the disk did not take it (nothing was kept), and
        `Undecidable` while the clock is in doubt.
        """
        waiting = _Waiting(act)
        self._turns.join(waiting)
        while not waiting.done:
            try:
                with self._writing:
                    self._write_batch(waiting)
            finally:
                self._turns.pass_on(waiting)
        if waiting.error is not None:
            raise waiting.error
        if waiting.answer is None:
            raise Unavailable("ledger.unanswered", "the act was not written", hint="repeat it")
        return waiting.answer

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

    @property
    def position(self) -> Position:
        """How far the books have come."""
        return self._position

    @property
    def anchor(self) -> Anchor:
        """What remembers outside the books how far they have come."""
        return self._seals.anchor

    @property
    def anchor_trouble(self) -> Unavailable | None:
        """Why the anchor could not be written after the last commit, None when it was."""
        return self._anchor_trouble

    def confirm_anchor(self, number: int) -> Answer:
        """Take the books as they end, at commit `number`, after an operator has looked into it; that is an act too.

        Raises `OutOfOrder` when nothing is in doubt, or they end at another commit than the operator was shown.
        """
        doubt = self._seals.anchor.doubt(self._store.reads()) or self._anchor_trouble
        if doubt is None or (self._stopped is not None and self._stopped.code != doubt.code):
            raise OutOfOrder(
                "anchor.no-doubt", "the end of the books is not in doubt", hint="there is nothing to confirm"
            )
        if number != self._position.number:
            raise OutOfOrder(
                "anchor.other-commit", "the books end at commit {found} and not at {number}",
                hint="look at `cordiale anchor show` once more", found=self._position.number, number=number,
            )
        noted = {"code": doubt.code, "number": number, **doubt.fields}

        def perform(session: ActSession) -> dict[str, Any]:
            session.put("books-confirmed", f"commit.{number}", noted)
            return noted

        chain = self._position.chain.hex()
        self._stopped, self._is_anchor_new = None, True
        try:
            return self.commit(Act(f"anchor.confirm.{number}.{chain}", "anchor.confirm", "node", INTERNAL, perform))
        except CordialeError:
            self._stopped = self._stopped or doubt
            raise

    def confirm_clock(self) -> None:
        """Accept the clock as it stands after an operator has checked it; raises as `ClockWatch.confirm`."""
        with self._writing:
            self._watch.confirm()

    def now(self) -> datetime:
        """Return the time for a decision, never before the last committed act; raises as `ClockWatch.now`."""
        return self._watch.now()

    def checkpoint_of(self, log: str) -> Checkpoint:
        """Return where `log` stands: the head of the last commit."""
        return self._logs.checkpoint(log)

    def begin_index(self) -> None:
        """Begin the index of the register anew where it is not current; books in doubt stay as they are."""
        if self._stopped is None:
            with self._writing, self._store.transaction() as work:
                begin_index(work)

    def continue_index(self, count: int) -> bool:
        """Put at most `count` more records into an index that is being made; False once nothing is left to do.

        The index is no record: no act and no log entry stands for it.
        """
        if self._stopped is not None or is_whole(self._store.reads()):
            return False
        with self._writing, self._store.transaction() as work:
            begin_index(work)
            return continue_index(work, count)

    # -- one batch ---------------------------------------------------------------------------------------

    def _write_batch(self, writer: _Waiting) -> None:
        self._gather()
        waiting = self._turns.take(BATCH_ACTS_MAX)
        self._batch_size = len(waiting)
        try:
            if self._stopped is not None:
                raise self._stopped.with_traceback(None)
            now = self.now()
            batch = _Batch(now, shown_at(now))
            with self._store.transaction() as work:
                batch.known |= work.acts_known([one.act.id for one in waiting])
                for one in waiting:
                    batch.settled.append((one, self._settle(work, batch, one.act)))
                position = self._append(work, batch)
        except BaseException as error:
            for one in waiting:
                one.error = error
                self._settled(one, writer)
            if isinstance(error, CordialeError):
                return
            raise
        self._logs.keep(batch.following)
        self._put_anchor(position, now)
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

        A flush and two signatures are shared by a batch; whoever acts alone is never kept waiting, nor is anybody
        once as many are there as last time.
        """
        size = 0
        while size < len(self._turns) < self._batch_size:
            size = len(self._turns)
            time.sleep(_GATHER_SECONDS)

    @staticmethod
    def _settled(one: _Waiting, writer: _Waiting) -> None:
        one.done = True
        if one is not writer:
            one.bell.release()

    def _settle(self, work: UnitOfWork, batch: _Batch, act: Act) -> Answer | Exception:
        stored = work.act(act.id) if act.id in batch.known else None
        if stored is not None:
            return self._answer_again(stored, act)
        outcome = self._guarded(work, lambda: self._perform(work, batch, act))
        if not isinstance(outcome, (Refused, Undecidable)):
            return outcome
        refused = outcome
        noted = self._guarded(work, lambda: self._note_refusal(work, batch, act, refused))
        if not isinstance(noted, Answer):
            return noted
        refused.trail = noted.trail
        return refused

    @staticmethod
    def _guarded(work: UnitOfWork, do: Callable[[], Answer]) -> Answer | Exception:
        """Run `do` in a savepoint of its own; return what it raised, after undoing it and nothing else.

        Whoever writes does so for others, and carries what an act raised to whoever brought it. Where the store
        itself has failed, `undo` and `release` raise: then the whole batch is lost, and not this act alone.
        """
        work.savepoint()
        try:
            answer = do()
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread of the act's own caller
            work.undo()
            return error
        work.release()
        return answer

    def _perform(self, work: UnitOfWork, batch: _Batch, act: Act) -> Answer:
        session = self._session(work, batch, act)
        value = act.perform(session)
        return self._enter(work, batch, session, (act, seal_answer(value, act.asked), value))

    def _answer_again(self, stored: StoredAct, act: Act) -> Answer | CordialeError:
        if (stored.kind, stored.actor) != (act.kind, act.actor):
            return OutOfOrder(
                "act.id-taken", "the act id `{id}` belongs to another act", hint="repeat it with a new act id",
                id=act.id,
            )
        return open_answer(stored, asked=act.asked)

    def _note_refusal(self, work: UnitOfWork, batch: _Batch, act: Act, error: Refused | Undecidable) -> Answer:
        noted = Act(act.id, act.kind, act.actor, INTERNAL, act.perform, act.subject, client=act.client)
        session = self._session(work, batch, noted)
        body = refusal_body(act.kind, act.actor, act.subject, error)
        session.put("refusal", act.id, {**body, "at": batch.shown_at})
        return self._enter(work, batch, session, (noted, seal_refusal(error, act.asked), {}))

    def _session(self, work: UnitOfWork, batch: _Batch, act: Act) -> ActSession:
        index = self._logs.state(act.log).size + len(batch.pending.get(act.log, ()))
        head = ActHead(act.id, batch.at, act.actor, act.log, index)
        return ActSession(work, head, random=self._random, domain=self._record_domain)

    def _enter(
        self, work: UnitOfWork, batch: _Batch, session: ActSession,
        what: tuple[Act, bytes, Mapping[str, Any]],
    ) -> Answer:
        act, answer, value = what
        if act.client:
            session.put(CLIENT_ACT, act.id, {"client": act.client}, expect=0)
        stored = StoredAct(
            act.id, act.kind, act.actor, batch.at, act.log, session.index, answer, self._random.bytes_(32)
        )
        own = act_commitment_of(self._record_domain, stored)
        before = ""
        if act.log not in batch.pending:
            salt = batch.salts.setdefault(act.log, self._random.bytes_(SALT_SIZE_BYTES))
            before = bind_before(self._before_domain, salt, self._position)
        entry = encode_entry(
            (act.kind, batch.shown_at, act.id), [own, *session.commitments], batch=before, domain=self._many_domain
        )
        require_entry_size(entry)
        work.put_act(stored)
        batch.known.add(act.id)
        batch.pending.setdefault(act.log, []).append((act.id, entry))
        batch.touched |= session.touched
        return Answer(value, act.log, session.index, batch.at)

    def _append(self, work: UnitOfWork, batch: _Batch) -> Position:
        grown_logs = [self._logs.append(work, log, pending, batch.at) for log, pending in batch.pending.items()]
        if not grown_logs:
            return self._position
        batch.following = {growth.log: growth.state for growth in grown_logs}
        position = chain_after(self._chain_domain, self._position, {
            log: (state.size, state.root) for log, state in batch.following.items()
        })
        grown = {log: Grown(state.size, batch.salts[log]) for log, state in batch.following.items()}
        work.put_batch(StoredBatch(position.number, position.chain, encode_grown(grown)))
        # Once a batch and at its end: a full-text index writes what it was given anew at every savepoint.
        follow(work, batch.touched, commit=position.number, at=batch.at)
        for growth in grown_logs:
            growth.put_head(work)
        return position

    def _put_anchor(self, position: Position, at: datetime) -> None:
        if position == self._position:
            return
        self._position = position
        try:
            self._seals.anchor.put(position, at, is_new=self._is_anchor_new)
        except Unavailable as error:
            # What is committed stays so: an anchor that stays behind is told of, and says less than it could.
            self._anchor_trouble = error
            return
        self._is_anchor_new, self._anchor_trouble = False, None
