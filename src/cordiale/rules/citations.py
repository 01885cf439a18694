"""Citations of an agreement: ``Art. 7(2)``, several as ``Art. 1(10), Art. 4(5)``, and ``Annex``.

The paragraphs of an article are the numbers that its lines begin with, in any
of the languages it is kept in: ``1. ``, ``(1) `` or ``1) ``; where a text writes
them with the number of the article, ``7.4 `` or ``7.4. `` begins paragraph 4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cordiale.model.agreement import AgreementText, Article

ANNEX: Final = "Annex"
_CITATION: Final = re.compile(r"(?:Art\. (\d{1,3}[a-z]{0,3})|(Annex))(?:\((\d{1,3}[a-z]?)\))?\Z", re.ASCII)
_READ_COUNT_MAX: Final = 4_096
"""An agreement of many parties says the same article thousands of times: so many are read once."""
_PARAGRAPH: Final = re.compile(r"\s*\(?(\d{1,3}[a-z]?)[.)]\s", re.ASCII)
_DOTTED: Final = re.compile(r"\s*(\d{1,3})\.(\d{1,3})\.?\s", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """One provision: an article by its number and, where given, a paragraph of it."""

    article: str
    paragraph: str = ""

    def __str__(self) -> str:
        name = name_of(self.article)
        return f"{name}({self.paragraph})" if self.paragraph else name


def name_of(article: str) -> str:
    """Return how the article numbered `article` is named: ``Art. 7``, or ``Annex``."""
    return article if article == ANNEX else f"Art. {article}"


@lru_cache(maxsize=_READ_COUNT_MAX)
def citations_of(text: str) -> tuple[Citation, ...] | None:
    """Return the provisions named in `text`, None where it is not written as a citation."""
    matches = [_CITATION.match(part) for part in text.split(", ")]
    found = tuple(Citation(match[1] or match[2], match[3] or "") for match in matches if match)
    return found if len(found) == len(matches) else None


def paragraphs_of(article: Article) -> frozenset[str]:
    """Return the numbers of the paragraphs of `article`, empty where it has no numbered paragraph."""
    lines = [line for _, words in article.text for line in words.split("\n")]
    return frozenset(number for line in lines if (number := paragraph_begun_by(line, article.number)))


def paragraph_begun_by(line: str, article: str) -> str:
    """Return the number of the paragraph of `article` that `line` begins, empty where it begins none."""
    dotted = _DOTTED.match(line)
    if dotted and dotted[1] == article:
        return dotted[2]
    plain = _PARAGRAPH.match(line)
    return plain[1] if plain else ""


def is_in_text(citation: Citation, text: AgreementText) -> bool:
    """Tell whether the provision that `citation` names exists in `text`."""
    article = next((article for article in text.articles if article.number == citation.article), None)
    if article is None:
        return False
    return not citation.paragraph or citation.paragraph in paragraphs_of(article)
