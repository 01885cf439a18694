"""Visits: the last day to ask, by direction and with the host's holidays; what may be asked, amended, announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.trying import tried

from cordiale.errors import Undecidable
from cordiale.model.agreement import AgreementState, Stage, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.model.visit import Site, VisitKind, Visitor, VisitPlan
from cordiale.rules.rule_index import RuleIndex, build_rule_index
from cordiale.rules.visits import VisitQuestion, decide_amendment, decide_approval, decide_request, file_by
from cordiale.wire.agreement_toml import load_template

JPN, UKR = PartyId("JPN"), PartyId("UKR")
SAKURA, BARVINOK = LevelRef("EX-JPN", "EXERCISE SAKURA"), LevelRef("EX-UKR", "EXERCISE BARVINOK")
KALYNA = LevelRef("EX-UKR", "EXERCISE KALYNA")
TODAY = date(2026, 9, 1)
SHIPPED = load_template("exercise").profile
SITE = Site("Exercise Plant", "Exercise Quay 3", "Gate office")
PLAN = VisitPlan(VisitKind.ONCE, date(2026, 9, 14), date(2026, 9, 16), SAKURA, "exercise", (SITE,), "briefing")
VISITOR = Visitor(
    "v.1", "Exercise Visitor", (UKR,), BARVINOK, date(2029, 12, 31), date(1980, 1, 2), "Exercise Town", "EX 1",
    "Engineer", "Exercise Works",
)
ASKED = VisitQuestion(PLAN, (VISITOR,), JPN, UKR, BARVINOK, TODAY)


def under(*terms: Term, keep: bool = False, **profile: Any) -> RuleIndex:
    """Return the exercise agreement with `terms` in place of its own of the same names, or with none at all."""
    named = {term.name for term in terms}
    kept = tuple(term for term in SHIPPED.terms if keep and term.name not in named)
    parties = (JPN, UKR)
    return build_rule_index(AgreementState(
        SHIPPED.agreement, parties, Mode.EXERCISE, Stage.IN_FORCE, replace(SHIPPED, terms=(*kept, *terms), **profile),
        signed_by=frozenset(parties), notes_from=frozenset(parties), in_force_on=TODAY,
    ))


def lead(count: int, unit: TermUnit, party: PartyId | None = None, name: str = "visit.lead") -> Term:
    return Term(name, "Art. 7.4", count, unit, party)


EXERCISE = under(keep=True)


def codes(decision: Any) -> set[str]:
    return {reason.code for reason in decision.reasons}


class TestTheLastDayToAsk:
    """S12: the same visit, asked for in both directions across the holidays of both (Switzerland-Denmark 7.4)."""

    HOLIDAYS = (
        (JPN, (date(2026, 1, 1), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1))),
        (UKR, (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 4), date(2026, 1, 1))),
    )

    def index(self) -> RuleIndex:
        return under(
            lead(10, TermUnit.WORKING_DAYS, JPN), lead(7, TermUnit.WORKING_DAYS, UKR), keep=True, holidays=self.HOLIDAYS,
        )

    def test_goes_by_the_host_its_lead_and_its_holidays(self) -> None:
        first = replace(PLAN, first_day=date(2027, 1, 8), last_day=date(2027, 1, 8))
        into_japan, into_ukraine = (file_by(self.index(), first, host) for host in (JPN, UKR))
        # Ten working days back over 24, 25, 28 December and 1 January; seven over 31 December, 1 and 4 January.
        assert (into_japan.day, into_ukraine.day) == (date(2026, 12, 21), date(2026, 12, 25))
        assert into_japan.articles == ("Art. 7.4",)

    def test_is_the_last_one_that_is_in_time(self) -> None:
        plan = replace(PLAN, first_day=date(2027, 1, 8), last_day=date(2027, 1, 8))
        late = replace(ASKED, plan=plan, on=date(2026, 12, 22))
        assert "visit.late" in codes(decide_request(late, self.index()))
        assert "visit.late" not in codes(decide_request(replace(late, on=date(2026, 12, 21)), self.index()))

    def test_counts_calendar_days_and_weeks_without_holidays(self) -> None:
        for count, unit, day in ((20, TermUnit.CALENDAR_DAYS, date(2026, 8, 25)), (3, TermUnit.WEEKS, date(2026, 8, 24))):
            assert file_by(under(lead(count, unit)), PLAN, JPN).day == day

    def test_is_not_guessed_where_no_layer_or_no_holiday_says_it(self) -> None:
        told = file_by(under(), PLAN, JPN)
        assert told.day is None
        assert [reason.code for reason in told.reasons] == ["visit.term-unknown"]
        with pytest.raises(Undecidable):
            file_by(under(lead(5, TermUnit.WORKING_DAYS), holidays=()), PLAN, JPN)

    @tried(40)
    @given(count=st.integers(0, 30), ahead=st.integers(0, 200), host=st.sampled_from([JPN, UKR]))
    def test_is_what_counting_day_by_day_gives(self, count: int, ahead: int, host: PartyId) -> None:
        index, first = EXERCISE, TODAY + timedelta(days=ahead)
        profile = index.state.profile
        assert profile is not None
        own = under(lead(count, TermUnit.WORKING_DAYS, host))
        plan = replace(PLAN, first_day=first, last_day=first)
        assert file_by(own, plan, host).day == naive_last_day(profile, host, first, count)


def naive_last_day(profile: Any, host: PartyId, first: date, count: int) -> date:
    """The latest day from which on, itself included, `count` working days of the host lie before `first`."""
    closed = {day for party, days in profile.holidays if party == host for day in days}
    weekend = {day for party, days in profile.weekends if party == host for day in days}
    day = first
    while sum(
        one.weekday() not in weekend and one not in closed
        for one in (day + timedelta(days=step) for step in range((first - day).days))
    ) < count:
        day -= timedelta(days=1)
    return day


@pytest.mark.parametrize(("change", "code"), [
    ({"plan": replace(PLAN, programme="")}, "visit.field-missing"),
    ({"visitors": (replace(VISITOR, document=""),)}, "visit.field-missing"),
    ({"visitors": (replace(VISITOR, born_at=""),)}, "visit.field-missing"),
    ({"visitors": (replace(VISITOR, clearance=KALYNA),)}, "visit.not-cleared"),
    ({"visitors": (replace(VISITOR, clearance=None, cleared_until=None),)}, "visit.not-cleared"),
    ({"visitors": (replace(VISITOR, cleared_until=date(2026, 9, 15)),)}, "visit.clearance-ends"),
    ({"visitors": (replace(VISITOR, nationalities=(PartyId("POL"),)),)}, "visit.third-state"),
    ({"plan": replace(PLAN, level=BARVINOK)}, "visit.level-scheme"),
    ({"on": date(2026, 9, 9)}, "visit.late"),
    ({"on": date(2026, 9, 15)}, "visit.past"),
])
def test_a_request_is_refused_for_what_is_wrong_with_it(change: dict[str, Any], code: str) -> None:
    assert decide_request(ASKED, EXERCISE).is_allowed
    assert code in codes(decide_request(replace(ASKED, **change), EXERCISE))


def test_what_an_agreement_does_not_ask_may_be_left_out() -> None:
    plan = replace(PLAN, initiative=None, subject="", sites=(replace(SITE, phone=""),))
    assert decide_request(replace(ASKED, plan=plan), EXERCISE).is_allowed


def test_under_an_agreement_that_asks_for_nothing_nothing_is_decided() -> None:
    assert "visit.term-unknown" in codes(decide_request(ASKED, under(lead(5, TermUnit.CALENDAR_DAYS))))


@tried(40)
@given(first=st.integers(-5, 30), length=st.integers(0, 30), kind=st.sampled_from(VisitKind))
def test_an_amendment_is_allowed_exactly_when_no_day_comes_forward_and_the_visit_is_not_urgent(
    first: int, length: int, kind: VisitKind
) -> None:
    before = replace(ASKED, plan=replace(PLAN, kind=kind))
    begins = PLAN.first_day + timedelta(days=first)
    after = replace(before, plan=replace(before.plan, first_day=begins, last_day=begins + timedelta(days=length)))
    assume(after.plan.last_day >= TODAY)
    is_right = kind is not VisitKind.URGENT and begins >= PLAN.first_day and after.plan.last_day >= PLAN.last_day
    assert decide_amendment(before, after, EXERCISE).is_allowed is is_right


@pytest.mark.parametrize("change", [
    {"level": KALYNA}, {"purpose": "another"}, {"sites": (replace(SITE, name="Elsewhere"),)},
    {"kind": VisitKind.RECURRING}, {"programme": "another"},
])
def test_nothing_but_names_and_days_is_amended(change: dict[str, Any]) -> None:
    after = replace(ASKED, plan=replace(PLAN, **change))
    assert "visit.more-amended" in codes(decide_amendment(ASKED, after, EXERCISE))


def test_the_host_may_approve_late_and_not_when_the_visit_is_over() -> None:
    assert decide_approval(replace(ASKED, on=date(2026, 9, 16)), EXERCISE).is_allowed
    assert codes(decide_approval(replace(ASKED, on=date(2026, 9, 17)), EXERCISE)) == {"visit.over"}


def test_a_series_needs_a_clearance_on_its_first_day_and_lasts_as_long_as_the_agreement_says() -> None:
    series = replace(PLAN, kind=VisitKind.RECURRING, last_day=date(2027, 9, 13))
    visitor = replace(VISITOR, cleared_until=date(2026, 9, 14))
    asked = replace(ASKED, plan=series, visitors=(visitor,))
    assert decide_request(asked, EXERCISE).is_allowed
    longer = replace(asked, plan=replace(series, last_day=date(2027, 9, 14)))
    assert codes(decide_request(longer, EXERCISE)) == {"visit.too-long"}


@pytest.mark.parametrize(("terms", "code"), [
    # Korea: a new request; France: asked for three weeks before the end; Denmark: once only.
    ((lead(0, TermUnit.MONTHS, name="visit.renewal"),), "visit.too-long"),
    ((lead(60, TermUnit.WEEKS, name="visit.renewal-ask"),), "visit.late"),
    ((lead(0, TermUnit.COUNT, name="visit.renewals"),), "visit.renewals-used"),
])
def test_a_series_is_renewed_as_its_agreement_says(terms: tuple[Term, ...], code: str) -> None:
    series = replace(PLAN, kind=VisitKind.RECURRING, last_day=date(2027, 9, 13))
    again = replace(series, first_day=date(2027, 9, 14), last_day=date(2028, 9, 13), renews="v")
    asked = replace(ASKED, plan=again)
    assert decide_request(asked, EXERCISE, series=series, renewals=1).is_allowed
    assert codes(decide_request(asked, under(*terms, keep=True), series=series, renewals=1)) == {code}
