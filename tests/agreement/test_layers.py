from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.agreement.examples import (
    AAA,
    ACTS,
    BBB,
    CCC,
    PARTIES,
    complete_profile,
    level,
    levels,
    national_profile,
    parties,
    profiles,
    row,
    rule,
    scopes,
    state_of,
    states,
)
from tests.agreement.naive_layers import naive_access, naive_rulings_for

from cordiale.model.agreement import Act, AgreementState, DayKind, Deadline, EquivalenceKind, Ruling, Stage
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId
from cordiale.rules.layers import (
    SILENT,
    Gap,
    Scope,
    access_rules_for,
    find_equivalence,
    parties_asked,
    rulings_for,
)
from cordiale.rules.rule_index import build_rule_index

ONE, TWO = level(AAA, 0), level(AAA, 1)
AT_RECIPIENT = Scope(AAA, BBB, ONE, BBB)


def state_with(*acts, national=()) -> AgreementState:
    return state_of(replace(complete_profile(), acts=acts), national_profile(BBB, *national))


END = date(2027, 1, 1)
# While it stands and no day is asked about, on its last day, and when it has ended.
days = st.sampled_from([None, END - timedelta(days=1), END])


@given(states(), st.sampled_from(ACTS), scopes, days)
def test_both_deciders_agree(state, act, scope, on):
    ending = replace(state, ended_on=END)
    assert rulings_for(ending, act, scope, on=on) == naive_rulings_for(ending, act, scope, on)


@given(states(), st.sampled_from(Act), scopes, days)
def test_the_index_answers_as_the_rules_do(state, act, scope, on):
    ending = replace(state, ended_on=END)
    assert build_rule_index(ending).outcome(act, scope, on=on) == rulings_for(ending, act, scope, on=on)


def test_a_rule_of_the_end_holds_from_the_day_of_the_end():
    state = replace(state_with(rule(Act.RECALL, ruling=Ruling.REQUIRED, from_state=Stage.TERMINATED)), ended_on=END)
    index = build_rule_index(state)
    assert index.outcome(Act.RECALL, AT_RECIPIENT, on=END - timedelta(days=1)) == SILENT
    assert index.outcome(Act.RECALL, AT_RECIPIENT, on=END).is_duty
    assert index.outcome(Act.RECALL, AT_RECIPIENT) == SILENT


@given(states(), parties, levels)
def test_access_is_the_same_by_all_three_ways(state, party, of_level):
    expected = naive_access(state, party, of_level)
    assert access_rules_for(state, party, of_level) == expected
    if of_level.scheme == f"EX-{party}":
        assert build_rule_index(state).access(party, of_level) == expected


@given(profiles(), levels, parties, st.dates(date(2025, 12, 1), date(2026, 4, 1)))
def test_the_index_finds_the_row_the_rules_find(profile, source, recipient, on):
    index = build_rule_index(state_of(profile))
    assert index.equivalence(source, recipient=recipient, on=on) == find_equivalence(
        profile, source, recipient=recipient, on=on
    )


@given(states(), st.sampled_from(ACTS), scopes)
def test_national_law_never_loosens_without_saying_that_it_overrides(state, act, scope):
    steps = {Ruling.ALLOWED: 0, Ruling.REQUIRED: 0, Ruling.WITH_NOTICE: 1, Ruling.WITH_CONSENT: 2, Ruling.FORBIDDEN: 3}
    nationals = tuple(
        replace(n, acts=tuple(replace(r, overrides_agreement=False) for r in n.acts)) for n in state.nationals
    )
    alone = rulings_for(replace(state, nationals=()), act, scope)
    joined = rulings_for(replace(state, nationals=nationals), act, scope)
    assert joined.overridden == ()
    if alone.ruling is not None and joined.ruling is not None:
        assert steps[joined.ruling] >= steps[alone.ruling]
        assert joined.persons >= alone.persons


def test_what_no_layer_says_is_not_decided():
    outcome = rulings_for(state_with(), Act.COPY, AT_RECIPIENT)
    assert (outcome.ruling, outcome.gap) == (None, Gap.SILENT)


def test_before_a_profile_is_signed_nothing_is_decided_not_even_by_national_law():
    state = state_of(None, national_profile(BBB, rule()))
    assert rulings_for(state, Act.COPY, AT_RECIPIENT) == SILENT
    assert build_rule_index(state).outcome(Act.COPY, AT_RECIPIENT) == SILENT
    assert access_rules_for(state, BBB, level(BBB, 0)) == ()


