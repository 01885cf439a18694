from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agreement.examples import AAA, BBB, SCHEMES, complete_profile, level, national_profile, state_of
from tests.agreement.test_check import NATIONALS, changed, found

from cordiale.errors import CordialeError, Malformed, Undecidable
from cordiale.model.agreement import NationalProfile, Profile, Term, TermUnit
from cordiale.rules.rule_index import build_rule_index
from cordiale.rules.terms import (
    TERM_NAMES,
    Stricter,
    counted_back,
    counted_from,
    first_day,
    last_day,
    moment_from,
    strictest,
    terms_of,
)
from cordiale.rules.workdays import Holidays
from cordiale.wire.agreement_json import encode_national_profile, parse_national_profile
from cordiale.wire.agreement_toml import parse_national_toml
from cordiale.wire.profile_json import encode_profile, parse_profile
from cordiale.wire.profile_toml import parse_profile_toml

NEW_YEAR = date(2027, 1, 1)
OFFICE = Holidays(frozenset({date(2026, 12, 25), NEW_YEAR}), frozenset({5, 6}))
UNENTERED = Holidays(frozenset(), frozenset())
HEAD = """\
agreement = "example"
version = 1
mode = "exercise"
title = "A profile"
parties = ["AAA", "BBB"]

[schemes]
AAA = "EX-AAA"
BBB = "EX-BBB"
"""


def lead(count: int, unit: TermUnit = TermUnit.CALENDAR_DAYS, article: str = "Art. 1", **scope: object) -> Term:
    return Term("visit.lead", article, count, unit, **scope)


def chase(count: int, unit: TermUnit = TermUnit.CALENDAR_DAYS) -> Term:
    return Term("receipt.chase", "Art. 1", count, unit)


def index_of(*terms: Term, national: tuple[Term, ...] = ()):
    return build_rule_index(
        state_of(replace(complete_profile(), terms=terms), replace(national_profile(BBB), terms=national))
    )


# Which terms apply


def test_a_term_that_names_the_party_takes_the_place_of_the_general_one():
    index = index_of(lead(20), lead(10, party=BBB), lead(5, party=BBB, level=level(AAA, 1)))
    assert [t.count for t in terms_of(index, "visit.lead")] == [20]
    assert [t.count for t in terms_of(index, "visit.lead", party=AAA)] == [20]
    assert [t.count for t in terms_of(index, "visit.lead", party=BBB)] == [10]
    assert [t.count for t in terms_of(index, "visit.lead", party=BBB, level=level(AAA, 1))] == [5]
    assert [t.count for t in terms_of(index, "visit.lead", party=BBB, level=level(AAA, 0))] == [10]


def test_national_law_adds_to_the_agreement_for_its_own_party_only():
    index = index_of(lead(20), national=(lead(30, article="Act 1"),))
    assert [t.count for t in terms_of(index, "visit.lead", party=BBB)] == [20, 30]
    assert [t.count for t in terms_of(index, "visit.lead", party=AAA)] == [20]
    assert [t.count for t in terms_of(index, "visit.lead")] == [20]


def test_what_no_layer_says_is_not_known():
    assert terms_of(index_of(), "visit.lead", party=BBB) == ()
    assert terms_of(build_rule_index(state_of(None)), "visit.lead") == ()
    assert strictest(()) is None
    assert first_day((), NEW_YEAR, OFFICE) is None
    assert last_day((), NEW_YEAR, OFFICE) is None


def test_a_name_nobody_knows_is_refused_rather_than_unsaid():
    with pytest.raises(Malformed, match="no known term"):
        terms_of(index_of(), "visit.laed")
    with pytest.raises(Malformed, match="no known term"):
        terms_of(build_rule_index(state_of(None)), "visit.laed")


# Which is the strictest


def test_of_two_leads_the_longer_counts_and_of_two_deadlines_the_shorter():
    assert strictest([lead(20), lead(4, TermUnit.WEEKS)]) == lead(4, TermUnit.WEEKS)
    assert strictest([chase(45), chase(24, TermUnit.HOURS), chase(2)]) == chase(24, TermUnit.HOURS)
    assert strictest([chase(1, TermUnit.YEARS), chase(13, TermUnit.MONTHS)]) == chase(1, TermUnit.YEARS)
    assert strictest([chase(10, TermUnit.WORKING_DAYS), chase(7)]) == chase(7)


