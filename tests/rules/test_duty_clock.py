"""What happens to a duty, and when: each thing once, whenever the node looks, and the next look never too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cordiale.rules.duty_clock import DutyStep, DutyTimes, overdue_from, steps_at, wakes_at

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_day_is_over_when_it_ends_and_a_moment_at_once() -> None:
    assert overdue_from(DutyTimes(due=DAY)) == datetime(2026, 11, 21, tzinfo=UTC)
    assert overdue_from(DutyTimes(due=DAY, due_at=NOON)) == NOON
    assert overdue_from(DutyTimes()) is None and wakes_at(DutyTimes()) is None


def test_who_is_overdue_is_not_reminded_as_well() -> None:
    times = DutyTimes(due=DAY, remind_at=NOON - timedelta(days=3))
    assert steps_at(times, NOON) == {DutyStep.REMIND}
    late = steps_at(times, NOON + timedelta(days=1))
    assert late == {DutyStep.OVERDUE, DutyStep.ESCALATE}


def test_a_planned_duty_is_only_opened() -> None:
    times = DutyTimes(due=DAY, opens_on=DAY - timedelta(days=9))
    assert steps_at(times, NOON) == {DutyStep.OPEN}
    assert steps_at(times, NOON - timedelta(days=10)) == frozenset()


def test_a_partner_is_asked_again_once_a_day() -> None:
    times = DutyTimes(due=DAY, is_chased=True)
    assert DutyStep.CHASE not in steps_at(times, NOON)
    assert DutyStep.CHASE in steps_at(times, NOON + timedelta(days=30))
    asked = replace(times, chased_on=DAY + timedelta(days=30))
    assert DutyStep.CHASE not in steps_at(asked, NOON + timedelta(days=30))
    assert DutyStep.CHASE in steps_at(asked, NOON + timedelta(days=31))


_HOURS = st.integers(-800, 800)


@st.composite
def _duties(draw: st.DrawFn) -> DutyTimes:
    def moment(hours: int | None) -> datetime | None:
        return NOON + timedelta(hours=hours) if hours is not None else None

    due = draw(st.none() | _HOURS)
    is_moment = due is not None and draw(st.booleans())
    at = moment(due)
    return DutyTimes(
        due=at.date() if at is not None else None, due_at=at if is_moment else None,
        remind_at=moment(draw(st.none() | _HOURS)), escalate_at=moment(draw(st.none() | _HOURS)),
        opens_on=(NOON + timedelta(hours=draw(_HOURS))).date() if draw(st.booleans()) else None,
        is_escalated=draw(st.booleans()),
    )


def _played(times: DutyTimes, looks: list[datetime]) -> dict[DutyStep, datetime]:
    """Look at each of `looks`, and let happen what happens; each thing may happen once."""
    happened: dict[DutyStep, datetime] = {}
    for now in looks:
        while steps := steps_at(times, now):
            assert not steps & happened.keys()
            happened |= dict.fromkeys(steps, now)
            times = replace(times, done=times.done | steps)
    return happened


def _expected(times: DutyTimes, now: datetime) -> set[DutyStep]:
    """A second, naive answer to what has happened to a duty at `now`, looked at in every hour before."""
    opened = times.opens_on is None or now.date() >= times.opens_on
    found = {DutyStep.OPEN} if times.opens_on is not None and opened else set()
    if not opened or times.due is None:
        remind = opened and times.remind_at is not None and times.remind_at <= now
        return found | ({DutyStep.REMIND} if remind else set())
    late = times.due_at <= now if times.due_at is not None else times.due < now.date()
    if late:
        found.add(DutyStep.OVERDUE)
        if times.is_escalated and (times.escalate_at is None or times.escalate_at <= now):
            found.add(DutyStep.ESCALATE)
    return found


@given(_duties(), st.lists(_HOURS, min_size=1, max_size=8))
def test_whenever_it_is_looked_at_everything_has_happened_once(times: DutyTimes, hours: list[int]) -> None:
    looks = [NOON + timedelta(hours=hour) for hour in sorted(hours)]
    happened = _played(times, looks)
    assert happened.keys() - {DutyStep.REMIND} == _expected(times, looks[-1]) - {DutyStep.REMIND}


@given(_duties(), _HOURS)
def test_nothing_happens_before_it_wakes_and_something_does_then(times: DutyTimes, hour: int) -> None:
    wakes = wakes_at(times)
    if wakes is None:
        assert steps_at(times, NOON + timedelta(hours=hour)) == frozenset()
    else:
        assert steps_at(times, wakes - timedelta(seconds=1)) == frozenset()
        assert steps_at(times, wakes)
