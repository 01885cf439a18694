from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.agreement.examples import AAA, BBB, complete_profile, national_profile, rule, text_of

from cordiale.model.agreement import AccessRule, Act, AgreementDraft, Need, Ruling, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.rules.agreement_check import check_profile
from cordiale.views.agreement_page import (
    reading_order,
    render_agreement_html,
    render_agreement_text,
    view_agreement,
)
from cordiale.views.agreement_words import say_access, say_term
from cordiale.wire.agreement_toml import load_template, template_names
from cordiale.words.spoken import Words


def page_of(draft: AgreementDraft):
    found = check_profile(draft.text, draft.profile, draft.nationals, real_words=frozenset())
    return view_agreement(draft, found, digest="d" * 64)


def example(**changes: object) -> AgreementDraft:
    return AgreementDraft(
        text_of("1"), replace(complete_profile(), **changes), (national_profile(AAA), national_profile(BBB))
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src"}]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", template_names())
def test_a_page_stands_alone_and_holds_no_script(name):
    draft = load_template(name)
    # Of many parties every direction is printed alike: three of them show it.
    few = replace(draft.profile, parties=draft.profile.parties[:3])
    html = render_agreement_html(page_of(replace(draft, profile=few)))
    tags = Tags()
    tags.feed(html)
    assert not tags.open and not {"script", "link", "img", "iframe", "form"} & set(tags.tags)
    assert "http://" not in html and "https://" not in html


def test_beside_an_article_stand_the_rules_that_cite_it():
    page = page_of(load_template("ch-pl-2022"))
    article = next(article for article in page.articles if article.number == "8")
    assert [citation for citation, _, _ in article.rules] == ["Art. 8(1)", "Art. 8(1)", "Art. 8(2)"]
    assert "destruction: forbidden; for GEHEIM / SECRET / SEGRETO, TAJNE" in {sentence for _, sentence, _ in article.rules}
    html = render_agreement_html(page)
    section = re.search(r'id="art-8">.*?</section>', html, re.S)
    assert section and "TANJE" in section[0] and "destruction: forbidden" in section[0]


def test_what_is_undecided_is_shown_as_undecided():
    page = page_of(load_template("ch-pl-2022"))
    html, text = render_agreement_html(page), render_agreement_text(page)
    assert '<td class="undecided">left to national law, which says nothing' in html
    assert "? GEHEIM / SECRET / SEGRETO: left to national law, which says nothing (Art. 6(3))" in text
    assert "? there is no national profile of CHE" in text


def test_a_complete_agreement_says_that_nothing_is_open():
    page = page_of(load_template("exercise"))
    assert "Nothing: the layers decide every act." in render_agreement_html(page)
    text = render_agreement_text(page)
    assert text.startswith("EXERCISE\n") and "nothing: the layers decide every act" in text
    assert "EXERCISE SAKURA: allowed, 2 persons, within 5 working days (Art. 11(2))" in text
    assert "EXERCISE MATSU at UKR: not exchanged (Art. 4(2))" in text
    assert "演習" in text and "Повернення і знищення" in text


def test_a_frame_says_what_is_to_be_entered():
    text = render_agreement_text(page_of(load_template("jp-ua-2024")))
    assert "特定秘密 at UKR: to be entered from the treaty (to be entered)" in text
    assert "? no level can be exchanged in this direction" in text


def test_words_of_the_parties_never_become_markup():
    draft = example(title="<script>alert(1)</script>", acts=(rule(note="<b>bold</b>"),))
    html = render_agreement_html(page_of(draft))
    assert "<script>" not in html and "<b>" not in html and "&lt;script&gt;" in html


def test_a_stricter_national_rule_is_shown_as_what_applies():
    nationals = (national_profile(AAA), national_profile(BBB, rule(ruling=Ruling.FORBIDDEN, article="Act 2")))
    text = render_agreement_text(page_of(replace(example(), nationals=nationals)))
    assert "EXERCISE ONE: forbidden (BBB: Act 2, Art. 1)" in text


