from __future__ import annotations

from datetime import date

import pytest
from tests.agreement.examples import AAA, BBB, CCC, SCHEMES, level

from cordiale.errors import Malformed
from cordiale.model.agreement import Act, DayKind, Deadline, EquivalenceKind, Need, Ruling
from cordiale.wire.agreement_toml import load_template, parse_agreement_toml, parse_text_toml, template_files
from cordiale.wire.profile_toml import parse_profile_toml

TABLE = {scheme.id: scheme for scheme in SCHEMES}
HEAD = """\
agreement = "example"
version = 3
mode = "exercise"
title = "A profile"
parties = ["AAA", "BBB"]

[schemes]
AAA = "EX-AAA"
BBB = "EX-BBB"
"""


def parse(body: str, head: str = HEAD):
    return parse_profile_toml(head + body, file="profile.toml", schemes=TABLE)


def refusal(body: str, head: str = HEAD) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        parse(body, head)
    return str(caught.value), caught.value.hint


def test_one_rule_of_people_is_many_rules_of_the_profile():
    rules = parse("""
[level_groups]
high = ["EX-AAA:EXERCISE TWO", "EX-BBB:EXERCISE TWO"]
[[rule]]
acts = ["copy", "translate"]
levels = ["high", "EX-AAA:EXERCISE ONE"]
ruling = "with-consent"
article = "Art. 7(2)"
persons = 2
within = "10 working days"
note = "in writing"
""").acts
    assert {(rule.act, rule.level) for rule in rules} == {
        (act, of_level) for act in (Act.COPY, Act.TRANSLATE)
        for of_level in (level(AAA, 1), level(BBB, 1), level(AAA, 0))
    }
    assert {(r.ruling, r.article, r.persons, r.deadline, r.note, r.provider) for r in rules} == {
        (Ruling.WITH_CONSENT, "Art. 7(2)", 2, Deadline(10, DayKind.WORKING), "in writing", None)
    }


def test_of_a_group_a_direction_takes_its_own_levels():
    rules = parse("""
[level_groups]
high = ["EX-AAA:EXERCISE TWO", "EX-BBB:EXERCISE TWO"]
[[rule]]
acts = "copy"
levels = "high"
from = "BBB"
to = "AAA"
ruling = "forbidden"
article = "Art. 7"
left_to_national_law = true
""").acts
    assert [(r.level, r.provider, r.recipient, r.left_to_national) for r in rules] == [
        (level(BBB, 1), BBB, AAA, True)
    ]


def test_a_rule_without_levels_is_for_every_level():
    (rule,) = parse('[[rule]]\nacts = ["read"]\nruling = "allowed"\narticle = "Art. 1"\nwithin = "at once"\n').acts
    assert (rule.level, rule.deadline, rule.persons) == (None, Deadline(0, DayKind.CALENDAR), 1)


def test_a_pair_is_a_row_in_each_direction():
    rows = parse("""
[[equivalence]]
both_ways = { AAA = "EXERCISE TWO", BBB = "EXERCISE ONE" }
article = "Art. 4(1)"
valid_from = 2026-01-01
""").equivalences
    assert [(r.source, r.recipient, r.target, r.valid_from) for r in rows] == [
        (level(AAA, 1), BBB, level(BBB, 0), date(2026, 1, 1)),
        (level(BBB, 0), AAA, level(AAA, 1), date(2026, 1, 1)),
    ]


def test_rows_of_one_direction():
    rows = parse("""
[[equivalence]]
levels = ["EX-AAA:EXERCISE ONE", "EX-AAA:EXERCISE TWO"]
to = "BBB"
as = "EXERCISE TWO"
kind = "upward"
article = "Art. 4"
[[equivalence]]
levels = "EX-AAA:EXERCISE THREE"
to = "BBB"
kind = "to-be-entered"
""").equivalences
    assert [(r.source, r.kind, r.target, r.article) for r in rows] == [
        (level(AAA, 0), EquivalenceKind.UPWARD, level(BBB, 1), "Art. 4"),
        (level(AAA, 1), EquivalenceKind.UPWARD, level(BBB, 1), "Art. 4"),
        (level(AAA, 2), EquivalenceKind.TO_BE_ENTERED, None, ""),
    ]


