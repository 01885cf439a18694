from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agreement.examples import AAA, BBB, complete_profile

from cordiale.errors import Malformed, Undecidable
from cordiale.model.agreement import DayKind, Deadline
from cordiale.rules.workdays import Holidays, add_months, due_on, earliest_due, ends_on, holidays_of

SATURDAY, SUNDAY, FRIDAY = 5, 6, 4
MONDAY = date(2026, 11, 16)
PLAIN = Holidays(frozenset(), frozenset({SATURDAY, SUNDAY}))


def working(count: int) -> Deadline:
    return Deadline(count, DayKind.WORKING)


def calendar(count: int) -> Deadline:
    return Deadline(count, DayKind.CALENDAR)


def test_ten_working_days_are_two_weeks_without_a_holiday():
    assert due_on(MONDAY, working(10), PLAIN) == date(2026, 11, 30)
    assert due_on(MONDAY, calendar(10), PLAIN) == date(2026, 11, 26)


def test_a_holiday_of_either_party_moves_the_day():
    profile = replace(
        complete_profile(),
        holidays=((AAA, (date(2026, 11, 23),)), (BBB, (date(2026, 11, 24),))),
        weekends=((AAA, frozenset({SATURDAY, SUNDAY})), (BBB, frozenset({FRIDAY, SATURDAY}))),
    )
    assert due_on(MONDAY, working(5), holidays_of(profile, [AAA])) == date(2026, 11, 24)
    assert due_on(MONDAY, working(5), holidays_of(profile, [AAA, BBB])) == date(2026, 11, 26)


@pytest.mark.parametrize("deadline", [working(0), calendar(0)])
def test_at_once_is_the_same_day_even_on_a_holiday(deadline):
    assert due_on(date(2026, 11, 21), deadline, PLAIN) == date(2026, 11, 21)


def test_a_weekend_is_never_assumed():
    assert due_on(date(2026, 11, 20), working(1), Holidays(frozenset(), frozenset())) == date(2026, 11, 21)


@pytest.mark.parametrize("count", [-1, 100_000])
def test_a_count_out_of_range_is_refused(count):
    with pytest.raises(Malformed, match="cannot be counted"):
        due_on(MONDAY, working(count), PLAIN)


def test_a_week_without_a_working_day_is_undecidable():
    with pytest.raises(Undecidable, match="every day of the week"):
        due_on(MONDAY, working(1), Holidays(frozenset(), frozenset(range(7))))


dates = st.dates(date(2020, 1, 1), date(2040, 1, 1))
holidays = st.builds(
    Holidays, st.frozensets(dates, max_size=30), st.frozensets(st.integers(0, 6), max_size=6)
)


@given(dates, st.integers(1, 40), holidays)
def test_the_due_day_is_the_nth_working_day(start, count, off):
    due = due_on(start, working(count), off)
    days = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert off.is_working(due)
    assert sum(off.is_working(day) for day in days) == count


@given(dates, st.integers(0, 40), holidays)
def test_working_days_never_end_before_as_many_calendar_days(start, count, off):
    assert due_on(start, working(count), off) >= due_on(start, calendar(count), off)


def test_the_earliest_of_several_deadlines_binds():
    assert earliest_due(MONDAY, [calendar(12), working(10)], PLAIN) == date(2026, 11, 28)
    assert earliest_due(MONDAY, [calendar(20), working(10)], PLAIN) == date(2026, 11, 30)
    assert earliest_due(MONDAY, [], PLAIN) is None


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start, months, expected):
    assert add_months(start, months) == expected


@pytest.mark.parametrize("months", [-1, 12 * 9000])
def test_months_out_of_range_are_refused(months):
    with pytest.raises(Malformed, match="months cannot be counted"):
        add_months(MONDAY, months)


def test_the_end_follows_the_notice_as_the_profile_counts():
    profile = complete_profile()
    assert ends_on(profile, MONDAY) == date(2027, 2, 14)
    in_months = replace(profile, termination_days=None, termination_months=6)
    assert ends_on(in_months, MONDAY) == date(2027, 5, 16)
    assert ends_on(replace(profile, termination_days=None), MONDAY) is None


def test_a_year_without_holidays_is_not_covered():
    off = Holidays(frozenset({date(2026, 1, 1)}), frozenset())
    assert off.covers(date(2026, 12, 31)) and not off.covers(date(2027, 1, 1))
