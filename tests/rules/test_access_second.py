"""The rules on access and provision, held against the second decider over generated worlds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.rules import second_decider, worlds
from tests.trying import tried

from cordiale.model.agreement import AgreementState, NationalProfile
from cordiale.model.decision import Decision, Outcome
from cordiale.model.person import NeedToKnow, Person
from cordiale.rules.access import decide_access
from cordiale.rules.holding import ItemFacts, view_item
from cordiale.rules.national import NationalRules
from cordiale.rules.provision import ProvisionRequest, decide_provision
from cordiale.rules.rule_index import build_rule_index

NOWS = st.sampled_from([w.NOW, w.NOW, w.NOW, w.NAIVE, w.NOW.astimezone(timezone(timedelta(hours=9)))])
WORLDS = tried(80)


def assert_agree(decision: Decision, verdict: second_decider.Verdict) -> None:
    """Assert that both deciders come to the same outcome for the same reasons."""
    refused = {r.code for r in decision.reasons if r.outcome is Outcome.REFUSED}
    unknown = {r.code for r in decision.reasons if r.outcome is Outcome.UNDECIDABLE}
    assert (refused, unknown) == (verdict.no, verdict.unknown)
    assert len(set(decision.reasons)) == len(decision.reasons)
    outcome = "allowed" if decision.is_allowed else "undecidable" if decision.is_undecidable else "refused"
    assert outcome == verdict.outcome


@WORLDS
@given(worlds.STATES, worlds.FOREIGN_ITEMS, worlds.persons(), worlds.NEEDS, NOWS, worlds.PURPOSES)
def test_access_to_a_foreign_item_agrees_with_the_second_decider(
    state: AgreementState, facts: ItemFacts, person: Person, needs: tuple[NeedToKnow, ...], now: datetime, purpose: str,
) -> None:
    item = view_item(facts, build_rule_index(state), on=w.TODAY)
    decision = decide_access(person, item, needs=needs, now=now, purpose=purpose)
    assert_agree(decision, second_decider.access(person, facts, state, (None, ()), needs, now, purpose))
    assert decide_access(person, item, needs=needs, now=now, purpose=purpose) == decision


@WORLDS
@given(
    worlds.NATIONALS_OF_JPN, worlds.OWN_ITEMS,
    worlds.persons(w.person("reader", party=w.JPN)), worlds.NEEDS, NOWS, worlds.PURPOSES,
)
def test_access_to_an_own_item_agrees_with_the_second_decider(
    national: NationalProfile | None, facts: ItemFacts, person: Person, needs: tuple[NeedToKnow, ...], now: datetime,
    purpose: str,
) -> None:
    schemes = (w.EX_JPN,)
    item = view_item(facts, NationalRules(w.JPN, national, schemes), on=w.TODAY)
    decision = decide_access(person, item, needs=needs, now=now, purpose=purpose)
    assert_agree(decision, second_decider.access(person, facts, None, (national, schemes), needs, now, purpose))


@WORLDS
@given(worlds.STATES, worlds.PROVISIONS, NOWS)
def test_provision_agrees_with_the_second_decider(
    state: AgreementState, request: ProvisionRequest, now: datetime,
) -> None:
    decision = decide_provision(request, build_rule_index(state), now=now)
    assert_agree(decision, second_decider.provision(request, state, now))


@pytest.mark.slow
@settings(max_examples=8_000, deadline=None, phases=[Phase.generate])
@given(worlds.STATES, worlds.FOREIGN_ITEMS, worlds.persons(), worlds.NEEDS, worlds.PROVISIONS, worlds.PURPOSES)
def test_both_deciders_agree_over_a_long_campaign(
    state: AgreementState, facts: ItemFacts, person: Person, needs: tuple[NeedToKnow, ...], request: ProvisionRequest,
    purpose: str,
) -> None:
    index = build_rule_index(state)
    decision = decide_access(person, view_item(facts, index, on=w.TODAY), needs=needs, now=w.NOW, purpose=purpose)
    assert_agree(decision, second_decider.access(person, facts, state, (None, ()), needs, w.NOW, purpose))
    assert_agree(decide_provision(request, index, now=w.NOW), second_decider.provision(request, state, w.NOW))


@pytest.mark.parametrize("now", [w.NOW, w.NOW.astimezone(UTC)])
def test_the_good_world_is_allowed_by_both(now: datetime) -> None:
    assert second_decider.provision(w.PROVISION, w.STATE, now).outcome == "allowed"
    assert decide_provision(w.PROVISION, build_rule_index(w.STATE), now=now).is_allowed
    verdict = second_decider.access(w.READER, w.FOREIGN, w.STATE, (None, ()), (w.NEED,), now, w.PURPOSE)
    assert verdict.outcome == "allowed"
    assert decide_access(w.READER, w.view(), needs=(w.NEED,), now=now, purpose=w.PURPOSE).is_allowed