def test_access_belongs_to_the_party_of_the_level():
    rules = parse("""
[[access]]
levels = ["EX-AAA:EXERCISE ONE", "EX-BBB:EXERCISE ONE"]
needs = ["clearance", "nationality"]
nationalities = ["AAA", "BBB"]
functions = ["minister"]
function_in_place_of_clearance = true
article = "Art. 5"
""").access
    assert [(r.party, r.level) for r in rules] == [(AAA, level(AAA, 0)), (BBB, level(BBB, 0))]
    assert rules[0].needs == {Need.CLEARANCE, Need.NATIONALITY} and rules[0].nationalities == {AAA, BBB}
    assert rules[0].function_in_place_of_clearance and rules[0].functions == {"minister"}


def test_the_single_settings():
    profile = parse("""
[marking]
added_by = "originator"
article = "Art. 4(3)"
[entry]
notes_required = false
article = "Art. 9"
[termination]
notice_months = 6
article = "Art. 10"
[[caveat]]
tag = "Handling"
value = "EXERCISE ONLY"
meaning = "exercise staff only"
[[cap]]
levels = ["EX-AAA:EXERCISE TWO"]
article = "Art. 2"
[[registry]]
id = "registry-a"
party = "AAA"
title = "Registry A"
levels = ["EXERCISE ONE"]
article = "Art. 3"
opened_on = 2026-01-01
[[holidays]]
party = "AAA"
weekend = ["friday", "saturday"]
days = [2026-11-23]
every_year = ["01-01"]
from_year = 2026
until_year = 2027
""")
    assert (profile.marks_equivalent, profile.entry_requires_notes, profile.termination_months) == (
        "originator", False, 6
    )
    assert profile.caveats == (("Handling", "EXERCISE ONLY", "exercise staff only"),)
    assert profile.caps == ((AAA, level(AAA, 1), "Art. 2"),)
    assert profile.registries[0].levels == {level(AAA, 0)} and profile.registries[0].opened_on == date(2026, 1, 1)
    assert profile.weekends == ((AAA, frozenset({4, 5})),)
    assert profile.holidays == ((AAA, (date(2026, 1, 1), date(2026, 11, 23), date(2027, 1, 1))),)
    assert profile.text_digest == "" and profile.version == 3


RULE = '\n[[rule]]\nacts = ["copy"]\nruling = "allowed"\narticle = "Art. 1"\n'


ACCESS = "[[access]]\nlevels = ['EX-AAA:EXERCISE ONE']\narticle = 'Art. 1'\n"
ROW = "[[equivalence]]\nlevels = ['EX-AAA:EXERCISE ONE']\nto = 'BBB'\n"
DAYS = "[[holidays]]\nparty = 'AAA'\n"


