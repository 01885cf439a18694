"""An agreement in parts that a page can show: its articles some at a time, its tables one direction at a time.

Each part is made ready once for the same bytes and language, because a treaty is
long and is read again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from cordiale.canonical import encode_canonical, parse_canonical
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX
from cordiale.model.agreement import AgreementDraft
from cordiale.model.names import PartyId
from cordiale.views.agreement_page import ArticleRow, Direction, article_rows, citing_rules, view_direction
from cordiale.views.agreement_trace import Traced, trace_of
from cordiale.views.agreement_words import say_row
from cordiale.wire.agreement_json import agreement_text_from_json
from cordiale.wire.profile_json import profile_from_json
from cordiale.words.spoken import LANGUAGES, Words

RULES_SHOWN_COUNT: Final = 40
"""How many of the rules that cite an article stand beside it; all of them have a page of their own."""
_READ_COUNT_MAX: Final = 16
_PART_SIZE_BYTES: Final = 30 * 1024
_LINE_SIZE_BYTES: Final = 80
"""What a line weighs besides its words."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One article, and what the software does about it."""

    row: ArticleRow
    traced: tuple[Traced, ...]

    @property
    def size(self) -> int:
        """About how many bytes it takes on a page."""
        lines = [line for _, lines in self.row.texts for line in lines] + [title for _, title in self.row.titles]
        lines += [f"{sentence}{remark}{where}" for where, sentence, remark in self.row.rules[:RULES_SHOWN_COUNT]]
        for one in self.traced:
            lines.append(one.reason)
            for row in one.rows:
                lines += [row.title, *(shown.says for shown in row.evidence), *row.tests[:6]]
        return sum(len(line.encode()) + _LINE_SIZE_BYTES for line in lines)


def given(value: Mapping[str, Any]) -> bytes:
    """Return what is read of an agreement that a view shows: its profile and its text."""
    return encode_canonical({"profile": value["profile"], "text": value["text"]})


@lru_cache(maxsize=_READ_COUNT_MAX)
def draft_in(agreement: bytes) -> AgreementDraft:
    """Return the agreement itself. Raises `Malformed`."""
    value: Any = parse_canonical(agreement, size_max=2 * AGREEMENT_SIZE_BYTES_MAX)
    return AgreementDraft(agreement_text_from_json(value["text"]), profile_from_json(value["profile"]), ())


@lru_cache(maxsize=_READ_COUNT_MAX)
def _traced(agreement: bytes) -> Mapping[str, tuple[Traced, ...]]:
    found: dict[str, tuple[Traced, ...]] = {}
    for one in trace_of(draft_in(agreement)):
        found[one.citation.article] = (*found.get(one.citation.article, ()), one)
    return found


@lru_cache(maxsize=_READ_COUNT_MAX * len(LANGUAGES))
def articles_in(agreement: bytes, language: str) -> tuple[Beside, ...]:
    """Return every article with what is said beside it in `language`."""
    traced = _traced(agreement)
    return tuple(
        Beside(row, traced.get(row.number, ())) for row in article_rows(draft_in(agreement), Words(language))
    )


@lru_cache(maxsize=_READ_COUNT_MAX * len(LANGUAGES))
def direction_in(agreement: bytes, provider: PartyId, recipient: PartyId, language: str) -> Direction:
    """Return what the agreement says from one party to another: the table of equivalence, and what each act needs."""
    draft = draft_in(agreement)
    # Of many parties the two alone are looked at: there are as many directions as pairs.
    two = replace(draft, profile=replace(draft.profile, parties=(provider, recipient)))
    return view_direction(two, (provider, recipient), Words(language))


@lru_cache(maxsize=_READ_COUNT_MAX)
def sentences_in(agreement: bytes, language: str) -> Mapping[tuple[str, str], None]:
    """Return everything that the profile says in its order, as (citation, sentence)."""
    draft, words = draft_in(agreement), Words(language)
    said = [(where, sentence) for where, sentence, _ in citing_rules(draft, words)]
    said += [(row.article, say_row(row, words)) for row in draft.profile.equivalences]
    return dict.fromkeys(said)


def in_parts(articles: Sequence[Beside]) -> list[list[Beside]]:
    """Return the articles in their order, as many together as a page can hold, and at least one."""
    parts: list[list[Beside]] = []
    room = 0
    for one in articles:
        room -= one.size
        if not parts or room < 0:
            parts.append([])
            room = _PART_SIZE_BYTES - one.size
        parts[-1].append(one)
    return parts
