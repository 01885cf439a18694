"""Citations of an agreement: ``Art. 7(2)``, or several as ``Art. 1(10), Art. 4(5)``.

The paragraphs of an article are the numbers that its lines begin with, in any
of the languages it is kept in: ``1. ``, ``(1) `` or ``1) ``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cordiale.model.agreement import AgreementText, Article

_CITATION: Final = re.compile(r"Art\. (\d{1,3}[a-z]{0,3})(?:\((\d{1,3}[a-z]?)\))?\Z", re.ASCII)
_PARAGRAPH: Final = re.compile(r"\s*\(?(\d{1,3}[a-z]?)[.)]\s", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """One provision: an article by its number and, where given, a paragraph of it."""

    article: str
    paragraph: str = ""

    def __str__(self) -> str:
        return f"Art. {self.article}({self.paragraph})" if self.paragraph else f"Art. {self.article}"


def citations_of(text: str) -> tuple[Citation, ...] | None:
    """Return the provisions named in `text`, None where it is not written as a citation."""
    matches = [_CITATION.match(part) for part in text.split(", ")]
    found = tuple(Citation(match[1], match[2] or "") for match in matches if match)
    return found if len(found) == len(matches) else None


def paragraphs_of(article: Article) -> frozenset[str]:
    """Return the numbers of the paragraphs of `article`, empty where it has no numbered paragraph."""
    lines = [line for _, words in article.text for line in words.split("\n")]
    return frozenset(match[1] for line in lines if (match := _PARAGRAPH.match(line)))


def is_in_text(citation: Citation, text: AgreementText) -> bool:
    """Tell whether the provision that `citation` names exists in `text`."""
    article = next((article for article in text.articles if article.number == citation.article), None)
    if article is None:
        return False
    return not citation.paragraph or citation.paragraph in paragraphs_of(article)