def test_what_differs_between_the_parties_is_shown_by_name_and_open_while_one_is_silent():
    left_open = tuple(
        replace(r, left_to_national=True) if r.act is Act.WIRE else r for r in complete_profile().acts
    )
    nationals = (national_profile(AAA, rule(Act.WIRE, article="Act 2")), national_profile(BBB))
    text = render_agreement_text(page_of(replace(example(acts=left_open), nationals=nationals)))
    assert (
        "? EXERCISE ONE: AAA: allowed; BBB: left to national law, which says nothing (Art. 1, AAA: Act 2)" in text
    )


def test_an_override_is_shown_with_what_gave_way():
    override = rule(ruling=Ruling.WITH_NOTICE, article="Act 2", overrides_agreement=True)
    draft = replace(example(), nationals=(national_profile(AAA), national_profile(BBB, override)))
    assert "(BBB: Act 2) in place of Art. 1" in render_agreement_text(page_of(draft))


def test_the_language_that_prevails_comes_first():
    text = replace(text_of("1"), authentic=("fr", "en"), prevails="en")
    assert reading_order(text) == ("en", "fr")
    assert reading_order(replace(text, prevails="")) == ("fr", "en")


class Marking(Words):
    """Says everything between brackets, so that what was said without words shows."""

    def say(self, text: str, /, **fields: object) -> str:
        return f"[{super().say(text, **fields)}]"


@pytest.mark.parametrize("name", template_names())
def test_nothing_beside_an_article_is_said_in_english_alone(name):
    draft = load_template(name)
    few = replace(draft, profile=replace(draft.profile, parties=draft.profile.parties[:3]))
    page = view_agreement(few, (), words=Marking("en"))
    said = [sentence for article in page.articles for _, sentence, _ in article.rules]
    said += [row[0] for direction in page.directions for row in direction.rows]
    said += [word for direction in page.directions for act, cells in direction.acts
             for word in (act, *(cell.words for cell in cells))]
    said += [row[0] for row in (*page.access, *page.terms)] + [page.termination]
    for sentence in said:
        outside = re.sub(r"\([^\[\]]*\)$", "", sentence)
        for _ in range(sentence.count("[")):
            outside = re.sub(r"\[[^\[\]]*\]", "", outside)
        assert not re.search("[a-z]", outside), (sentence, outside)


@pytest.mark.parametrize(("name", "count", "unit", "said"), [
    ("visit.renewals", 0, TermUnit.COUNT, "recurring visits are renewed at most so many times: 0"),
    ("freight.packages", 0, TermUnit.COUNT,
     "packages of one consignment that travel without a transport plan of both authorities, and no more: 0"),
    ("incident.notify", 0, TermUnit.CALENDAR_DAYS, "a loss, or the possibility of one, is told within at once"),
    ("room.file", 0, TermUnit.COUNT, "who reads in the reading room may be given the content as a file: no"),
    ("room.text", 1, TermUnit.COUNT, "the text of a page is given to assistive technology: yes"),
    ("visit.asks.born", 1, TermUnit.COUNT, "a request for a visit says when and where each visitor was born: yes"),
    ("incident.provider-acts", 2, TermUnit.COUNT, "in a third country the providing party acts: 2"),
])
def test_a_figure_is_said_as_what_it_is(name, count, unit, said):
    assert say_term(Term(name, "Art. 1", count, unit), Words("en")) == said


@pytest.mark.parametrize(("changes", "said"), [
    ({}, "need-to-know suffices"),
    ({"left_to_national": True}, "the rest is left to national law"),
    ({"needs": frozenset({Need.CLEARANCE}), "left_to_national": True},
     "a clearance to the level; the rest is left to national law"),
    ({"needs": frozenset({Need.NATIONALITY}), "nationalities": frozenset({AAA, BBB})}, "nationality: any of AAA, BBB"),
    ({"needs": frozenset({Need.FUNCTION}), "functions": frozenset({"minister"})}, "function: any of minister"),
])
def test_what_access_needs_is_said_once_and_no_more_than_the_rule_says(changes, said):
    rule = AccessRule(AAA, LevelRef("A", "HIGH"), frozenset(), "Art. 1")
    assert say_access(replace(rule, **changes), Words("en")) == f"persons of AAA, HIGH: {said}"
