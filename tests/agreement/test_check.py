from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.agreement.examples import (
    AAA,
    BBB,
    CCC,
    complete_national,
    complete_profile,
    level,
    row,
    rule,
    text_of,
)

from cordiale.model.agreement import Act as A
from cordiale.model.agreement import (
    AgreementText,
    DayKind,
    Deadline,
    EquivalenceKind,
    NationalProfile,
    Profile,
    RegistryEntry,
    Ruling,
    Stage,
    Term,
    TermUnit,
)
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.mode import Mode
from cordiale.rules.agreement_check import check_profile, has_errors
from cordiale.rules.agreement_findings import Severity
from cordiale.rules.agreement_references import real_level_words

NATIONALS = (complete_national(AAA), complete_national(BBB))
REAL = Scheme("XX", None, "A real one", ("INTERNAL", "SECRET / GEHEIM", "極秘"), "verified")


def found(
    profile: Profile, nationals: tuple[NationalProfile, ...] = NATIONALS, text: AgreementText | None = None
) -> list[tuple[str, str]]:
    findings = check_profile(
        text or text_of("1"), profile, nationals, real_words=real_level_words({"XX": REAL})
    )
    assert all(str(finding) for finding in findings)
    return [(finding.severity.value, finding.code.removeprefix("check.")) for finding in findings]


def said(profile: Profile, nationals: tuple[NationalProfile, ...] = NATIONALS) -> str:
    findings = check_profile(text_of("1"), profile, nationals, real_words=frozenset())
    return "\n".join(str(finding) for finding in findings)


def changed(**changes: object) -> Profile:
    return replace(complete_profile(), **changes)


def acts_with(*more: object, without: A | None = None) -> tuple[object, ...]:
    return (*(r for r in complete_profile().acts if r.act is not without), *more)


def rows_with(*more: object, without: LevelRef | None = None) -> tuple[object, ...]:
    return (*(r for r in complete_profile().equivalences if r.source != without), *more)


ONE, TWO, THREE = (level(AAA, rank) for rank in range(3))
OTHER_ONE, OTHER_TWO = level(BBB, 0), level(BBB, 1)


def test_a_complete_profile_has_no_finding():
    assert found(complete_profile()) == []


def test_an_act_no_layer_speaks_of_is_a_question_and_not_a_guess():
    profile = changed(acts=acts_with(without=A.COPY))
    assert found(profile) == [("question", "act-silent")] * 2
    assert "copy from AAA to BBB, done at BBB (EX-AAA:EXERCISE ONE, EX-AAA:EXERCISE TWO)" in said(profile)


def test_an_act_of_both_sides_is_asked_of_both():
    assert found(changed(acts=acts_with(without=A.WIRE))) == [("question", "act-silent")] * 4


def test_national_law_closes_a_gap_only_at_its_own_party():
    nationals = (complete_national(AAA), complete_national(BBB, rule(A.COPY, article="Act 1")))
    assert found(changed(acts=acts_with(without=A.COPY)), nationals) == [("question", "act-silent")]


def test_a_level_that_is_not_exchanged_needs_no_rule():
    acts = tuple(
        rule(r.act, level=of_level) for r in complete_profile().acts
        for of_level in (ONE, TWO, OTHER_ONE, OTHER_TWO)
    )
    assert found(changed(acts=acts)) == []


def test_a_level_above_the_cap_needs_no_rule():
    caps = ((AAA, ONE, "Art. 1"), (BBB, OTHER_ONE, "Art. 1"))
    acts = tuple(rule(r.act, level=of_level) for r in complete_profile().acts for of_level in (ONE, OTHER_ONE))
    assert found(changed(caps=caps, acts=acts)) == []


def test_what_is_left_to_national_law_is_a_question_until_it_is_said():
    acts = acts_with(rule(A.DESTROY, left_to_national=True, article="Art. 1(2)"), without=A.DESTROY)
    assert found(changed(acts=acts)) == [("question", "act-left-open")] * 2
    nationals = tuple(complete_national(p, rule(A.DESTROY, article="Act 1")) for p in (AAA, BBB))
    assert found(changed(acts=acts), nationals) == []


def test_two_rules_of_one_scope_that_differ_are_an_error():
    assert found(changed(acts=acts_with(rule(ruling=Ruling.FORBIDDEN)))) == [("error", "rules-differ")]
    longer = rule(article="Art. 1(1)", deadline=Deadline(3, DayKind.CALENDAR))
    shorter = rule(article="Art. 1(2)", deadline=Deadline(2, DayKind.CALENDAR))
    assert found(changed(acts=acts_with(longer, shorter, without=A.COPY))) == [("error", "rules-differ")]


