"""Who may change what a person may do: what narrows, one officer alone; what widens, two persons.

Truth 4 for people: whoever could make a person alone could be any two persons
at will, and every other rule of two would fall with it. So whatever widens is
proposed by the security officer and takes effect only when somebody else
confirms it: a second security officer, the head or the registrar, and never a
person whom the proposal is about. What narrows waits for nobody. All that is
not known to narrow counts as widening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cordiale.model.decision import Decision, Reason, decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Briefing, Clearance, Person
from cordiale.rules.offices import (
    OFFICES_FOR,
    Absence,
    ActDone,
    OfficeQuestion,
    OfficialAct,
    decide_office,
    list_holding_reasons,
)
from cordiale.rules.validity import TIME_UNKNOWN, has_ended, is_aware

_NAMED_MAX: Final = 5


def narrow(current: Person, target: Person) -> Person:
    """Return `current` with everything taken away that `target` does not have, and nothing added.

    What is of another kind than more or less (the name, the post, the unit, the party, the nationalities) stays
    as it is: to change it takes two. A clearance that was withdrawn stays withdrawn.
    """
    return replace(
        current,
        offices=current.offices & target.offices,
        clearances=_narrow_clearances(current, target),
        briefings=_narrow_briefings(current, target),
        functions=current.functions & target.functions,
        deputy_of=current.deputy_of if current.deputy_of == target.deputy_of else None,
        keys=current.keys if target.keys else (),
        left_at=current.left_at if current.left_at is not None else target.left_at,
    )


def _narrow_clearances(current: Person, target: Person) -> tuple[Clearance, ...]:
    """Return what both have: the same level from the same authority, for the days that both name."""
    kept: dict[Clearance, None] = {}
    for held in current.clearances:
        if held.withdrawn_at is not None:
            kept[held] = None
            continue
        for wanted in target.clearances:
            if wanted.level == held.level and wanted.authority == held.authority and wanted.withdrawn_at is None:
                begin, end = max(held.valid_from, wanted.valid_from), min(held.valid_until, wanted.valid_until)
                if begin <= end:
                    kept[replace(held, valid_from=begin, valid_until=end)] = None
    return tuple(kept)


def _narrow_briefings(current: Person, target: Person) -> tuple[Briefing, ...]:
    kept: dict[Briefing, None] = {}
    for held in current.briefings:
        for wanted in target.briefings:
            begin, end = max(held.valid_from, wanted.valid_from), min(held.valid_until, wanted.valid_until)
            if wanted.subject == held.subject and begin <= end:
                kept[Briefing(held.subject, begin, end)] = None
    return tuple(kept)


def keep_withdrawn(current: Person, target: Person, on: datetime) -> Person:
    """Return `target` with every clearance withdrawn that was withdrawn of `current`.

    A withdrawal is remembered for as long as the clearance would have lasted, whatever lists came between, so that
    an old list never brings it back. What is granted anew begins on a later day than what was withdrawn: that may
    have been shortened before, and the old list names its first day. `on` is an aware UTC datetime.
    """
    withdrawn = [one for one in current.clearances if one.withdrawn_at is not None and one.valid_until >= on.date()]
    granted = [one for one in target.clearances if not any(
        one.level == gone.level and one.valid_from <= gone.valid_from for gone in withdrawn
    )]
    return replace(target, clearances=(*granted, *withdrawn))


@dataclass(frozen=True, slots=True)
class PeopleQuestion:
    """Whether `actor` may change the people `subjects` now, with the absences on record."""

    actor: Person
    subjects: frozenset[PersonId]
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmationQuestion:
    """Whether `question.actor` may now confirm what `proposer` has proposed about `question.subjects`.

    `proposer` is as they stand now, and `is_key_theirs` tells whether the key that signed the proposal still is.
    `changed` are those of the subjects whose record is another one than the proposal was made on. `expires_at`
    ends the proposal.
    """

    question: PeopleQuestion
    proposer: Person
    expires_at: datetime
    changed: frozenset[PersonId] = frozenset()
    is_key_theirs: bool = True


def keeps_a_pair(people: Iterable[Person], now: datetime, signers: frozenset[PersonId] = frozenset()) -> bool:
    """Tell whether among `people` one can propose people and another confirm, each with what they sign with.

    `signers` are those who sign at the desk, with a passkey or by the provider, beside those with a key file.
    Absences are not looked at: they end. `now` is an aware UTC datetime.
    """
    able = [
        person for person in people
        if (person.keys or person.id in signers) and not has_ended(person.left_at, now)
    ]
    proposers = {p.id for p in able if p.offices & OFFICES_FOR[OfficialAct.PROPOSE_PEOPLE]}
    confirmers = {p.id for p in able if p.offices & OFFICES_FOR[OfficialAct.CONFIRM_PEOPLE]}
    return any(confirmers - {proposer} for proposer in proposers)


def decide_last_pair(
    before: Iterable[Person], after: Iterable[Person], now: datetime, *,
    signers: tuple[frozenset[PersonId], frozenset[PersonId]] = (frozenset(), frozenset()),
) -> Decision:
    """Decide whether narrowing may turn the people `before` into `after`: one person never ends the rule of two.

    `signers` are those who sign at the desk, before and after. What is urgent does not wait for this: a clearance is
    withdrawn at once, and an absence stops an office at once. `now` is an aware UTC datetime.
    """
    if keeps_a_pair(after, now, signers[1]) or not keeps_a_pair(before, now, signers[0]):
        return decision_of("restrict-people", ())
    return decision_of("restrict-people", (refusal(
        "people.last-pair",
        "nobody would be left who could propose people with another who confirms; enter a successor first, and where "
        "it is urgent withdraw the clearance and register the absence",
    ),))


def decide_restriction(question: PeopleQuestion, now: datetime) -> Decision:
    """Decide whether the person may narrow, at once and alone, what the subjects may do."""
    return _decide(question, OfficialAct.RESTRICT_PEOPLE, now)


def decide_people_proposal(question: PeopleQuestion, now: datetime) -> Decision:
    """Decide whether the person may propose to widen what the subjects may do."""
    return _decide(question, OfficialAct.PROPOSE_PEOPLE, now)


def decide_people_confirmation(asked: ConfirmationQuestion, now: datetime) -> Decision:
    """Decide whether the person may confirm the proposal, with every reason against it.

    `now` is an aware UTC datetime.
    """
    done = (ActDone(asked.proposer.id, OfficialAct.PROPOSE_PEOPLE),)
    # Whoever proposes does not give a deputy the office to confirm it with.
    absences = tuple(
        one for one in asked.question.absences
        if one.registered_by != asked.proposer.id or one.person == asked.question.actor.id
    )
    office = _decide(replace(asked.question, absences=absences), OfficialAct.CONFIRM_PEOPLE, now, done)
    if not is_aware(now):
        return decision_of("confirm-people", (TIME_UNKNOWN,))
    return decision_of("confirm-people", (*office.reasons, *_list_standing_reasons(asked, now)))


def _decide(
    question: PeopleQuestion, act: OfficialAct, now: datetime, done: tuple[ActDone, ...] = ()
) -> Decision:
    actor = question.actor
    subject = actor.id if actor.id in question.subjects else None
    return decide_office(OfficeQuestion(actor, act, subject=subject, done=done, absences=question.absences), now)


def _list_standing_reasons(asked: ConfirmationQuestion, now: datetime) -> Iterator[Reason]:
    """Yield why the proposal itself counts no longer, whoever confirms it."""
    # An absence ends no proposal; that the proposer may propose no longer does.
    if list_holding_reasons(asked.proposer, OfficialAct.PROPOSE_PEOPLE, (), now):
        yield refusal("people.proposer-gone", "whoever proposed this is no security officer any more")
    if not asked.is_key_theirs:
        yield refusal("people.proposer-key", "the key that signed this proposal was withdrawn or replaced since")
    if has_ended(asked.expires_at, now):
        yield refusal("people.expired", "this proposal has run out, and has to be made again")
    if asked.changed:
        yield refusal(
            "people.changed-since",
            "this proposal is void: what it is about has changed since it was made ({people})",
            people=", ".join(sorted(asked.changed)[:_NAMED_MAX]),
        )
