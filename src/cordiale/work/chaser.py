"""The chaser: what is due is reminded of, brought before another office, and asked for again, by entries in the log.

The day is the profile's (its deadline, in calendar or working days). What happens to a duty, and when, is decided by
`rules.duty_clock`; the books find what has come by the moment at which it does. What a partner owes for a message of
ours is asked for again on each day after its own, until the duty is discharged. A duty whose matter has ended by
another way is discharged by that. What no machine can remind of is not forgotten: open duties stay listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from cordiale.errors import AllTried, CordialeError, Malformed
from cordiale.message.bodies.chase import REMINDERS_COUNT_MAX, Chase, DueThing
from cordiale.model.names import MessageId
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import DUTY, advance, change_duty, discharge, times_of
from cordiale.records.lapsed import close_lapsed
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, open_record, shown_at
from cordiale.records.registering import note_register_days
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.rules.duty_clock import DutyStep, steps_at
from cordiale.work.accord_time import see_to_accords
from cordiale.work.drills import note_drills
from cordiale.work.falling_due import BEGINS
from cordiale.work.missing import Heard, note_missing
from cordiale.work.rounds import Rounds
from cordiale.work.unanswered import note_unanswered

_DUTIES_AN_ACT: Final = 100
_THINGS: Final = frozenset(thing.value for thing in DueThing)


def chase_due(registry: Registry, heard: dict[str, Heard] | None = None) -> int:
    """Do for every duty what has to happen to it by now, each thing once; return to how many duties something did.

    A message that never came is among what is due; no message asks for it, so it is told here alone. So is an order of
    ours that the partner's node does not answer.

    One that fails stops none of the others; the first failure is raised when all have been tried. `heard` is what the
    round before knew of the partners' streams.
    """
    now = registry.now()
    happened, tried = set[str](), AllTried()
    for note in (partial(note_missing, heard=heard), note_unanswered, note_register_days):
        with tried.one():
            note(registry)
    for page in _awake(registry, now):
        happened |= _advance_each(registry, page, tried)
        happened |= _chase(registry, page, now, tried)
    tried.end()
    return len(happened)


def _awake(registry: Registry, now: datetime) -> Iterator[list[Record]]:
    """Yield the duties to which something happens by `now`, some at a time, each once."""
    after = ("", "")
    span = ("", shown_at(now + timedelta(seconds=1)))
    while found := registry.reads().between(DUTY, "wakes", span, after=after, limit=_DUTIES_AN_ACT):
        yield [open_record(stored) for _, stored in found]
        after = (found[-1][0], found[-1][1].id)


def _advance_each(registry: Registry, duties: Sequence[Record], tried: AllTried) -> set[str]:
    """Enter what has happened to `duties` together; where that fails, to each by itself. Return to which it did."""
    try:
        return _advance(registry, duties)
    except CordialeError:
        happened = set[str]()  # Which of them it was is found, and kept, by trying each.
    for duty in duties:
        with tried.one():
            happened |= _advance(registry, [duty])
    return happened


def _advance(registry: Registry, duties: Sequence[Record]) -> set[str]:
    """Enter what has happened to `duties`, all in one act; return those to which anything did."""

    def run(session: ActSession) -> dict[str, Any]:
        happened: dict[str, list[str]] = {}
        for duty in waiting:
            current = session.require(DUTY, duty.id)
            proof = _settled(session, current)
            if proof:
                discharge(session, current.id, proof)
            elif steps := advance(session, current):
                happened[duty.id] = sorted(step.value for step in steps)
                begin = BEGINS.get(current["what"])
                if DutyStep.OPEN in steps and begin is not None:
                    begin(registry, session, current)
        return {"duties": happened}

    waiting = [duty for duty in duties if steps_at(times_of(duty.body), registry.now()) - {DutyStep.CHASE}]
    if not waiting:
        return set()
    answer = registry.ledger.commit(Act(registry.fresh_id("duties"), "duty.remind", "node", INTERNAL, run))
    return set(answer.value["duties"])


def _chase(registry: Registry, duties: Sequence[Record], now: datetime, tried: AllTried) -> set[str]:
    """Ask partners again for those of `duties` that they owe; return for which."""
    asked = set[str]()
    for duty in duties:
        if DutyStep.CHASE in steps_at(times_of(duty.body), now):
            with tried.one():
                _ask_again(registry, duty, now.date())
                asked.add(duty.id)
    return asked


def _ask_again(registry: Registry, duty: Record, today: date) -> None:
    log = duty.body.get("agreement", INTERNAL)

    def run(session: ActSession) -> dict[str, Any]:
        current = session.require(DUTY, duty.id)
        if current["state"] != "open" or current.body.get("chased_on", "") >= today.isoformat():
            return {"chased": 0}
        count = min(int(current.body.get("chased", 0)) + 1, REMINDERS_COUNT_MAX)
        if current["owner"] != registry.party and current["what"] in _THINGS:
            partner = require_partner(session.reads, current["owner"], mode=registry.mode, now=session.at).statement
            post(registry, session, Letter(
                partner=partner, agreement=current.body.get("agreement", ""),
                version=version_of(session, log) if log != INTERNAL else 0,
                body=Chase(
                    about=MessageId(current["message"]), due=DueThing(current["what"]),
                    due_on=date.fromisoformat(current["due"]), count=count, article=current.body.get("basis", ""),
                ),
            ))
        change_duty(session, current, chased=count, chased_on=today.isoformat())
        return {"chased": count}

    registry.ledger.commit(Act(f"chase.{duty.id}.{today.isoformat()}", "chase", "node", log, run, duty.id))


def _settled(books: Books, duty: Record) -> str:
    """Return what proves that the matter of a duty has ended by another way than its own, empty where it has not."""
    look = _SETTLED.get(duty["what"])
    return look(books, duty) if look is not None else ""


def _is_held_no_more(books: Books, duty: Record) -> str:
    consignment = books.get("consignment", duty["subject"])
    return f"{duty['subject']}: {consignment['state']}" if consignment and consignment["state"] != "held" else ""


_SETTLED: Final[Mapping[str, Callable[[Books, Record], str]]] = {"register": _is_held_no_more}


def take_chase(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a partner reminds us of something; it stands among our duties until it is done."""
    body = arrived.message.body
    if not isinstance(body, Chase):
        raise Malformed("chase.other", "this is not a reminder", hint="report this as a defect")
    session.put("reminder", f"{body.about}.{body.due.value}", {
        "about": body.about, "count": body.count, "due": body.due_on.isoformat(), "party": arrived.partner.party,
        "reminded_at": shown_at(session.at), "what": body.due.value,
    })


@dataclass(slots=True)
class Chaser(Rounds):
    """Sees to agreements and chases, in rounds."""

    heard: dict[str, Heard] = field(default_factory=dict)
    looked_on: date | None = None

    def work(self) -> None:
        """See to agreements, then chase what is due; a doubtful clock chases nobody."""
        see_to_accords(self.registry)
        note_drills(self.registry)
        chase_due(self.registry, self.heard)
        today = self.registry.now().date()
        if self.looked_on != today:
            # All that waits is looked through once a day, and last: what cannot be read in it keeps no duty from being
            # chased.
            close_lapsed(self.registry)
            self.looked_on = today
