"""The table of levels: directed, dated, never guessed, never converted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules import exercise_world as w
from tests.rules import second_decider, worlds
from tests.trying import tried

from cordiale.model.agreement import AgreementState, Equivalence, EquivalenceKind
from cordiale.model.label import Label, LevelRef, Marking
from cordiale.model.names import PartyId
from cordiale.rules.equivalence import decide_equivalence, decide_handling
from cordiale.rules.national import dominates, rank_in
from cordiale.rules.rule_index import build_rule_index

DAY = timedelta(days=1)
ROW = w.ROWS[1]


def decide(state: AgreementState, label: Label = w.LABEL, recipient: PartyId = w.UKR) -> Any:
    return decide_equivalence(label, recipient, index=build_rule_index(state), on=w.TODAY)


def table(*rows: Equivalence) -> AgreementState:
    return w.with_profile(equivalences=rows)


def test_the_row_gives_the_marking() -> None:
    decision, marking = decide(w.STATE)
    assert decision.is_allowed
    assert decision.consulted == ("Art. 3(1)",)
    assert marking == w.MARKING


def test_an_upward_row_says_so() -> None:
    label = Label(w.UKR, w.REED, frozenset({w.UKR, w.JPN}), w.PAST)
    _, marking = decide(w.STATE, label, w.JPN)
    assert (marking.level, marking.note) == (w.COBALT, "upward")
    _, marking = decide(table(replace(w.ROWS[3], note="kept as COBALT")), label, w.JPN)
    assert marking.note == "kept as COBALT"


def test_the_table_is_directed() -> None:
    label = Label(w.UKR, w.STONE, frozenset({w.UKR, w.JPN}), w.PAST)
    decision, marking = decide(table(*w.ROWS[:3]), label, w.JPN)
    assert w.codes(decision) == {"equivalence.no-row"}
    assert marking is None


def test_level_without_row_is_refused() -> None:
    decision, marking = decide(table(*(row for row in w.ROWS if row.source != w.COBALT)))
    assert w.codes(decision) == {"equivalence.no-row"}
    assert not decision.is_undecidable
    assert decision.reasons[0].article == "Art. 3(1)"
    assert marking is None
    other_way, _ = decide(table(*w.ROWS[3:]))
    assert other_way.reasons[0].article == ""
    bare, _ = decide(table())
    assert bare.reasons[0].article == ""


@pytest.mark.parametrize(("kind", "code", "is_undecidable"), [
    (EquivalenceKind.SPECIAL_ARRANGEMENT, "equivalence.special-arrangement", False),
    (EquivalenceKind.OTHER_RULES, "equivalence.other-rules", False),
    (EquivalenceKind.NOT_EXCHANGED, "equivalence.not-exchanged", False),
    (EquivalenceKind.TO_BE_ENTERED, "equivalence.to-be-entered", True),
])
@pytest.mark.parametrize("target", [None, w.STONE])
def test_a_row_that_gives_no_level_says_why(
    kind: EquivalenceKind, code: str, is_undecidable: bool, target: LevelRef | None,
) -> None:
    decision, marking = decide(table(replace(ROW, kind=kind, target=target)))
    assert w.codes(decision) == {code}
    assert decision.is_undecidable is is_undecidable
    assert decision.reasons[0].article == "Art. 3(1)"
    assert marking is None


def test_a_table_not_entered_asks_the_parties_to_enter_it() -> None:
    decision, _ = decide(table(replace(ROW, kind=EquivalenceKind.TO_BE_ENTERED, target=None)))
    assert "the parties must enter EX-JPN:COBALT from the treaty" in str(decision.reasons[0])


@pytest.mark.parametrize(("first", "last", "code"), [
    (w.TODAY, w.TODAY, None), (None, w.TODAY - DAY, "equivalence.no-row-that-day"),
    (w.TODAY + DAY, None, "equivalence.no-row-that-day"),
])
def test_a_row_holds_on_its_days_only(first: Any, last: Any, code: str | None) -> None:
    decision, _ = decide(table(replace(ROW, valid_from=first, valid_until=last)))
    assert w.codes(decision) == ({code} if code else set())


def test_two_rows_on_one_day_are_not_chosen_between() -> None:
    decision, marking = decide(table(ROW, replace(ROW, target=w.IRON)))
    assert w.codes(decision) == {"equivalence.two-rows"}
    assert decision.is_undecidable
    assert marking is None


@pytest.mark.parametrize("target", [None, w.COBALT, worlds.UNKNOWN])
def test_a_row_must_name_a_level_of_the_recipient(target: LevelRef | None) -> None:
    decision, marking = decide(table(replace(ROW, target=target)))
    assert w.codes(decision) == {"equivalence.target-unknown"}
    assert marking is None


def test_a_row_that_cannot_be_printed_is_a_question() -> None:
    decision, marking = decide(table(replace(ROW, article="")))
    assert w.codes(decision) == {"equivalence.target-unknown"}
    assert marking is None


def test_nothing_above_the_cap_is_exchanged() -> None:
    capped = w.with_profile(caps=((w.JPN, w.AMBER, "Art. 2"),))
    decision, marking = decide(capped)
    assert w.codes(decision) == {"equivalence.above-cap"}
    assert decision.reasons[0].article == "Art. 2"
    assert marking is None
    decision, _ = decide(w.with_profile(caps=((w.JPN, w.COBALT, "Art. 2"),)))
    assert decision.is_allowed


def test_a_level_that_cannot_be_held_against_the_cap_is_undecidable() -> None:
    state = w.with_profile(schemes=(replace(w.EX_JPN, ordered=False), w.EX_UKR))
    decision, _ = decide(state)
    assert w.codes(decision) == {"equivalence.unranked"}
    assert decision.is_undecidable


def test_cap_and_row_are_both_named() -> None:
    state = w.with_profile(caps=((w.JPN, w.AMBER, "Art. 2"),), equivalences=())
    decision, _ = decide(state)
    assert w.codes(decision) == {"equivalence.above-cap", "equivalence.no-row"}


def test_only_parties_and_their_levels_are_known() -> None:
    decision, _ = decide(w.STATE, recipient=w.CHE)
    assert w.codes(decision) == {"equivalence.not-a-party"}
    decision, _ = decide(w.STATE, recipient=w.JPN)
    assert w.codes(decision) == {"equivalence.own-label"}
    decision, _ = decide(w.STATE, replace(w.LABEL, level=LevelRef("EX-JPN", "STONE")))
    assert w.codes(decision) == {"equivalence.level-unknown"}
    third = Label(w.CHE, worlds.ELSEWHERE, frozenset({w.CHE, w.UKR}), w.PAST)
    decision, _ = decide(w.STATE, third)
    assert w.codes(decision) == {"equivalence.not-a-party"}


def test_the_same_word_in_another_scheme_is_another_level() -> None:
    stranger = replace(w.LABEL, level=LevelRef("EX-UKR", "STONE"))
    decision, _ = decide(w.STATE, stranger)
    assert w.codes(decision) == {"equivalence.level-unknown"}


def test_without_a_profile_nothing_can_be_told() -> None:
    decision, marking = decide(replace(w.STATE, profile=None))
    assert w.codes(decision) == {"equivalence.no-profile"}
    assert decision.is_undecidable
    assert marking is None


def test_only_an_originators_label_is_converted() -> None:
    assert get_type_hints(decide_equivalence)["label"] is Label
    assert not issubclass(Marking, Label)


@tried(60)
@given(worlds.STATES, worlds.labels())
def test_a_marking_stands_only_on_one_row_of_the_day(state: AgreementState, label: Label) -> None:
    decision, marking = decide(state, label)
    assert (marking is not None) == decision.is_allowed
    if state.profile is None or marking is None:
        return
    verdict = second_decider.Verdict()
    assert second_decider.equivalent(state, label, w.UKR, w.TODAY, verdict) == marking.level
    assert marking.derived_from == label.level


@tried(40)
@given(st.sampled_from([w.AMBER, w.COBALT, w.VIOLET]), st.none() | worlds.OURS)
def test_handling_is_never_below_the_equivalent(level: LevelRef, asked: LevelRef | None) -> None:
    label = replace(w.LABEL, level=level, handle_as=asked)
    index = build_rule_index(w.STATE)
    _, marking = decide(w.STATE, label)
    reasons, handled = decide_handling(label, marking.level, w.UKR, rules=index, on=w.TODAY)
    assert not reasons
    assert dominates(index, handled, marking.level)
    higher = max(rank_in(index, level) or 0, rank_in(index, asked or level) or 0)
    assert rank_in(index, handled) == higher


def test_handling_that_is_not_higher_needs_no_row_and_a_row_without_a_level_tells_nothing() -> None:
    label = replace(w.LABEL, handle_as=w.AMBER)
    index = build_rule_index(table(*w.ROWS[1:]))
    assert decide_handling(label, w.STONE, w.UKR, rules=index, on=w.TODAY) == ((), w.STONE)
    label = replace(w.LABEL, handle_as=w.VIOLET)
    special = replace(w.ROWS[2], kind=EquivalenceKind.SPECIAL_ARRANGEMENT, target=None)
    index = build_rule_index(table(*w.ROWS[:2], special))
    reasons, level = decide_handling(label, w.STONE, w.UKR, rules=index, on=w.TODAY)
    assert ([reason.code for reason in reasons], level) == (["equivalence.handling-unknown"], w.STONE)


def test_ranks_of_two_schemes_are_never_compared() -> None:
    index = build_rule_index(w.STATE)
    assert dominates(index, w.VIOLET, w.REED) is None
    assert dominates(index, w.VIOLET, w.AMBER) is True
    assert dominates(index, w.AMBER, w.VIOLET) is False
    assert rank_in(index, worlds.UNKNOWN) is None
