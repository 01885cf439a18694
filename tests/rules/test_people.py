"""People: what narrows, one officer alone; what widens, only with a second person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.trying import tried

from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId, PersonId
from cordiale.model.person import Briefing, Clearance, Office, Person
from cordiale.rules.offices import Absence
from cordiale.rules.people import (
    ConfirmationQuestion,
    PeopleQuestion,
    decide_people_confirmation,
    decide_people_proposal,
    decide_restriction,
    keep_withdrawn,
    narrow,
)

OFFICER = w.person("officer", Office.SECURITY_OFFICER)
SECOND = w.person("second-officer", Office.SECURITY_OFFICER)
HEAD = w.person("head", Office.HEAD)
REGISTRAR = w.person("registrar", Office.REGISTRAR)
DEPUTY = w.person("deputy", Office.DEPUTY_REGISTRAR, deputy_of=REGISTRAR.id)
READER = w.person("reader", Office.READER)
SUBJECT = PersonId("subject")

DAYS = st.integers(0, 4).map(lambda day: date(2026, 9, 1 + day))
LEVELS = st.sampled_from([LevelRef("EX-JPN", "EXERCISE SAKURA"), LevelRef("EX-JPN", "EXERCISE FUJI")])
CLEARANCES = st.builds(
    Clearance, LEVELS, DAYS, DAYS, st.sampled_from(["one", "another"]), st.sampled_from([None, None, w.PAST]),
)
PEOPLE = st.builds(
    Person, st.just(SUBJECT), st.sampled_from(["A", "B"]), st.just("post"), st.just("unit"),
    st.sampled_from([PartyId("JPN"), PartyId("UKR")]),
    st.sets(st.sampled_from([PartyId("JPN"), PartyId("UKR")]), min_size=1).map(frozenset),
    st.sets(st.sampled_from(list(Office))).map(frozenset),
    st.lists(CLEARANCES, max_size=4).map(tuple),
    st.lists(st.builds(Briefing, st.sampled_from(["", "x"]), DAYS, DAYS), max_size=3).map(tuple),
    st.sets(st.sampled_from(["a", "b"])).map(frozenset),
    st.sampled_from([None, REGISTRAR.id, HEAD.id]),
    st.sampled_from([(), (("Ed25519", "k"),), (("Ed25519", "other"),)]),
    st.sampled_from([None, w.PAST]),
)


def may_on(person: Person, day: date) -> set[tuple[str, ...]]:
    """Everything that `person` has on `day`, said a second time and more simply."""
    found = {("office", office.value) for office in person.offices} | {("function", one) for one in person.functions}
    found |= {
        ("clearance", str(one.level), one.authority) for one in person.clearances
        if one.withdrawn_at is None and one.valid_from <= day <= one.valid_until
    }
    found |= {("briefing", one.subject) for one in person.briefings if one.valid_from <= day <= one.valid_until}
    found |= {("deputy", one) for one in (person.deputy_of,) if one is not None}
    found |= {("key", *pair) for pair in person.keys}
    return found | ({("serves",)} if person.left_at is None else set())


@tried(120)
@given(PEOPLE, PEOPLE)
def test_what_narrows_adds_nothing_and_takes_everything_that_is_to_go(current: Person, target: Person) -> None:
    narrowed = narrow(current, target)
    for day in (date(2026, 9, number) for number in range(1, 7)):
        before, wanted, now = may_on(current, day), may_on(target, day), may_on(narrowed, day)
        assert now <= before
        gone = {one for one in before - wanted if one[0] != "key" or not target.keys}
        assert not gone & now
        assert {one for one in before & wanted if one[0] != "key"} <= now
    for member in ("id", "name", "post", "unit", "represents", "nationalities"):
        assert getattr(narrowed, member) == getattr(current, member)


@tried(120)
@given(PEOPLE, PEOPLE)
def test_a_withdrawn_clearance_comes_back_by_no_list(current: Person, listed: Person) -> None:
    """Not at once, and not by the list after that one."""
    gone = {
        (one.level, one.valid_from) for one in current.clearances
        if one.withdrawn_at is not None and one.valid_until >= w.NOW.date()
    }
    first = keep_withdrawn(current, replace(listed, clearances=()), w.NOW)
    for kept in (keep_withdrawn(current, listed, w.NOW), keep_withdrawn(first, listed, w.NOW)):
        for one in kept.clearances:
            assert (one.level, one.valid_from) not in gone or one.withdrawn_at is not None


def confirming(actor: Person, *absences: Absence, proposer: Person = OFFICER, **said: object) -> set[str]:
    question = PeopleQuestion(actor, frozenset({SUBJECT}), absences)
    asked = ConfirmationQuestion(question, proposer, w.FUTURE)
    return w.codes(decide_people_confirmation(replace(asked, **said), w.NOW))  # type: ignore[arg-type]


@pytest.mark.parametrize("second", [SECOND, HEAD, REGISTRAR])
def test_a_second_person_of_one_of_three_offices_confirms(second: Person) -> None:
    assert confirming(second) == set()


def test_nobody_else_confirms() -> None:
    assert confirming(READER) == {"office.not-held"}
    for office in set(Office) - {Office.SECURITY_OFFICER, Office.HEAD, Office.REGISTRAR, Office.DEPUTY_REGISTRAR}:
        assert confirming(w.person("x", office)) == {"office.not-held"}
    assert confirming(DEPUTY) == {"office.registrar-present"}
    assert confirming(replace(HEAD, left_at=w.PAST)) == {"office.left-service"}


def test_a_deputy_confirms_while_the_registrar_is_absent() -> None:
    assert confirming(DEPUTY, Absence(REGISTRAR.id, Office.REGISTRAR, HEAD.id, w.PAST)) == set()
    assert confirming(DEPUTY, Absence(REGISTRAR.id, Office.REGISTRAR, DEPUTY.id, w.PAST)) == {
        "office.absence-by-deputy",
    }


def test_no_proposer_gives_the_deputy_the_office_to_confirm_with() -> None:
    assert confirming(DEPUTY, Absence(REGISTRAR.id, Office.REGISTRAR, OFFICER.id, w.PAST)) == {
        "office.registrar-present",
    }
    assert confirming(SECOND, Absence(SECOND.id, Office.SECURITY_OFFICER, OFFICER.id, w.PAST)) == {"office.absent"}


def test_nobody_confirms_what_they_proposed_or_what_is_about_them() -> None:
    assert confirming(OFFICER) == {"office.same-person"}
    about_head = PeopleQuestion(HEAD, frozenset({SUBJECT, HEAD.id}))
    decided = decide_people_confirmation(ConfirmationQuestion(about_head, OFFICER, w.FUTURE), w.NOW)
    assert w.codes(decided) == {"office.own-favour"}
    both = PeopleQuestion(OFFICER, frozenset({OFFICER.id}))
    decided = decide_people_confirmation(ConfirmationQuestion(both, OFFICER, w.FUTURE), w.NOW)
    assert w.codes(decided) == {"office.own-favour", "office.same-person"}


def test_a_proposal_counts_only_while_it_stands() -> None:
    assert confirming(HEAD, expires_at=w.NOW) == {"people.expired"}
    assert confirming(HEAD, changed=frozenset({SUBJECT})) == {"people.changed-since"}
    assert confirming(HEAD, is_key_theirs=False) == {"people.proposer-key"}
    assert confirming(HEAD, proposer=replace(OFFICER, left_at=w.PAST)) == {"people.proposer-gone"}
    assert confirming(HEAD, proposer=replace(OFFICER, offices=frozenset())) == {"people.proposer-gone"}
    assert confirming(READER, expires_at=w.PAST, changed=frozenset({SUBJECT}), proposer=READER) == {
        "office.not-held", "office.same-person", "people.changed-since", "people.expired", "people.proposer-gone",
    }


def test_an_absent_officer_changes_nobody_and_confirms_nothing() -> None:
    away = (Absence(OFFICER.id, Office.SECURITY_OFFICER, HEAD.id, w.PAST),)
    question = PeopleQuestion(OFFICER, frozenset({SUBJECT}), away)
    assert w.codes(decide_people_proposal(question, w.NOW)) == {"office.absent"}
    assert w.codes(decide_restriction(question, w.NOW)) == {"office.absent"}
    assert confirming(SECOND, Absence(SECOND.id, Office.SECURITY_OFFICER, HEAD.id, w.PAST)) == {"office.absent"}


def test_an_absence_of_the_proposer_ends_no_proposal() -> None:
    assert confirming(HEAD, Absence(OFFICER.id, Office.SECURITY_OFFICER, HEAD.id, w.PAST)) == set()


@pytest.mark.parametrize("decide", [decide_people_proposal, decide_restriction])
def test_only_the_security_officer_changes_people_and_never_themselves(decide: object) -> None:
    assert callable(decide)
    assert w.codes(decide(PeopleQuestion(OFFICER, frozenset({SUBJECT})), w.NOW)) == set()
    assert w.codes(decide(PeopleQuestion(OFFICER, frozenset({SUBJECT, OFFICER.id})), w.NOW)) == {"office.own-favour"}
    assert w.codes(decide(PeopleQuestion(HEAD, frozenset({SUBJECT})), w.NOW)) == {"office.not-held"}


def test_a_time_without_a_zone_decides_nothing() -> None:
    asked = ConfirmationQuestion(PeopleQuestion(HEAD, frozenset({SUBJECT})), OFFICER, w.FUTURE)
    assert w.codes(decide_people_confirmation(asked, w.NAIVE)) == {"time.unknown"}
    assert confirming(HEAD, expires_at=w.NAIVE) == {"people.expired"}


def test_a_registry_of_three_can_change_each_of_them() -> None:
    """Registrar, head with the security, and a deputy who is a second security officer: nobody is beyond change."""
    head = w.person("head", Office.HEAD, Office.SECURITY_OFFICER)
    deputy = w.person("deputy", Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER, deputy_of=REGISTRAR.id)
    people = (REGISTRAR, head, deputy)
    for subject in people:
        pairs = [
            (proposer, second) for proposer in people for second in people
            if decide_people_proposal(PeopleQuestion(proposer, frozenset({subject.id})), w.NOW).is_allowed
            and decide_people_confirmation(ConfirmationQuestion(
                PeopleQuestion(second, frozenset({subject.id})), proposer, w.NOW + timedelta(days=1),
            ), w.NOW).is_allowed
        ]
        assert pairs
        assert all(len({subject.id, proposer.id, second.id}) == 3 for proposer, second in pairs)
