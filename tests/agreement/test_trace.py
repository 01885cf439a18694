"""Every article of a shipped agreement is traced to duties, or to the reason why there is nothing to carry out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordiale.errors import Malformed
from cordiale.model.agreement import AgreementText
from cordiale.model.obligation import TraceEntry
from cordiale.rules.citations import Citation, citations_of, is_in_text
from cordiale.views.agreement_trace import render_trace, trace_agreement, trace_of, untraced
from cordiale.wire.agreement_toml import load_template, template_names, template_text
from cordiale.wire.obligation_toml import load_obligations, load_trace, parse_trace

NUMBERS = frozenset(range(1, 148))
# Reasons are for what asks nothing of software. More of them than this would be an evasion.
REASONS_MAX = {"eu-member-states-2011": 1, "nl-de-2001": 3, "exercise": 0, "jp-ua-2024": 0}


@pytest.mark.parametrize("name", template_names())
def test_every_article_has_a_duty_or_a_stated_reason(name):
    text, entries = load_template(name).text, load_trace(name)
    assert untraced(text, entries) == ()
    assert all(is_in_text(Citation(entry.article, entry.paragraph), text) for entry in entries)
    assert sum(bool(entry.reason) for entry in entries) <= REASONS_MAX.get(name, 3)


@pytest.mark.parametrize("name", template_names())
def test_every_rule_leads_to_a_duty_of_its_own_kind(name):
    """A rule on destruction is not traced to visits: its act belongs to a row of an article it cites."""
    draft = load_template(name)
    traced = trace_agreement(draft, load_trace(name), load_obligations())

    def rows_at(article: str):
        numbers = {one.article for one in citations_of(article) or ()}
        return [row for one in traced if one.citation.article in numbers for row in one.rows]

    for rule in draft.profile.acts:
        assert rows_at(rule.article), rule
    lost = {
        (rule.act.value, rule.article) for rule in draft.profile.acts
        # What an article leaves to national law as a whole is traced to that, and not act by act.
        if not rule.left_to_national and not any(rule.act.value in row.acts for row in rows_at(rule.article))
    }
    assert lost == set()
    for term in draft.profile.terms:
        assert any(term.name.startswith(row.terms) for row in rows_at(term.article) if row.terms), term


@pytest.mark.parametrize("name", [name for name in template_names() if load_trace(name)])
def test_a_trace_names_rules_modules_and_tests_of_every_article(name):
    draft = load_template(name)
    traced = trace_agreement(draft, load_trace(name), load_obligations())
    shown = render_trace(name, traced)
    assert "nothing is shown" not in shown
    for article in draft.text.articles:
        assert f"\n{Citation(article.number)}" in shown
    for one in traced:
        assert one.is_shown
        for row in one.rows:
            assert row.title in shown
            assert all(f"by {module}\n" in shown for module in row.modules)
            assert all(f"proved by {test}\n" in shown for test in row.tests)
    said = {rule for one in traced for rule in one.rules}
    assert {where for where, _ in said} >= {rule.article for rule in draft.profile.acts}


def test_an_agreement_without_a_written_trace_is_traced_by_its_rules():
    draft = load_template("ch-pl-2022")
    traced = {one.citation.article: one for one in trace_agreement(draft, (), load_obligations())}
    assert list(traced) == [str(number) for number in range(1, 16)]
    assert {101, 102, 104} <= {row.number for row in traced["8"].rows}
    assert {91, 92, 93} <= {row.number for row in traced["7"].rows}
    assert 120 in {row.number for row in traced["9"].rows}
    assert not traced["11"].is_shown and "nothing is shown for it" in render_trace("x", (traced["11"],))


def text_with(article: str, words: str) -> AgreementText:
    text = load_template("ch-pl-2022").text
    first = replace(text.articles[0], number=article, text=(("de", words),))
    return replace(text, articles=(first,))


def test_an_article_nobody_traced_is_found_by_paragraph():
    text = text_with("7", "7.1 eins\n7.2 zwei\n7.3 drei")
    one = TraceEntry("7", "1", (1,))
    assert untraced(text, ()) == (Citation("7", "1"), Citation("7", "2"), Citation("7", "3"))
    assert untraced(text, (one, TraceEntry("7", "3", (2,)))) == (Citation("7", "2"),)
    assert untraced(text, (TraceEntry("7", "", (1,)),)) == ()
    assert untraced(text_with("8", "ohne Absatz"), (one,)) == (Citation("8"),)


ENTRY = '[[article]]\nnumber = "7"\nparagraphs = ["1"]\nrows = [91, 92]\n'


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("[91, 92]", "[91, 200]", "not a list of known rows"),
        ("[91, 92]", "[91, 91]", "names a row twice"),
        ("[91, 92]", '["91"]', "not a list of known rows"),
        ("[91, 92]", '[91]\nreason = "and yet"', "stand both or neither"),
        ("rows = [91, 92]\n", "", "stand both or neither"),
        ('paragraphs = ["1"]', 'paragraphs = ["1", "1"]', "the same thing twice"),
        ('number = "7"\n', "", "`number` is missing"),
    ],
)
def test_a_trace_that_is_not_understood_is_refused(wrong, right, complaint):
    with pytest.raises(Malformed, match=complaint):
        parse_trace(ENTRY.replace(wrong, right), file="trace.toml", numbers=NUMBERS)


def test_one_paragraph_is_traced_once():
    with pytest.raises(Malformed, match="a second time"):
        parse_trace(ENTRY + ENTRY, file="trace.toml", numbers=NUMBERS)
    assert parse_trace(ENTRY, file="trace.toml", numbers=NUMBERS) == (TraceEntry("7", "1", (91, 92)),)


def test_an_agreement_of_many_parties_is_traced_with_each_citation_and_its_own_text_read_once() -> None:
    draft = load_template("eu-member-states-2011")
    template_text.cache_clear()
    citations_of.cache_clear()
    assert trace_of(draft)
    assert template_text.cache_info().misses == 1
    rows = len(draft.profile.equivalences)
    assert citations_of.cache_info().misses < 100 < 1_000 < rows
