"""By when a loss is told: at once, within the agreement's time, after the inquiry; and no day where no layer says one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.trying import tried

from cordiale.model.agreement import Act, ActRule, DayKind, Deadline, Profile, Ruling, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.rules.incident import (
    NoticeQuestion,
    acting_abroad,
    decide_notice,
    earliest,
    final_due,
    may_order_freeze,
)
from cordiale.rules.rule_index import RuleIndex, build_rule_index

BARE = replace(w.PROFILE, acts=tuple(rule for rule in w.ACTS if rule.act is not Act.REPORT_LOSS))


def index_of(profile: Profile) -> RuleIndex:
    return build_rule_index(replace(w.STATE, profile=profile))


def ask(level: LevelRef = w.COBALT, concluded_at: datetime | None = None) -> NoticeQuestion:
    return NoticeQuestion(w.JPN, w.UKR, level, w.NOW, concluded_at)


def term(name: str, count: int, unit: TermUnit = TermUnit.CALENDAR_DAYS, **more: object) -> Term:
    return replace(Term(name, "Art. 11(3)", count, unit), **more)


def told_at_once(level: LevelRef | None = None) -> ActRule:
    return ActRule(
        Act.REPORT_LOSS, Ruling.REQUIRED, "Art. 11(1)", level=level, deadline=Deadline(0, DayKind.CALENDAR)
    )


def test_at_once_is_the_day_of_the_report() -> None:
    due = decide_notice(ask(), index_of(replace(BARE, acts=(*BARE.acts, told_at_once()))))
    assert (due.on, due.articles, due.reason) == (w.TODAY, ("Art. 11(1)",), None)


def test_where_no_layer_says_a_day_none_is_made_up() -> None:
    due = decide_notice(ask(), index_of(BARE))
    assert due.on is None and due.reason is not None and due.reason.code == "incident.notice-unsaid"
    national = replace(w.NATIONAL_UKR, terms=(term("incident.notify", 3),))
    state = replace(w.STATE, profile=BARE, nationals=(national,))
    assert decide_notice(ask(), build_rule_index(state)).on == w.TODAY + timedelta(days=3)


def test_a_low_level_waits_for_the_inquiry_and_a_higher_one_does_not() -> None:
    graded = replace(
        BARE, acts=(*BARE.acts, told_at_once(w.COBALT)), terms=(term("incident.notify-inquiry", 10, level=w.AMBER),),
    )
    high, low = decide_notice(ask(), index_of(graded)), decide_notice(ask(w.AMBER), index_of(graded))
    assert high.on == w.TODAY and not high.waits_for_inquiry
    assert low.on is None and low.waits_for_inquiry and low.reason is None
    concluded = w.NOW + timedelta(days=5)
    assert decide_notice(ask(w.AMBER, concluded), index_of(graded)).on == concluded.date() + timedelta(days=10)


def test_hours_are_counted_to_the_moment() -> None:
    graded = replace(BARE, terms=(term("incident.notify", 24, TermUnit.HOURS),))
    assert decide_notice(ask(), index_of(graded)).on == w.NOW + timedelta(hours=24)


@tried(80)
@given(
    st.lists(st.tuples(
        st.sampled_from(["incident.notify", "incident.notify-inquiry"]), st.integers(0, 40),
        st.sampled_from([TermUnit.HOURS, TermUnit.CALENDAR_DAYS, TermUnit.WEEKS]),
        st.sampled_from([None, w.UKR, w.JPN]), st.sampled_from([None, w.COBALT, w.AMBER]),
    ), max_size=5),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([None, w.COBALT, w.AMBER])), max_size=2),
    st.sampled_from([None, w.NOW + timedelta(days=6)]),
)
def test_a_second_decider_names_the_same_day(
    terms: list[tuple[str, int, TermUnit, object, LevelRef | None]], rules: list[tuple[int, LevelRef | None]],
    concluded: datetime | None,
) -> None:
    listed = tuple(
        Term(name, f"Art. {number}", count, unit, party=party, level=level)  # type: ignore[arg-type]
        for number, (name, count, unit, party, level) in enumerate(terms, 30)
    )
    acts = tuple(
        ActRule(Act.REPORT_LOSS, Ruling.REQUIRED, "Art. 12", level=level, deadline=Deadline(count, DayKind.CALENDAR))
        for count, level in rules
    )
    found = decide_notice(ask(concluded_at=concluded), index_of(replace(BARE, acts=acts, terms=listed)))

    def ends(name: str, start: datetime) -> list[datetime]:
        reach = [one for one in listed if one.name == name and one.party in (None, w.UKR)
                 and one.level in (None, w.COBALT)]
        kept = [one for one in reach if not any(
            {n for n in ("party", "level") if getattr(one, n)} < {n for n in ("party", "level") if getattr(o, n)}
            for o in reach
        )]
        return [
            start + timedelta(hours=one.count) if one.unit is TermUnit.HOURS
            else end_of(start.date() + timedelta(days=one.count * (7 if one.unit is TermUnit.WEEKS else 1)))
            for one in kept
        ]

    def end_of(day: date) -> datetime:
        return datetime.combine(day, time(23, 59, 59), UTC)

    own = [count for count, level in rules if level == w.COBALT] or [count for count, level in rules if level is None]
    now = ends("incident.notify", w.NOW) + [end_of(w.TODAY + timedelta(days=count)) for count in own]
    later = ends("incident.notify-inquiry", concluded or w.NOW)
    if now:
        assert found.on is not None and moment(found.on) == min(now)
    elif not later:
        assert found.on is None and found.reason is not None
    elif concluded is None:
        assert found.on is None and found.waits_for_inquiry
    else:
        assert found.on is not None and moment(found.on) == min(later)


def moment(end: date | datetime) -> datetime:
    return end if isinstance(end, datetime) else datetime.combine(end, time(23, 59, 59), UTC)


def test_the_earlier_of_a_day_and_a_moment_counts() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert earliest([w.TODAY, noon]) == noon
    assert earliest([noon, w.TODAY - timedelta(days=1)]) == w.TODAY - timedelta(days=1)
    assert earliest([]) is None


def test_abroad_those_act_whom_the_agreement_names_and_nobody_else() -> None:
    assert acting_abroad(index_of(BARE), w.JPN, w.UKR) == frozenset()
    by_provider = index_of(replace(BARE, terms=(term("incident.provider-acts", 1, TermUnit.COUNT),)))
    by_holder = index_of(replace(BARE, terms=(term("incident.recipient-acts", 1, TermUnit.COUNT),)))
    assert acting_abroad(by_provider, w.JPN, w.UKR) == {w.JPN}
    assert acting_abroad(by_holder, w.JPN, w.UKR) == {w.UKR}


def test_a_freeze_is_ordered_only_where_the_agreement_gives_the_right() -> None:
    assert may_order_freeze(index_of(BARE), w.UKR) == ()
    given_right = replace(BARE, terms=(term("incident.freeze-right", 1, TermUnit.COUNT),))
    assert may_order_freeze(index_of(given_right), w.UKR) == ("Art. 11(3)",)


def test_a_final_report_is_due_when_the_agreement_says_so() -> None:
    assert final_due(index_of(BARE), w.UKR, w.COBALT, w.NOW) is None
    said = replace(BARE, terms=(term("incident.final", 2, TermUnit.WEEKS),))
    assert final_due(index_of(said), w.UKR, w.COBALT, w.NOW) == w.TODAY + timedelta(days=14)