def test_a_duty_with_a_condition_is_two_rules_and_no_error():
    acts = acts_with(
        rule(A.RETURN, Ruling.REQUIRED), rule(A.RETURN, Ruling.WITH_NOTICE, "Art. 1(1)"), without=A.RETURN
    )
    assert found(changed(acts=acts)) == []


def test_the_same_rule_twice_is_a_note():
    assert found(changed(acts=acts_with(rule()))) == [("note", "rule-twice")]


def test_demanding_what_is_forbidden_is_an_error_in_one_layer_and_a_question_across_two():
    acts = acts_with(
        rule(A.RETURN, Ruling.REQUIRED, provider=AAA), rule(A.RETURN, Ruling.FORBIDDEN, recipient=BBB)
    )
    assert found(changed(acts=acts)) == [("error", "act-contradiction")]
    acts = acts_with(rule(A.RETURN, Ruling.REQUIRED), without=A.RETURN)
    nationals = (complete_national(AAA), complete_national(BBB, rule(A.RETURN, Ruling.FORBIDDEN, "Act 1")))
    assert found(changed(acts=acts), nationals) == [("question", "layers-contradict")]


def test_a_rule_that_never_applies_is_noted():
    acts = acts_with(rule(level=ONE), rule(level=ONE, provider=AAA, ruling=Ruling.WITH_NOTICE))
    assert found(changed(acts=acts)) == [("note", "rule-unused")]


def test_a_laxer_national_rule_is_noted_unless_it_overrides():
    acts = acts_with(rule(ruling=Ruling.WITH_CONSENT), without=A.COPY)
    laxer = rule(article="Act 1")
    assert found(changed(acts=acts), (complete_national(AAA), complete_national(BBB, laxer))) == [
        ("note", "national-laxer")
    ]
    overriding = replace(laxer, overrides_agreement=True)
    assert found(changed(acts=acts), (complete_national(AAA), complete_national(BBB, overriding))) == [
        ("note", "national-overrides")
    ]


def test_an_override_that_changes_nothing_is_not_noted():
    same = rule(article="Act 1", overrides_agreement=True)
    assert found(complete_profile(), (complete_national(AAA), complete_national(BBB, same))) == []


def test_fewer_persons_are_laxer_only_where_they_are_said():
    acts = acts_with(rule(persons=3), without=A.COPY)
    for persons, expected in ((1, []), (2, [("note", "national-laxer")]), (3, []), (4, [])):
        national = complete_national(BBB, rule(article="Act 1", persons=persons))
        assert found(changed(acts=acts), (NATIONALS[0], national)) == expected


def test_a_rule_that_adds_persons_or_a_deadline_does_not_differ():
    more = rule(article="Art. 1(1)", persons=2, deadline=Deadline(3, DayKind.CALENDAR))
    assert found(changed(acts=acts_with(more))) == []
    assert found(changed(acts=acts_with(more, rule(article="Art. 1(2)", persons=3)))) == [("error", "rules-differ")]


def test_only_a_right_to_have_back_what_was_given_waits_for_the_end_of_the_agreement():
    ending = replace(rule(A.RECALL, ruling=Ruling.REQUIRED), from_state=Stage.TERMINATED)
    assert found(changed(acts=acts_with(ending, without=A.RECALL))) == []
    for wrong in (replace(ending, from_state=Stage.IN_FORCE), replace(ending, act=A.ARCHIVE)):
        assert ("error", "from-state") in found(changed(acts=acts_with(wrong, without=wrong.act)))


def test_silence_that_is_consent_names_the_act_it_consents_to():
    silence = Term("consent.silence", "Art. 1(1)", 2, TermUnit.MONTHS)
    assert ("error", "silence-act") in found(changed(terms=(silence,)))
    each = tuple(replace(silence, note=act.value, count=count) for act, count in ((A.COPY, 2), (A.DESTROY, 3)))
    assert found(changed(terms=each)) == []


def test_marks_that_belong_to_the_other_layer_are_errors():
    assert found(changed(acts=acts_with(rule(overrides_agreement=True), without=A.COPY))) == [
        ("error", "override-in-agreement")
    ]
    wrong = complete_national(BBB, rule(left_to_national=True))
    assert found(complete_profile(), (NATIONALS[0], wrong)) == [("error", "left-open-in-national")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (rows_with(without=THREE), [("question", "level-missing")]),
        (rows_with(row(ONE, BBB, OTHER_ONE)), [("error", "rows-overlap")]),
        (
            rows_with(
                row(ONE, BBB, OTHER_ONE, valid_until=date(2026, 6, 30)),
                row(ONE, BBB, OTHER_ONE, valid_from=date(2026, 7, 1)), without=ONE,
            ),
            [],
        ),
        (
            rows_with(row(ONE, BBB, OTHER_ONE, valid_from=date(2026, 7, 1), valid_until=date(2026, 6, 30)),
                      without=ONE),
            [("error", "row-dates")],
        ),
        (rows_with(row(ONE, BBB, OTHER_TWO), without=ONE), []),
        (rows_with(row(ONE, BBB, None), without=ONE), [("error", "row-target")]),
        (rows_with(row(THREE, BBB, None, kind=EquivalenceKind.SPECIAL_ARRANGEMENT), without=THREE),
         [("note", "row-apart")]),
        (rows_with(row(THREE, BBB, None, kind=EquivalenceKind.TO_BE_ENTERED), without=THREE),
         [("question", "to-be-entered")]),
        (rows_with(row(ONE, BBB, ONE), without=ONE), [("error", "level-unknown")]),
    ],
)
def test_the_table(rows, expected):
    later = {("question", "access-missing"), ("question", "registry-missing")}
    assert [code for code in found(changed(equivalences=rows)) if code not in later] == expected


