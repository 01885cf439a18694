"""The letters of the room: the shipped fonts, and which of them has a letter."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from PIL import ImageFont

_FONTS: Final = ("marks", "hangul")
_MISSING: Final = "\U0010fffe"
_LOOK_PIXELS: Final = 16


@cache
def bytes_of(name: str) -> bytes:
    """Return the font `name` as it is shipped."""
    return files("cordiale.templates").joinpath("fonts", f"{name}.ttf").read_bytes()


@cache
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """Return the font `name` with letters `pixels` high."""
    return ImageFont.truetype(io.BytesIO(bytes_of(name)), pixels, layout_engine=ImageFont.Layout.BASIC)


def load_fonts() -> None:
    """Read the fonts, so that no file is needed afterwards."""
    for name in _FONTS:
        font(name, _LOOK_PIXELS)


@cache
def _look(name: str, letter: str) -> bytes:
    return bytes(font(name, _LOOK_PIXELS).getmask(letter))


@cache
def font_with(letter: str) -> str | None:
    """Return the name of the font that has `letter`, None where none has it."""
    if letter.isspace():
        return _FONTS[0]
    for name in _FONTS:
        look = _look(name, letter)
        if any(look) and look != _look(name, _MISSING):
            return name
    return None


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield `text` in pieces, each with the font that has its letters; those that none has stand with the first."""
    piece, of = "", ""
    for letter in text:
        name = font_with(letter) or _FONTS[0]
        if name != of and piece:
            yield of, piece
            piece = ""
        piece, of = piece + letter, name
    if piece:
        yield of, piece


def can_print(text: str) -> bool:
    """True when every letter of `text` is in one of the fonts."""
    return all(font_with(letter) for letter in text)


def width_of(text: str, pixels: int) -> float:
    """Return how wide `text` is, in pixels."""
    return sum(font(name, pixels).getlength(piece) for name, piece in runs(text))
