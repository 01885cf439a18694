"""Release: nobody alone, over exactly this content, inside the release set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.rules import worlds
from tests.trying import tried

from cordiale.model.agreement import Act, NationalProfile
from cordiale.model.consent import Approval, ApprovalPart
from cordiale.model.label import Label, Portion
from cordiale.model.names import PersonId
from cordiale.model.person import Office, Person
from cordiale.rules.holding import releasable_to
from cordiale.rules.releasable import ReleaseRequest, decide_release

PROPOSAL, AUTHORISATION = w.APPROVALS
SECOND = w.person("second", Office.RELEASING_AUTHORITY, party=w.JPN)
SECONDED = Approval(SECOND.id, ApprovalPart.AUTHORISE, w.DIGEST, w.PAST)
BOTH_OFFICES = w.person("alone", Office.ORIGINATOR, Office.RELEASING_AUTHORITY, party=w.JPN)
PASS_ON = w.consent(Act.PASS_ON, given_by=w.CHE, given_to=w.JPN, recipient=w.UKR)


def approvals(*given: Approval) -> ReleaseRequest:
    return replace(w.RELEASE, approvals=given, people=(w.PROPOSER, w.AUTHORITY, SECOND, BOTH_OFFICES))


def authority(**changes: Any) -> ReleaseRequest:
    return replace(w.RELEASE, people=(w.PROPOSER, replace(w.AUTHORITY, **changes)))


def labelled(**changes: Any) -> ReleaseRequest:
    return replace(w.RELEASE, label=replace(w.LABEL, **changes))


def alone(part: ApprovalPart) -> Approval:
    return Approval(BOTH_OFFICES.id, part, w.DIGEST, w.PAST)


CASES: dict[str, tuple[ReleaseRequest, set[str]]] = {
    "good": (w.RELEASE, set()),
    "not proposed": (approvals(AUTHORISATION, SECONDED), {"release.not-proposed"}),
    "not authorised": (approvals(PROPOSAL), {"release.not-authorised", "release.too-few-persons"}),
    "nothing": (
        approvals(), {"release.not-proposed", "release.not-authorised", "release.too-few-persons"},
    ),
    "one person in both parts": (
        approvals(alone(ApprovalPart.PROPOSE), alone(ApprovalPart.AUTHORISE)),
        {"release.same-person", "release.too-few-persons"},
    ),
    "one person in both parts, and a second authority": (
        approvals(alone(ApprovalPart.PROPOSE), alone(ApprovalPart.AUTHORISE), SECONDED), {"release.same-person"},
    ),
    "other content": (
        approvals(PROPOSAL, replace(AUTHORISATION, bound_digest="other")), {"release.other-content"},
    ),
    "content changed since": (replace(w.RELEASE, bound_digest="changed"), {"release.other-content"}),
    "no digest anywhere": (
        replace(
            approvals(replace(PROPOSAL, bound_digest=""), replace(AUTHORISATION, bound_digest="")), bound_digest="",
        ),
        {"release.other-content"},
    ),
    "withdrawn now": (approvals(PROPOSAL, replace(AUTHORISATION, withdrawn_at=w.NOW)), {"release.withdrawn"}),
    "withdrawn later": (approvals(PROPOSAL, replace(AUTHORISATION, withdrawn_at=w.FUTURE)), set()),
    "proposal withdrawn": (approvals(replace(PROPOSAL, withdrawn_at=w.PAST), AUTHORISATION), {"release.withdrawn"}),
    "given later": (approvals(PROPOSAL, replace(AUTHORISATION, given_at=w.FUTURE)), {"release.not-yet-given"}),
    "given at an unknown time": (
        approvals(PROPOSAL, replace(AUTHORISATION, given_at=w.NAIVE)), {"release.not-yet-given"},
    ),
    "nobody knows the authority": (
        approvals(PROPOSAL, replace(AUTHORISATION, person=PersonId("x"))), {"release.person-unknown"},
    ),
    "office lost": (authority(offices=frozenset({Office.ORIGINATOR})), {"office.not-held"}),
    "left the service": (authority(left_at=w.NOW), {"office.left-service"}),
    "authority of another party": (authority(represents=w.UKR), {"release.other-party"}),
    "parts swapped": (
        approvals(
            Approval(w.AUTHORITY.id, ApprovalPart.PROPOSE, w.DIGEST, w.PAST),
            Approval(w.PROPOSER.id, ApprovalPart.AUTHORISE, w.DIGEST, w.PAST),
        ),
        {"office.not-held"},
    ),
    "the layers ask for three": (replace(w.RELEASE, persons_min=3), {"release.too-few-persons"}),
    "three of three": (replace(approvals(PROPOSAL, AUTHORISATION, SECONDED), persons_min=3), set()),
    "the same authority twice": (
        replace(approvals(PROPOSAL, AUTHORISATION, AUTHORISATION), persons_min=3), {"release.too-few-persons"},
    ),
    "no purpose": (replace(w.RELEASE, purpose=""), {"release.purpose-missing"}),
    "unlabelled": (replace(w.RELEASE, label=None), {"item.unlabelled"}),
    "outside the release set": (labelled(release_to=frozenset({w.JPN, w.CHE})), {"release.outside-release-set"}),
    "a part outside the release set": (
        labelled(portions=(Portion("p1", "", frozenset({w.JPN})),)), {"release.portion-outside-release-set"},
    ),
    "a part inside": (labelled(portions=(Portion("p1", "", frozenset({w.JPN, w.UKR})),)), set()),
    "a part that says nothing": (labelled(portions=(Portion("p1", "AMBER"),)), set()),
    "joint item": (replace(w.RELEASE, joint_originators=frozenset({w.CHE})), {"consent.missing"}),
    "joint item, agreed": (
        replace(w.RELEASE, joint_originators=frozenset({w.CHE}), consents=(PASS_ON,)), set(),
    ),
    "agreed for another recipient": (
        replace(w.RELEASE, joint_originators=frozenset({w.CHE}), consents=(replace(PASS_ON, recipient=None),)),
        {"consent.other-recipient"},
    ),
    "agreed for another purpose": (
        replace(w.RELEASE, joint_originators=frozenset({w.CHE}), consents=(replace(PASS_ON, purpose="other"),)),
        {"consent.other-purpose"},
    ),
    "agreed on another item": (
        replace(w.RELEASE, joint_originators=frozenset({w.CHE}),
                consents=(replace(PASS_ON, item=worlds.ItemId("item-2")),)),
        {"consent.missing"},
    ),
    "agreed by one of two": (
        replace(w.RELEASE, joint_originators=frozenset({w.CHE, w.PartyId("POL")}), consents=(PASS_ON,)),
        {"consent.missing"},
    ),
    "a foreign item": (
        replace(w.RELEASE, label=Label(w.CHE, worlds.ELSEWHERE, frozenset({w.CHE, w.JPN, w.UKR}), w.PAST)),
        {"consent.missing"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_condition_is_looked_at(name: str) -> None:
    request, expected = CASES[name]
    assert w.codes(decide_release(request, w.NATIONAL_JPN, now=w.NOW)) == expected


@tried(60)
@given(worlds.listed(worlds.APPROVALS, 4), st.integers(1, 3))
def test_nobody_releases_alone(given_approvals: tuple[Approval, ...], persons: int) -> None:
    person = replace(BOTH_OFFICES, id=w.PROPOSER.id)
    mine = tuple(replace(approval, person=person.id) for approval in given_approvals)
    national = replace(w.NATIONAL_JPN, release_persons=persons)
    request = replace(w.RELEASE, approvals=mine, people=(person,))
    assert not decide_release(request, national, now=w.NOW).is_allowed


def test_a_national_profile_of_one_person_still_takes_two() -> None:
    national = replace(w.NATIONAL_JPN, release_persons=1)
    assert w.codes(decide_release(approvals(PROPOSAL), national, now=w.NOW)) == {
        "release.not-authorised", "release.too-few-persons",
    }
    assert decide_release(w.RELEASE, national, now=w.NOW).is_allowed


def test_the_national_profile_may_ask_for_more() -> None:
    national = replace(w.NATIONAL_JPN, release_persons=3)
    assert w.codes(decide_release(w.RELEASE, national, now=w.NOW)) == {"release.too-few-persons"}
    assert decide_release(approvals(PROPOSAL, AUTHORISATION, SECONDED), national, now=w.NOW).is_allowed


@pytest.mark.parametrize("national", [None, replace(w.NATIONAL_JPN, release_persons=0)])
def test_a_number_nobody_has_said_is_undecidable(national: NationalProfile | None) -> None:
    decision = decide_release(w.RELEASE, national, now=w.NOW)
    assert w.codes(decision) == {"release.persons-unsaid"}
    assert decision.is_undecidable


def test_empty_release_set_means_originator_only() -> None:
    bare = replace(w.LABEL)
    object.__setattr__(bare, "release_to", frozenset())
    assert releasable_to(bare) == {w.JPN}
    decision = decide_release(replace(w.RELEASE, label=bare), w.NATIONAL_JPN, now=w.NOW)
    assert w.codes(decision) == {"release.outside-release-set"}
    part = Portion("p1", "", frozenset())
    object.__setattr__(bare, "portions", (part,))
    object.__setattr__(bare, "release_to", frozenset({w.JPN, w.UKR}))
    assert releasable_to(bare) == {w.JPN}
    decision = decide_release(replace(w.RELEASE, label=bare), w.NATIONAL_JPN, now=w.NOW)
    assert w.codes(decision) == {"release.portion-outside-release-set"}


def test_release_sets_are_intersected_never_united() -> None:
    label = replace(
        w.LABEL, release_to=frozenset({w.JPN, w.UKR, w.CHE}),
        portions=(Portion("p1", "", frozenset({w.JPN, w.UKR})), Portion("p2", "", frozenset({w.JPN, w.CHE}))),
    )
    assert releasable_to(label) == {w.JPN}



def test_a_refused_release_cites_the_national_article() -> None:
    decision = decide_release(approvals(PROPOSAL), w.NATIONAL_JPN, now=w.NOW)
    assert {reason.article for reason in decision.reasons} == {"Order 9"}


def test_a_time_without_a_zone_decides_nothing() -> None:
    assert w.codes(decide_release(w.RELEASE, w.NATIONAL_JPN, now=w.NAIVE)) == {"time.unknown"}


def test_several_records_of_one_person_must_all_stand() -> None:
    gone: Person = replace(w.AUTHORITY, left_at=w.PAST)
    request = replace(w.RELEASE, people=(w.PROPOSER, w.AUTHORITY, gone))
    assert w.codes(decide_release(request, w.NATIONAL_JPN, now=w.NOW)) == {"office.left-service"}
