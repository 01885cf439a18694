"""The same sentences in a language that is chosen for each reader, not for the whole process."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cordiale.words import DOMAIN, FOLDER, fill
from cordiale.words.counted import COUNTED

LANGUAGES: Final[dict[str, str]] = {"en": "English", "ja": "日本語", "uk": "Українська", "fr": "Français"}
"""The languages in which everything is said, each by its own name."""


class Words:
    """What is said in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = _translations(language)

    def say(self, text: str, /, **fields: object) -> str:
        """Return the sentence `text` in this language, with `fields`, in the form for what it counts."""
        if counted := COUNTED.get(text):
            return fill(self._translations.ngettext(counted.one, text, counted.number(fields)), fields)
        return fill(self._translations.gettext(text) if text else "", fields)


@lru_cache(maxsize=len(LANGUAGES))
def _translations(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, str(FOLDER), [language], fallback=language == "en")


def marked(text: str) -> str:
    """Return `text` as it is: a sentence that stands in a table, and is said in some language later."""
    return text


def preferred(header: str, *, chosen: str = "") -> str:
    """Return the language to speak: the one `chosen`, or the best of an Accept-Language `header`, or English."""
    if chosen in LANGUAGES:
        return chosen
    return next((one for one in _in_order(header[:1_000]) if one in LANGUAGES), "en")


def _in_order(header: str) -> Sequence[str]:
    wanted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(wanted, key=lambda one: one[0])]