def test_a_higher_level_never_has_a_lower_equivalent():
    rows = [r for r in complete_profile().equivalences if r.source not in (ONE, TWO)]
    turned = (*rows, row(ONE, BBB, OTHER_TWO), row(TWO, BBB, OTHER_ONE))
    assert found(changed(equivalences=turned)) == [("error", "table-order")]
    apart = (*rows, row(ONE, BBB, OTHER_TWO, valid_until=date(2026, 6, 30)),
             row(TWO, BBB, OTHER_ONE, valid_from=date(2026, 7, 1)))
    assert found(changed(equivalences=apart)) == []


def test_a_direction_without_rows_is_a_question():
    rows = tuple(r for r in complete_profile().equivalences if r.recipient == BBB)
    assert ("question", "direction-missing") in found(changed(equivalences=rows))


def test_a_cap_stands_within_the_table():
    assert found(changed(caps=((AAA, THREE, "Art. 1"), (BBB, OTHER_TWO, "Art. 1")))) == [("error", "cap-above-table")]
    assert found(changed(caps=((BBB, OTHER_TWO, "Art. 1"),))) == [("question", "cap-missing")]
    twice = (*complete_profile().caps, (AAA, ONE, "Art. 1"))
    assert ("error", "cap-twice") in found(changed(caps=twice))


@pytest.mark.parametrize(
    ("article", "code"), [("Art. 2", "article-unknown"), ("Art. 1(3)", "article-unknown"), ("clause 7", "article-form")]
)
def test_every_rule_cites_an_article_of_the_text(article, code):
    assert found(changed(acts=acts_with(rule(article=article), without=A.COPY))) == [("error", code)]
    assert found(changed(marks_article=article)) == [("error", code)]


def test_a_national_rule_cites_something():
    nationals = (NATIONALS[0], complete_national(BBB, rule(article=" ")))
    assert found(complete_profile(), nationals) == [("error", "national-article")]


def test_unknown_parties_and_levels_are_errors():
    assert found(changed(acts=acts_with(rule(provider=CCC)))) == [
        ("error", "party-unknown"), ("note", "rule-unused")
    ]
    unknown = LevelRef("EX-AAA", "EXERCISE FOUR")
    assert ("error", "level-unknown") in found(changed(acts=acts_with(rule(level=unknown))))
    registry = RegistryEntry("r", AAA, "R", frozenset({OTHER_ONE}), "Art. 1")
    assert ("error", "level-unknown") in found(changed(registries=(*complete_profile().registries, registry)))
    assert ("error", "scheme-missing") in found(changed(scheme_of=((AAA, "EX-AAA"),)))
    assert ("error", "parties") in found(changed(parties=(AAA,)))


def test_a_rule_from_a_party_to_itself_is_an_error():
    assert ("error", "rule-direction") in found(changed(acts=acts_with(rule(provider=AAA, recipient=AAA))))


def test_each_party_has_one_complete_national():
    assert found(complete_profile(), NATIONALS[:1]) == [("question", "national-missing")]
    assert found(complete_profile(), (*NATIONALS, NATIONALS[0])) == [("error", "national-twice")]


def test_who_releases_is_said():
    silent, alone = (replace(NATIONALS[1], release_persons=n) for n in (0, 1))
    assert found(complete_profile(), (NATIONALS[0], silent)) == [("question", "release")]
    assert found(complete_profile(), (NATIONALS[0], alone)) == [("note", "release-alone")]


def test_what_becomes_of_own_items_and_who_reads_them_is_asked_of_national_law():
    ours = NATIONALS[1]
    silent = replace(ours, acts=tuple(one for one in ours.acts if (one.act, one.level) != (A.DESTROY, OTHER_TWO)))
    assert found(complete_profile(), (NATIONALS[0], silent)) == [("question", "own-act")]
    assert "says nothing of destroy of its own items (EX-BBB:EXERCISE TWO)" in said(
        complete_profile(), (NATIONALS[0], silent)
    )
    closed = replace(ours, access=ours.access[1:])
    assert found(complete_profile(), (NATIONALS[0], closed)) == [("question", "own-access")]


