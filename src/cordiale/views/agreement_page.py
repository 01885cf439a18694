"""An agreement to be read by people: a page to print, and plain text.

Articles stand in each language with the rules that cite them beside; then the
table of equivalence, what every act needs at every level in each direction, who
has access, and what is undecided. The page holds no script and fetches nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import permutations

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from cordiale.model.agreement import Act, AgreementDraft, AgreementText, Article
from cordiale.model.names import PartyId
from cordiale.rules.agreement_coverage import Cell, cells_of
from cordiale.rules.agreement_findings import Finding, Severity
from cordiale.rules.agreement_table import exchanged_levels, rows_between
from cordiale.rules.citations import citations_of, name_of
from cordiale.views.agreement_words import (
    ENGLISH,
    say_access,
    say_act,
    say_act_rules,
    say_other_citations,
    say_outcome,
    say_row,
    say_term,
    say_termination,
)
from cordiale.words.spoken import Words


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in its languages, and the rules that cite it as (citation, sentence, note)."""

    number: str
    name: str
    titles: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, tuple[str, ...]], ...]
    rules: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ActCell:
    """What one act needs at one level: the words, the articles, and whether anybody decides."""

    words: str
    articles: str
    overridden: str
    is_decided: bool


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction: its rows of the table as (sentence, article, note), and a grid of acts by levels."""

    provider: PartyId
    recipient: PartyId
    rows: tuple[tuple[str, str, str], ...]
    levels: tuple[str, ...]
    acts: tuple[tuple[str, tuple[ActCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Everything the page shows of `draft`; `digest` is that of the text, empty where it is not yet bound."""

    draft: AgreementDraft
    digest: str
    articles: tuple[ArticleRow, ...]
    directions: tuple[Direction, ...]
    access: tuple[tuple[str, str, str], ...]
    terms: tuple[tuple[str, str, str], ...]
    findings: tuple[Finding, ...]
    termination: str

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What is undecided until a party answers."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.QUESTION)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be corrected before anybody signs."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.NOTE)


def view_agreement(
    draft: AgreementDraft, findings: tuple[Finding, ...], *, digest: str = "", words: Words = ENGLISH
) -> AgreementPage:
    """Gather what the page shows, in the language of `words`; `findings` are those of `cordiale.rules.agreement_check`.

    The text of the treaty and what the parties wrote beside their rules stay as they are.
    """
    profile, nationals = draft.profile, draft.nationals
    cells: defaultdict[tuple[PartyId, PartyId], list[Cell]] = defaultdict(list)
    for cell in cells_of(profile, nationals):
        cells[cell.scope.provider, cell.scope.recipient].append(cell)
    return AgreementPage(
        draft=draft,
        digest=digest or profile.text_digest,
        articles=article_rows(draft, words),
        directions=tuple(
            _direction(draft, (provider, recipient), cells[provider, recipient], words)
            for provider, recipient in permutations(profile.parties, 2)
        ),
        access=tuple(
            (say_access(rule, words), rule.article, rule.note)
            for rules_on_access in (profile.access, *(national.access for national in nationals))
            for rule in rules_on_access
        ),
        terms=tuple(
            (say_term(term, words), term.article, term.note)
            for layer in (profile.terms, *(national.terms for national in nationals)) for term in layer
        ),
        findings=findings,
        termination=say_termination(profile, words),
    )


def article_rows(draft: AgreementDraft, words: Words) -> tuple[ArticleRow, ...]:
    """Return every article of `draft` with the rules that cite it, in the language of `words`."""
    citing: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for rule in citing_rules(draft, words):
        for article in dict.fromkeys(citation.article for citation in citations_of(rule[0]) or ()):
            citing[article].append(rule)
    languages = reading_order(draft.text)
    return tuple(_article_row(article, languages, tuple(citing[article.number])) for article in draft.text.articles)


