"""What in a title gives a content away: the title stands in the register, on lists and receipts; the content does not.

No machine can tell what a content is about. Found here are words and figures that a
careful title has no need of; a person reads the warning, and decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cordiale.model.label import Scheme
from cordiale.rules.marking import find_marking_phrases
from cordiale.words.spoken import marked

_PLAIN_LENGTH: Final = 80
"""How many characters a title has before it is asked whether it sums the content up."""
_PLACE: Final = re.compile(
    r"\d{1,3}(?:[.,]\d+)?\s*°|\b\d{1,3}\.\d{3,}\s*[,;]?\s+-?\d{1,3}\.\d{3,}|\b\d{1,2}[C-X][A-Z]{2}\s?\d{2,5}\s?\d{2,5}\b"
)
_TIME: Final = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}:\d{2}\b|\b\d{6}Z\b|\d{1,2}月\d{1,2}日"
)
_REACH: Final = re.compile(
    r"\+\d[\d ()-]{7,}\d|[^\s@]+@[^\s@]+\.[^\s@]+|\b\d{1,3}(?:\.\d{1,3}){3}\b"
)
_FOUND: Final = (
    (_PLACE, marked("The title names a place in figures.")),
    (_TIME, marked("The title names a day or a time.")),
    (_REACH, marked("The title names an address or a telephone number.")),
)


@dataclass(frozen=True, slots=True)
class TitleWarning:
    """Why a title may give the content away: a sentence, and the words that stand in its braces."""

    text: str
    fields: tuple[tuple[str, str], ...] = ()


def list_title_warnings(title: str, schemes: Iterable[Scheme]) -> tuple[TitleWarning, ...]:
    """Return what in `title` may give the content away, or its level by words of `schemes`; empty for nothing."""
    warnings = [
        TitleWarning(marked("The words of a marking stand in the title: {phrase}."), (("phrase", phrase),))
        for phrase in sorted({found.phrase for found in find_marking_phrases(title, schemes)})
    ]
    warnings += [TitleWarning(text) for pattern, text in _FOUND if pattern.search(title)]
    if len(title) > _PLAIN_LENGTH:
        warnings.append(TitleWarning(marked("The title is long: it may sum the content up.")))
    return tuple(warnings)
