"""Banners of two parts, portion marks, and marking words typed in a text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.label_samples import EX_JPN, EX_UKR, FULL, JPN, MARKING, POL, SCHEMES, UKR, labels, plain, unhurried

from cordiale.errors import Malformed, Undecidable
from cordiale.model.label import Label, LevelRef, Marking, Portion, Trigger, TriggerKind
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId
from cordiale.rules.marking import (
    EXERCISE_LINE,
    Banner,
    CopyNumber,
    compose_banner,
    compose_portion_mark,
    find_marking_phrases,
)

REAL = tuple(scheme for scheme in SCHEMES.values() if not scheme.is_exercise)


def banner(label: Label, marking: Marking | None = None, mode: Mode = Mode.EXERCISE) -> Banner:
    return compose_banner(label, marking, schemes=SCHEMES, mode=mode)


def test_a_banner_names_the_originator_first_and_keeps_both_scripts() -> None:
    composed = compose_banner(FULL, MARKING, schemes=SCHEMES, mode=Mode.EXERCISE, copy=CopyNumber(2, 3))
    assert composed.lines == (
        "EXERCISE – EXERCISE – EXERCISE",
        "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK",
        "演習・桜 // НАВЧАННЯ БАРВІНОК",
        "REL TO JPN, UKR",
        "Handling: ALPHA // Handling: BRAVO // Topic: 桜",
        "HANDLE AS JPN EXERCISE FUJI",
        "DECLASSIFICATION PROPOSED ON 2031-04-01",
        "copy 2 of 3",
    )


def test_what_a_label_does_not_say_makes_no_line() -> None:
    assert banner(plain()).lines == (EXERCISE_LINE, "JPN EXERCISE SAKURA", "演習・桜", "REL TO JPN")


def test_the_originator_stands_first_in_the_release_line() -> None:
    label = replace(plain("EXERCISE KALYNA", scheme="EX-UKR"), originator=UKR, release_to=frozenset({JPN, POL, UKR}))
    assert banner(label).release == "REL TO UKR, JPN, POL"


@pytest.mark.parametrize(("trigger", "line"), [
    (Trigger(TriggerKind.DATE, on=date(2031, 4, 1)), "DECLASSIFICATION PROPOSED ON 2031-04-01"),
    (Trigger(TriggerKind.REVIEW, on=date(2031, 4, 1)), "REVIEW BY 2031-04-01"),
    (Trigger(TriggerKind.EVENT, event="the visit is over"), "DECLASSIFICATION PROPOSED ON EVENT: the visit is over"),
    (None, ""),
])
def test_the_end_of_a_classification_is_printed_as_a_proposal(trigger: Trigger | None, line: str) -> None:
    assert banner(plain(trigger=trigger)).end == line


@pytest.mark.parametrize(("scheme", "level", "line"), [
    ("NATO", "TOP SECRET", "COSMIC TOP SECRET"),
    ("NATO", "SECRET", "NATO SECRET"),
    ("EU", "SECRET UE/EU SECRET", "SECRET UE/EU SECRET"),
    ("JP-tokubetsu-boei-himitsu", "極秘", "JPN 極秘"),
])
def test_real_schemes_are_marked_in_their_own_words(scheme: str, level: str, line: str) -> None:
    assert banner(plain(level, scheme=scheme), mode=Mode.REAL).lines == (line, "REL TO JPN")


def test_an_equivalent_of_another_level_is_never_printed_beside_a_label() -> None:
    with pytest.raises(Malformed) as raised:
        banner(plain("EXERCISE FUJI"), MARKING)
    assert raised.value.code == "marking.not-of-label"


def test_exercise_and_real_words_never_stand_on_one_item() -> None:
    real = plain("SECRET", scheme="NATO")
    exercise_equivalent = replace(MARKING, derived_from=real.level)
    real_equivalent = Marking(UKR, LevelRef("UA-state-secret", "Таємно"), AgreementId("a"), 1, "Art. 4", FULL.level)
    for label, marking, mode in (
        (real, None, Mode.EXERCISE), (FULL, None, Mode.REAL), (real, exercise_equivalent, Mode.REAL),
        (FULL, real_equivalent, Mode.EXERCISE),
    ):
        with pytest.raises(Malformed) as raised:
            banner(label, marking, mode)
        assert raised.value.code == "marking.mode"


@unhurried
@given(labels(), st.sampled_from(EX_UKR.levels))
def test_no_real_marking_phrase_stands_in_what_an_exercise_prints_of_its_own(label: Label, level: str) -> None:
    marking = replace(MARKING, level=LevelRef("EX-UKR", level), derived_from=label.level)
    composed = banner(label, marking)
    printed = "\n".join((composed.exercise, composed.level, composed.native, composed.release, composed.handling))
    assert find_marking_phrases(printed, REAL) == ()


def test_an_unknown_scheme_or_level_is_not_printed() -> None:
    with pytest.raises(Undecidable):
        banner(plain(scheme="EX-POL"))
    with pytest.raises(Malformed):
        banner(plain("EXERCISE UME"))


@pytest.mark.parametrize(("number", "total"), [(0, 1), (2, 1), (-1, -1)])
def test_there_is_no_copy_beyond_the_last(number: int, total: int) -> None:
    with pytest.raises(Malformed):
        CopyNumber(number, total)


@pytest.mark.parametrize(("portion", "mark"), [
    (Portion("1"), "(EXERCISE SAKURA)"),
    (Portion("1", "EXERCISE AJISAI"), "(EXERCISE AJISAI)"),
    (Portion("1", release_to=frozenset({JPN, UKR})), "(EXERCISE SAKURA//REL JPN, UKR)"),
])
def test_every_portion_bears_a_mark(portion: Portion, mark: str) -> None:
    assert compose_portion_mark(portion, plain(), EX_JPN) == mark


def test_a_portion_mark_is_short_where_the_scheme_has_short_forms() -> None:
    label = replace(plain("Таємно", scheme="UA-state-secret"), originator=UKR, release_to=frozenset({UKR}))
    assert compose_portion_mark(Portion("1"), label, SCHEMES["UA-state-secret"]) == "(Т)"


def _found(text: str, *ids: str) -> list[str]:
    schemes = [SCHEMES[id_] for id_ in ids] if ids else list(SCHEMES.values())
    return [found.phrase for found in find_marking_phrases(text, schemes)]


@pytest.mark.parametrize(("text", "phrases"), [
    ("Programme of the visit", []),
    ("Part C, annex S, list TS", []),
    ("Secretary of State, restrictedly", []),
    ("the SECRET programme", ["SECRET"]),
    ("Top Secret: programme", ["TOP SECRET"]),
    ("ЅЕCRET programme", ["SECRET"]),
    ("ｓｅｃｒｅｔ programme", ["SECRET"]),
    ("se\u200bcret programme", ["SECRET"]),
    ("件名SECRET案", ["SECRET"]),
    ("Цілком таємно: програма", ["Цілком таємно"]),
    ("tres secret", ["Très Secret"]),
    ("秘書官の予定", []),
    ("(秘) 予定", ["秘"]),
    ("㊙ 予定", ["秘"]),
    ("本件は極秘扱い", ["極秘"]),
    ("極秘文書", ["極秘文書"]),
    ("VS-NfD, then CTS", ["VS-NfD", "CTS"]),
    ("군사III급비밀로", ["군사Ⅲ급비밀"]),
    ("sakura, exercise sakura", ["EXERCISE SAKURA"]),
    ("", []),
])
def test_marking_phrases_are_found_however_they_are_typed(text: str, phrases: list[str]) -> None:
    assert _found(text) == phrases


def test_a_phrase_names_every_level_it_may_stand_for() -> None:
    (found,) = find_marking_phrases("secret", [SCHEMES["RO"], SCHEMES["US"], SCHEMES["UA-state-secret"]])
    assert found.levels == (LevelRef("RO", "Secret"), LevelRef("US", "SECRET"))
    assert find_marking_phrases("secret", []) == ()


@unhurried
@given(st.sampled_from([(s.id, level) for s in REAL for level in s.levels]), st.sampled_from([str.upper, str.lower]))
def test_no_level_of_any_scheme_is_overlooked(level: tuple[str, str], change: object) -> None:
    text = f"paper, {change(level[1])}, page 1"  # type: ignore[operator]
    assert any(
        LevelRef(*level) in found.levels for found in find_marking_phrases(text, [SCHEMES[level[0]]])
    )


@unhurried
@given(st.text(max_size=200))
def test_the_scan_takes_any_text(text: str) -> None:
    for found in find_marking_phrases(text, REAL):
        assert found.phrase and found.levels


def test_a_party_outside_the_agreement_can_stand_in_a_release_set() -> None:
    assert banner(plain("EXERCISE SAKURA", PartyId("KOR"))).release == "REL TO JPN, KOR"