def view_direction(draft: AgreementDraft, direction: tuple[PartyId, PartyId], words: Words) -> Direction:
    """Return what `draft` says from one party to another, in the language of `words`."""
    cells = [
        cell for cell in cells_of(draft.profile, draft.nationals)
        if (cell.scope.provider, cell.scope.recipient) == direction
    ]
    return _direction(draft, direction, cells, words)


def render_agreement_html(page: AgreementPage) -> str:
    """Return the page as one HTML document that stands alone."""
    return _template("agreement.html").render(page=page, profile=page.draft.profile, text=page.draft.text)


def render_agreement_text(page: AgreementPage) -> str:
    """Return the agreement as plain text, in the order of the page."""
    return _template("agreement.txt").render(page=page, profile=page.draft.profile, text=page.draft.text)


def reading_order(text: AgreementText) -> tuple[str, ...]:
    """Return the languages of `text`: the one that prevails, the other authentic ones, then translations."""
    held = [language for article in text.articles for language, _ in article.text]
    first = [text.prevails] if text.prevails else []
    return tuple(dict.fromkeys([*first, *text.authentic, *held]))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("cordiale", "templates"), undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]), trim_blocks=True, lstrip_blocks=True,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)


def citing_rules(draft: AgreementDraft, words: Words = ENGLISH) -> tuple[tuple[str, str, str], ...]:
    """Return everything a profile says as (citation, sentence, note), in the language of `words`."""
    profile = draft.profile
    rules: list[tuple[str, str, str]] = []
    for article in dict.fromkeys(rule.article for rule in profile.acts):
        citing = [rule for rule in profile.acts if rule.article == article]
        rules.extend((article, sentence, remark) for sentence, remark in say_act_rules(citing, words))
    rules.extend((row.article, say_row(row, words), row.note) for row in profile.equivalences if row.article)
    rules.extend((rule.article, say_access(rule, words), rule.note) for rule in profile.access)
    rules.extend((article, sentence, "") for article, sentence in say_other_citations(profile, words))
    return tuple(rules)


def _article_row(
    article: Article, languages: tuple[str, ...], rules: tuple[tuple[str, str, str], ...]
) -> ArticleRow:
    titles, texts = dict(article.title), dict(article.text)
    return ArticleRow(
        number=article.number,
        name=name_of(article.number),
        titles=tuple((language, titles[language]) for language in languages if language in titles),
        texts=tuple((language, tuple(texts[language].split("\n"))) for language in languages if language in texts),
        rules=rules,
    )


def _direction(
    draft: AgreementDraft, direction: tuple[PartyId, PartyId], cells: list[Cell], words: Words
) -> Direction:
    provider, recipient = direction
    levels = exchanged_levels(draft.profile, provider, recipient)
    return Direction(
        provider=provider,
        recipient=recipient,
        rows=tuple(
            (say_row(row, words), row.article, row.note) for row in rows_between(draft.profile, provider, recipient)
        ),
        levels=tuple(level.name for level in levels),
        acts=tuple(
            (say_act(act, words), tuple(
                _act_cell([cell for cell in cells if cell.act is act and cell.scope.level == level], words)
                for level in levels
            )) for act in Act
        ) if levels else (),
    )


def _act_cell(said: list[Cell], words: Words) -> ActCell:
    """Join what the parties asked say of one act: once where they agree, each by name where they do not."""
    outcomes = dict.fromkeys(say_outcome(cell.outcome, words) for cell in said)
    if len(outcomes) > 1:
        outcomes = dict.fromkeys(f"{cell.scope.at_party}: {say_outcome(cell.outcome, words)}" for cell in said)
    return ActCell(
        words="; ".join(outcomes),
        articles=", ".join(dict.fromkeys(article for cell in said for article in cell.outcome.articles)),
        overridden=", ".join(dict.fromkeys(article for cell in said for article in cell.outcome.overridden)),
        is_decided=all(cell.outcome.ruling is not None for cell in said),
    )