def test_a_third_party_or_a_foreign_level_is_outside():
    state = state_with(rule())
    assert rulings_for(state, Act.COPY, Scope(AAA, CCC, ONE, CCC)) == SILENT
    assert rulings_for(state, Act.COPY, Scope(AAA, BBB, ONE, CCC)) == SILENT
    assert rulings_for(state, Act.COPY, Scope(AAA, AAA, ONE, AAA)) == SILENT
    assert rulings_for(state, Act.COPY, Scope(AAA, BBB, level(BBB, 0), BBB)) == SILENT
    assert rulings_for(state, Act.COPY, Scope(AAA, BBB, LevelRef("EX-AAA", "EXERCISE FOUR"), BBB)) == SILENT


def test_a_rule_for_the_level_stands_before_the_general_one():
    state = state_with(
        rule(ruling=Ruling.FORBIDDEN, article="Art. 1"), rule(ruling=Ruling.ALLOWED, article="Art. 2", level=ONE)
    )
    assert rulings_for(state, Act.COPY, AT_RECIPIENT).articles == ("Art. 2",)
    assert rulings_for(state, Act.COPY, replace(AT_RECIPIENT, level=TWO)).ruling is Ruling.FORBIDDEN


def test_of_two_rules_neither_more_specific_the_stricter_wins():
    state = state_with(
        rule(ruling=Ruling.ALLOWED, article="Art. 1", level=ONE),
        rule(ruling=Ruling.FORBIDDEN, article="Art. 2", recipient=BBB),
    )
    outcome = rulings_for(state, Act.COPY, AT_RECIPIENT)
    assert (outcome.ruling, outcome.articles) == (Ruling.FORBIDDEN, ("Art. 2", "Art. 1"))


def test_a_specific_rule_takes_nothing_from_the_general_one():
    state = state_with(rule(persons=3, deadline=Deadline(1, DayKind.CALENDAR)), rule(article="Art. 2", level=ONE))
    outcome = rulings_for(state, Act.COPY, AT_RECIPIENT)
    assert (outcome.persons, outcome.deadlines) == (1, ())


def test_the_stricter_layer_wins_with_more_persons_and_the_shorter_deadline():
    state = state_with(
        rule(ruling=Ruling.WITH_NOTICE, persons=1, deadline=Deadline(10, DayKind.WORKING)),
        national=[rule(article="Act 9", persons=2, deadline=Deadline(5, DayKind.WORKING))],
    )
    outcome = rulings_for(state, Act.COPY, AT_RECIPIENT)
    assert (outcome.ruling, outcome.persons) == (Ruling.WITH_NOTICE, 2)
    assert outcome.deadlines == (Deadline(5, DayKind.WORKING),)
    assert outcome.articles == ("Art. 1", "BBB: Act 9")


def test_deadlines_of_two_kinds_are_both_kept_where_the_holidays_decide():
    longer, shorter = Deadline(12, DayKind.CALENDAR), Deadline(10, DayKind.WORKING)
    state = state_with(rule(deadline=longer), national=[rule(deadline=shorter)])
    assert rulings_for(state, Act.COPY, AT_RECIPIENT).deadlines == (longer, shorter)
    state = state_with(rule(deadline=Deadline(10, DayKind.CALENDAR)), national=[rule(deadline=shorter)])
    assert rulings_for(state, Act.COPY, AT_RECIPIENT).deadlines == (Deadline(10, DayKind.CALENDAR),)


def test_a_duty_stays_a_duty_under_a_condition():
    state = state_with(rule(ruling=Ruling.REQUIRED), national=[rule(ruling=Ruling.WITH_CONSENT)])
    outcome = rulings_for(state, Act.COPY, AT_RECIPIENT)
    assert (outcome.ruling, outcome.is_duty) == (Ruling.WITH_CONSENT, True)


def test_a_duty_to_do_what_is_forbidden_is_not_decided():
    state = state_with(rule(ruling=Ruling.REQUIRED), national=[rule(ruling=Ruling.FORBIDDEN, article="Act 2")])
    outcome = rulings_for(state, Act.COPY, AT_RECIPIENT)
    assert (outcome.ruling, outcome.gap) == (None, Gap.CONTRADICTION)
    assert outcome.articles == ("BBB: Act 2", "Art. 1")


