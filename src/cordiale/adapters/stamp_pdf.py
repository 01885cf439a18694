"""The stamp on a PDF: each page of the original, smaller, between two banners it cannot reach.

An original page becomes a form of its own, cut off at its edge, so that nothing
in it moves, hides or imitates the banners. Its annotations, scripts and actions
stay behind. Nothing here is trusted to be small or well formed: it runs in a
process of its own, under limits (`cordiale.adapters.stamp_child`).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    RectangleObject,
)
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from cordiale.adapters.print_fonts import NoLetter, runs
from cordiale.limits import STAMP_PAGES_COUNT_MAX
from cordiale.ports.pages import Stamp

_SIZE_POINTS: Final = 8.0
_LEADING_POINTS: Final = 10.0
_MARGIN_POINTS: Final = 12.0
_SIDE_POINTS_MIN: Final = 144.0
_SIDE_POINTS_MAX: Final = 14_400.0
_BANNERS_SHARE_MAX: Final = 0.5


class StampRefused(Exception):
    """The content is not stamped; `code` says why, in the words of `cordiale.adapters.stamper`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Original:
    """One page of the original as a form: its data, and where it stands upright, in points."""

    page: PageObject
    data: bytes
    width: float
    height: float
    matrix: tuple[float, float, float, float, float, float]

    @property
    def is_blank(self) -> bool:
        """True when nothing is drawn on it."""
        return not self.data.strip()

    @property
    def annotations(self) -> int:
        """How many annotations it has, none of which is carried over."""
        listed = self.page.get("/Annots")
        read = listed.get_object() if listed is not None else None
        return len(read) if isinstance(read, ArrayObject) else 0


def stamp_pdf(content: bytes, stamp: Stamp) -> bytes:
    """Return the stamped rendition of the PDF `content`.

    Raises `StampRefused`, and whatever a damaged file makes the reader raise.
    """
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise StampRefused("encrypted")
    count = len(reader.pages)
    if not 1 <= count <= STAMP_PAGES_COUNT_MAX:
        raise StampRefused("pages")
    originals = [_read_page(page) for page in reader.pages]
    try:
        banners = PdfReader(io.BytesIO(_draw_banners(originals, stamp)))
    except NoLetter:
        raise StampRefused("character") from None
    writer = PdfWriter()
    for original, banner in zip(originals, banners.pages, strict=True):
        _add_page(writer, original, banner, stamp)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _read_page(page: PageObject) -> _Original:
    box = page.cropbox
    left, bottom = float(box.left), float(box.bottom)
    width, height = float(box.width), float(box.height)
    if not all(_SIDE_POINTS_MIN <= side <= _SIDE_POINTS_MAX for side in (width, height)):
        raise StampRefused("page-size")
    contents = page.get_contents()
    data = contents.get_data() if contents is not None else b""
    upright = {
        0: (1.0, 0.0, 0.0, 1.0, -left, -bottom),
        90: (0.0, -1.0, 1.0, 0.0, -bottom, left + width),
        180: (-1.0, 0.0, 0.0, -1.0, left + width, bottom + height),
        270: (0.0, 1.0, -1.0, 0.0, bottom + height, -left),
    }
    turned = int(page.rotation) % 360
    if turned in (90, 270):
        width, height = height, width
    return _Original(page, data, width, height, upright[turned])


def _width_of(text: str) -> float:
    return float(sum(pdfmetrics.stringWidth(piece, font, _SIZE_POINTS) for font, piece in runs(text)))


def wrap(text: str, width: float) -> list[str]:
    """Return `text` in lines that fit `width` points, broken at spaces, and within a word where it is too long."""
    lines = [""]
    for word in text.split(" "):
        tried = f"{lines[-1]} {word}" if lines[-1] else word
        if _width_of(tried) <= width:
            lines[-1] = tried
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and _width_of(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line]


def _height_of(lines: list[str]) -> float:
    return 2 * _MARGIN_POINTS + _LEADING_POINTS * len(lines)


@dataclass(frozen=True, slots=True)
class _Banners:
    top: list[str]
    bottom: list[str]

    @property
    def points(self) -> tuple[float, float]:
        """The height at the top and at the bottom."""
        return _height_of(self.top), _height_of(self.bottom)


def _banners_of(original: _Original, stamp: Stamp, place: tuple[int, int]) -> _Banners:
    width = original.width - 2 * _MARGIN_POINTS
    foot = [f"{stamp.foot} – page {place[0]} of {place[1]}"]
    if original.is_blank:
        foot.append("this page is blank")
    if original.annotations:
        foot.append(f"{original.annotations} annotations of the original are not shown")
    banners = _Banners(
        [line for text in stamp.top for line in wrap(text, width)],
        [line for text in (*foot, *stamp.bottom) for line in wrap(text, width)],
    )
    if sum(banners.points) > original.height * _BANNERS_SHARE_MAX:
        raise StampRefused("page-size")
    return banners


def _draw_banners(originals: list[_Original], stamp: Stamp) -> bytes:
    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    for number, original in enumerate(originals, 1):
        banners = _banners_of(original, stamp, (number, len(originals)))
        canvas.setPageSize((original.width, original.height))
        top = original.height - _MARGIN_POINTS - _SIZE_POINTS
        _draw_lines(canvas, banners.top, original.width, top)
        _draw_lines(canvas, banners.bottom, original.width, banners.points[1] - _MARGIN_POINTS - _SIZE_POINTS)
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


def _draw_lines(canvas: Canvas, lines: list[str], width: float, y: float) -> None:
    for line in lines:
        x = (width - _width_of(line)) / 2
        for font, piece in runs(line):
            canvas.setFont(font, _SIZE_POINTS)
            canvas.drawString(x, y, piece)
            x += pdfmetrics.stringWidth(piece, font, _SIZE_POINTS)
        y -= _LEADING_POINTS


def _add_page(writer: PdfWriter, original: _Original, banner: PageObject, stamp: Stamp) -> None:
    number = len(writer.pages) + 1
    top, bottom = _banners_of(original, stamp, (number, 1)).points
    scale = min((original.height - top - bottom) / original.height, 1.0)
    x, y = original.width * (1 - scale) / 2, bottom
    page = writer.add_blank_page(original.width, original.height)
    banner_contents = banner.get_contents()
    forms = {
        "/Original": _form(writer, original.page, original.data, original.matrix),
        "/Banners": _form(
            writer, banner, banner_contents.get_data() if banner_contents is not None else b"", (1, 0, 0, 1, 0, 0)
        ),
    }
    page[NameObject("/Resources")] = DictionaryObject({
        NameObject("/XObject"): DictionaryObject({NameObject(name): one for name, one in forms.items()})
    })
    drawing = DecodedStreamObject()
    drawing.set_data(
        f"q {scale:.6f} 0 0 {scale:.6f} {x:.4f} {y:.4f} cm /Original Do Q q /Banners Do Q".encode("ascii")
    )
    page[NameObject("/Contents")] = writer._add_object(drawing)


def _form(
    writer: PdfWriter, page: PageObject, data: bytes, matrix: tuple[float, float, float, float, float, float]
) -> Any:
    form = DecodedStreamObject()
    form.set_data(data)
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = RectangleObject(page.cropbox)
    form[NameObject("/Matrix")] = ArrayObject([FloatObject(one) for one in matrix])
    for name in ("/Resources", "/Group"):
        if name in page:
            form[NameObject(name)] = page[name].clone(writer)
    return writer._add_object(form.flate_encode())
