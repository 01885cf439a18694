"""Plain text as pages: a grid of cells, wide letters take two; what could hide or turn letters is shown as a box."""

from __future__ import annotations

import unicodedata
from typing import Final

from PIL import Image, ImageDraw

from cordiale.adapters.render_fonts import font, font_with

_COLUMNS: Final = 92
_LINES: Final = 58
_TAB: Final = 8
_CELL_PIXELS: Final = 7.0
_LETTER_PIXELS: Final = 14
_LINE_PIXELS: Final = 18
_MARGIN_PIXELS: Final = 40
_INK: Final = (0, 0, 0)
_PAPER: Final = (255, 255, 255)
_BOX: Final = "□"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class TextPages:
    """The pages of a text."""

    def __init__(self, text: str) -> None:
        lines: list[str] = []
        self._pages: list[list[str]] = []
        for sheet in text.replace("\r\n", "\n").replace("\r", "\n").split("\f"):
            lines = [one for line in sheet.split("\n") for one in _broken(line)]
            self._pages += [lines[start:start + _LINES] for start in range(0, max(len(lines), 1), _LINES)]

    @property
    def count(self) -> int:
        return len(self._pages)

    def text(self, number: int) -> str:
        return "\n".join(self._pages[number - 1])

    def note(self, number: int) -> str:
        return ""

    def picture(self, number: int, percent: int) -> Image.Image:
        scale = percent / 100
        width = round((2 * _MARGIN_PIXELS + _COLUMNS * _CELL_PIXELS) * scale)
        height = round((2 * _MARGIN_PIXELS + _LINES * _LINE_PIXELS) * scale)
        picture = Image.new("RGB", (width, height), _PAPER)
        draw = ImageDraw.Draw(picture)
        pixels = max(4, round(_LETTER_PIXELS * scale))
        for row, line in enumerate(self._pages[number - 1]):
            y, column = (_MARGIN_PIXELS + row * _LINE_PIXELS) * scale, 0
            for letter in line:
                x = (_MARGIN_PIXELS + column * _CELL_PIXELS) * scale
                draw.text((x, y), letter, _INK, font(font_with(letter) or "marks", pixels))
                column += _cells(letter)
        return picture


def _broken(line: str) -> list[str]:
    """Return `line` in pieces that fit the width of the page."""
    line = "".join(_BOX if unicodedata.category(one) in _HIDDEN else one for one in line.expandtabs(_TAB))
    if line.isascii():
        return [line[start:start + _COLUMNS] for start in range(0, max(len(line), 1), _COLUMNS)]
    pieces, columns = [""], 0
    for letter in line:
        cells = _cells(letter)
        if columns + cells > _COLUMNS:
            pieces.append("")
            columns = 0
        pieces[-1] += letter
        columns += cells
    return pieces


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