def test_every_received_level_has_access_rules_and_a_registry():
    profile = complete_profile()
    bare = tuple(replace(national, access=()) for national in NATIONALS)
    own = [("question", "own-access")] * 2
    assert found(changed(access=profile.access[1:]), bare) == [("question", "access-missing"), *own]
    left_open = (replace(profile.access[0], left_to_national=True), *profile.access[1:])
    assert found(changed(access=left_open), bare) == [("question", "access-left-open"), *own]
    assert found(changed(access=left_open), (complete_national(AAA, access=profile.access[:1]), NATIONALS[1])) == []
    assert found(changed(access=(*profile.access, profile.access[0]))) == [("error", "access-twice")]
    assert found(changed(registries=profile.registries[1:])) == [("question", "registry-missing")]


def test_registries_are_named_once_and_close_after_they_open():
    first, second = complete_profile().registries
    assert set(found(changed(registries=(first, replace(second, id=first.id))))) == {("error", "registry-twice")}
    dates = replace(second, opened_on=date(2026, 2, 1), closed_on=date(2026, 1, 1))
    assert found(changed(registries=(first, dates))) == [("error", "registry-dates")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"marks_equivalent": "", "marks_article": ""}, "marking"),
        ({"language": ""}, "exchange-language"),
        ({"entry_article": ""}, "entry"),
        ({"termination_article": ""}, "termination"),
        ({"open_questions": ("who pays?",)}, "asked"),
    ],
)
def test_single_settings_are_asked_for(change, code):
    assert found(changed(**change)) == [("question", code)]


def test_working_days_need_holidays():
    acts = acts_with(rule(deadline=Deadline(5, DayKind.WORKING)), without=A.COPY)
    assert found(changed(acts=acts)) == [("question", "holidays-missing")] * 2
    entered = changed(
        acts=acts, holidays=tuple((p, (date(2026, 1, 1),)) for p in (AAA, BBB)),
        weekends=tuple((p, frozenset({5, 6})) for p in (AAA, BBB)),
    )
    assert found(entered) == []


def test_the_text_says_its_languages():
    text = text_of("1")
    assert found(complete_profile(), text=replace(text, authentic=(), prevails="")) == [("question", "languages")]
    assert found(complete_profile(), text=replace(text, authentic=("en", "fr"))) == [("note", "language-missing")]
    assert found(complete_profile(), text=replace(text, authentic=("en", "fr"), prevails="fr")) == [
        ("question", "language-missing")
    ]
    assert ("question", "text-missing") in found(complete_profile(), text=replace(text, articles=()))


@pytest.mark.parametrize("words", ["EXERCISE SECRET", "EXERCISE geheim", "EXERCISE SЕCRET", "EXERCISE 極秘"])
def test_no_real_classification_word_stands_on_exercise_material(words):
    schemes = tuple(
        replace(s, levels=(*s.levels[:2], words)) if s.party == AAA else s for s in complete_profile().schemes
    )
    rows = tuple(
        replace(r, source=LevelRef("EX-AAA", words)) if r.source == THREE else r
        for r in complete_profile().equivalences
    )
    renamed = tuple(
        replace(
            one, acts=tuple(replace(r, level=LevelRef("EX-AAA", words)) if r.level == THREE else r for r in one.acts),
            access=tuple(replace(r, level=LevelRef("EX-AAA", words)) if r.level == THREE else r for r in one.access),
        ) for one in NATIONALS
    )
    assert found(changed(schemes=schemes, equivalences=rows), renamed) == [("error", "real-word")]


def test_invented_words_that_only_contain_a_real_one_pass():
    caveats = (("Handling", "EXERCISE SECRETARIAT", "for the secretariat"),)
    assert found(changed(caveats=caveats)) == []
    assert found(changed(caveats=(("Handling", "EXERCISE SECRET", "m"),))) == [("error", "real-word")]
    assert found(changed(caveats=caveats * 2)) == [("error", "caveat-twice")]


def test_exercise_and_real_schemes_never_mix():
    assert found(changed(mode=Mode.REAL)) == [("error", "scheme-mode")] * 2
    unmarked = tuple(replace(s, levels=("ONE", *s.levels[1:])) if s.party == AAA else s
                     for s in complete_profile().schemes)
    assert ("error", "exercise-prefix") in found(changed(schemes=unmarked))


def test_errors_come_first_and_can_be_told():
    profile = changed(language="", acts=acts_with(rule(ruling=Ruling.FORBIDDEN)))
    findings = check_profile(text_of("1"), profile, NATIONALS, real_words=frozenset())
    assert [f.severity for f in findings] == [Severity.ERROR, Severity.QUESTION]
    assert has_errors(findings) and not has_errors(findings[1:])