@pytest.mark.parametrize("other", [lead(1, TermUnit.MONTHS), lead(10, TermUnit.WORKING_DAYS)])
def test_what_only_a_calendar_can_order_is_not_ordered_without_one(other):
    with pytest.raises(Undecidable, match="cannot be compared without a calendar"):
        strictest([lead(30), other])
    day = date(2026, 12, 31)
    assert last_day([lead(30), other], day, OFFICE) == min(
        counted_back(lead(30), day, OFFICE), counted_back(other, day, OFFICE)
    )


def test_terms_of_two_names_are_not_compared():
    with pytest.raises(Malformed, match="not the same term"):
        strictest([lead(1), chase(1)])
    with pytest.raises(Malformed, match="not the same term"):
        first_day([lead(1), chase(1)], NEW_YEAR, OFFICE)


# Counting


def test_the_last_filing_day_leaves_out_weekends_and_holidays():
    monday = date(2027, 1, 4)
    assert counted_back(lead(20), monday, UNENTERED) == date(2026, 12, 15)
    assert counted_back(lead(10, TermUnit.WORKING_DAYS), monday, OFFICE) == date(2026, 12, 17)
    assert counted_back(lead(7, TermUnit.WORKING_DAYS), monday, OFFICE) == date(2026, 12, 22)
    assert counted_back(lead(3, TermUnit.WEEKS), monday, UNENTERED) == date(2026, 12, 14)
    assert counted_back(lead(24, TermUnit.HOURS), monday, UNENTERED) == date(2027, 1, 3)
    assert counted_back(lead(25, TermUnit.HOURS), monday, UNENTERED) == date(2027, 1, 2)
    assert counted_back(lead(1, TermUnit.MONTHS), date(2027, 3, 31), UNENTERED) == date(2027, 2, 28)


def test_counting_forward():
    monday = date(2026, 12, 21)
    assert counted_from(chase(6), monday, UNENTERED) == date(2026, 12, 27)
    assert counted_from(chase(5, TermUnit.WORKING_DAYS), monday, OFFICE) == date(2026, 12, 29)
    assert counted_from(Term("level.notice", "Art. 5(4)", 6, TermUnit.WEEKS), monday, OFFICE) == date(2027, 2, 1)
    assert counted_from(chase(12, TermUnit.MONTHS), date(2028, 2, 29), OFFICE) == date(2029, 2, 28)
    assert counted_from(chase(72, TermUnit.HOURS), monday, OFFICE) == date(2026, 12, 24)
    assert counted_from(chase(71, TermUnit.HOURS), monday, OFFICE) == date(2026, 12, 23)


def test_hours_are_counted_to_the_second_and_days_to_their_end():
    at = datetime(2026, 12, 21, 22, 30, tzinfo=UTC)
    assert moment_from(chase(8, TermUnit.HOURS), at, UNENTERED) == at + timedelta(hours=8)
    assert moment_from(chase(1), at, UNENTERED) == datetime(2026, 12, 22, 23, 59, 59, tzinfo=UTC)
    assert moment_from(chase(0), at, UNENTERED) == at


def test_working_days_are_not_counted_on_the_lax_side_without_holidays():
    """Too few holidays make a filing day too late and a deadline too early: only the first is refused."""
    with pytest.raises(Undecidable, match="holidays of 2026"):
        counted_back(lead(10, TermUnit.WORKING_DAYS), date(2026, 12, 31), UNENTERED)
    with pytest.raises(Undecidable, match="holidays of 2028"):
        counted_back(lead(10, TermUnit.WORKING_DAYS), date(2028, 12, 31), OFFICE)
    silence = Term("consent.silence", "Art. 1", 10, TermUnit.WORKING_DAYS)
    with pytest.raises(Undecidable, match="are not entered"):
        counted_from(silence, date(2028, 6, 1), OFFICE)
    assert counted_from(chase(10, TermUnit.WORKING_DAYS), date(2028, 6, 1), OFFICE) == date(2028, 6, 15)
    assert counted_back(lead(0, TermUnit.WORKING_DAYS), date(2028, 12, 31), UNENTERED) == date(2028, 12, 31)


def test_a_number_leads_to_no_day():
    share = Term("inventory.share", "Art. 1", 10, TermUnit.PERCENT)
    for count in (counted_from, counted_back):
        with pytest.raises(Malformed, match="leads to no day"):
            count(share, NEW_YEAR, OFFICE)


def test_a_week_of_weekends_never_ends_a_count():
    with pytest.raises(Undecidable, match="every day of the week"):
        counted_back(lead(1, TermUnit.WORKING_DAYS), NEW_YEAR, Holidays(frozenset(), frozenset(range(7))))


# A naive second decider: walk the calendar day by day.