def test_what_is_left_to_national_law_waits_for_it():
    left_open = rule(left_to_national=True)
    assert rulings_for(state_with(left_open), Act.COPY, AT_RECIPIENT).gap is Gap.LEFT_TO_NATIONAL
    said = rulings_for(state_with(left_open, national=[rule(article="Act 3")]), Act.COPY, AT_RECIPIENT)
    assert said.ruling is Ruling.ALLOWED


def test_a_prohibition_needs_no_national_law():
    state = state_with(rule(left_to_national=True), rule(ruling=Ruling.FORBIDDEN, article="Art. 2"))
    assert rulings_for(state, Act.COPY, AT_RECIPIENT).ruling is Ruling.FORBIDDEN


def test_national_law_that_overrides_replaces_the_agreement_and_is_recorded():
    state = state_with(
        rule(ruling=Ruling.FORBIDDEN, article="Art. 8(1)"),
        national=[rule(ruling=Ruling.WITH_NOTICE, article="Act 5", overrides_agreement=True)],
    )
    outcome = rulings_for(state, Act.COPY, AT_RECIPIENT)
    assert (outcome.ruling, outcome.articles) == (Ruling.WITH_NOTICE, ("BBB: Act 5",))
    assert outcome.overridden == ("Art. 8(1)",)


def test_an_override_that_says_the_same_overrides_nothing():
    state = state_with(rule(), national=[rule(article="Act 5", overrides_agreement=True)])
    assert rulings_for(state, Act.COPY, AT_RECIPIENT).overridden == ()


def test_only_the_law_of_the_place_of_the_act_speaks():
    state = state_with(rule(), national=[rule(ruling=Ruling.FORBIDDEN)])
    assert rulings_for(state, Act.COPY, replace(AT_RECIPIENT, at_party=AAA)).ruling is Ruling.ALLOWED


def test_each_act_has_a_place():
    for act in Act:
        asked = parties_asked(act, provider=AAA, recipient=BBB)
        assert asked in {(AAA,), (BBB,), (AAA, BBB)}
    assert parties_asked(Act.PROVIDE, provider=AAA, recipient=BBB) == (AAA,)
    assert parties_asked(Act.DESTROY, provider=AAA, recipient=BBB) == (BBB,)
    assert parties_asked(Act.WIRE, provider=AAA, recipient=BBB) == (AAA, BBB)


def found_both_ways(profile, source: LevelRef, recipient: PartyId, on: date):
    found = find_equivalence(profile, source, recipient=recipient, on=on)
    assert build_rule_index(state_of(profile)).equivalence(source, recipient=recipient, on=on) == found
    return found


def test_an_equivalent_is_directed_and_dated():
    old = row(ONE, BBB, level(BBB, 0), valid_until=date(2026, 6, 30))
    new = row(ONE, BBB, level(BBB, 1), kind=EquivalenceKind.UPWARD, valid_from=date(2026, 7, 1))
    profile = replace(complete_profile(), equivalences=(old, new))
    assert found_both_ways(profile, ONE, BBB, date(2026, 6, 30)) is old
    assert found_both_ways(profile, ONE, BBB, date(2026, 7, 1)) is new
    assert found_both_ways(profile, level(BBB, 0), AAA, date(2026, 7, 1)) is None


def test_two_rows_for_one_day_give_none():
    rows = (row(ONE, BBB, level(BBB, 0)), row(ONE, BBB, level(BBB, 1)))
    assert found_both_ways(replace(complete_profile(), equivalences=rows), ONE, BBB, date(2026, 7, 1)) is None


def test_several_levels_may_have_one_equivalent():
    rows = (row(ONE, BBB, level(BBB, 0)), row(TWO, BBB, level(BBB, 0)))
    profile = replace(complete_profile(), equivalences=rows)
    for source in (ONE, TWO):
        found = find_equivalence(profile, source, recipient=BBB, on=date(2026, 7, 1))
        assert found is not None and found.target == level(BBB, 0)


def test_the_index_knows_caps_and_schemes():
    index = build_rule_index(state_of(complete_profile(PARTIES)))
    assert index.cap(AAA, "EX-AAA") == (TWO, "Art. 1")
    assert index.cap(PartyId("ZZZ"), "EX-AAA") is None
    assert index.scheme("EX-BBB") is not None and index.scheme("EX-ZZZ") is None
