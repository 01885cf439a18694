"""The eight shipped treaties against their texts: word by word, article by article, figure by figure."""

from __future__ import annotations

import re
from functools import cache

import pytest
from tests.agreement.test_templates import REAL_WORDS, shared_treaty, words_of
from tests.agreement.treaty_quotes import QUOTES

from cordiale.model.agreement import AgreementDraft, AgreementText, EquivalenceKind, Term
from cordiale.model.spelling import fold_look_alikes
from cordiale.rules.agreement_check import check_profile
from cordiale.rules.citations import citations_of, is_in_text, paragraph_begun_by
from cordiale.wire.agreement_toml import load_template

TREATIES = tuple(QUOTES)
# Numbers of paragraphs that the data file prints after their lists.
MOVED = {"ch-dk-2012": ("1.1", "4.1", "4.2"), "ch-fr-2006": ("7.3", "9.3")}
ENDS = {
    "ch-kr-2022": "| Für den\nSchweizerischen", "ch-pl-2022": "| Für den\nSchweizerischen",
    "ch-lu-2024": "| Für den\nSchweizerischen", "ch-cz-2011": "| Für den\nSchweizerischen",
    "ch-fr-2006": "| Für den\nSchweizerischen", "ch-dk-2012": "| Das Eidgenössische",
    "nl-de-2001": "*Voor de Regering", "eu-member-states-2011": "\x00",
}
# Levels whose words the official print gets wrong (see `source` of the text), and levels that no table prints.
MISPRINTED = {
    "L-Ogħla Segretezza": "L-Ogћla Segretezza",
    "Strict secret de importanță deosebită": "Strict secret de importană deosebită",
}
UNPRINTED = {("ch-dk-2012", "YDERST HEMMELIGT"), ("ch-kr-2022", "군사Ⅰ급비밀")}
# Terms that say that something is so: they rest on words, not on a figure.
YES_OR_NO = ("incident.provider-acts", "visit.third-state", "visit.asks.")
WORDS = {
    0: ("umgehend", "unverzüglich", "onverwijld", "onmiddellijk"), 1: ("1", "eine weitere"), 2: ("zwei",), 3: ("3",),
    5: ("5",), 6: ("sechs", "zes"), 7: ("7",), 10: ("10", "zehn"), 12: ("12",), 20: ("20",), 30: ("30",),
}
UNITS = {
    "calendar-days": ("Tage",), "working-days": ("Arbeitstage",), "weeks": ("Wochen", "weken"), "months": ("Monat",),
    "years": ("Jahr",), "count": ("Kopien", "Zeitspanne"),
}


@cache
def treaty(name: str) -> AgreementDraft:
    return load_template(name)


def language_of(text: AgreementText) -> str:
    return text.articles[0].text[0][0]


def cited_words(text: AgreementText, article: str) -> str:
    """The words of every paragraph that `article` cites, each up to the line that begins the next."""
    found = []
    for citation in citations_of(article) or ():
        (words,) = (dict(one.text)[language_of(text)] for one in text.articles if one.number == citation.article)
        current = ""
        for line in words.split("\n"):
            current = paragraph_begun_by(line, citation.article) or current
            if citation.paragraph in ("", current):
                found.append(line)
    return " ".join(found)


def plain(words: str) -> str:
    """Letters alone, look-alikes of other alphabets, spaces and case aside."""
    words = MISPRINTED.get(words, words)
    return re.sub(r"[\W_]+", "", fold_look_alikes(words)).casefold()


# The words


def official_words(name: str) -> str:
    source = shared_treaty(f"{name}.md")
    if source.startswith("---"):
        source = source.split("---\n", 2)[2]
    source = source.split(ENDS[name])[0].split("###### Fussnoten")[0]
    for number in MOVED.get(name, ()):
        assert source.count(f"- {number}\n") == 1
        source = source.replace(f"- {number}\n", "\n")
    source = re.sub(r"(?m)^(<meta.*|Treedt in werking per 01-12-2015 *)$", "", source)
    return re.sub(r"</?sup>|\[\^1\]", "", source)


@pytest.mark.parametrize("name", TREATIES)
def test_the_words_of_a_treaty_are_those_of_the_official_text(name):
    text = treaty(name).text
    language = language_of(text)
    ours = [dict(text.title)[language], dict(text.preamble)[language]]
    for article in text.articles:
        words = dict(article.text)[language]
        for number in MOVED.get(name, ()):
            words = re.sub(rf"(?m)^{re.escape(number)} ", "", words)
        title = dict(article.title)[language]
        heading = {
            "ch-dk-2012": f"{article.number} {title}", "nl-de-2001": f"Artikel {article.number} {title}",
            "eu-member-states-2011": title if article.number != "Annex" else f"Bijlage {title}",
        }.get(name, f"Art {article.number} {title}")
        if article.number == "Annex":
            ours.append(dict(text.closing)[language])
        ours += [heading, words]
    if text.articles[-1].number != "Annex":
        ours.append(dict(text.closing)[language])
    expected = words_of(official_words(name).replace("*", ""))
    found = words_of(" ".join(ours))
    if language == "nl":  # the file prints the title twice
        title = words_of(dict(text.title)["nl"])
        assert expected[:len(title)] == title
        expected = expected[len(title):]
    if name == "ch-dk-2012":
        assert expected[len(words_of(dict(text.title)["de"]))] == "Einleitung"
    assert found == expected


@pytest.mark.parametrize("name", TREATIES)
def test_a_treaty_names_its_source_and_its_authentic_languages(name):
    text = treaty(name).text
    assert "official" in text.source.casefold() and text.signed_on is not None and text.place
    assert text.authentic and text.prevails in ("", *text.authentic)
    assert len(treaty("eu-member-states-2011").text.authentic) == 23


