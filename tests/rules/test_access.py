"""Access: every condition alone shuts the item, and the named truths about reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.rules import second_decider, worlds
from tests.rules.access_cases import CASES, DAY, JUDGES, clearance, label, reader, rules
from tests.trying import tried

from cordiale.model.agreement import AccessRule, Act, ActRule, AgreementState, Need, Ruling, Stage
from cordiale.model.decision import Outcome
from cordiale.model.label import LevelRef
from cordiale.model.person import NeedToKnow, Office, Person
from cordiale.rules.access import decide_access
from cordiale.rules.holding import ItemFacts, view_item
from cordiale.rules.national import NationalRules
from cordiale.rules.rule_index import build_rule_index


@pytest.mark.parametrize("name", CASES)
def test_each_condition_is_looked_at(name: str) -> None:
    case = CASES[name]
    item = view_item(case.facts, build_rule_index(case.state), on=w.TODAY)
    decision = decide_access(case.person, item, needs=case.needs, now=case.now, purpose=case.purpose)
    assert w.codes(decision) == case.expected
    verdict = second_decider.access(
        case.person, case.facts, case.state, (None, ()), case.needs, case.now, case.purpose,
    )
    assert verdict.all == case.expected


def decide(person: Person = w.READER, facts: ItemFacts = w.FOREIGN, state: AgreementState = w.STATE) -> Any:
    return decide_access(person, w.view(facts, state), needs=(w.NEED,), now=w.NOW, purpose=w.PURPOSE)


@pytest.mark.parametrize("held", [(), (w.REED,), (w.REED, w.STONE)])
def test_no_read_up(held: tuple[LevelRef, ...]) -> None:
    facts = label(level=w.VIOLET)
    person = reader(clearances=tuple(clearance(level) for level in held))
    assert not decide(person, facts).is_allowed
    assert decide(reader(clearances=(clearance(w.IRON),)), facts).is_allowed


def test_rank_alone_never_opens() -> None:
    top = reader(clearances=(clearance(w.IRON),), offices=frozenset(Office), post="head of state")
    decision = decide_access(top, w.view(), needs=(), now=w.NOW, purpose=w.PURPOSE)
    assert w.codes(decision) == {"access.no-need-to-know"}


@tried(60)
@given(worlds.STATES, worlds.FOREIGN_ITEMS, worlds.persons(), worlds.NEEDS, st.frozensets(st.sampled_from(Office)))
def test_an_office_never_opens_content(
    state: AgreementState, facts: ItemFacts, person: Person, needs: tuple[NeedToKnow, ...], offices: frozenset[Office],
) -> None:
    item = view_item(facts, build_rule_index(state), on=w.TODAY)
    without = decide_access(replace(person, offices=frozenset()), item, needs=needs, now=w.NOW, purpose=w.PURPOSE)
    held = decide_access(replace(person, offices=offices), item, needs=needs, now=w.NOW, purpose=w.PURPOSE)
    assert held == without


def test_empty_release_set_means_originator_only() -> None:
    bare = replace(w.LABEL)
    object.__setattr__(bare, "release_to", frozenset())
    assert w.codes(decide(facts=replace(w.FOREIGN, label=bare))) == {
        "access.outside-release-set", "access.citizenship-outside-release-set",
    }
    own = w.person("own", party=w.JPN, clearances=(clearance(w.VIOLET),))
    need = replace(w.NEED, person=own.id)
    item = view_item(replace(w.OWN, label=bare), w.OWN_RULES, on=w.TODAY)
    assert decide_access(own, item, needs=(need,), now=w.NOW, purpose=w.PURPOSE).is_allowed


@pytest.mark.parametrize("stage", list(Stage))
def test_only_an_agreement_with_effect_lets_anybody_read(stage: Stage) -> None:
    readable = {Stage.PROVISIONAL, Stage.IN_FORCE, Stage.SUSPENDED, Stage.TERMINATED}
    decision = decide(state=replace(w.STATE, stage=stage))
    assert w.codes(decision) == (set() if stage in readable else {"item.agreement-without-effect"})


def test_withdrawn_clearance_counts_now() -> None:
    item = w.view()
    before = decide_access(w.READER, item, needs=(w.NEED,), now=w.NOW, purpose=w.PURPOSE)
    withdrawn = reader(clearances=(clearance(withdrawn_at=w.NOW),))
    after = decide_access(withdrawn, item, needs=(w.NEED,), now=w.NOW, purpose=w.PURPOSE)
    assert before.is_allowed
    assert w.codes(after) == {"access.clearance-withdrawn"}


def test_a_programme_held_for_four_named_readers_is_shut_to_the_fifth() -> None:
    readers = [w.person(f"reader-{number}", party=w.JPN, clearances=(clearance(w.VIOLET),)) for number in range(5)]
    facts = replace(w.OWN, readers=frozenset(reader.id for reader in readers[:4]))
    item = view_item(facts, w.OWN_RULES, on=w.TODAY)
    decisions = [
        decide_access(r, item, needs=(replace(w.NEED, person=r.id),), now=w.NOW, purpose=w.PURPOSE) for r in readers
    ]
    assert [w.codes(decision) for decision in decisions] == [set()] * 4 + [{"access.not-a-named-reader"}]


def test_being_named_opens_nothing_by_itself() -> None:
    named = w.person("named", party=w.JPN, clearances=())
    item = view_item(replace(w.OWN, readers=frozenset({named.id})), w.OWN_RULES, on=w.TODAY)
    decision = decide_access(named, item, needs=(), now=w.NOW, purpose=w.PURPOSE)
    assert w.codes(decision) == {"access.no-need-to-know", "access.no-clearance"}


def test_a_foreign_item_without_an_agreement_is_undecidable() -> None:
    item = view_item(w.FOREIGN, NationalRules(w.UKR, w.NATIONAL_UKR, (w.EX_UKR,)), on=w.TODAY)
    decision = decide_access(w.READER, item, needs=(w.NEED,), now=w.NOW, purpose=w.PURPOSE)
    assert "item.no-agreement" in w.codes(decision)
    assert decision.is_undecidable


def test_an_own_item_without_national_law_is_undecidable() -> None:
    own = w.person("own", party=w.JPN)
    need = replace(w.NEED, person=own.id)
    for rules_at_home in (NationalRules(w.JPN, None, (w.EX_JPN,)), NationalRules(w.JPN, w.NATIONAL_UKR, (w.EX_JPN,))):
        item = view_item(w.OWN, rules_at_home, on=w.TODAY)
        decision = decide_access(own, item, needs=(need,), now=w.NOW, purpose=w.PURPOSE)
        assert w.codes(decision) == {"access.no-rule"}
        assert decision.is_undecidable


def test_national_law_may_forbid_reading_an_own_item() -> None:
    own = w.person("own", party=w.JPN)
    national = replace(w.NATIONAL_JPN, acts=(ActRule(Act.READ, Ruling.FORBIDDEN, "Order 5"),))
    item = view_item(w.OWN, NationalRules(w.JPN, national, (w.EX_JPN,)), on=w.TODAY)
    need = replace(w.NEED, person=own.id)
    decision = decide_access(own, item, needs=(need,), now=w.NOW, purpose=w.PURPOSE)
    assert w.codes(decision) == {"ruling.forbidden"}


def test_an_own_item_asks_for_the_national_briefing_under_any_rules() -> None:
    briefed = AccessRule(w.JPN, w.COBALT, frozenset({Need.BRIEFING}), "Order 4")
    national = replace(w.NATIONAL_JPN, access=(briefed,))
    state = replace(w.with_profile(access=()), nationals=(national,))
    for rules_at_home in (NationalRules(w.JPN, national, (w.EX_JPN,)), build_rule_index(state)):
        assert view_item(w.OWN, rules_at_home, on=w.TODAY).briefing == ""


def test_a_view_of_another_day_decides_nothing() -> None:
    decision = decide_access(w.READER, w.view(), needs=(w.NEED,), now=w.NOW + DAY, purpose=w.PURPOSE)
    assert w.codes(decision) == {"item.other-day"}
    assert decision.is_undecidable


def test_the_day_is_the_day_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    now = datetime(2026, 11, 21, 3, 0, tzinfo=tokyo)
    assert now.astimezone(UTC).date() == w.TODAY != now.date()
    assert decide_access(w.READER, w.view(), needs=(w.NEED,), now=now, purpose=w.PURPOSE).is_allowed


def test_a_refusal_names_every_reason_with_its_article() -> None:
    nobody = reader(clearances=(), briefings=(), represents=w.CHE, nationalities=frozenset({w.CHE}))
    decision = decide_access(nobody, w.view(), needs=(), now=w.NOW, purpose=w.PURPOSE)
    cited = {reason.code: reason.article for reason in decision.reasons}
    pass_on = next(rule.article for rule in w.ACTS if rule.act is Act.PASS_ON)
    assert cited == {
        "access.no-need-to-know": "Art. 5(2)", "access.no-clearance": "Art. 5(2)", "access.no-briefing": "Art. 5(2)",
        "access.outside-release-set": pass_on, "access.citizenship-outside-release-set": pass_on,
    }
    assert all(str(reason) for reason in decision.reasons)


def test_an_allowed_reading_cites_what_was_consulted() -> None:
    state = rules(ActRule(Act.READ, Ruling.WITH_NOTICE, "Art. 5(8)", level=w.COBALT))
    decision = decide(state=state)
    assert decision.consulted == ("Art. 5(2)", "Art. 5(8)")
    assert decision.obligations == ("notice:read",)


STRICTER = st.sampled_from([
    "clearances", "briefings", "functions", "needs", "release", "stand-in", "citizenship", "caveat", "readers",
])


@tried(100)
@given(worlds.STATES, worlds.FOREIGN_ITEMS, worlds.persons(), worlds.NEEDS, STRICTER)
def test_more_restrictive_never_opens(
    state: AgreementState, facts: ItemFacts, person: Person, needs: tuple[NeedToKnow, ...], what: str,
) -> None:
    item = view_item(facts, build_rule_index(state), on=w.TODAY)
    before = decide_access(person, item, needs=needs, now=w.NOW, purpose=w.PURPOSE)
    if what in ("clearances", "briefings"):
        person = replace(person, **{what: getattr(person, what)[1:]})  # type: ignore[arg-type]
    elif what == "functions":
        person = replace(person, functions=frozenset())
    elif what == "citizenship" and person.nationalities:
        person = replace(person, nationalities=person.nationalities | {w.CHE})
    elif what == "needs":
        needs = needs[1:]
    elif what == "readers":
        facts = replace(facts, readers=(facts.readers or frozenset({person.id})) - {w.HEAD.id})
    elif what == "release" and facts.label:
        facts = replace(facts, label=replace(facts.label, release_to=frozenset({facts.label.originator})))
    elif what == "caveat" and facts.label:
        facts = replace(facts, label=replace(facts.label, caveats=facts.label.caveats | {("EYES", "PAIR")}))
    elif what == "stand-in" and state.profile:
        access = tuple(replace(rule, function_in_place_of_clearance=False) for rule in state.profile.access)
        state = replace(state, profile=replace(state.profile, access=access))
    item = view_item(facts, build_rule_index(state), on=w.TODAY)
    after = decide_access(person, item, needs=needs, now=w.NOW, purpose=w.PURPOSE)
    assert before.is_allowed or not after.is_allowed


@tried(60)
@given(worlds.STATES, worlds.FOREIGN_ITEMS, worlds.persons(), worlds.NEEDS)
def test_unknown_is_no(
    state: AgreementState, facts: ItemFacts, person: Person, needs: tuple[NeedToKnow, ...],
) -> None:
    decision = decide_access(
        person, view_item(facts, build_rule_index(state), on=w.TODAY), needs=needs, now=w.NOW, purpose=w.PURPOSE,
    )
    unknown = [reason for reason in decision.reasons if reason.outcome is Outcome.UNDECIDABLE]
    assert not (unknown and decision.is_allowed)
    assert decision.is_undecidable == (bool(unknown) and len(unknown) == len(decision.reasons))


def test_every_layer_must_be_met() -> None:
    national = replace(w.NATIONAL_UKR, access=(
        AccessRule(w.UKR, w.STONE, frozenset({Need.FUNCTION}), "Decree 4", functions=JUDGES),
    ))
    state = replace(w.STATE, nationals=(w.NATIONAL_JPN, national))
    assert w.codes(decide(state=state)) == {"access.no-function"}
    assert w.codes(decide(reader(clearances=()), state=state)) == {"access.no-function", "access.no-clearance"}
    assert decide(reader(functions=JUDGES), state=state).is_allowed
