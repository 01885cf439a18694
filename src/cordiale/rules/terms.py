"""Figures and periods of an agreement: which apply, which is the strictest, and the day they lead to.

A term that names a party or a level takes the place of a more general one of the
same layer, whole. Terms of the agreement and of the national profile of the party
both apply, and the stricter one counts. What no layer says is not known: every
function here answers with nothing, and the caller must say so (there is no default).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from cordiale.errors import Malformed, Undecidable
from cordiale.limits import TERM_COUNT_MAX
from cordiale.model.agreement import DayKind, Deadline, NationalProfile, Profile, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.model.term_names import TERM_NAMES, Stricter, TermName
from cordiale.rules.layers import national_of
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.workdays import Holidays, add_months, due_on, take_months

__all__ = (
    "TERM_NAMES", "Stricter", "TermName", "counted_back", "counted_from", "first_day", "last_day", "moment_from",
    "say_figure", "strictest", "terms_of", "terms_said",
)

_DAYS_IN_UNIT: Final = {TermUnit.CALENDAR_DAYS: 1, TermUnit.WEEKS: 7}
_HOURS_IN_DAY: Final = 24
# The shortest and the longest month, and so many of them in a row: Feb 28, and never more than 31 days each.
_MONTH_DAYS: Final = (28, 31)
_YEAR_DAYS: Final = (365, 366)
_NEVER_HOURS: Final = TERM_COUNT_MAX * 366 * 24


def terms_of(
    index: RuleIndex, name: str, *, party: PartyId | None = None, level: LevelRef | None = None
) -> tuple[Term, ...]:
    """Return the terms called `name` that apply to `party` and `level`: of the agreement, then of national law.

    Without `party` only what holds of every party counts, and no national law; without `level` only what holds of
    every level. Empty where no layer says anything. Raises `Malformed` for a name that is not in `TERM_NAMES`.
    """
    profile = index.state.profile
    if profile is None:
        _require_name(name)
        return ()
    national = national_of(index.state.nationals, party) if party is not None else None
    return terms_said(profile, national, name, party=party, level=level)


def terms_said(
    profile: Profile, national: NationalProfile | None, name: str, *,
    party: PartyId | None = None, level: LevelRef | None = None,
) -> tuple[Term, ...]:
    """Return what `terms_of` returns, from the two layers themselves; `national` is that of `party`."""
    _require_name(name)
    layers = [profile.terms, national.terms if national else ()]
    return tuple(
        term for layer in layers
        for term in _most_specific([
            term for term in layer
            if term.name == name and term.party in (None, party) and term.level in (None, level)
        ])
    )


def strictest(terms: Iterable[Term]) -> Term | None:
    """Return the strictest of `terms`, which all bear one name; None where there is none.

    Raises `Undecidable` where only a calendar could tell (30 days or one month, working days or weeks): count each
    from its day with `first_day` or `last_day` instead. Raises `Malformed` for terms of different names.
    """
    found: Term | None = None
    for term in terms:
        if found is None or _is_stricter(term, found):
            found = term
    return found


def counted_from(term: Term, start: date, holidays: Holidays) -> date:
    """Return the day that lies `term` after `start`, which is not counted; zero gives `start` itself.

    Hours count as whole days, rounded down; `moment_from` counts them exactly. Raises `Malformed` for a term that
    counts no time, and `Undecidable` where working days are counted without holidays that would make it stricter.
    """
    if term.unit is TermUnit.WORKING_DAYS:
        day = due_on(start, Deadline(term.count, DayKind.WORKING), holidays)
        if TERM_NAMES[term.name].stricter is Stricter.LONGER:
            _require_covered(term, (start, day), holidays)
        return day
    if term.unit is TermUnit.HOURS:
        return start + timedelta(days=term.count // _HOURS_IN_DAY)
    if term.unit in _DAYS_IN_UNIT:
        return start + timedelta(days=term.count * _DAYS_IN_UNIT[term.unit])
    return add_months(start, _months(term))


def counted_back(term: Term, day: date, holidays: Holidays) -> date:
    """Return the last day on which one may act so that `term` lies before `day`, which is not counted.

    Hours count as whole days, rounded up. Raises as `counted_from` does.
    """
    if term.unit is TermUnit.WORKING_DAYS:
        first = _working_days_back(day, term.count, holidays)
        _require_covered(term, (first, day), holidays)
        return first
    if term.unit is TermUnit.HOURS:
        return day - timedelta(days=-(-term.count // _HOURS_IN_DAY))
    if term.unit in _DAYS_IN_UNIT:
        return day - timedelta(days=term.count * _DAYS_IN_UNIT[term.unit])
    return take_months(day, _months(term))


def moment_from(term: Term, start: datetime, holidays: Holidays) -> datetime:
    """Return the moment that ends `term` begun at `start`, in UTC.

    Hours are counted exactly. Everything else ends with the day that `counted_from` gives, in its last second.
    Raises as `counted_from` does.
    """
    if term.unit is TermUnit.HOURS:
        return start + timedelta(hours=term.count)
    if not term.count:
        return start
    day = counted_from(term, start.date(), holidays)
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=start.tzinfo)


def first_day(terms: Iterable[Term], start: date, holidays: Holidays) -> date | None:
    """Return the strictest day that `terms` give when counted from `start`, None where there is none.

    That is the earliest where the shorter term is the stricter, the latest where the longer one is.
    """
    listed = tuple(terms)
    days = [counted_from(term, start, holidays) for term in listed]
    return _pick(listed, days, {Stricter.SHORTER: min, Stricter.LONGER: max})


def last_day(terms: Iterable[Term], day: date, holidays: Holidays) -> date | None:
    """Return the strictest last day to act before `day` under all of `terms`, None where there is none.

    That is the earliest where the longer term is the stricter, the latest where the shorter one is.
    """
    listed = tuple(terms)
    days = [counted_back(term, day, holidays) for term in listed]
    return _pick(listed, days, {Stricter.LONGER: min, Stricter.SHORTER: max})


def say_figure(term: Term) -> str:
    """Return the figure of `term` with its article, such as ``6 weeks (Art. 5(4))``."""
    return f"{term.count} {term.unit.value} ({term.article})"


def _pick(
    terms: tuple[Term, ...], days: list[date], choose: dict[Stricter, Callable[[list[date]], date]]
) -> date | None:
    if not terms:
        return None
    for term in terms[1:]:
        _require_same_name(terms[0], term)
    return choose[TERM_NAMES[terms[0].name].stricter](days)


def _most_specific(terms: list[Term]) -> list[Term]:
    """Drop what yields to a term that names all it names, and more."""
    def named(term: Term) -> set[str]:
        return {name for name, value in (("party", term.party), ("level", term.level)) if value is not None}

    return [term for term in terms if not any(named(term) < named(other) for other in terms)]


def _is_stricter(one: Term, other: Term) -> bool:
    _require_same_name(one, other)
    ours, theirs = _bounds(one), _bounds(other)
    is_longer = TERM_NAMES[one.name].stricter is Stricter.LONGER
    if ours == theirs:
        return False
    if _is_of_one_measure(one, other) or ours[0] >= theirs[1] or theirs[0] >= ours[1]:
        return (ours > theirs) is is_longer
    raise Undecidable(
        "term.incomparable", "{one} and {other} for `{name}` cannot be compared without a calendar",
        hint="write both in the same unit, in the profile or in the national profile",
        one=say_figure(one), other=say_figure(other), name=one.name,
    )


def _is_of_one_measure(one: Term, other: Term) -> bool:
    calendar = {TermUnit.MONTHS, TermUnit.YEARS}
    return one.unit is other.unit or {one.unit, other.unit} <= calendar


def _bounds(term: Term) -> tuple[int, int]:
    """Return the fewest and the most hours `term` can last; plain numbers stand for themselves."""
    if term.unit in (TermUnit.COUNT, TermUnit.PERCENT, TermUnit.HOURS):
        return term.count, term.count
    if term.unit in _DAYS_IN_UNIT:
        hours = term.count * _DAYS_IN_UNIT[term.unit] * _HOURS_IN_DAY
        return hours, hours
    if term.unit is TermUnit.WORKING_DAYS:
        # How many holidays may fall between is not known here.
        return term.count * _HOURS_IN_DAY, (_NEVER_HOURS if term.count else 0)
    years, months = divmod(_months(term), 12)
    fewest = years * _YEAR_DAYS[0] + months * _MONTH_DAYS[0]
    most = years * _YEAR_DAYS[1] + months * _MONTH_DAYS[1]
    return fewest * _HOURS_IN_DAY, most * _HOURS_IN_DAY


def _months(term: Term) -> int:
    if term.unit is TermUnit.MONTHS:
        return term.count
    if term.unit is TermUnit.YEARS:
        return term.count * 12
    raise Malformed(
        "term.no-time", "`{name}` counts {unit} and leads to no day", hint="ask for another term", name=term.name,
        unit=term.unit.value,
    )


def _working_days_back(day: date, count: int, holidays: Holidays) -> date:
    if len(holidays.weekend) >= 7:
        raise Undecidable(
            "deadline.no-working-day", "every day of the week is entered as a weekend",
            hint="correct the weekends in the profile",
        )
    left = count
    while left:
        day -= timedelta(days=1)
        left -= holidays.is_working(day)
    return day


def _require_covered(term: Term, days: Iterable[date], holidays: Holidays) -> None:
    missing = sorted({day.year for day in days if not holidays.covers(day)})
    if term.count and (missing or not holidays.weekend):
        raise Undecidable(
            "term.holidays-missing",
            "`{name}` counts working days, and the holidays of {year} or the weekend are not entered",
            hint="add [[holidays]] with the weekend and the days of that year to the profile", name=term.name,
            article=term.article, year=missing[0] if missing else min(day.year for day in days),
        )


def _require_name(name: str) -> None:
    if name not in TERM_NAMES:
        raise Malformed(
            "term.name", "`{name}` is no known term", hint="choose a name of docs/terms.md", name=name[:60]
        )


def _require_same_name(one: Term, other: Term) -> None:
    if one.name != other.name:
        raise Malformed(
            "term.names-differ", "`{one}` and `{other}` are not the same term", hint="compare terms of one name",
            one=one.name, other=other.name,
        )
