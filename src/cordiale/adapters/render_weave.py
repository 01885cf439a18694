"""What is woven into a picture of a page: banners above and below it, and the reader across all of it.

The words across the page are drawn twice, dark and light beside each other, so
that they show on any ground; rows follow so closely that no part of a page that
still says something can be cut out without some of them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from cordiale.adapters.render_fonts import can_print, font, runs, width_of
from cordiale.adapters.render_kind import RenderRefused
from cordiale.ports.pages import Weave

_DARK: Final = (0, 0, 0)
_LIGHT: Final = (255, 255, 255)
_STRENGTH: Final = 46
_ANGLE_DEGREES: Final = 27
_ROW_SHARE: Final = 4.5
_ACROSS_SHARE: Final = 58
_BANNER_SHARE: Final = 76
_LETTER_PIXELS_MIN: Final = 9
_LEADING: Final = 1.35
_BANNERS_SHARE_MAX: Final = 0.6


def weave_in(picture: Image.Image, weave: Weave, place: tuple[int, int]) -> Image.Image:
    """Return `picture`, which is page `place[0]` of `place[1]`, between its banners and with the reader across it.

    Raises `RenderRefused`: ``character`` where a banner cannot be printed, ``page-size`` where banners leave no page.
    """
    pixels = max(_LETTER_PIXELS_MIN, picture.width // _BANNER_SHARE)
    top, bottom = _lines(weave.stamp.top, picture.width, pixels), _lines(
        (f"{weave.stamp.foot} – page {place[0]} of {place[1]}", *weave.stamp.bottom), picture.width, pixels
    )
    above, below = (round((len(lines) + 1) * pixels * _LEADING) for lines in (top, bottom))
    if above + below > _BANNERS_SHARE_MAX * (picture.height + above + below):
        raise RenderRefused("page-size")
    woven = Image.new("RGB", (picture.width, picture.height + above + below), _LIGHT)
    woven.paste(picture, (0, above))
    for colour, mask in zip((_LIGHT, _DARK), _masks(weave.across, woven.size), strict=True):
        woven.paste(colour, (0, 0), mask)
    draw = ImageDraw.Draw(woven)
    _draw_lines(draw, top, (woven.width, 0), pixels)
    _draw_lines(draw, bottom, (woven.width, above + picture.height), pixels)
    return woven


def _lines(texts: tuple[str, ...], width: int, pixels: int) -> list[str]:
    """Return `texts` in lines that fit `width`, broken at spaces, and within a word where it is too long."""
    if not all(can_print(text) for text in texts):
        raise RenderRefused("character")
    lines: list[str] = []
    for text in texts:
        lines.append("")
        for word in text.split(" "):
            tried = f"{lines[-1]} {word}" if lines[-1] else word
            if width_of(tried, pixels) <= width - 2 * pixels:
                lines[-1] = tried
                continue
            if lines[-1]:
                lines.append("")
            for letter in word:
                if lines[-1] and width_of(lines[-1] + letter, pixels) > width - 2 * pixels:
                    lines.append("")
                lines[-1] += letter
    return [line for line in lines if line]


def _draw_lines(draw: ImageDraw.ImageDraw, lines: list[str], place: tuple[int, int], pixels: int) -> None:
    width, y = place[0], place[1] + pixels * _LEADING / 2
    for line in lines:
        _draw_line(draw, ((width - width_of(line, pixels)) / 2, y), line, _DARK, pixels)
        y += pixels * _LEADING


def _draw_line(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], line: str, ink: tuple[int, ...] | int, pixels: int
) -> None:
    x, y = at
    for name, piece in runs(line):
        draw.text((x, y), piece, ink, font(name, pixels))
        x += font(name, pixels).getlength(piece)


@lru_cache(maxsize=4)
def _masks(across: str, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """Return where the light and the dark words go on a picture of `size`: kept, as most pages have one size."""
    words = "".join(letter if can_print(letter) else "?" for letter in across) + "   ·   "
    pixels = max(_LETTER_PIXELS_MIN + 3, size[0] // _ACROSS_SHARE)
    side = math.ceil(math.hypot(*size))
    row_pixels = round(pixels * _ROW_SHARE)
    period = max(1, round(width_of(words, pixels)))
    strip = Image.new("L", (period, row_pixels), 0)
    _draw_line(ImageDraw.Draw(strip), (0, 0), words, _STRENGTH, pixels)
    drawn = Image.new("L", (side, side), 0)
    for row in range(math.ceil(side / row_pixels)):
        # Each row begins elsewhere, so that no name stands only under another.
        for x in range(-round(period * (row * 0.382 % 1)), side, period):
            drawn.paste(strip, (x, row * row_pixels))
    turned = drawn.rotate(_ANGLE_DEGREES, Image.Resampling.BILINEAR)
    left, upper = (side - size[0]) // 2, (side - size[1]) // 2
    dark = turned.crop((left, upper, left + size[0], upper + size[1]))
    shift = max(1, pixels // 12)
    light = turned.crop((left - shift, upper - shift, left - shift + size[0], upper - shift + size[1]))
    return light, dark
