"""Fonts for a PDF that does not bring its own: the shipped ones, handed to the library from memory.

Without them a page in Japanese whose font is not embedded would come out blank,
and nobody would see that something is missing. The system's fonts are files, and
out of reach by then.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any, Final

import pypdfium2.raw as pdfium

from cordiale.adapters.render_fonts import bytes_of

_HANDLES: Final = {1: "marks", 2: "hangul"}
_FONT_FOR: Final = {
    pdfium.FXFONT_SHIFTJIS_CHARSET: 1, pdfium.FXFONT_GB2312_CHARSET: 1, pdfium.FXFONT_CHINESEBIG5_CHARSET: 1,
    pdfium.FXFONT_CYRILLIC_CHARSET: 1, pdfium.FXFONT_GREEK_CHARSET: 1, pdfium.FXFONT_EASTERNEUROPEAN_CHARSET: 1,
    pdfium.FXFONT_HANGEUL_CHARSET: 2,
}
"""Which font stands for one of a character set; what is not here the library has letters of its own for."""

_DIRECTORY_AT: Final = 12
_ROW_BYTES: Final = 16
_held: Final[list[Any]] = []


def hand_over_fonts() -> None:
    """Let the library ask for fonts here, from now on."""
    kinds = dict(pdfium.FPDF_SYSFONTINFO._fields_)
    answers = {
        "Release": lambda _: None, "EnumFonts": lambda *_: None, "MapFont": _map_font, "GetFont": lambda *_: 0,
        "GetFontData": _font_part, "GetFaceName": _face_name, "GetFontCharset": _charset, "DeleteFont": lambda *_: None,
    }
    asked = pdfium.FPDF_SYSFONTINFO(version=1, **{name: kinds[name](answer) for name, answer in answers.items()})
    # The library calls these for as long as the process lives.
    _held.append(asked)
    pdfium.FPDF_SetSystemFontInfo(ctypes.byref(asked))


def _map_font(_: Any, _weight: int, _italic: int, charset: int, *_more: Any) -> int:
    return _FONT_FOR.get(charset, 0)


def _font_part(_: Any, handle: int, table: int, buffer: Any, size: int) -> int:
    """Give one table of a font, or all of it for table 0; its size, whether or not there is room for it."""
    part = _table(bytes_of(_HANDLES[handle]), table)
    if buffer and size >= len(part):
        ctypes.memmove(buffer, part, len(part))
    return len(part)


def _table(font: bytes, table: int) -> bytes:
    if table == 0:
        return font
    for row in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _, start, size = struct.unpack_from(">IIII", font, _DIRECTORY_AT + row * _ROW_BYTES)
        if tag == table:
            return font[start:start + size]
    return b""


def _face_name(_: Any, handle: int, buffer: Any, size: int) -> int:
    name = _HANDLES[handle].encode() + b"\0"
    if buffer and size >= len(name):
        ctypes.memmove(buffer, name, len(name))
    return len(name)


def _charset(_: Any, handle: int) -> int:
    return int(next(charset for charset, one in _FONT_FOR.items() if one == handle))
