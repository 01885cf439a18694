"""A change of level is worked off copy by copy, some in each act, and goes on where it stopped.

At home every copy is noted as done or as still bearing the old mark: of a
content that lies sealed here the mark is what this node shows, and it is done;
a thing is done when a registrar has marked it. At the originator's the same way
goes the partner's answer, by the numbers of its copies. The place reached is in
the record itself, so that a node that dies in between loses and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import AllTried
from cordiale.limits import LEVEL_ACT_COPIES_COUNT_MAX
from cordiale.message.bodies.level_change_done import LevelChangeDone
from cordiale.model.level import LevelOutcome
from cordiale.records.duties import discharge
from cordiale.records.items import COPY, ITEM
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.level_marking import owe_marking
from cordiale.records.levels import (
    BY_CONSENT,
    DONE,
    LEVEL_CHANGE,
    LEVEL_TOLD,
    MARKING,
    PENDING,
    WORKING,
    changes_for,
    take_effect,
    told_duty,
)
from cordiale.records.lineage import original_number
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.records.tell_originator import answer_order

LEVEL_ANSWER: Final = "level-answer"
_FIRST: Final = "item"
_THEN: Final = "root"
TREE_OF_COPIES: Final = (_FIRST, _THEN)
"""The fields by which all copies of the tree of an item are found."""
_HERE: Final = frozenset({"held", "registered", "frozen"})


def work_off(registry: Registry, change: str) -> None:
    """Go through all copies of a change in effect, some in each act; then answer the originator."""
    _repeat(registry, LEVEL_CHANGE, change, _step_home)


def work_off_answer(registry: Registry, answer: str) -> None:
    """Go through all copies that a partner has answered for, some in each act."""
    _repeat(registry, LEVEL_ANSWER, answer, _step_answer)


def _repeat(
    registry: Registry, kind: str, id: str, step: Callable[[Registry, ActSession, Record], dict[str, Any]]
) -> None:
    record = registry.record(kind, id)
    while record is not None and record["state"] == WORKING:
        def run(session: ActSession) -> dict[str, Any]:
            current = session.require(kind, id)
            return step(registry, session, current) if current["state"] == WORKING else {}

        log = record.body.get("agreement") or INTERNAL
        registry.ledger.commit(Act(registry.fresh_id("level"), "level.work", "node", log, run, record["item"]))
        record = registry.record(kind, id)


def _next_copies(session: ActSession, record: Record) -> tuple[list[Record], dict[str, Any] | None]:
    """Return some copies of the tree of the item, and where to go on from, None at the end.

    First the copies of the item itself, then whatever else was made from one of them.
    """
    by = record.body.get("by", _FIRST)
    found = session.reads.find(
        COPY, by, record["item"], after=record.body.get("copy", ""), limit=LEVEL_ACT_COPIES_COUNT_MAX
    )
    copies = [open_record(one) for one in found]
    if len(copies) == LEVEL_ACT_COPIES_COUNT_MAX:
        return copies, {"by": by, "copy": copies[-1].id}
    return copies, {"by": _THEN, "copy": None} if by == _FIRST else None


def each_copy(books: Books, item: str) -> Iterator[Record]:
    """Yield every copy of the tree of the item, each once."""
    yield from books.each(COPY, _FIRST, item)
    yield from (copy for copy in books.each(COPY, _THEN, item) if copy["item"] != item)


def _step_home(registry: Registry, session: ActSession, change: Record) -> dict[str, Any]:
    copies, onward = _next_copies(session, change)
    form = session.require(ITEM, change["item"])["form"]
    for copy in copies:
        is_new = copy.body.get("level_change") != change.id
        if is_new and copy["party"] == registry.party and copy["state"] in _HERE:
            is_sealed = copy.body.get("form", form) == "file"
            session.change(copy, level_change=change.id, level_done=is_sealed)
    if onward is not None:
        session.change(change, **onward)
    else:
        finish(registry, session, change)
    return {"change": change.id, "copies": len(copies)}


def numbers_here(registry: Registry, books: Books, change: Record) -> tuple[list[int], list[int]]:
    """Return the numbers of our copies that bear the mark of `change`, and of those that still bear an older one.

    A copy is done when everything that was made from it is: its number speaks for all of that.
    """
    done: set[int] = set()
    pending: set[int] = set()
    for copy in each_copy(books, change["item"]):
        number = original_number(change["item"], copy.id)
        if copy["party"] == registry.party and copy["state"] in _HERE and number:
            is_done = copy.body.get("level_change") == change.id and copy["level_done"]
            (done if is_done else pending).add(number)
    return sorted(done - pending), sorted(pending)


def finish(registry: Registry, session: ActSession, change: Record) -> None:
    """Note how far the marking has come, and answer the originator of a foreign item."""
    done, pending = numbers_here(registry, session, change)
    item = session.require(ITEM, change["item"])
    own = session.get(COPY, f"{item.id}.0") if change["direction"] == "out" else None
    is_left = bool(pending) or (own is not None and own["state"] in _HERE and not own.body.get("level_done", True))
    session.change(change, by=None, copy=None, state=MARKING if is_left else DONE)
    owe_marking(registry, session, change, is_left=is_left)
    if change["direction"] == "out" or BY_CONSENT in change.body:
        return
    outcome = LevelOutcome.WORKING if pending else LevelOutcome.DONE
    if change.body.get("frozen"):
        outcome = LevelOutcome.FROZEN
    answer(registry, session, change, LevelChangeDone(
        change["change"], outcome, session.at.replace(microsecond=0), tuple(done), tuple(pending)
    ))


def answer(registry: Registry, session: ActSession, change: Record, body: LevelChangeDone) -> None:
    """Queue `body` for who issued `change`, and for whoever follows it."""
    answer_order(registry, session, (change["issuer"], change["agreement"], change["item"]), body)


def _step_answer(registry: Registry, session: ActSession, answer: Record) -> dict[str, Any]:
    told = session.require(LEVEL_TOLD, answer["told"])
    copies, onward = _next_copies(session, answer)
    done = set(answer["done"])
    for copy in copies:
        is_new = copy.body.get("level_change") != told["change"]
        if is_new and copy["party"] == told["party"] and original_number(told["item"], copy.id) in done:
            session.change(copy, level_change=told["change"], level_done=True)
    if onward is not None:
        session.change(answer, **onward)
    else:
        _settle(session, answer, told)
    return {"answer": answer.id, "copies": len(copies)}


def _settle(session: ActSession, answer: Record, told: Record) -> None:
    """Note what became of the change at the partner; the duty ends when no copy that it holds is left."""
    session.change(answer, by=None, copy=None, state=DONE)
    if told.body.get("answered_at", "") > answer["answered_at"]:
        return
    missing = [] if answer["outcome"] == LevelOutcome.SUPERSEDED else sorted(_numbers_at(session, told))
    is_over = not missing and answer["outcome"] != LevelOutcome.WORKING
    session.change(
        told, answered_at=answer["answered_at"], outcome=answer["outcome"], pending=answer["pending"],
        silent=[one for one in missing if one not in answer["pending"]], state=DONE if is_over else told["state"],
    )
    if is_over or answer["outcome"] == LevelOutcome.FROZEN:
        discharge(session, told_duty(told.id), answer.id)


def _numbers_at(session: ActSession, told: Record) -> set[int]:
    """Return the numbers of the copies with the partner that do not bear the mark yet."""
    return {
        original_number(told["item"], copy.id) for copy in each_copy(session, told["item"])
        if copy["party"] == told["party"] and copy["state"] == "with-partner"
        and copy.body.get("level_change") != told["change"]
    }


def leave_unmarked(session: ActSession, copy: Record) -> None:
    """Let nobody wait for the mark on a copy that has ended: the change is gone through again without it."""
    change = session.get(LEVEL_CHANGE, str(copy.body.get("level_change", "")))
    if change is not None and change["state"] == MARKING and not copy["level_done"]:
        session.change(change, by=None, copy=None, state=WORKING)


def settle_without(session: ActSession, copy: Record, proof: str) -> None:
    """Let a partner owe no answer for the level of a copy that has ended there, where it was the last it owed for."""
    for change in changes_for(session, str(copy.body.get("root", copy["item"]))):
        told = session.get(LEVEL_TOLD, f"{change['change']}.{str(copy['party']).lower()}")
        if told is None or told["state"] == DONE or told.body.get("outcome") != LevelOutcome.DONE:
            continue
        if original_number(told["item"], copy.id) in told["silent"] and not (left := _numbers_at(session, told)):
            session.change(told, silent=sorted(left), state=DONE)
            discharge(session, told_duty(told.id), proof)


def work_levels(registry: Registry) -> None:
    """Put into effect what is due, and go on with everything that is not worked off.

    One that fails stops none of the others; the first failure is raised when all have been tried.
    """
    tried = AllTried()
    books = registry.books()
    steps: list[tuple[Callable[[], Iterator[Record]], Callable[[Registry, str], None]]] = [
        (lambda: _come(books), _begin),
        (lambda: books.each(LEVEL_CHANGE, "state", WORKING), work_off),
        (lambda: books.each(LEVEL_ANSWER, "state", WORKING), work_off_answer),
    ]
    for found, step in steps:
        for record in list(found()):
            with tried.one():
                step(registry, record.id)
    tried.end()


def _come(books: Books) -> Iterator[Record]:
    """Yield the changes whose moment has come and that are not in effect; those of later days are not read."""
    span, after = (f"{PENDING} ", f"{PENDING} {shown_at(books.at + timedelta(seconds=1))}"), ("", "")
    while page := books.reads.between(LEVEL_CHANGE, "state/effective_at", span, after=after):
        yield from (open_record(stored) for _, stored in page)
        after = (page[-1][0], page[-1][1].id)


def _begin(registry: Registry, change: str) -> None:
    """Put a change into effect whose moment has come; one of an item that is not registered yet waits for that."""
    record = registry.record(LEVEL_CHANGE, change)
    if record is None or not _is_due(registry.books(), record):
        return

    def run(session: ActSession) -> dict[str, Any]:
        current = session.require(LEVEL_CHANGE, change)
        if current["state"] != PENDING or not _is_due(session, current):
            return {}
        take_effect(registry, session, current)
        return {"change": change}

    log = record.body.get("agreement") or INTERNAL
    registry.ledger.commit(Act(registry.fresh_id("level"), "level.effect", "node", log, run, record["item"]))


def _is_due(books: Books, change: Record) -> bool:
    return parse_instant(change["effective_at"]) <= books.at and books.get(ITEM, change["item"]) is not None