units = st.sampled_from([TermUnit.HOURS, TermUnit.CALENDAR_DAYS, TermUnit.WEEKS, TermUnit.WORKING_DAYS])
spans = st.builds(lead, st.integers(0, 40), units)
days = st.dates(date(2026, 6, 1), date(2027, 9, 1))


def naive_back(term: Term, day: date) -> date:
    hours = {TermUnit.HOURS: 1, TermUnit.CALENDAR_DAYS: 24, TermUnit.WEEKS: 168}
    if term.unit is TermUnit.WORKING_DAYS:
        between = [day - timedelta(days=n) for n in range(1, 200)]
        worked = [one for one in between if one.weekday() < 5 and one not in OFFICE.days]
        return worked[term.count - 1] if term.count else day
    before = day
    while (day - before) < timedelta(hours=term.count * hours[term.unit]):
        before -= timedelta(days=1)
    return before


@given(spans, days)
def test_counting_back_is_what_walking_the_calendar_gives(term, day):
    assert counted_back(term, day, OFFICE) == naive_back(term, day)


@given(st.lists(spans, min_size=1, max_size=5), days)
def test_the_strictest_of_all_is_met_by_who_meets_the_last_day(terms, day):
    filed = last_day(terms, day, OFFICE)
    assert filed == min(naive_back(term, day) for term in terms)
    assert first_day(terms, day, OFFICE) == max(counted_from(term, day, OFFICE) for term in terms)


def span(term: Term) -> tuple[int, int]:
    exact = {TermUnit.HOURS: 1, TermUnit.CALENDAR_DAYS: 24, TermUnit.WEEKS: 168}
    if term.unit in exact:
        return term.count * exact[term.unit], term.count * exact[term.unit]
    return term.count * 24, 10**9 if term.count else 0


@given(spans, spans)
def test_where_one_of_two_is_named_the_strictest_no_calendar_makes_the_other_longer(one, other):
    try:
        chosen = strictest([one, other])
    except Undecidable:
        (low, high), (low_too, high_too) = span(one), span(other)
        assert one.unit is not other.unit and low < high_too and low_too < high
        return
    rest = other if chosen is one else one
    if chosen.unit is rest.unit:
        assert chosen.count >= rest.count
    else:
        assert span(chosen)[0] >= span(rest)[1] or span(chosen) == span(rest)


# How they are written


def parse(body: str) -> Profile:
    return parse_profile_toml(HEAD + body, file="profile.toml", schemes={one.id: one for one in SCHEMES})


def parse_national(body: str) -> NationalProfile:
    text = f'party = "BBB"\nversion = 1\ntitle = "National"\n{body}'
    return parse_national_toml(text, file="national-BBB.toml", profile=complete_profile())


TABLE = '[[term]]\nname = "visit.lead"\ncount = 10\nunit = "working-days"\narticle = "Art. 1"\n'


def test_terms_are_read_from_both_layers_and_written_out_by_level():
    written = TABLE + 'party = "BBB"\nlevels = ["EX-AAA:EXERCISE ONE", "EX-BBB:EXERCISE ONE"]\nnote = "n"\n'
    assert parse(written).terms == tuple(
        lead(10, TermUnit.WORKING_DAYS, party=BBB, level=level(party, 0), note="n") for party in (AAA, BBB)
    )
    assert parse_national(TABLE).terms == (lead(10, TermUnit.WORKING_DAYS),)


@pytest.mark.parametrize(
    ("wrong", "right", "complaint", "hint"),
    [
        ('"visit.lead"', '"visit.laed"', "no known term", 'did you mean "visit.lead"?'),
        ('"visit.lead"', '"zzzz"', "no known term", "docs/terms.md"),
        ('"working-days"', '"percent"', "does not go with", '"weeks"'),
        ('"working-days"', '"days"', "which is not known", '"calendar-days"'),
        ("count = 10", "count = -1", "out of range", "from 0 to 3660"),
        ("count = 10", "count = 10.5", "out of range", "from 0 to 3660"),
        ("count = 10\n", "", "is missing", "count ="),
        ('article = "Art. 1"\n', "", "is missing", "article ="),
        ("count = 10", 'count = 10\nparty = "CCC"', "nothing can be said here", "AAA or BBB"),
        ("count = 10", 'count = 10\nlevels = ["EXERCISE NINE"]', "no level of a scheme", ""),
        ("count = 10", "count = 10\nwithin = 3", "is not known here", ""),
    ],
)
def test_a_term_that_is_not_understood_is_refused_with_what_to_write(wrong, right, complaint, hint):
    with pytest.raises(Malformed, match=complaint) as caught:
        parse(TABLE.replace(wrong, right))
    assert hint in caught.value.hint


