"""What the software does about an agreement, article by article, and where that can be looked up.

An article is traced to numbered duties (`cordiale.model.obligation`) by the trace
that is written beside a shipped agreement; where none is written, by the rules
that cite the article. Nothing is left out: an article for which nothing is shown
says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cordiale.model.agreement import AgreementDraft, AgreementText, Article, Profile
from cordiale.model.obligation import EvidenceState, Obligation, TraceEntry
from cordiale.rules.citations import Citation, citations_of, name_of, paragraphs_of
from cordiale.views.agreement_page import citing_rules, reading_order
from cordiale.wire.agreement_toml import template_names, template_text
from cordiale.wire.obligation_toml import load_obligations, load_trace
from cordiale.words.spoken import marked

STATE_WORDS = {
    EvidenceState.CARRIED_OUT: marked("carried out"),
    EvidenceState.RECORDED: marked("recorded"),
    EvidenceState.NOT_SOFTWARE: marked("not software"),
    None: marked("open"),
}


@dataclass(frozen=True, slots=True)
class Traced:
    """One article, or one of its paragraphs: the rules that cite it, and its duties or the reason for none."""

    citation: Citation
    title: str
    rules: tuple[tuple[str, str], ...]
    rows: tuple[Obligation, ...]
    reason: str

    @property
    def is_shown(self) -> bool:
        """Whether anything is said of it: a duty, or a reason why there is none."""
        return bool(self.rows or self.reason)


def trace_of(draft: AgreementDraft) -> tuple[Traced, ...]:
    """Return the trace of `draft`: by the one written beside a shipped agreement where the text is the same."""
    return trace_agreement(draft, _written_for(draft), load_obligations())


def _written_for(draft: AgreementDraft) -> tuple[TraceEntry, ...]:
    # One that is entered under the name it is shipped under is found without the others being read.
    for name in sorted(template_names(), key=lambda one: one != draft.profile.agreement):
        if template_text(name) == draft.text:
            return load_trace(name)
    return ()


def trace_agreement(
    draft: AgreementDraft, entries: tuple[TraceEntry, ...], obligations: tuple[Obligation, ...]
) -> tuple[Traced, ...]:
    """Return every article of `draft` in order; without `entries` the rules that cite it lead to the duties."""
    by_number = {row.number: row for row in obligations}
    rules = tuple((article, sentence) for article, sentence, _ in citing_rules(draft))
    wheres = dict.fromkeys(where for where, _ in rules)
    cited = _cited_parts(draft.profile)
    traced = []
    for article in draft.text.articles:
        title = _title(draft.text, article)
        for citation, rows, reason in _parts(article, entries, by_number):
            found = rows if entries else tuple(
                row for row in obligations if any(
                    _belongs(row, kind, name) for kind, name, where in cited if _is_cited(citation, where)
                )
            )
            met = {
                where for where in wheres if any(_meets(citation, one, entries) for one in citations_of(where) or ())
            }
            said = tuple((where, sentence) for where, sentence in rules if where in met)
            traced.append(Traced(citation, title, said, found, reason))
    return tuple(traced)


def untraced(text: AgreementText, entries: tuple[TraceEntry, ...]) -> tuple[Citation, ...]:
    """Return the articles and paragraphs of `text` for which `entries` say nothing."""
    said = {(entry.article, entry.paragraph) for entry in entries}
    missing: list[Citation] = []
    for article in text.articles:
        if (article.number, "") in said:
            continue
        paragraphs = sorted(paragraphs_of(article), key=lambda number: (len(number), number)) or [""]
        missing.extend(
            Citation(article.number, number) for number in paragraphs if (article.number, number) not in said
        )
    return tuple(missing)


def render_trace(agreement: str, traced: tuple[Traced, ...]) -> str:
    """Return the trace as plain text."""
    return "\n".join([f"{agreement}\n", *(line for one in traced for line in _lines(one))])


def _parts(
    article: Article, entries: tuple[TraceEntry, ...], by_number: dict[int, Obligation]
) -> Iterator[tuple[Citation, tuple[Obligation, ...], str]]:
    mine = [entry for entry in entries if entry.article == article.number]
    if not mine:
        yield Citation(article.number), (), ""
    for entry in mine:
        rows = tuple(by_number[number] for number in entry.rows)
        yield Citation(article.number, entry.paragraph), rows, entry.reason


def _meets(citation: Citation, cited: Citation, entries: tuple[TraceEntry, ...]) -> bool:
    """Tell whether a rule that cites `cited` is shown at `citation`: at its own entry, else at the whole article."""
    if cited.article != citation.article:
        return False
    own = {entry.paragraph for entry in entries if entry.article == cited.article}
    return citation.paragraph == (cited.paragraph if cited.paragraph in own else "") or (
        not cited.paragraph and bool(citation.paragraph) and "" not in own
    )


def _is_cited(citation: Citation, where: str) -> bool:
    return any(one.article == citation.article for one in citations_of(where) or ())


def _cited_parts(profile: Profile) -> tuple[tuple[str, str, str], ...]:
    """Return what a profile says as (kind, name, article), kinds and names being those of the duties."""
    parts = [("acts", rule.act.value, rule.article) for rule in profile.acts]
    parts += [("parts", "table", row.article) for row in profile.equivalences]
    parts += [("parts", "caps", article) for _, _, article in profile.caps]
    parts += [("parts", "access", rule.article) for rule in profile.access]
    parts += [("parts", "registries", registry.article) for registry in profile.registries]
    parts += [("parts", "clearances", row.article) for row in profile.clearance_equivalences]
    parts += [("parts", "channels", row.article) for row in profile.channels]
    parts += [("terms", term.name, term.article) for term in profile.terms]
    parts += [
        ("parts", "marking", profile.marks_article), ("parts", "entry", profile.entry_article),
        ("parts", "termination", profile.termination_article),
    ]
    return tuple(part for part in parts if part[2])


def _belongs(row: Obligation, kind: str, name: str) -> bool:
    if kind == "terms":
        return name.startswith(row.terms) if row.terms else False
    return name in (row.acts if kind == "acts" else row.parts)


def _title(text: AgreementText, article: Article) -> str:
    titles = dict(article.title)
    return next((titles[language] for language in reading_order(text) if language in titles), "")


def _lines(one: Traced) -> Iterator[str]:
    yield f"{one.citation}  {one.title if name_of(one.citation.article) != one.title else ''}".rstrip()
    for where, sentence in one.rules:
        yield f"    > {sentence} ({where})"
    for row in one.rows:
        yield f"    {row.number:>3} {row.title} [{STATE_WORDS[row.state]}]"
        for evidence in row.evidence:
            yield f"        {evidence.says} {evidence.reason}".rstrip()
        yield from (f"        by {module}" for module in row.modules)
        yield from (f"        proved by {test}" for test in row.tests)
    if one.reason:
        yield f"    nothing to carry out: {one.reason}"
    elif not one.rows:
        yield "    nothing is shown for it"
    yield ""
