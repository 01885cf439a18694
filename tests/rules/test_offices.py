"""Offices: who may do what, and what one person never does twice in one matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.trying import tried

from cordiale.model.names import PersonId
from cordiale.model.person import Office, Person
from cordiale.rules.offices import (
    APART,
    NOT_FOR_ONESELF,
    OFFICES_FOR,
    Absence,
    ActDone,
    OfficeQuestion,
    OfficialAct,
    decide_office,
    list_quorum_reasons,
)

EVERYTHING = frozenset(Office)
REGISTRAR = w.person("registrar", Office.REGISTRAR)
DEPUTY = w.person("deputy", Office.DEPUTY_REGISTRAR, deputy_of=REGISTRAR.id)
HEAD = w.person("head", Office.HEAD)
AWAY = Absence(REGISTRAR.id, Office.REGISTRAR, HEAD.id, w.PAST)
ALLROUND = w.person("allround", *EVERYTHING)


def ask(
    person: Person, act: OfficialAct, *done: ActDone, subject: PersonId | None = None,
    absences: tuple[Absence, ...] = (),
) -> set[str]:
    return w.codes(decide_office(OfficeQuestion(person, act, subject, done, absences), w.NOW))


def quorum(persons: tuple[Person, ...], needed: int, absences: tuple[Absence, ...] = ()) -> set[str]:
    return {reason.code for reason in list_quorum_reasons(persons, needed, absences, w.NOW)}


@pytest.mark.parametrize("act", list(OfficialAct))
def test_an_act_belongs_to_its_offices_and_no_other(act: OfficialAct) -> None:
    assert OFFICES_FOR[act]
    for office in Office:
        allowed = ask(w.person("x", office), act) == set()
        assert allowed == (office in OFFICES_FOR[act])


def test_the_table_is_as_the_house_has_it() -> None:
    assert OFFICES_FOR[OfficialAct.GRANT_NEED_TO_KNOW] == {Office.HEAD}
    assert OFFICES_FOR[OfficialAct.CIRCULATE] == OFFICES_FOR[OfficialAct.REGISTER] == {Office.REGISTRAR}
    assert OFFICES_FOR[OfficialAct.DISPATCH] == OFFICES_FOR[OfficialAct.DESTROY] == {Office.REGISTRAR}
    assert OFFICES_FOR[OfficialAct.PROPOSE_RELEASE] == {Office.ORIGINATOR}
    assert OFFICES_FOR[OfficialAct.AUTHORISE_RELEASE] == {Office.RELEASING_AUTHORITY}
    assert OFFICES_FOR[OfficialAct.PROPOSE_PEOPLE] == {Office.SECURITY_OFFICER}
    assert OFFICES_FOR[OfficialAct.RESTRICT_PEOPLE] == {Office.SECURITY_OFFICER}
    assert OFFICES_FOR[OfficialAct.CONFIRM_PEOPLE] == {Office.SECURITY_OFFICER, Office.HEAD, Office.REGISTRAR}
    trusted = {Office.KEY_OFFICER, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY}
    assert OFFICES_FOR[OfficialAct.INSTALL_STATEMENT] == OFFICES_FOR[OfficialAct.MEET_PARTNER] == trusted
    assert all(Office.ADMINISTRATOR not in offices for act, offices in OFFICES_FOR.items()
               if act is not OfficialAct.ADMINISTER)


@pytest.mark.parametrize(("first", "second"), [
    (OfficialAct.PROPOSE_RELEASE, OfficialAct.AUTHORISE_RELEASE),
    (OfficialAct.PROPOSE_LEVEL, OfficialAct.CONFIRM_LEVEL),
    (OfficialAct.PROPOSE_CONSENT, OfficialAct.GIVE_CONSENT),
    (OfficialAct.GRANT_NEED_TO_KNOW, OfficialAct.CIRCULATE),
    (OfficialAct.DESTROY, OfficialAct.WITNESS_DESTRUCTION),
    (OfficialAct.PROPOSE_PEOPLE, OfficialAct.CONFIRM_PEOPLE),
    (OfficialAct.PROPOSE_ERASURE, OfficialAct.CONFIRM_ERASURE),
    (OfficialAct.REPORT_INCIDENT, OfficialAct.CLOSE_INCIDENT),
])
def test_what_one_proposes_another_decides(first: OfficialAct, second: OfficialAct) -> None:
    mine, other = ActDone(ALLROUND.id, first), ActDone(PersonId("other"), first)
    assert ask(ALLROUND, second, mine) == {"office.same-person"}
    assert ask(ALLROUND, first, ActDone(ALLROUND.id, second)) == {"office.same-person"}
    assert ask(ALLROUND, second, other) == set()
    assert frozenset({first, second}) in APART


@tried(60)
@given(st.sampled_from(OfficialAct), st.lists(st.sampled_from(OfficialAct), max_size=4))
def test_nobody_does_both_parts_of_a_matter(act: OfficialAct, done: list[OfficialAct]) -> None:
    codes = ask(ALLROUND, act, *(ActDone(ALLROUND.id, other) for other in done))
    apart = any(frozenset({act, other}) in APART for other in done)
    inspects = any(OfficialAct.INSPECT in (act, other) and act is not other for other in done)
    assert ("office.same-person" in codes) == apart
    assert ("office.inspects-own-work" in codes) == inspects


def test_an_inspector_takes_no_other_part() -> None:
    assert ask(ALLROUND, OfficialAct.INSPECT, ActDone(ALLROUND.id, OfficialAct.REGISTER)) == {
        "office.inspects-own-work",
    }
    assert ask(ALLROUND, OfficialAct.REGISTER, ActDone(ALLROUND.id, OfficialAct.INSPECT)) == {
        "office.inspects-own-work",
    }
    assert ask(ALLROUND, OfficialAct.INSPECT, ActDone(ALLROUND.id, OfficialAct.INSPECT)) == set()


@pytest.mark.parametrize("act", sorted(NOT_FOR_ONESELF))
def test_nobody_grants_oneself(act: OfficialAct) -> None:
    assert ask(ALLROUND, act, subject=ALLROUND.id) == {"office.own-favour"}
    assert ask(ALLROUND, act, subject=PersonId("other")) == set()
    assert {
        OfficialAct.GRANT_NEED_TO_KNOW, OfficialAct.PROPOSE_PEOPLE, OfficialAct.CONFIRM_PEOPLE,
        OfficialAct.RESTRICT_PEOPLE,
    } <= NOT_FOR_ONESELF


def test_other_acts_may_concern_oneself() -> None:
    for act in set(OfficialAct) - NOT_FOR_ONESELF:
        assert ask(ALLROUND, act, subject=ALLROUND.id) == set()


def test_whoever_has_left_holds_no_office() -> None:
    assert ask(replace(HEAD, left_at=w.NOW), OfficialAct.GRANT_NEED_TO_KNOW) == {"office.left-service"}
    assert ask(replace(HEAD, left_at=w.FUTURE), OfficialAct.GRANT_NEED_TO_KNOW) == set()


@pytest.mark.parametrize("act", list(OfficialAct))
def test_an_office_counts_for_nothing_while_its_holder_is_absent_from_it(act: OfficialAct) -> None:
    for office in OFFICES_FOR[act] - {Office.DEPUTY_REGISTRAR}:
        holder = w.person("x", office)
        away = Absence(holder.id, office, HEAD.id, w.PAST)
        assert ask(holder, act, absences=(away,)) == {"office.absent"}
        assert ask(holder, act, absences=(replace(away, until=w.NOW),)) == set()


def test_a_deputy_counts_only_in_a_registered_absence() -> None:
    assert ask(DEPUTY, OfficialAct.REGISTER) == {"office.registrar-present"}
    assert ask(DEPUTY, OfficialAct.REGISTER, absences=(AWAY,)) == set()
    for wrong in (
        replace(AWAY, since=w.FUTURE), replace(AWAY, until=w.NOW), replace(AWAY, person=HEAD.id),
        replace(AWAY, office=Office.HEAD), replace(AWAY, since=w.NAIVE),
    ):
        assert ask(DEPUTY, OfficialAct.REGISTER, absences=(wrong,)) == {"office.registrar-present"}
    assert ask(DEPUTY, OfficialAct.REGISTER, absences=(replace(AWAY, until=w.NOW + timedelta(seconds=1)),)) == set()


def test_a_deputy_does_not_make_the_absence() -> None:
    by_deputy = replace(AWAY, registered_by=DEPUTY.id)
    assert ask(DEPUTY, OfficialAct.REGISTER, absences=(by_deputy,)) == {"office.absence-by-deputy"}
    assert ask(DEPUTY, OfficialAct.REGISTER, absences=(by_deputy, AWAY)) == set()
    assert ask(DEPUTY, OfficialAct.REGISTER_ABSENCE, absences=(AWAY,)) == {"office.not-held"}


def test_a_deputy_of_nobody_stands_in_for_nobody() -> None:
    for deputy_of in (None, DEPUTY.id):
        stray = replace(DEPUTY, deputy_of=deputy_of)
        assert ask(stray, OfficialAct.REGISTER, absences=(AWAY,)) == {"office.deputy-of-nobody"}


def test_a_deputy_stands_in_for_the_registrar_only() -> None:
    assert ask(DEPUTY, OfficialAct.GRANT_NEED_TO_KNOW, absences=(AWAY,)) == {"office.not-held"}


def test_whoever_is_away_does_not_act() -> None:
    assert ask(REGISTRAR, OfficialAct.REGISTER, absences=(AWAY,)) == {"office.absent"}
    assert ask(REGISTRAR, OfficialAct.REGISTER, absences=(replace(AWAY, until=w.NOW),)) == set()
    both = replace(REGISTRAR, offices=frozenset({Office.REGISTRAR, Office.HEAD}))
    assert ask(both, OfficialAct.GRANT_NEED_TO_KNOW, absences=(AWAY,)) == set()


def test_the_absence_of_one_is_not_the_absence_of_another() -> None:
    other = replace(AWAY, person=PersonId("other"))
    assert ask(REGISTRAR, OfficialAct.REGISTER, absences=(other,)) == set()
    assert ask(DEPUTY, OfficialAct.REGISTER, absences=(other,)) == {"office.registrar-present"}


def test_a_registry_of_two_persons_works() -> None:
    assert ask(REGISTRAR, OfficialAct.REGISTER) == set()
    assert ask(REGISTRAR, OfficialAct.DESTROY, ActDone(REGISTRAR.id, OfficialAct.REGISTER)) == set()
    assert ask(DEPUTY, OfficialAct.WITNESS_DESTRUCTION, ActDone(REGISTRAR.id, OfficialAct.DESTROY)) == set()
    assert quorum((REGISTRAR, DEPUTY), 2) == set()
    # The registrar is away: the deputy stands in, and the same acts are still open with another witness.
    assert ask(DEPUTY, OfficialAct.REGISTER, absences=(AWAY,)) == set()
    assert quorum((DEPUTY, HEAD), 2, (AWAY,)) == set()
    assert quorum((DEPUTY, REGISTRAR), 2, (AWAY,)) == {"office.absent"}


def test_destruction_takes_as_many_persons_as_asked() -> None:
    assert quorum((REGISTRAR,), 1) == set()
    assert quorum((REGISTRAR,), 2) == {"office.too-few-persons"}
    assert quorum((REGISTRAR, REGISTRAR), 2) == {"office.too-few-persons", "office.same-person-twice"}
    assert quorum((REGISTRAR, DEPUTY), 3) == {"office.too-few-persons"}
    assert quorum((REGISTRAR, DEPUTY, HEAD), 3) == set()
    assert quorum((), 0) == {"office.too-few-persons", "office.no-registrar"}


def test_destruction_takes_a_registrar() -> None:
    assert quorum((DEPUTY, HEAD), 2) == {"office.no-registrar"}
    assert quorum((REGISTRAR, w.person("x", Office.ADMINISTRATOR)), 2) == {"office.not-held"}
    assert quorum((replace(REGISTRAR, left_at=w.PAST), HEAD), 2) == {"office.no-registrar", "office.left-service"}


def test_a_time_without_a_zone_decides_nothing() -> None:
    decision = decide_office(OfficeQuestion(HEAD, OfficialAct.GRANT_NEED_TO_KNOW), w.NAIVE)
    assert w.codes(decision) == {"time.unknown"}


def test_a_refusal_cites_the_provision_that_asks() -> None:
    question = OfficeQuestion(
        ALLROUND, OfficialAct.AUTHORISE_RELEASE, done=(ActDone(ALLROUND.id, OfficialAct.PROPOSE_RELEASE),),
        article="Order 9",
    )
    decision = decide_office(question, w.NOW)
    assert [str(reason) for reason in decision.reasons] == [
        "the same person already did another part of this matter (propose-release) (Order 9)",
    ]
