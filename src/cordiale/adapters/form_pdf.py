"""Forms as PDF: text on paper, without scripts, fields or links; what a value says is never read as markup."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from cordiale.adapters.print_fonts import NoLetter, load_fonts, runs
from cordiale.errors import Malformed
from cordiale.ports.pages import PrintedForm

_MARGIN_POINTS: Final = 42.0
_BANNER_POINTS: Final = 11.0
_HAND_POINTS: Final = 40.0
_LABEL_SHARE: Final = 0.36
_RULE: Final = HexColor("#888888")
_TEXT: Final = ParagraphStyle("text", fontName="marks", fontSize=9, leading=12, splitLongWords=1)
_HEAD: Final = ParagraphStyle("head", parent=_TEXT, fontSize=8, leading=10, textColor=HexColor("#333333"))
_TITLE: Final = ParagraphStyle("title", parent=_TEXT, fontSize=15, leading=20, spaceAfter=8)
_GRID: Final = TableStyle([
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE), ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
])


class PdfPrinter:
    """Prints forms as PDF."""

    def print(self, forms: Sequence[PrintedForm]) -> bytes:
        """Return `forms` as one PDF, each on pages of its own.

        Raises `Malformed` for a letter that none of the shipped fonts has: it is not printed as something else.
        """
        load_fonts()
        made = io.BytesIO()
        # Nothing of the moment or the machine is in the file but what stands on the page.
        document = BaseDocTemplate(made, invariant=1, pageCompression=1, title="", author="", subject="")
        document.addPageTemplates([_page_of(number, form) for number, form in enumerate(forms)])
        story: list[Flowable] = []
        try:
            for number, form in enumerate(forms):
                story += [NextPageTemplate(str(number)), *([PageBreak()] if number else []), *_story_of(form)]
            document.build(story)
        except NoLetter:
            raise Malformed(
                "form.character", "the form has a character that cannot be printed", hint="print the page as HTML",
            ) from None
        return made.getvalue()


def _page_of(number: int, form: PrintedForm) -> PageTemplate:
    width, height = landscape(A4) if form.is_wide else A4
    band = _MARGIN_POINTS + _BANNER_POINTS * (len(form.banner) + 1)

    def draw(canvas: Canvas, document: Any) -> None:
        canvas.setFillColor(black)
        for line, text in enumerate(form.banner):
            _centred(canvas, text, (width, height - _MARGIN_POINTS - _BANNER_POINTS * line))
            _centred(canvas, text, (width, _MARGIN_POINTS + _BANNER_POINTS * (len(form.banner) - line)))
        _centred(canvas, " – ".join((*form.foot, str(document.page))), (width, _MARGIN_POINTS))

    frame = Frame(_MARGIN_POINTS, band, width - 2 * _MARGIN_POINTS, height - band - band, 0, 0, 0, 0)
    return PageTemplate(str(number), [frame], onPage=draw, pagesize=(width, height))


def _centred(canvas: Canvas, text: str, at: tuple[float, float]) -> None:
    pieces = list(runs(text))
    x = (at[0] - sum(canvas.stringWidth(piece, font, 8) for font, piece in pieces)) / 2
    for font, piece in pieces:
        canvas.setFont(font, 8)
        canvas.drawString(x, at[1], piece)
        x += canvas.stringWidth(piece, font, 8)


def _story_of(form: PrintedForm) -> list[Flowable]:
    width = (landscape(A4) if form.is_wide else A4)[0] - 2 * _MARGIN_POINTS
    story: list[Flowable] = [_paragraph(form.title, _TITLE)]
    if form.rows:
        cells = [[_paragraph(label, _HEAD), _paragraph(value, _TEXT)] for label, value in form.rows]
        story.append(Table(cells, [width * _LABEL_SHARE, width * (1 - _LABEL_SHARE)], style=_GRID, splitInRow=1))
    if form.columns:
        lines = [[_paragraph(cell, _TEXT) for cell in line] for line in form.lines]
        head = [_paragraph(column, _HEAD) for column in form.columns]
        shares = form.shares or (1,) * len(form.columns)
        widths = [width * share / sum(shares) for share in shares]
        heights = [None, *([_HAND_POINTS] * len(lines))] if form.is_signed else None
        story += [Spacer(1, 10), Table([head, *lines], widths, heights, style=_GRID, repeatRows=1, splitInRow=1)]
    return story


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    pieces = runs(text.replace("\n", " "))
    written = "".join(f'<font name="{font}">{escape(piece)}</font>' for font, piece in pieces)
    return Paragraph(written, style)