@pytest.mark.parametrize(
    ("body", "where", "problem", "hint"),
    [
        ('[[rule]]\nacts = ["copi"]\nruling = "allowed"\narticle = "Art. 1"', "line 11, [rule]", "`copi`", '"copy"'),
        (RULE + "persos = 2", "line 15, [rule]", "`persos` is not known", "did you mean"),
        (RULE + "persons = 0", "line 15, [rule]", "out of range", "from 1 to"),
        (RULE + 'within = "ten days"', "line 15, [rule]", "no number of days", "10 working days"),
        (RULE + 'within = "10 days"', "line 15, [rule]", "no number of days", "calendar"),
        (RULE + 'levels = ["EXERCISE TWO"]', "line 15, [rule]", "several schemes", '"EX-AAA:EXERCISE TWO"'),
        (RULE + 'levels = ["EXERCISE TOO"]', "line 15, [rule]", "no level of a scheme", '"EXERCISE TWO"'),
        (RULE + "levels = []", "line 15, [rule]", "names no level", "every level"),
        (RULE + 'overrides_agreement = true', "line 15, [rule]", "not known here", "manual"),
        (RULE + 'from = "aaa"', "line 15, [rule]", "not a party code", "capital letters"),
        (RULE + 'note = "a\tb"', "line 15, [rule]", "control character", "space"),
        (RULE + 'note = "a\\tb"', "line 15, [rule]", "control character", "space"),
        ("[[rule]]\nacts = []\n", "line 11, [rule]", "is missing", "report-loss"),
        ('[[rule]]\nacts = ["copy"]\nruling = "allowed"', "line 10, [rule]", "`article` is missing", "Art. 7(2)"),
        ("[rule]\nacts = 1", "line 10", "is written once", "[[rule]]"),
        ("[termination]\nnotice_days = 3\nnotice_months = 1\narticle = 'Art. 1'", "line 12, [termination]", "not both",
         "notice_months = 6"),
        ("[marking]\nadded_by = 'both'\narticle = 'x'", "line 11, [marking]", "not known", "recipient"),
        (ACCESS, "line 10, [access]", "`needs` is missing", "need-to-know suffices"),
        (ACCESS + "needs = ['nationality']", "line 10, [access]", "go together", "nationalities"),
        (ACCESS + "needs = []\nfunctions = ['x']", "line 14, [access]", "no need asks for", "function"),
        (ROW + "article = 'Art. 1'", "line 10, [equivalence]", "`as` is missing", "as ="),
        (ROW + "as = 'EXERCISE ONE'\nkind = 'not-exchanged'\narticle = 'Art. 1'", "line 13, [equivalence]",
         "does not go with", "nothing for other kinds"),
        (ROW + "kind = 'not-exchanged'", "line 10, [equivalence]", "`article` is missing", "Art."),
        ("[[equivalence]]\nboth_ways = { AAA = 'EXERCISE ONE' }\narticle = 'Art. 1'", "line 11, [equivalence]",
         "pairs levels", "UKR"),
        (DAYS + "every_year = ['02-29']\nfrom_year = 2026\nuntil_year = 2026", "line 12, [holidays]",
         "no day of 2026", "month and day"),
        (DAYS + "days = ['2026-01-01']", "line 12, [holidays]", "not a list of dates", "2026-11-23"),
        (DAYS * 2, "line 13, [holidays]", "twice", "one [[holidays]]"),
        ("[[registry]]\nid = 'R 1'\nparty = 'AAA'\ntitle = 'R'\nlevels = ['EXERCISE ONE']\narticle = 'Art. 1'",
         "line 11, [registry]", "not an identifier", "lower-case"),
        ("[level_groups]\n'EXERCISE ONE' = ['EX-AAA:EXERCISE ONE']", "line 11, [level_groups]",
         "both a group and a level", "another name"),
        ("x = ", "at its end", "not TOML", "quotes"),
        ("x = 1\ny = ]", "line 11", "not TOML", "quotes"),
    ],
)
def test_a_mistake_is_told_with_file_line_table_and_what_to_write(body, where, problem, hint):
    sentence, told = refusal(body)
    assert sentence.startswith(f"profile.toml, {where}"), sentence
    assert problem in sentence, sentence
    assert hint in told, told


def test_letters_with_accents_written_apart_are_refused():
    assert "line 10" in refusal("# Ange\u0301lique")[0]


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (HEAD.replace('["AAA", "BBB"]', '["AAA"]'), "two parties or more"),
        (HEAD.replace('["AAA", "BBB"]', '["AAA", "AAA"]'), "twice"),
        (HEAD.replace('BBB = "EX-BBB"', 'CCC = "EX-CCC"'), "not among the parties"),
        (HEAD.replace('"EX-BBB"', '"EX-ZZZ"'), "which is not known"),
        (HEAD.replace('"exercise"', '"training"'), "not known"),
        (HEAD.replace('"example"', '"An Example"'), "not an identifier"),
        (HEAD.split("[schemes]")[0], "`schemes` is missing"),
    ],
)
def test_a_head_must_say_who_and_what(head, problem):
    assert problem in refusal("", head)[0]


