from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cordiale.model.agreement import (
    Act,
    AgreementDraft,
    AgreementState,
    DayKind,
    Deadline,
    EquivalenceKind,
    Need,
    Ruling,
    Stage,
)
from cordiale.model.label import Label, LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.rules.agreement_check import check_profile
from cordiale.rules.agreement_findings import Finding
from cordiale.rules.agreement_references import real_level_words
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.layers import (
    Gap,
    LayerOutcome,
    Scope,
    access_rules_for,
    find_equivalence,
    levels_of,
    rulings_for,
)
from cordiale.rules.rule_index import build_rule_index
from cordiale.rules.workdays import ends_on, holidays_of
from cordiale.wire.agreement_toml import load_template, template_files, template_names
from cordiale.wire.scheme_table import load_schemes

JPN, UKR, CHE, POL = (PartyId(code) for code in ("JPN", "UKR", "CHE", "POL"))
TODAY = date(2026, 11, 16)
REAL_WORDS = real_level_words(load_schemes())


def state_of(draft: AgreementDraft) -> AgreementState:
    profile = draft.profile
    return AgreementState(
        profile.agreement, profile.parties, profile.mode, Stage.IN_FORCE, profile, draft.nationals
    )


def findings_of(name: str) -> tuple[Finding, ...]:
    draft = load_template(name)
    return check_profile(draft.text, draft.profile, draft.nationals, real_words=REAL_WORDS)


def codes_of(name: str) -> dict[tuple[str, str], int]:
    codes: dict[tuple[str, str], int] = {}
    for finding in findings_of(name):
        key = (finding.severity.value, finding.code)
        codes[key] = codes.get(key, 0) + 1
    return codes


@pytest.mark.parametrize("name", template_names())
def test_no_template_has_an_error(name):
    assert not [finding for finding in findings_of(name) if finding.severity == "error"]


# The exercise


def exercise_level(name: str) -> LevelRef:
    words = f"EXERCISE {name}"
    return LevelRef("EX-JPN" if name in {"AJISAI", "SAKURA", "FUJI", "MATSU"} else "EX-UKR", words)


def in_exercise(act: Act, name: str, *, at_party: PartyId = UKR) -> LayerOutcome:
    return rulings_for(state_of(load_template("exercise")), act, Scope(JPN, UKR, exercise_level(name), at_party))


def test_the_exercise_leaves_nothing_open():
    assert findings_of("exercise") == ()


def test_every_article_of_the_exercise_is_there_in_three_languages():
    text = load_template("exercise").text
    assert text.prevails == "en" and set(text.authentic) == {"en", "ja", "uk"}
    for article in text.articles:
        assert {language for language, _ in article.title} == {"en", "ja", "uk"}
        counts = {words.count("\n") for _, words in article.text}
        assert len(counts) == 1 and len(article.text) == 3, article.number


