"""When something happens to a duty: it is opened, reminded of, overdue, brought before another office, asked for again.

Each happens once, asking again once a day, whenever the node looks: after a restart, or a month in which it was off,
everything that fell due meanwhile is due now. A day ends when it ends in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum


class DutyStep(StrEnum):
    """What happens to a duty by itself."""

    OPEN = "open"
    REMIND = "remind"
    OVERDUE = "overdue"
    ESCALATE = "escalate"
    CHASE = "chase"


@dataclass(frozen=True, slots=True)
class DutyTimes:
    """The times of a duty, and what has happened to it.

    `due` is the last day, `due_at` the last moment where it is due at one. `opens_on` is the day on which a planned
    duty begins. `is_chased` is true of what a partner owes for a message of ours; `chased_on` is the last day on
    which it was asked for again. Times are aware, UTC.
    """

    due: date | None = None
    due_at: datetime | None = None
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    opens_on: date | None = None
    is_escalated: bool = True
    is_chased: bool = False
    chased_on: date | None = None
    done: frozenset[DutyStep] = frozenset()


def start_of(day: date) -> datetime:
    """Return the moment at which `day` begins, UTC."""
    return datetime.combine(day, time.min, UTC)


def overdue_from(times: DutyTimes) -> datetime | None:
    """Return the moment from which the duty is overdue: the one after its last, or when its last day has ended."""
    if times.due_at is not None:
        return times.due_at
    return start_of(times.due + timedelta(days=1)) if times.due is not None else None


def moments_of(times: DutyTimes) -> dict[DutyStep, datetime]:
    """Return what is still to happen to an undischarged duty, and when; nothing else before a planned one is opened."""
    if times.opens_on is not None and DutyStep.OPEN not in times.done:
        return {DutyStep.OPEN: start_of(times.opens_on)}
    overdue = overdue_from(times)
    moments: dict[DutyStep, datetime | None] = {
        DutyStep.REMIND: times.remind_at if DutyStep.OVERDUE not in times.done else None,
        DutyStep.OVERDUE: overdue,
        DutyStep.ESCALATE: max(times.escalate_at, overdue) if times.escalate_at and overdue else overdue,
    }
    if not times.is_escalated:
        del moments[DutyStep.ESCALATE]
    left = {step: at for step, at in moments.items() if at is not None and step not in times.done}
    if times.is_chased and overdue is not None:
        again = start_of(times.chased_on + timedelta(days=1)) if times.chased_on is not None else overdue
        left[DutyStep.CHASE] = max(again, overdue)
    return left


def steps_at(times: DutyTimes, now: datetime) -> frozenset[DutyStep]:
    """Return what has to happen to the duty at `now`; who is overdue is not reminded as well."""
    due = {step for step, at in moments_of(times).items() if at <= now}
    return frozenset(due - {DutyStep.REMIND} if DutyStep.OVERDUE in due else due)


def wakes_at(times: DutyTimes) -> datetime | None:
    """Return when the duty has to be looked at next, None when nothing more happens to it by itself."""
    return min(moments_of(times).values(), default=None)