def text(body: str):
    return parse_text_toml(body, file="text.toml")


ARTICLE = '[[article]]\nnumber = "1"\ntitle.en = "Scope"\ntext.en = """\n(1) First.\n\n  (2) Second.  \n"""\n'
TEXT = 'authentic = ["en", "fr"]\nprevails = "en"\nsigned_on = 2026-11-16\n[title]\nen = "An agreement"\n'


def test_each_line_of_an_article_is_a_paragraph():
    (article,) = text(TEXT + ARTICLE).articles
    assert article.text == (("en", "(1) First.\n(2) Second."),)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (TEXT + ARTICLE * 2, "line 15, [article]: `number` is `1`, which stands twice"),
        (TEXT.replace('"en"\ns', '"de"\ns'), "`prevails` is not one of the authentic languages"),
        (TEXT + ARTICLE.replace("text.en", "texte.en"), "`text` or `title` is missing"),
        (TEXT + '[[article]]\nnumber = "1"\ntitle.en = "Scope"\ntext.en = "\\n"\n', "has no words"),
        ('authentic = ["en"]', "`title` is missing"),
    ],
)
def test_a_text_that_is_not_whole_is_refused(body, problem):
    with pytest.raises(Malformed) as caught:
        text(body)
    assert problem in str(caught.value)


def test_a_folder_holds_a_text_a_profile_and_national_profiles_of_parties():
    files = {"text.toml": TEXT + ARTICLE, "profile.toml": HEAD}
    national = 'party = "AAA"\nversion = 1\ntitle = "National"\n[release]\npersons = 2\narticle = "Act 1"\n'
    draft = parse_agreement_toml(files | {"national-AAA.toml": national}, schemes=TABLE)
    assert [n.party for n in draft.nationals] == [AAA] and draft.nationals[0].release_persons == 2
    for wrong in ("national-CCC.toml", "notes.toml", "national-AAA.TOML"):
        with pytest.raises(Malformed, match="does not belong"):
            parse_agreement_toml(files | {wrong: national}, schemes=TABLE)
    with pytest.raises(Malformed, match="holds the national profile of AAA"):
        parse_agreement_toml(files | {"national-BBB.toml": national}, schemes=TABLE)
    with pytest.raises(Malformed, match="no party of the agreement"):
        other = {"national-AAA.toml": national.replace("AAA", str(CCC))}
        parse_agreement_toml(files | other, schemes=TABLE)
    for missing in files:
        with pytest.raises(Malformed, match=f"has no {missing}"):
            parse_agreement_toml({k: v for k, v in files.items() if k != missing}, schemes=TABLE)


def test_a_national_rule_may_override():
    national = """
party = "BBB"
version = 1
title = "National"
[[rule]]
acts = ["copy"]
levels = ["EX-AAA:EXERCISE ONE"]
ruling = "allowed"
overrides_agreement = true
article = "Act 3"
[[access]]
levels = ["EX-BBB:EXERCISE ONE"]
needs = []
article = "Act 4"
"""
    files = {"text.toml": TEXT, "profile.toml": HEAD, "national-BBB.toml": national}
    (profile,) = parse_agreement_toml(files, schemes=TABLE).nationals
    assert profile.acts[0].overrides_agreement and profile.acts[0].level == level(AAA, 0)
    assert profile.access[0].party == BBB and profile.release_persons == 0


def test_templates_are_known_by_name():
    with pytest.raises(Malformed, match=r"no template called `\.\./up`"):
        template_files("../up")
    assert set(template_files("exercise")) == {
        "text.toml", "profile.toml", "national-JPN.toml", "national-UKR.toml"
    }
    assert load_template("exercise").profile.agreement == "exercise-jpn-ukr"