# The rules


def parts_of(draft: AgreementDraft) -> list[tuple[str, str]]:
    """Everything a profile says, as (what, article)."""
    profile = draft.profile
    parts = [(rule.act.value, rule.article) for rule in profile.acts]
    parts += [("table", row.article) for row in profile.equivalences]
    parts += [("cap", article) for _, _, article in profile.caps]
    parts += [("access", rule.article) for rule in profile.access]
    parts += [("clearance", row.article) for row in profile.clearance_equivalences]
    parts += [(term.name, term.article) for term in profile.terms]
    parts += [
        (what, article) for what, article in (
            ("marking", profile.marks_article), ("entry", profile.entry_article),
            ("termination", profile.termination_article),
        ) if article
    ]
    parts += [("caveat", article) for *_, meaning in profile.caveats for article in re.findall(r"Art\. [\d()]+\d\)", meaning)]
    return list(dict.fromkeys(parts))


@pytest.mark.parametrize("name", TREATIES)
def test_every_rule_rests_on_words_of_the_article_it_cites(name):
    draft = treaty(name)
    quoted = [(what, article) for whats, article, _ in QUOTES[name] for what in whats.split()]
    assert sorted(quoted) == sorted(parts_of(draft))
    for _, article, words in QUOTES[name]:
        assert all(is_in_text(citation, draft.text) for citation in citations_of(article) or ())
        assert " ".join(words_of(words)) in " ".join(words_of(cited_words(draft.text, article))), (article, words)


def figures() -> list[tuple[str, Term]]:
    return [
        (name, term) for name in TREATIES for term in treaty(name).profile.terms if not term.name.startswith(YES_OR_NO)
    ]


@pytest.mark.parametrize(("name", "term"), figures(), ids=lambda value: getattr(value, "name", value))
def test_every_figure_stands_in_the_article_it_cites(name, term):
    words = cited_words(treaty(name).text, term.article)
    assert any(re.search(rf"\b{figure}", words) for figure in WORDS[term.count]), words
    if term.count:
        assert any(unit in words for unit in UNITS[term.unit.value]), words


@pytest.mark.parametrize("name", TREATIES)
def test_the_length_of_notice_stands_in_the_article_it_cites(name):
    profile = treaty(name).profile
    if profile.termination_months is not None:
        words = cited_words(treaty(name).text, profile.termination_article)
        assert any(figure in words for figure in WORDS[profile.termination_months])
    else:
        assert name in ("ch-kr-2022", "eu-member-states-2011")


@pytest.mark.parametrize("name", [name for name in TREATIES if name != "eu-member-states-2011"])
def test_every_row_of_the_table_stands_in_the_article_it_cites(name):
    """Word by word for each line of the printed table: the two levels of a row stand in one line."""
    draft = treaty(name)
    for row in draft.profile.equivalences:
        if (name, row.source.name) in UNPRINTED:
            assert row.kind is EquivalenceKind.NOT_EXCHANGED
            continue
        lines = [plain(line) for line in cited_words_by_line(draft.text, row.article)]
        source = plain(row.source.name.split(" / ")[0])
        assert any(source in line for line in lines), row
        if row.target:
            target = plain(row.target.name.split(" / ")[0])
            assert any(source in line and target in line for line in lines), row


def cited_words_by_line(text: AgreementText, article: str) -> list[str]:
    return [
        line for citation in citations_of(article) or () for one in text.articles if one.number == citation.article
        for line in dict(one.text)[language_of(text)].split("\n")
    ]


def test_the_annex_of_the_member_states_gives_each_party_its_own_words_in_its_own_columns():
    draft = treaty("eu-member-states-2011")
    (annex,) = (dict(one.text)["nl"] for one in draft.text.articles if one.number == "Annex")
    lines = [line.split(" | ") for line in annex.split("\n") if line.count(" | ") == 4][1:]
    assert len(lines) == len(draft.profile.parties) == 27
    for party, (_, *columns) in zip(draft.profile.parties, lines, strict=True):
        (scheme,) = (one for one in draft.profile.schemes if (party, one.id) in draft.profile.scheme_of)
        levels = scheme.levels[::-1]
        printed = [cell for cell in columns if "voetnoot" not in cell]
        assert len(printed) == len(levels)
        for level, cell in zip(levels, printed, strict=True):
            # Belgium prints two languages with their laws between; the words of a level are looked up one by one.
            assert all(plain(word).removeprefix("vs") in plain(cell) for word in level.split(" / ")), (level, cell)


def test_of_the_member_states_every_level_has_its_place_in_every_direction():
    profile = treaty("eu-member-states-2011").profile
    pairs = 27 * 26
    of_kind = [row.kind for row in profile.equivalences]
    assert of_kind.count(EquivalenceKind.EQUIVALENT) == 3 * pairs + 25 * 24
    assert of_kind.count(EquivalenceKind.OTHER_RULES) == 25 * 2


@pytest.mark.parametrize("name", TREATIES)
def test_what_a_treaty_does_not_say_is_asked_and_nothing_in_it_is_wrong(name):
    draft = treaty(name)
    findings = check_profile(draft.text, draft.profile, draft.nationals, real_words=REAL_WORDS)
    assert not [finding for finding in findings if finding.severity == "error"]
    asked = {finding.code for finding in findings if finding.severity == "question"}
    assert {"check.national-missing", "check.act-silent", "check.asked", "check.exchange-language"} <= asked
    assert len(findings) < 250


def test_no_treaty_says_how_many_persons_do_anything():
    for name in TREATIES:
        assert {rule.persons for rule in treaty(name).profile.acts} == {1}