def test_national_law_sets_nothing_for_another_party():
    with pytest.raises(Malformed, match="nothing can be said here"):
        parse_national(TABLE + 'party = "AAA"\n')


def test_a_share_is_at_most_the_whole():
    share = TABLE.replace("visit.lead", "inventory.share").replace("working-days", "percent")
    assert parse(share).terms[0].count == 10
    with pytest.raises(Malformed, match="out of range"):
        parse(share.replace("count = 10", "count = 101"))


terms = st.lists(
    st.builds(
        Term, name=st.just("visit.lead"), article=st.sampled_from(["Art. 1", "Art. 2(1)"]), count=st.integers(0, 3660),
        unit=units, party=st.sampled_from([None, AAA, BBB]), level=st.sampled_from([None, level(AAA, 0)]),
        note=st.sampled_from(["", "a remark"]),
    ),
    max_size=4,
).map(tuple)


@given(terms)
def test_terms_travel_unchanged(written):
    profile = replace(complete_profile(), terms=written)
    assert parse_profile(encode_profile(profile)) == profile
    national = replace(national_profile(BBB), terms=written)
    assert parse_national_profile(encode_national_profile(national)) == national


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (b'"visit.lead"', b'"visit.laed"'), (b'"weeks"', b'"percent"'), (b'"weeks"', b'"moons"'),
        (b'"count":6', b'"count":-6'), (b'"count":6', b'"count":3661'), (b'"count":6', b'"count":6,"note":""'),
    ],
)
def test_a_term_that_travels_in_another_form_is_refused(wrong, right):
    data = encode_profile(replace(complete_profile(), terms=(lead(6, TermUnit.WEEKS),)))
    assert wrong in data
    with pytest.raises(CordialeError):
        parse_profile(data.replace(wrong, right))


def test_no_terms_have_one_form():
    data = encode_profile(complete_profile())
    assert b'"terms"' not in data
    with pytest.raises(Malformed, match="only form"):
        parse_profile(data.replace(b'"text_digest"', b'"terms":[],"text_digest"').replace(
            b'"termination_days":90,', b'"termination_days":90,"terms":[],'
        ))


def test_every_name_says_what_it_means_and_counts_something():
    for name, known in TERM_NAMES.items():
        assert known.meaning and known.units and known.stricter in Stricter, name
        assert "`" not in known.meaning


# The check


def test_terms_without_fault_are_found_in_order():
    assert found(changed(terms=(lead(20), lead(10, party=BBB)))) == []


@pytest.mark.parametrize(
    ("terms", "finding"),
    [
        ((lead(20), lead(20)), ("note", "term-twice")),
        ((lead(20), lead(21)), ("error", "terms-differ")),
        ((lead(20, article="Art. 7"),), ("error", "article-unknown")),
        ((lead(20, article="by custom"),), ("error", "article-form")),
        ((lead(20, level=level(AAA, 0).__class__("EX-AAA", "EXERCISE NINE")),), ("error", "level-unknown")),
        ((lead(20, party=AAA.__class__("ZZZ")),), ("error", "party-unknown")),
    ],
)
def test_the_check_finds_what_is_wrong_with_terms(terms, finding):
    assert found(changed(terms=terms)) == [finding]


def test_terms_in_working_days_ask_for_the_holidays_of_all_parties():
    assert found(changed(terms=(lead(10, TermUnit.WORKING_DAYS),))) == [("question", "holidays-missing")] * 2


def test_the_check_asks_where_two_layers_cannot_be_compared_and_who_speaks_for_whom():
    ours, theirs = NATIONALS
    monthly = replace(theirs, terms=(lead(1, TermUnit.MONTHS, article="Act 1"),))
    assert found(changed(terms=(lead(30),)), (ours, monthly)) == [("question", "terms-incomparable")]
    foreign = replace(theirs, terms=(lead(1, party=AAA, article="Act 1"),))
    assert found(changed(), (ours, foreign)) == [("error", "term-party")]
    uncited = replace(theirs, terms=(lead(1, article=" "),))
    assert ("error", "national-article") in found(changed(), (ours, uncited))


def test_a_result_of_inventories_that_nobody_takes_is_asked_about():
    report, every = (Term(f"inventory.{name}", "Art. 7", 1, TermUnit.MONTHS) for name in ("report", "every"))
    assert ("question", "inventory-report") in found(changed(terms=(report,)))
    assert ("question", "inventory-report") not in found(changed(terms=(report, every)))
