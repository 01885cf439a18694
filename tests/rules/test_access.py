"""Access: every condition alone shuts the item, and the named truths about reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.rules import second_decider, worlds

from cordiale.model.agreement import AccessRule, Act, ActRule, AgreementState, Need, Ruling, Stage
from cordiale.model.decision import Outcome
from cordiale.model.label import LevelRef, Portion
from cordiale.model.names import AgreementId, ItemId, PersonId
from cordiale.model.person import Briefing, Clearance, NeedToKnow, Office, Person
from cordiale.rules.access import decide_access
from cordiale.rules.holding import ItemFacts, Standing, view_item
from cordiale.rules.national import NationalRules
from cordiale.rules.rule_index import build_rule_index

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """The good world with one thing changed, and the codes that must come of it."""

    expected: set[str]
    person: Person = w.READER
    facts: ItemFacts = w.FOREIGN
    state: AgreementState = w.STATE
    needs: tuple[NeedToKnow, ...] = (w.NEED,)
    now: datetime = w.NOW
    purpose: str = w.PURPOSE


def clearance(level: LevelRef = w.IRON, **changes: Any) -> Clearance:
    return replace(Clearance(level, w.FIRST, w.LAST, "authority"), **changes)


def label(**changes: Any) -> ItemFacts:
    """The foreign item with its label changed, and the marking that follows from the label's level."""
    changed = replace(w.LABEL, **changes)
    rows = {row.source: row.target for row in w.ROWS}
    marking = replace(w.MARKING, derived_from=changed.level, level=rows[changed.level])
    return replace(w.FOREIGN, label=changed, marking=marking)


def reader(**changes: Any) -> Person:
    return replace(w.READER, **changes)


def rules(*more: ActRule) -> AgreementState:
    return w.with_profile(acts=(*w.ACTS, *more))


def access_rule(**changes: Any) -> AgreementState:
    changed = tuple(replace(rule, **changes) if rule.level == w.STONE else rule for rule in w.ACCESS)
    return w.with_profile(access=changed)


READ_CONSENT = ActRule(Act.READ, Ruling.WITH_CONSENT, "Art. 5(9)", level=w.COBALT)
BOTH = frozenset({w.UKR, w.CHE})
WAIVER = w.consent(Act.READ, nationalities=frozenset({w.CHE}))
JUDGES = frozenset({"judge"})

