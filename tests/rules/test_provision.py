"""Provision: every gate between a released item and the partner's registry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.rules import exercise_world as w
from tests.rules import second_decider, worlds

from cordiale.model.agreement import Act, ActRule, AgreementState, DayKind, Deadline, Ruling, Stage
from cordiale.model.consent import Consent
from cordiale.model.label import Label, Portion
from cordiale.model.mode import Mode
from cordiale.rules.access import decide_access
from cordiale.rules.holding import Standing
from cordiale.rules.provision import ProvisionRequest, decide_provision
from cordiale.rules.rule_index import build_rule_index

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """The good world with one thing changed, and the codes that must come of it."""

    expected: set[str]
    state: AgreementState = w.STATE
    request: ProvisionRequest = w.PROVISION


def state(**changes: Any) -> AgreementState:
    return replace(w.STATE, **changes)


def release(**changes: Any) -> ProvisionRequest:
    return replace(w.PROVISION, release=replace(w.RELEASE, **changes))


def labelled(**changes: Any) -> ProvisionRequest:
    return release(label=replace(w.LABEL, **changes))


def readiness(by: str, **changes: Any) -> AgreementState:
    return state(readiness=tuple(
        replace(found, **changes) if (found.by_party, found.of_party) == (by, w.UKR) else found
        for found in w.STATE.readiness
    ))


def link(party: str, name: str = "wire", **changes: Any) -> AgreementState:
    return state(links=tuple(
        replace(approval, **changes) if (approval.party, approval.link) == (party, name) else approval
        for approval in w.STATE.links
    ))


def registry(**changes: Any) -> AgreementState:
    return w.with_profile(registries=(replace(w.REGISTRIES[0], **changes), *w.REGISTRIES[1:]))


def rules(*more: ActRule) -> AgreementState:
    return w.with_profile(acts=(*w.ACTS, *more))


def without(act: Act) -> AgreementState:
    return w.with_profile(acts=tuple(rule for rule in w.ACTS if rule.act is not act))


CASE_BY_CASE = ActRule(Act.PROVIDE, Ruling.WITH_CONSENT, "Art. 3(4)", level=w.COBALT)
RECIPIENT_AGREES: Consent = w.consent(Act.PROVIDE, given_by=w.UKR, given_to=w.JPN)

CASES: dict[str, Case] = {
    "good": Case(set()),
    "by bag": Case(set(), request=replace(w.PROVISION, link="bag")),
    # The agreement
    "in principle": Case({"provision.no-legal-effect"}, state(stage=Stage.IN_PRINCIPLE)),
    "initialled": Case({"provision.no-legal-effect"}, state(stage=Stage.INITIALLED)),
    "signed": Case({"provision.not-in-force"}, state(stage=Stage.SIGNED)),
    "notes exchanged": Case({"provision.not-in-force"}, state(stage=Stage.NOTES_EXCHANGED)),
    "provisional": Case(set(), state(stage=Stage.PROVISIONAL, notes_from=frozenset())),
    "provisional until in force": Case(set(), state(stage=Stage.PROVISIONAL, in_force_on=w.TODAY + DAY)),
    "in force tomorrow": Case({"provision.not-in-force"}, state(in_force_on=w.TODAY + DAY)),
    "in force today": Case(set(), state(in_force_on=w.TODAY)),
    "in force, no day given": Case(set(), state(in_force_on=None)),
    "suspended": Case({"provision.suspended"}, state(stage=Stage.SUSPENDED)),
    "terminated": Case({"provision.terminated"}, state(stage=Stage.TERMINATED)),
    "notice of termination runs": Case(set(), state(ended_on=w.TODAY + DAY)),
    "notice has run": Case({"provision.terminated"}, state(ended_on=w.TODAY)),
    "signed by one": Case({"provision.not-signed"}, state(signed_by=frozenset({w.JPN}))),
    "a note of one": Case({"provision.notes-missing"}, state(notes_from=frozenset({w.JPN}))),
    "no notes asked": Case(
        set(), replace(w.with_profile(entry_requires_notes=False), notes_from=frozenset()),
    ),
    "no profile": Case({"equivalence.no-profile", "ruling.silent"}, state(profile=None)),
    "real node": Case({"provision.other-mode"}, request=replace(w.PROVISION, mode=Mode.REAL)),
    "real profile": Case({"provision.other-mode"}, w.with_profile(mode=Mode.REAL)),
    "real agreement": Case({"provision.other-mode"}, state(mode=Mode.REAL)),
    # Readiness
    **{f"no readiness found by {by}": Case(
        {"provision.readiness-missing"},
        state(readiness=tuple(r for r in w.STATE.readiness if (r.by_party, r.of_party) != (by, w.UKR))),
    ) for by in (w.JPN, w.UKR)},
    "readiness of the wrong side": Case(
        {"provision.readiness-missing"}, state(readiness=tuple(r for r in w.STATE.readiness if r.of_party == w.JPN)),
    ),
    "readiness withdrawn": Case({"provision.readiness-withdrawn"}, readiness(w.UKR, withdrawn_at=w.NOW)),
    "readiness found later": Case({"provision.readiness-not-yet"}, readiness(w.JPN, found_at=w.FUTURE)),
    "readiness below": Case({"provision.readiness-below"}, readiness(w.JPN, level=w.REED)),
    "readiness just enough": Case(set(), readiness(w.JPN, level=w.STONE)),
    "readiness of another scheme": Case({"provision.readiness-below"}, readiness(w.JPN, level=w.VIOLET)),
    "suspended for our level": Case({"provision.level-suspended"}, state(suspended_levels=frozenset({w.COBALT}))),
    "suspended for their level": Case({"provision.level-suspended"}, state(suspended_levels=frozenset({w.STONE}))),
    "suspended for another level": Case(set(), state(suspended_levels=frozenset({w.VIOLET}))),
    "handled higher than ready": Case(
        {"provision.readiness-below"}, readiness(w.JPN, level=w.STONE), labelled(handle_as=w.VIOLET),
    ),
    # The link
    **{f"link not approved by {party}": Case(
        {"provision.link-missing"},
        state(links=tuple(a for a in w.STATE.links if (a.party, a.link) != (party, "wire"))),
    ) for party in (w.JPN, w.UKR)},
    "link withdrawn": Case({"provision.link-withdrawn"}, link(w.UKR, withdrawn_at=w.NOW)),
    "link approved later": Case({"provision.link-not-yet"}, link(w.JPN, approved_at=w.FUTURE)),
    "link below, theirs": Case({"provision.link-below"}, link(w.UKR, level=w.REED)),
    "link below, ours": Case({"provision.link-below"}, link(w.JPN, level=w.AMBER)),
    "the other link is withdrawn": Case(set(), link(w.UKR, "bag", withdrawn_at=w.NOW)),
    "carried": Case(set(), state(links=()), replace(w.PROVISION, link="carry")),
    "carrying forbidden": Case(
        {"ruling.forbidden"}, rules(ActRule(Act.CARRY, Ruling.FORBIDDEN, "Art. 7", level=w.COBALT)),
        replace(w.PROVISION, link="carry"),
    ),
    "no such link": Case({"provision.link-unknown"}, request=replace(w.PROVISION, link="pigeon")),
    # The registry
    "unlisted registry": Case({"provision.registry-unlisted"}, request=replace(w.PROVISION, registry="none")),
    "registry of the wrong party": Case(
        {"provision.registry-unlisted"}, request=replace(w.PROVISION, registry="jpn-central"),
    ),
    "registry for lower levels": Case({"provision.registry-level"}, request=replace(w.PROVISION, registry="ukr-lower")),
    "registry not open": Case({"provision.registry-not-open"}, registry(opened_on=w.TODAY + DAY)),
    "registry opens today": Case(set(), registry(opened_on=w.TODAY)),
    "registry closed today": Case({"provision.registry-closed"}, registry(closed_on=w.TODAY)),
    "registry closes tomorrow": Case(set(), registry(closed_on=w.TODAY + DAY)),
    # The layers
    "providing forbidden": Case(
        {"ruling.forbidden"}, rules(ActRule(Act.PROVIDE, Ruling.FORBIDDEN, "Art. 3", level=w.COBALT)),
    ),
    "providing unsaid": Case({"ruling.silent"}, without(Act.PROVIDE)),
    "wire forbidden": Case(
        {"ruling.forbidden"}, rules(ActRule(Act.WIRE, Ruling.FORBIDDEN, "Art. 7", level=w.COBALT)),
    ),
    "wire unsaid": Case({"ruling.silent"}, without(Act.WIRE)),
    "two persons on the wire": Case(
        {"ruling.persons-together"}, rules(ActRule(Act.WIRE, Ruling.ALLOWED, "Art. 7", level=w.COBALT, persons=2)),
    ),
    "wire forbidden, by bag": Case(
        set(), rules(ActRule(Act.WIRE, Ruling.FORBIDDEN, "Art. 7", level=w.COBALT)), replace(w.PROVISION, link="bag"),
    ),
    "wire forbidden by the law of the recipient": Case(
        {"ruling.forbidden"},
        state(nationals=(w.NATIONAL_JPN, replace(
            w.NATIONAL_UKR, acts=(ActRule(Act.WIRE, Ruling.FORBIDDEN, "Decree 3"),),
        ))),
    ),
    "case by case": Case({"consent.missing"}, rules(CASE_BY_CASE)),
    "case by case, agreed": Case(set(), rules(CASE_BY_CASE), release(consents=(RECIPIENT_AGREES,))),
    "case by case, agreed by ourselves": Case(
        {"consent.missing"}, rules(CASE_BY_CASE), release(consents=(replace(RECIPIENT_AGREES, given_by=w.JPN),)),
    ),
    "three persons asked by the layers": Case(
        {"release.too-few-persons"}, rules(ActRule(Act.PROVIDE, Ruling.ALLOWED, "Art. 3", level=w.COBALT, persons=3)),
    ),
    # The item and its release
    "not registered": Case({"item.not-registered"}, request=replace(w.PROVISION, standing=Standing.HELD)),
    "frozen": Case({"item.frozen"}, request=replace(w.PROVISION, standing=Standing.FROZEN)),
    "unlabelled": Case({"item.unlabelled"}, request=release(label=None)),
    "a part above the whole": Case(
        {"item.part-above-whole"}, request=labelled(portions=(Portion("p1", "VIOLET"),)),
    ),
    "a caveat nobody told": Case(
        {"item.caveat-unknown"}, request=labelled(caveats=frozenset({("EYES", "ALONE")})),
    ),
    "a caveat they know": Case(set(), request=labelled(caveats=frozenset({("EYES", "PAIR")}))),
    "no row": Case({"equivalence.no-row"}, w.with_profile(equivalences=w.ROWS[2:])),
    "outside the release set": Case(
        {"release.outside-release-set"}, request=labelled(release_to=frozenset({w.JPN})),
    ),
    "no purpose": Case({"release.purpose-missing"}, request=release(purpose="")),
    "approvals over other content": Case({"release.other-content"}, request=release(bound_digest="changed")),
    "no national profile": Case({"release.persons-unsaid"}, state(nationals=())),
    "to itself": Case(
        {"provision.same-party", "ruling.silent", "provision.registry-unlisted"}, request=release(recipient=w.JPN),
    ),
    "to a third party": Case(
        {"provision.not-a-party", "equivalence.not-a-party", "ruling.silent", "provision.registry-unlisted"},
        request=release(recipient=w.CHE, label=replace(w.LABEL, release_to=frozenset({w.JPN, w.CHE}))),
    ),
    "an item of a third party": Case(
        {"equivalence.not-a-party", "ruling.silent", "consent.missing"},
        request=release(label=Label(w.CHE, worlds.ELSEWHERE, frozenset({w.CHE, w.JPN, w.UKR}), w.PAST)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_gate_is_looked_at(name: str) -> None:
    case = CASES[name]
    decision = decide_provision(case.request, build_rule_index(case.state), now=w.NOW)
    assert w.codes(decision) == case.expected
    assert second_decider.provision(case.request, case.state, w.NOW).all == case.expected


def test_termination_stops_provision_not_reading() -> None:
    for changed in (state(stage=Stage.TERMINATED), state(ended_on=w.TODAY), state(stage=Stage.SUSPENDED)):
        assert not decide_provision(w.PROVISION, build_rule_index(changed), now=w.NOW).is_allowed
        reading = decide_access(w.READER, w.view(state=changed), needs=(w.NEED,), now=w.NOW, purpose=w.PURPOSE)
        assert reading.is_allowed


def test_a_termination_cites_its_article() -> None:
    decision = decide_provision(w.PROVISION, build_rule_index(state(stage=Stage.TERMINATED)), now=w.NOW)
    assert [str(reason) for reason in decision.reasons] == [
        "the agreement has ended; what was received may still be read (Art. 17)",
    ]


def test_before_anything_is_signed_every_gate_is_named() -> None:
    early = state(
        stage=Stage.IN_PRINCIPLE, profile=None, readiness=(), links=(), signed_by=frozenset(), notes_from=frozenset(),
    )
    codes = w.codes(decide_provision(w.PROVISION, build_rule_index(early), now=w.NOW))
    assert codes == {
        "provision.no-legal-effect", "provision.not-signed", "equivalence.no-profile", "ruling.silent",
    }


def test_a_dispatch_names_its_duties() -> None:
    asked = rules(ActRule(
        Act.PROVIDE, Ruling.WITH_NOTICE, "Art. 3(6)", level=w.COBALT, persons=2, deadline=Deadline(5, DayKind.WORKING),
    ))
    decision = decide_provision(w.PROVISION, build_rule_index(asked), now=w.NOW)
    assert decision.is_allowed
    assert decision.obligations == ("notice:provide", "persons:provide:2", "deadline:provide:5:working")
    assert "Art. 3(6)" in decision.consulted


def test_a_time_without_a_zone_decides_nothing() -> None:
    assert w.codes(decide_provision(w.PROVISION, build_rule_index(w.STATE), now=w.NAIVE)) == {"time.unknown"}


def test_the_agreement_table_not_entered_is_undecidable_and_says_so() -> None:
    rows = tuple(replace(row, kind=row.kind.TO_BE_ENTERED, target=None) for row in w.ROWS)
    decision = decide_provision(w.PROVISION, build_rule_index(w.with_profile(equivalences=rows)), now=w.NOW)
    assert w.codes(decision) == {"equivalence.to-be-entered"}
    assert decision.is_undecidable
