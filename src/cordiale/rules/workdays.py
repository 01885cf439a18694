"""Counting the days of a deadline.

Treaties count in calendar days, working days and months, and mean the holidays
of one party or of both. The day of the event itself is not counted. Nothing
here knows a holiday or a weekend by itself: both are entered in the profile.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

from cordiale.errors import Malformed, Undecidable
from cordiale.limits import DEADLINE_DAYS_MAX
from cordiale.model.agreement import DayKind, Deadline, Profile
from cordiale.model.names import PartyId


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days on which no work is done: single `days` and the `weekend` of each week (0 is Monday)."""

    days: frozenset[date]
    weekend: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Tell whether `day` counts as a working day."""
        return day.weekday() not in self.weekend and day not in self.days

    def covers(self, day: date) -> bool:
        """Tell whether any holiday has been entered for the year of `day`.

        Where none has, a count of working days is too short rather than too long, and the due day should be
        shown as provisional.
        """
        return any(known.year == day.year for known in self.days)


def holidays_of(profile: Profile, parties: Iterable[PartyId]) -> Holidays:
    """Return the holidays and weekends of all of `parties` together, as entered in `profile`."""
    named = frozenset(parties)
    return Holidays(
        days=frozenset(day for party, days in profile.holidays if party in named for day in days),
        weekend=frozenset(day for party, days in profile.weekends if party in named for day in days),
    )


def due_on(start: date, deadline: Deadline, holidays: Holidays) -> date:
    """Return the last day on which something due within `deadline` of `start` is in time.

    Zero days mean the day itself, whatever day it is. Raises `Malformed` for a count that is negative or beyond
    `limits.DEADLINE_DAYS_MAX`, and `Undecidable` where `holidays` leave no working day in a week.
    """
    if not 0 <= deadline.count <= DEADLINE_DAYS_MAX:
        raise Malformed(
            "deadline.count", "a deadline of {count} days cannot be counted", hint="correct it in the profile",
            count=deadline.count,
        )
    if deadline.kind is DayKind.CALENDAR:
        return start + timedelta(days=deadline.count)
    if len(holidays.weekend) >= 7:
        raise Undecidable(
            "deadline.no-working-day", "every day of the week is entered as a weekend",
            hint="correct the weekends in the profile",
        )
    day, left = start, deadline.count
    while left:
        day += timedelta(days=1)
        left -= holidays.is_working(day)
    return day


def earliest_due(start: date, deadlines: Iterable[Deadline], holidays: Holidays) -> date | None:
    """Return the earliest day that any of `deadlines` gives (see `due_on`), None where there is none."""
    return min((due_on(start, deadline, holidays) for deadline in deadlines), default=None)


def add_months(start: date, months: int) -> date:
    """Return the day `months` (0 or more) after `start`: the same day of that month, or its last.

    Raises `Malformed` where `months` is negative or leads beyond the year 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if months < 0 or year > MAXYEAR:
        raise Malformed(
            "deadline.months", "{months} months cannot be counted", hint="correct it in the profile", months=months
        )
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def take_months(day: date, months: int) -> date:
    """Return the day `months` (0 or more) before `day`: the same day of that month, or its last.

    Raises `Malformed` where `months` is negative or leads before the year 1.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if months < 0 or year < MINYEAR:
        raise Malformed(
            "deadline.months", "{months} months cannot be counted", hint="correct it in the profile", months=months
        )
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ends_on(profile: Profile, notice_received_on: date) -> date | None:
    """Return the day on which a notice of termination takes effect, None where the profile does not say.

    On that day provision stops; reading and every duty of protection go on.
    """
    if profile.termination_months is not None:
        return add_months(notice_received_on, profile.termination_months)
    if profile.termination_days is not None:
        return notice_received_on + timedelta(days=profile.termination_days)
    return None