CASES: dict[str, Case] = {
    "good": Case(set()),
    # Need-to-know
    "no need": Case({"access.no-need-to-know"}, needs=()),
    "need of another": Case({"access.no-need-to-know"}, needs=(replace(w.NEED, person=PersonId("x")),)),
    "need for another item": Case({"access.no-need-to-know"}, needs=(replace(w.NEED, item=ItemId("item-2")),)),
    "need given to oneself": Case({"access.need-self-granted"}, needs=(replace(w.NEED, granted_by=w.READER.id),)),
    "need not yet": Case({"access.need-not-yet"}, needs=(replace(w.NEED, granted_at=w.NOW + SECOND),)),
    "need from now": Case(set(), needs=(replace(w.NEED, granted_at=w.NOW),)),
    "need withdrawn now": Case({"access.need-withdrawn"}, needs=(replace(w.NEED, withdrawn_at=w.NOW),)),
    "need withdrawn later": Case(set(), needs=(replace(w.NEED, withdrawn_at=w.NOW + SECOND),)),
    "need for another purpose": Case({"access.need-other-purpose"}, needs=(replace(w.NEED, purpose="other"),)),
    "one good need among bad": Case(set(), needs=(replace(w.NEED, withdrawn_at=w.PAST), w.NEED)),
    # Purpose
    "no purpose": Case(
        {"access.purpose-missing", "access.other-purpose", "access.need-other-purpose"}, purpose="",
    ),
    "new purpose": Case(
        {"access.other-purpose"}, purpose="other", needs=(replace(w.NEED, purpose="other"),),
    ),
    "new purpose agreed": Case(
        set(), purpose="other", needs=(replace(w.NEED, purpose="other"),),
        facts=replace(w.FOREIGN, consents=(w.consent(Act.READ, purpose="other"),)),
    ),
    "a waiver agrees to no purpose": Case(
        {"access.other-purpose"}, purpose="other", needs=(replace(w.NEED, purpose="other"),),
        facts=replace(w.FOREIGN, consents=(replace(WAIVER, purpose="other"),)),
    ),
    # Clearance
    "no clearance": Case({"access.no-clearance"}, reader(clearances=())),
    "too low": Case({"access.clearance-too-low"}, reader(clearances=(clearance(w.REED),))),
    "just enough": Case(set(), reader(clearances=(clearance(w.STONE),))),
    "not yet": Case(
        {"access.clearance-not-yet"}, reader(clearances=(clearance(valid_from=w.TODAY + DAY),))
    ),
    "from today": Case(set(), reader(clearances=(clearance(valid_from=w.TODAY),))),
    "expired": Case({"access.clearance-expired"}, reader(clearances=(clearance(valid_until=w.TODAY - DAY),))),
    "until today": Case(set(), reader(clearances=(clearance(valid_until=w.TODAY),))),
    "withdrawn now": Case({"access.clearance-withdrawn"}, reader(clearances=(clearance(withdrawn_at=w.NOW),))),
    "withdrawn later": Case(set(), reader(clearances=(clearance(withdrawn_at=w.NOW + SECOND),))),
    "withdrawn at an unknown time": Case(
        {"access.clearance-withdrawn"}, reader(clearances=(clearance(withdrawn_at=w.NAIVE),))
    ),
    "another scheme": Case({"access.clearance-other-scheme"}, reader(clearances=(clearance(w.VIOLET),))),
    "another scheme, expired": Case(
        {"access.no-clearance"}, reader(clearances=(clearance(w.VIOLET, valid_until=w.TODAY - DAY),))
    ),
    "same name, another scheme": Case(
        {"access.clearance-other-scheme"}, reader(clearances=(clearance(LevelRef("EX-JPN", "IRON")),))
    ),
    "function in place of clearance": Case(
        set(), reader(clearances=(), functions=JUDGES),
        state=access_rule(functions=JUDGES, function_in_place_of_clearance=True),
    ),
    "function not accepted in place of clearance": Case(
        {"access.no-clearance"}, reader(clearances=(), functions=JUDGES), state=access_rule(functions=JUDGES),
    ),
    "another function": Case(
        {"access.no-clearance"}, reader(clearances=(), functions=frozenset({"minister"})),
        state=access_rule(functions=JUDGES, function_in_place_of_clearance=True),
    ),
    # Briefing, function, nationality
    "no briefing": Case({"access.no-briefing"}, reader(briefings=())),
    "briefed on something else": Case({"access.no-briefing"}, reader(briefings=(Briefing("", w.FIRST, w.LAST),))),
    "briefing ended": Case(
        {"access.no-briefing"}, reader(briefings=(Briefing(w.AGREEMENT, w.FIRST, w.TODAY - DAY),))
    ),
    "briefing not begun": Case(
        {"access.no-briefing"}, reader(briefings=(Briefing(w.AGREEMENT, w.TODAY + DAY, w.LAST),))
    ),
    "function asked": Case(
        {"access.no-function"}, state=access_rule(needs=frozenset({Need.FUNCTION}), functions=JUDGES)
    ),
    "function held": Case(
        set(), reader(functions=JUDGES), state=access_rule(needs=frozenset({Need.FUNCTION}), functions=JUDGES),
    ),
    "functions unsaid": Case(
        {"access.no-function", "access.functions-unsaid"}, state=access_rule(needs=frozenset({Need.FUNCTION})),
    ),
    "nationality excluded": Case(
        {"access.citizenship-excluded"},
        state=access_rule(needs=frozenset({Need.NATIONALITY}), nationalities=frozenset({w.JPN})),
    ),
    "nationalities unsaid": Case(
        {"access.citizenship-excluded", "access.nationalities-unsaid"},
        state=access_rule(needs=frozenset({Need.NATIONALITY})),
    ),
    # Release set and citizenship
    "acts for a third party": Case({"access.outside-release-set"}, reader(represents=w.CHE)),
    "second citizenship": Case({"access.citizenship-outside-release-set"}, reader(nationalities=BOTH)),
    "second citizenship waived": Case(
        set(), reader(nationalities=BOTH), replace(w.FOREIGN, consents=(WAIVER,)),
    ),
    "waiver withdrawn": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, withdrawn_at=w.NOW),)),
    ),
    "waiver for another purpose": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, purpose="other"),)),
    ),
    "waiver for another act": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, act=Act.COPY),)),
    ),
    "waiver by the holder itself": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(replace(WAIVER, given_by=w.UKR),)),
    ),
    "waiver of one originator of two": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(WAIVER,), joint_originators=frozenset({w.UKR})),
    ),
    "a consent to read waives no citizenship": Case(
        {"access.citizenship-outside-release-set"}, reader(nationalities=BOTH),
        replace(w.FOREIGN, consents=(w.consent(Act.READ),)),
    ),
    "excluded citizenship waived": Case(
        set(), reader(nationalities=frozenset({w.UKR})),
        replace(w.FOREIGN, consents=(replace(WAIVER, nationalities=frozenset({w.UKR})),)),
        state=access_rule(needs=frozenset({Need.NATIONALITY}), nationalities=frozenset({w.JPN})),
    ),
    "no citizenship on record": Case({"access.nationality-unknown"}, reader(nationalities=frozenset())),
    "originator only": Case(
        {"access.outside-release-set", "access.citizenship-outside-release-set"},
        facts=label(release_to=frozenset({w.JPN})),
    ),
    "a part for the originator only": Case(
        {"access.outside-release-set", "access.citizenship-outside-release-set"},
        facts=label(portions=(Portion("p1", "", frozenset({w.JPN})),)),
    ),
    # Caveats and named readers
    "caveat not held": Case({"access.caveat-not-held"}, facts=label(caveats=frozenset({("EYES", "PAIR")}))),
    "caveat held": Case(
        set(), reader(briefings=(*w.READER.briefings, Briefing("caveat:EYES:PAIR", w.FIRST, w.LAST))),
        label(caveats=frozenset({("EYES", "PAIR")})),
    ),
    "caveat of unknown meaning": Case(
        {"item.caveat-unknown"},
        reader(briefings=(*w.READER.briefings, Briefing("caveat:EYES:PAIR", w.FIRST, w.LAST))),
        label(caveats=frozenset({("EYES", "PAIR")})), state=w.with_profile(caveats=()),
    ),
    "not a named reader": Case(
        {"access.not-a-named-reader"}, facts=replace(w.FOREIGN, readers=frozenset({w.HEAD.id})),
    ),
    # The person, the item, the time
    "left the service": Case({"access.left-service"}, reader(left_at=w.NOW)),
    "leaves later": Case(set(), reader(left_at=w.NOW + SECOND)),
    "held, not registered": Case({"item.not-registered"}, facts=replace(w.FOREIGN, standing=Standing.HELD)),
    "frozen": Case({"item.frozen"}, facts=replace(w.FOREIGN, standing=Standing.FROZEN)),
    "gone": Case({"item.gone"}, facts=replace(w.FOREIGN, standing=Standing.GONE)),
    "unlabelled": Case(
        {"item.unlabelled", "access.outside-release-set", "access.citizenship-outside-release-set"},
        reader(represents=w.JPN, nationalities=frozenset({w.JPN})), replace(w.FOREIGN, label=None),
    ),
    "not marked": Case({"item.not-marked"}, facts=replace(w.FOREIGN, marking=None)),
    "marking of another party": Case(
        {"item.other-marking"}, facts=replace(w.FOREIGN, marking=replace(w.MARKING, party=w.JPN)),
    ),
    "marking of another agreement": Case(
        {"item.other-marking"}, facts=replace(w.FOREIGN, marking=replace(w.MARKING, agreement=AgreementId("x"))),
    ),
    "marking of another level": Case(
        {"item.other-marking"}, facts=replace(w.FOREIGN, marking=replace(w.MARKING, derived_from=w.AMBER)),
    ),
    "a part above the whole": Case(
        {"item.part-above-whole"}, facts=label(portions=(Portion("p1", "VIOLET"),)),
    ),
    "a part below the whole": Case(set(), facts=label(portions=(Portion("p1", "AMBER"),))),
    "a part as high as the whole": Case(set(), facts=label(portions=(Portion("p1", "COBALT"),))),
    "a part releasable to us": Case(set(), facts=label(portions=(Portion("p1", "", frozenset({w.JPN, w.UKR})),))),
    "a part of an unknown level": Case(
        {"item.part-above-whole"}, facts=label(portions=(Portion("p1", "SLATE"),)),
    ),
    "handled higher": Case(
        {"access.clearance-too-low"}, reader(clearances=(clearance(w.STONE),)), label(handle_as=w.VIOLET),
    ),
    "handled lower is not lower": Case(
        {"access.clearance-too-low"}, reader(clearances=(clearance(w.REED),)), label(handle_as=w.AMBER),
    ),
    "handling that the table does not give": Case(
        {"equivalence.handling-unknown"}, facts=label(handle_as=w.VIOLET),
        state=w.with_profile(equivalences=tuple(row for row in w.ROWS if row.source != w.VIOLET)),
    ),
    "naive now": Case({"time.unknown"}, now=w.NAIVE),
    "now in another zone": Case(set(), now=w.NOW.astimezone(timezone(timedelta(hours=9)))),
    # The agreement
    "no rule for the level": Case({"access.no-rule"}, state=w.with_profile(access=())),
    "left to national law": Case({"access.no-rule"}, state=access_rule(left_to_national=True)),
    "unranked": Case(
        {"access.unranked"}, state=w.with_profile(schemes=(w.EX_JPN, replace(w.EX_UKR, ordered=False))),
    ),
    "unranked, and no clearance asked": Case(
        set(), state=replace(access_rule(needs=frozenset()), profile=replace(
            access_rule(needs=frozenset()).profile, schemes=(w.EX_JPN, replace(w.EX_UKR, ordered=False)),
        )),
    ),
    "reading forbidden": Case(
        {"ruling.forbidden"}, state=rules(ActRule(Act.READ, Ruling.FORBIDDEN, "Art. 5(9)", level=w.COBALT)),
    ),
    "reading unsaid": Case(
        {"ruling.silent"}, state=w.with_profile(acts=tuple(rule for rule in w.ACTS if rule.act is not Act.READ)),
    ),
    "reading with consent": Case({"consent.missing"}, state=rules(READ_CONSENT)),
    "reading with consent given": Case(
        set(), facts=replace(w.FOREIGN, consents=(w.consent(Act.READ),)), state=rules(READ_CONSENT),
    ),
    "reading with consent expired": Case(
        {"consent.expired"}, facts=replace(w.FOREIGN, consents=(w.consent(Act.READ, valid_until=w.NOW),)),
        state=rules(READ_CONSENT),
    ),
    "another agreement": Case(
        {"item.other-agreement"}, state=replace(w.STATE, parties=(w.UKR, w.CHE)),
    ),
    "an agreement we are no party to": Case(
        {"item.other-agreement"}, state=replace(w.STATE, parties=(w.JPN, w.CHE)),
    ),
    "provisional until in force": Case(
        set(), state=replace(w.STATE, stage=Stage.PROVISIONAL, in_force_on=w.TODAY + DAY),
    ),
    "in force, no day given": Case(set(), state=replace(w.STATE, in_force_on=None)),
    "in force tomorrow": Case(
        {"item.agreement-without-effect"}, state=replace(w.STATE, in_force_on=w.TODAY + DAY),
    ),
    "in force today": Case(set(), state=replace(w.STATE, in_force_on=w.TODAY)),
}


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


@settings(max_examples=80, deadline=None)
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


@settings(max_examples=200, deadline=None)
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
    elif what == "citizenship":
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


@settings(max_examples=100, deadline=None)
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