def test_no_real_classification_word_stands_anywhere_in_the_exercise():
    everything = " ".join(template_files("exercise").values()).casefold()
    loud = {word for word in REAL_WORDS if len(word) > 4 or not word.isascii()}
    assert not [word for word in loud if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", everything)]


@pytest.mark.parametrize(
    ("source", "target"), [("AJISAI", "KALYNA"), ("SAKURA", "BARVINOK"), ("FUJI", "SONIASHNYK")]
)
def test_exercise_levels_are_equivalent_both_ways(source, target):
    profile = load_template("exercise").profile
    ours, theirs = exercise_level(source), exercise_level(target)
    there = find_equivalence(profile, ours, recipient=UKR, on=TODAY)
    back = find_equivalence(profile, theirs, recipient=JPN, on=TODAY)
    assert there is not None and back is not None
    assert (there.target, back.target) == (theirs, ours)


def test_the_highest_exercise_level_is_not_exchanged():
    row = find_equivalence(load_template("exercise").profile, exercise_level("MATSU"), recipient=UKR, on=TODAY)
    assert row is not None and (row.kind, row.target) == (EquivalenceKind.NOT_EXCHANGED, None)


def test_the_story_of_the_exercise_can_be_told():
    assert in_exercise(Act.WIRE, "SAKURA").ruling is Ruling.ALLOWED
    assert in_exercise(Act.WIRE, "SAKURA", at_party=JPN).ruling is Ruling.ALLOWED
    assert in_exercise(Act.WIRE, "FUJI").articles == ("Art. 8(3)",)
    assert in_exercise(Act.CARRY, "FUJI").ruling is Ruling.ALLOWED
    assert in_exercise(Act.BAG, "SAKURA").ruling is Ruling.ALLOWED
    assert in_exercise(Act.PASS_ON, "SAKURA").ruling is Ruling.WITH_CONSENT
    assert in_exercise(Act.RECEIPT, "AJISAI").deadlines == (Deadline(10, DayKind.WORKING),)
    assert in_exercise(Act.RETURN, "FUJI").ruling is Ruling.REQUIRED
    assert in_exercise(Act.DESTROY, "FUJI").ruling is Ruling.FORBIDDEN
    destroy = in_exercise(Act.DESTROY, "SAKURA")
    assert (destroy.ruling, destroy.persons, destroy.articles) == (Ruling.ALLOWED, 2, ("Art. 11(2)",))


def test_national_law_of_the_exercise_is_stricter_at_the_lowest_level():
    outcome = in_exercise(Act.DESTROY, "AJISAI")
    assert outcome.persons == 2 and outcome.articles == ("Art. 11(1)", "UKR: Exercise Order U-7, s. 5")


def test_access_in_the_exercise_rises_with_the_level():
    state = state_of(load_template("exercise"))
    needs = [
        frozenset().union(*(rule.needs for rule in access_rules_for(state, UKR, exercise_level(name))))
        for name in ("KALYNA", "BARVINOK", "SONIASHNYK")
    ]
    assert needs == [frozenset(), {Need.CLEARANCE}, {Need.CLEARANCE, Need.BRIEFING}]


def test_both_sides_of_the_exercise_release_with_two_persons():
    draft = load_template("exercise")
    assert {(n.party, n.release_persons) for n in draft.nationals} == {(JPN, 2), (UKR, 2)}
    assert holidays_of(draft.profile, [JPN, UKR]).covers(date(2040, 6, 1))
    assert ends_on(draft.profile, TODAY) == date(2027, 2, 14)


# Switzerland-Poland 2022

GEHEIM = LevelRef("CH", "GEHEIM / SECRET / SEGRETO")
VERTRAULICH = LevelRef("CH", "VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE")
INTERN = LevelRef("CH", "INTERN / INTERNE / AD USO INTERNO")
TOP, TAJNE = LevelRef("PL", "ŚCIŚLE TAJNE"), LevelRef("PL", "TAJNE")


def in_ch_pl(act: Act, of_level: LevelRef = GEHEIM) -> LayerOutcome:
    provider, recipient = (CHE, POL) if of_level.scheme == "CH" else (POL, CHE)
    return rulings_for(state_of(load_template("ch-pl-2022")), act, Scope(provider, recipient, of_level, recipient))


@pytest.mark.parametrize("of_level", [GEHEIM, TAJNE])
@pytest.mark.parametrize(
    ("act", "ruling", "article"),
    [
        (Act.COPY, Ruling.WITH_CONSENT, "Art. 7(2)"),
        (Act.TRANSLATE, Ruling.WITH_CONSENT, "Art. 7(2)"),
        (Act.DESTROY, Ruling.FORBIDDEN, "Art. 8(1)"),
        (Act.RETURN, Ruling.REQUIRED, "Art. 8(1)"),
        (Act.RECEIPT, Ruling.REQUIRED, "Art. 6(4)"),
        (Act.PASS_ON, Ruling.WITH_CONSENT, "Art. 4(4)"),
        (Act.CHANGE_LEVEL, Ruling.FORBIDDEN, "Art. 2(3)"),
        (Act.REPORT_LOSS, Ruling.REQUIRED, "Art. 10(2)"),
    ],
)
def test_ch_pl_at_the_level_of_secret(act, ruling, article, of_level):
    outcome = in_ch_pl(act, of_level)
    assert (outcome.ruling, outcome.articles) == (ruling, (article,))


def test_ch_pl_below_secret():
    assert in_ch_pl(Act.COPY, VERTRAULICH).articles == ("Art. 7(1)",)
    assert in_ch_pl(Act.RECEIPT, INTERN).ruling is Ruling.REQUIRED
    destroy = in_ch_pl(Act.DESTROY, VERTRAULICH)
    assert (destroy.ruling, destroy.gap, destroy.articles) == (None, Gap.LEFT_TO_NATIONAL, ("Art. 8(2)",))


def test_ch_pl_leaves_open_what_its_text_does_not_say():
    for act in (Act.EXTRACT, Act.REGISTER, Act.CRISIS_DESTROY):
        assert in_ch_pl(act).gap is Gap.SILENT
    assert in_ch_pl(Act.WIRE).gap is Gap.LEFT_TO_NATIONAL
    assert in_ch_pl(Act.RECEIPT).deadlines == ()


def test_ch_pl_equivalents_and_the_special_arrangement():
    profile = load_template("ch-pl-2022").profile
    row = find_equivalence(profile, GEHEIM, recipient=POL, on=TODAY)
    assert row is not None and (row.target, row.article) == (TAJNE, "Art. 2(4)")
    top = find_equivalence(profile, TOP, recipient=CHE, on=TODAY)
    assert top is not None
    assert (top.kind, top.target, top.article) == (EquivalenceKind.SPECIAL_ARRANGEMENT, None, "Art. 2(5)")
    assert {party: of_level for party, of_level, _ in profile.caps} == {CHE: GEHEIM, POL: TAJNE}


def test_ch_pl_asks_a_clearance_from_confidential_upwards():
    state = state_of(load_template("ch-pl-2022"))
    for of_level in (GEHEIM, VERTRAULICH):
        (rule,) = access_rules_for(state, CHE, of_level)
        assert rule.needs == {Need.CLEARANCE} and "Art. 1(10)" in rule.article
    assert access_rules_for(state, CHE, INTERN) == ()


def test_ch_pl_ends_six_months_after_notice():
    profile = load_template("ch-pl-2022").profile
    assert profile.termination_article == "Art. 15(3)"
    assert ends_on(profile, date(2026, 8, 31)) == date(2027, 2, 28)
    assert profile.mode is Mode.REAL and profile.marks_equivalent == "recipient"


def test_ch_pl_is_found_to_leave_exactly_this_open():
    assert codes_of("ch-pl-2022") == {
        ("question", "check.language-missing"): 1,
        ("question", "check.national-missing"): 2,
        ("question", "check.act-silent"): 10,
        ("question", "check.act-left-open"): 6,
        ("question", "check.access-left-open"): 2,
        ("question", "check.registry-missing"): 2,
        ("question", "check.exchange-language"): 1,
        ("question", "check.asked"): 4,
        ("note", "check.language-missing"): 1,
        ("note", "check.row-apart"): 1,
    }


def shared_treaty(name: str) -> str:
    for parent in Path(__file__).resolve().parents:
        found = parent.parent / "shared" / "data" / "treaties" / name
        if found.is_file():
            return found.read_text(encoding="utf-8")
    pytest.skip("the treaty texts are not beside this checkout")


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_the_words_of_ch_pl_are_those_of_the_official_text():
    source = shared_treaty("ch-pl-2022.md").split("---\n", 2)[2].split("Für den\nSchweizerischen")[0]
    text = load_template("ch-pl-2022").text
    ours = [dict(text.title)["de"], dict(text.preamble)["de"]]
    for article in text.articles:
        ours += [f"Art. {article.number}", dict(article.title)["de"], dict(article.text)["de"]]
    ours.append(dict(text.closing)["de"])
    assert words_of(" ".join(ours)) == words_of(source.replace("<sup>", "").replace("</sup>", ""))


# Japan-Ukraine 2024


def test_no_equivalent_of_japan_and_ukraine_is_guessed():
    draft = load_template("jp-ua-2024")
    assert {row.kind for row in draft.profile.equivalences} == {EquivalenceKind.TO_BE_ENTERED}
    assert not [row for row in draft.profile.equivalences if row.target is not None]
    assert draft.profile.acts == () and draft.text.articles == ()


def test_every_level_of_japan_and_ukraine_is_refused_saying_that_the_table_is_to_be_entered():
    draft = load_template("jp-ua-2024")
    index = build_rule_index(state_of(draft))
    for originator, recipient in ((JPN, UKR), (UKR, JPN)):
        levels = levels_of(draft.profile, originator)
        assert len(levels) >= 3
        for of_level in levels:
            label = Label(originator, of_level, frozenset({JPN, UKR}), datetime(2026, 11, 16, tzinfo=UTC))
            decision, marking = decide_equivalence(label, recipient, index=index, on=TODAY)
            assert marking is None and decision.is_undecidable
            assert [reason.code for reason in decision.reasons] == ["equivalence.to-be-entered"]
            assert "must enter" in str(decision.reasons[0]) and "from the treaty" in str(decision.reasons[0])


def test_japan_ukraine_is_found_to_be_a_frame():
    assert codes_of("jp-ua-2024") == {
        ("question", "check.languages"): 1,
        ("question", "check.text-missing"): 1,
        ("question", "check.national-missing"): 2,
        ("question", "check.to-be-entered"): 2,
        ("question", "check.cap-missing"): 3,
        ("question", "check.marking"): 1,
        ("question", "check.exchange-language"): 1,
        ("question", "check.entry"): 1,
        ("question", "check.termination"): 1,
        ("question", "check.asked"): 2,
    }
