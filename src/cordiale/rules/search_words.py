"""The words by which items are found in the register: Latin, Cyrillic and Japanese alike.

A text is folded (NFKC, no case, no apostrophe inside a word) and cut into runs. A run of Chinese characters or kana has
no spaces between its words: it is found by any part of it, of two characters or of one. Every other run is a word, and
is found by how it begins, so that an inflected ending does not matter. What is asked for is cut alike, and every piece
of it must be there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_UNSPACED: Final = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN: Final = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IN_WORD: Final = re.compile(r"(?<=\w)['\u2019\u02bc`](?=\w)")
_IS_UNSPACED: Final = re.compile(rf"[{_UNSPACED}]")

_PART_LENGTH_MAX: Final = 3
_BEGINNING_LENGTH_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is asked for: `terms` are those of `terms_of` that an item must have.

    `texts` must stand in its folded words besides: of what is longer than a term.
    """

    terms: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def runs_of(text: str) -> list[str]:
    """Return the runs of `text`, folded, in their order."""
    return _RUN.findall(_IN_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold())


def fold(texts: Iterable[str]) -> str:
    """Return `texts` as the words of an item: each run after a space.

    A run of digits that begins with zeros stands there without them too: 42 finds 0042.
    """
    runs: dict[str, None] = {}
    for text in texts:
        for run in runs_of(text):
            runs[run] = None
            if run[0] == "0" and run.isdecimal() and run.lstrip("0"):
                runs[run.lstrip("0")] = None
    return "".join(f" {run}" for run in runs)


def terms_of(words: str) -> set[str]:
    """Return every term by which what was folded to `words` is found: parts of runs, and beginnings of words."""
    return {term for run in words.split() for term in _terms_of_run(run)}


def _terms_of_run(run: str) -> Iterator[str]:
    if _IS_UNSPACED.match(run):
        for length in range(1, _PART_LENGTH_MAX + 1):
            yield from (run[start : start + length] for start in range(len(run) - length + 1))
        return
    yield from (run[:length] for length in range(1, min(len(run), _BEGINNING_LENGTH_MAX) + 1))


def pieces_of(asked: str) -> Pieces:
    """Return what an item must have to be found by `asked`; all of it empty where no letter or digit is asked for."""
    terms: dict[str, None] = {}
    texts: dict[str, None] = {}
    for run in runs_of(asked):
        if not _IS_UNSPACED.match(run):
            terms[run[:_BEGINNING_LENGTH_MAX]] = None
            if len(run) > _BEGINNING_LENGTH_MAX:
                texts[f" {run}"] = None
        elif len(run) <= _PART_LENGTH_MAX:
            terms[run] = None
        else:
            parts = (run[start : start + _PART_LENGTH_MAX] for start in range(len(run) - _PART_LENGTH_MAX + 1))
            terms |= dict.fromkeys(parts)
            texts[run] = None
    return Pieces(tuple(terms), tuple(texts))


def texts_of(asked: str) -> tuple[str, ...]:
    """Return what must stand in the folded words of an item that is found by `asked`."""
    return tuple(dict.fromkeys(run if _IS_UNSPACED.match(run) else f" {run}" for run in runs_of(asked)))
