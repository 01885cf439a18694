"""The rules on the shipped agreements: the exercise road, the template that forbids destroying, the empty table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.rules import exercise_world as w

from cordiale.model.agreement import (
    Act,
    ActRule,
    AgreementState,
    LinkApproval,
    NationalProfile,
    Readiness,
    Ruling,
    Stage,
)
from cordiale.model.label import Label, LevelRef, Marking
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.rules.disposal import DisposalRequest, decide_disposal
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.holding import ItemFacts, Standing, view_item
from cordiale.rules.layers import levels_of
from cordiale.rules.national import NationalRules
from cordiale.rules.pass_on import PassOnRequest, decide_pass_on
from cordiale.rules.provision import ProvisionRequest, decide_provision
from cordiale.rules.rule_index import RuleIndex, build_rule_index
from cordiale.wire.agreement_toml import load_template

MIDDLE, HIGH = LevelRef("EX-JPN", "EXERCISE SAKURA"), LevelRef("EX-JPN", "EXERCISE FUJI")
KEPT = LevelRef("EX-JPN", "EXERCISE MATSU")


def in_force(template: str, mode: Mode = Mode.EXERCISE, **changes: Any) -> AgreementState:
    """Return a shipped agreement as if everything had been done to put it into force and open it."""
    draft = load_template(template)
    parties = draft.profile.parties
    tops = {party: levels_of(draft.profile, party)[-1] for party in parties}
    return replace(AgreementState(
        id=draft.profile.agreement, parties=parties, mode=mode, stage=Stage.IN_FORCE, profile=draft.profile,
        nationals=draft.nationals, signed_by=frozenset(parties), notes_from=frozenset(parties),
        readiness=tuple(Readiness(by, of, tops[of], w.PAST) for by in parties for of in parties),
        links=tuple(LinkApproval(link, party, tops[party], "ref", w.PAST)
                    for link in ("wire", "bag") for party in parties),
    ), **changes)


EXERCISE = in_force("exercise")
INDEX = build_rule_index(EXERCISE)


def provide(level: LevelRef, link: str, index: RuleIndex = INDEX, *, is_thing: bool = True, **changes: Any) -> set[str]:
    label = Label(w.JPN, level, frozenset({w.JPN, w.UKR}), w.PAST)
    request = ProvisionRequest(
        replace(w.RELEASE, label=replace(label, **changes)), "registry-kyiv", link, Mode.EXERCISE, Standing.REGISTERED,
        is_thing=is_thing,
    )
    return w.codes(decide_provision(request, index, now=w.NOW))


def test_the_road_is_open_when_all_is_done_and_shut_before() -> None:
    assert provide(MIDDLE, "wire") == set()
    early = replace(EXERCISE, stage=Stage.IN_PRINCIPLE, profile=None, readiness=(), links=(), signed_by=frozenset())
    assert "provision.no-legal-effect" in provide(MIDDLE, "wire", build_rule_index(early))
    signed = replace(EXERCISE, stage=Stage.SIGNED, notes_from=frozenset(), readiness=(), links=())
    assert provide(MIDDLE, "wire", build_rule_index(signed)) == {
        "provision.not-in-force", "provision.notes-missing", "provision.readiness-missing", "provision.link-missing",
    }
    not_ready = replace(EXERCISE, readiness=(), links=())
    assert provide(MIDDLE, "wire", build_rule_index(not_ready)) == {
        "provision.readiness-missing", "provision.link-missing",
    }


def test_the_highest_level_goes_by_bag_only_and_one_level_not_at_all() -> None:
    assert provide(HIGH, "wire") == {"ruling.forbidden"}
    assert provide(HIGH, "bag") == set()
    assert provide(HIGH, "carry") == set()
    assert provide(KEPT, "bag") >= {"equivalence.not-exchanged", "equivalence.above-cap"}


def test_nothing_crosses_that_is_held_nationally() -> None:
    assert provide(MIDDLE, "wire", release_to=frozenset({w.JPN})) == {"release.outside-release-set"}


def test_an_own_item_is_read_under_national_law_by_the_named_only() -> None:
    national = next(national for national in EXERCISE.nationals if national.party == w.JPN)
    assert EXERCISE.profile
    label = Label(w.JPN, KEPT, frozenset({w.JPN}), w.PAST)
    facts = ItemFacts(w.ITEM, label, w.JPN, Standing.REGISTERED, readers=frozenset({w.READER.id}))
    item = view_item(facts, NationalRules(w.JPN, national, EXERCISE.profile.schemes), on=w.TODAY)
    assert item.baseline.is_allowed
    assert item.cleared_names == {"EXERCISE MATSU"}


def test_passing_on_is_refused_without_consent_under_its_article() -> None:
    label = Label(w.JPN, MIDDLE, frozenset({w.JPN, w.UKR, w.CHE}), w.PAST)
    _, marking = decide_equivalence(label, w.UKR, index=INDEX, on=w.TODAY)
    item = view_item(ItemFacts(w.ITEM, label, w.UKR, Standing.REGISTERED, marking), INDEX, on=w.TODAY)
    decision = decide_pass_on(PassOnRequest(item, w.CHE, w.PURPOSE), now=w.NOW)
    assert [(reason.code, reason.article) for reason in decision.reasons] == [("consent.missing", "Art. 5(2)")]


def test_a_template_that_forbids_destroying_its_top_level_says_return() -> None:
    state = in_force("ch-pl-2022", Mode.REAL)
    index = build_rule_index(state)
    swiss, polish = PartyId("CHE"), PartyId("POL")
    assert state.profile
    for level in levels_of(state.profile, swiss):
        label = Label(swiss, level, frozenset({swiss, polish}), w.PAST)
        _, marking = decide_equivalence(label, polish, index=index, on=w.TODAY)
        if marking is None:
            continue
        facts = ItemFacts(w.ITEM, label, polish, Standing.REGISTERED, marking)
        view = view_item(facts, index, on=w.TODAY)
        codes = w.codes(decide_disposal(DisposalRequest(Act.DESTROY, view, (), "done"), now=w.NOW))
        is_secret = level.name.startswith("GEHEIM") or "GEHEIM" in level.name.split(" / ")
        assert ({"ruling.forbidden", "disposal.return-instead"} <= codes) == is_secret


def test_what_is_left_to_the_law_of_both_ends_of_a_link_is_answered_by_one_s_own_law_and_the_other_s_approval() -> None:
    """Switzerland-Poland Art. 6(3): the law of the partner is never known here, its approval of the link is."""
    swiss, polish = PartyId("CHE"), PartyId("POL")
    here = in_force("ch-pl-2022", Mode.REAL, nationals=(NationalProfile(
        swiss, 1, "for this test", (ActRule(Act.WIRE, Ruling.ALLOWED, "Order 5"),), (), 2, "Order 5",
    ),))
    assert here.profile
    level = levels_of(here.profile, swiss)[0]

    def against(state: AgreementState) -> set[str]:
        label = Label(swiss, level, frozenset({swiss, polish}), w.PAST)
        release = replace(w.RELEASE, label=label, provider=swiss, recipient=polish)
        request = ProvisionRequest(release, "registry", "wire", Mode.REAL, Standing.REGISTERED, is_thing=False)
        found = w.codes(decide_provision(request, build_rule_index(state), now=w.NOW))
        return {code for code in found if code.startswith(("ruling.", "provision.link"))}

    assert against(here) == set()
    assert against(replace(here, nationals=())) == {"ruling.left-to-national"}
    ours = tuple(one for one in here.links if one.party == swiss)
    assert against(replace(here, links=ours)) == {"provision.link-missing"}


def test_a_table_not_entered_refuses_every_level_and_says_so() -> None:
    state = in_force("jp-ua-2024", Mode.REAL)
    assert state.profile
    index = build_rule_index(state)
    tried = 0
    for provider, recipient in ((w.JPN, w.UKR), (w.UKR, w.JPN)):
        for level in levels_of(state.profile, provider):
            label = Label(provider, level, frozenset({provider, recipient}), w.PAST)
            decision, marking = decide_equivalence(label, recipient, index=index, on=w.TODAY)
            tried += 1
            assert marking is None
            assert w.codes(decision) == {"equivalence.to-be-entered"}, level
            assert decision.is_undecidable
    assert tried


@pytest.mark.parametrize("level", [MIDDLE, HIGH])
def test_a_marking_made_here_is_one_the_access_rules_know(level: LevelRef) -> None:
    label = Label(w.JPN, level, frozenset({w.JPN, w.UKR}), w.PAST)
    _, marking = decide_equivalence(label, w.UKR, index=INDEX, on=w.TODAY)
    assert isinstance(marking, Marking)
    view = view_item(ItemFacts(w.ITEM, label, w.UKR, Standing.REGISTERED, marking), INDEX, on=w.TODAY)
    assert view.baseline.is_allowed


def test_a_content_is_not_carried_and_a_thing_may_be() -> None:
    """A carrier needs no approved link: what lies sealed here must not leave by that name."""
    assert provide(MIDDLE, "carry", is_thing=False) == {"provision.carried-content"}
    assert provide(MIDDLE, "carry") == set()
