"""A content as pages: how many there are, each as a picture of a bounded size, and its text where it has one.

Nothing here is trusted to be small or well formed: it runs in a process that has
shut itself in (`cordiale.adapters.render_child`). Scripts and actions of a PDF
are not run: the library is built without an engine for them.
"""

from __future__ import annotations

import ctypes
import io
import math
from typing import Any, Final, Protocol

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps

from cordiale.adapters.render_kind import IMAGES, Kind, RenderRefused, decode_text, find_kind
from cordiale.adapters.render_pdf_fonts import hand_over_fonts
from cordiale.adapters.render_text import TextPages
from cordiale.limits import (
    ROOM_IMAGE_PIXELS_COUNT_MAX,
    ROOM_PAGE_PIXELS_COUNT_MAX,
    ROOM_PAGES_COUNT_MAX,
    ROOM_TEXT_LENGTH_MAX,
    ROOM_TEXT_SIZE_BYTES_MAX,
)

_POINTS_AN_INCH: Final = 72
_DOTS_AN_INCH: Final = 96
_IMAGE_WIDTH_PIXELS: Final = 1_240
_SIDE_PIXELS_MIN: Final = 16
_FORMS_DEPTH_MAX: Final = 4
_LATIN_LAST: Final = 0x24F
_BORROWED: Final = "this page uses fonts that the file does not bring: letters may differ or be missing"
_WHITE: Final = (255, 255, 255)

# A picture that unfolds to more is refused before it is unfolded; beyond twice this the library raises by itself.
Image.MAX_IMAGE_PIXELS = ROOM_IMAGE_PIXELS_COUNT_MAX


class Pages(Protocol):
    """A content that is open: `count` pages, numbered from 1."""

    @property
    def count(self) -> int: ...
    def picture(self, number: int, percent: int) -> Image.Image: ...
    def text(self, number: int) -> str: ...
    def note(self, number: int) -> str: ...


def open_pages(content: memoryview, declared: str) -> Pages:
    """Return `content`, which its label calls `declared`, as pages.

    Raises `RenderRefused`, and whatever a damaged file makes a library raise.
    """
    kind = find_kind(content, declared)
    if kind is Kind.PDF:
        pages: Pages = PdfPages(content)
    elif kind in IMAGES:
        pages = ImagePages(content, kind)
    elif kind is Kind.TEXT:
        if len(content) > ROOM_TEXT_SIZE_BYTES_MAX:
            raise RenderRefused("pages")
        pages = TextPages(decode_text(bytes(content)))
    else:
        raise RenderRefused("office")
    if not 1 <= pages.count <= ROOM_PAGES_COUNT_MAX:
        raise RenderRefused("pages")
    return pages


def warm_up() -> None:
    """Let the library load all that it loads on first use, and give it the fonts it may ask for."""
    hand_over_fonts()
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(_DOTS_AN_INCH, _DOTS_AN_INCH)
    page.render(rev_byteorder=True).to_pil()
    page.get_textpage().get_text_range()
    document.close()


class PdfPages:
    """The pages of a PDF, with its annotations and the values of its form fields as they stand."""

    def __init__(self, content: memoryview) -> None:
        # The library keeps a pointer into this array, so that the content lies in memory once.
        held = (ctypes.c_ubyte * len(content)).from_buffer(content)
        try:
            self._document = pypdfium2.PdfDocument(held)
        except pypdfium2.PdfiumError as error:
            raise RenderRefused(
                "encrypted" if error.err_code == pdfium.FPDF_ERR_PASSWORD else "unreadable"
            ) from None
        if self._document.get_formtype() == pdfium.FORMTYPE_ACRO_FORM:
            self._document.init_forms()

    @property
    def count(self) -> int:
        return len(self._document)

    def picture(self, number: int, percent: int) -> Image.Image:
        page = self._document[number - 1]
        try:
            width, height = page.get_size()
            scale = _scale_within(width, height, percent / 100 * _DOTS_AN_INCH / _POINTS_AN_INCH)
            bitmap = page.render(scale=scale, draw_annots=True, rev_byteorder=True)
            try:
                picture: Image.Image = bitmap.to_pil().convert("RGB")
            finally:
                bitmap.close()
        finally:
            page.close()
        return picture

    def text(self, number: int) -> str:
        page = self._document[number - 1]
        try:
            read = page.get_textpage()
            try:
                count = min(read.count_chars(), ROOM_TEXT_LENGTH_MAX)
                found: str = read.get_text_range(0, count) if count > 0 else ""
            finally:
                read.close()
        finally:
            page.close()
        return found


    def note(self, number: int) -> str:
        """Return what a reader must know of page `number`, empty where nothing: letters may be missing on it."""
        page = self._document[number - 1]
        try:
            written = page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT], _FORMS_DEPTH_MAX)
            is_borrowed = any(pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(one)) == 0 for one in written)
        finally:
            page.close()
        return _BORROWED if is_borrowed and any(map(_may_be_missing, self.text(number))) else ""


def _may_be_missing(letter: str) -> bool:
    """True for a letter beyond the Latin ones, which the library always has."""
    return ord(letter) > _LATIN_LAST and letter.isalpha()


class ImagePages:
    """A picture, or each picture of a file that has several."""

    def __init__(self, content: memoryview, kind: Kind) -> None:
        self._image = Image.open(io.BytesIO(content), formats=[kind.value.upper()])
        self._require_size()

    @property
    def count(self) -> int:
        return int(getattr(self._image, "n_frames", 1))

    def picture(self, number: int, percent: int) -> Image.Image:
        self._image.seek(number - 1)
        self._require_size()
        self._image.load()
        shown: Any = ImageOps.exif_transpose(self._image)
        if shown.has_transparency_data:
            laid = shown.convert("RGBA")
            shown = Image.new("RGB", laid.size, _WHITE)
            shown.paste(laid, mask=laid)
        flat: Image.Image = shown.convert("RGB")
        fitting = min(1.0, _IMAGE_WIDTH_PIXELS / flat.width)
        scale = _scale_within(flat.width, flat.height, fitting * percent / 100)
        width, height = (max(_SIDE_PIXELS_MIN, round(side * scale)) for side in flat.size)
        return flat.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)

    def text(self, number: int) -> str:
        return ""

    def note(self, number: int) -> str:
        return ""

    def _require_size(self) -> None:
        if self._image.width * self._image.height > ROOM_IMAGE_PIXELS_COUNT_MAX:
            raise RenderRefused("page-size")


def _scale_within(width: float, height: float, scale: float) -> float:
    """Return `scale`, less where a page of `width` and `height` would have more pixels than may be shown.

    Raises `RenderRefused` for a page without a size, or one so narrow that nothing could be seen on it.
    """
    if not all(math.isfinite(side) and side > 0 for side in (width, height)):
        raise RenderRefused("page-size")
    scale = min(scale, math.sqrt(ROOM_PAGE_PIXELS_COUNT_MAX / (width * height)))
    if max(width, height) * scale > ROOM_PAGE_PIXELS_COUNT_MAX / _SIDE_PIXELS_MIN:
        raise RenderRefused("page-size")
    return scale
