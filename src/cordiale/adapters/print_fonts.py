"""The letters of what is printed as PDF: the shipped fonts, and which of them has a letter."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FONTS: Final = ("marks", "hangul")


class NoLetter(Exception):
    """None of the fonts has a letter of the text; it is not printed as something else."""


@cache
def load_fonts() -> tuple[tuple[str, frozenset[int]], ...]:
    """Return the names of the fonts, each with the letters it has."""
    loaded = []
    for name in _FONTS:
        font = TTFont(name, io.BytesIO(files("cordiale.templates").joinpath("fonts", f"{name}.ttf").read_bytes()))
        pdfmetrics.registerFont(font)
        loaded.append((name, frozenset(font.face.charToGlyph)))
    return tuple(loaded)


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield `text` in pieces, each with the font that has its letters. Raises `NoLetter` where none has one."""
    piece, of = "", ""
    for letter in text:
        font = next((name for name, letters in load_fonts() if ord(letter) in letters), None)
        if font is None:
            raise NoLetter
        if font != of and piece:
            yield of, piece
            piece = ""
        piece, of = piece + letter, font
    if piece:
        yield of, piece
