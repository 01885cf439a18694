"""What a content is, told in two ways that must agree: by how it begins and ends, and by the library that reads it.

A file that is two things at once is shown by one program and run by another; it
is refused. What somebody called the content when it was labelled counts as a
third opinion where it says anything.
"""

from __future__ import annotations

import codecs
import io
import struct
from enum import StrEnum
from typing import Final

from PIL import Image, UnidentifiedImageError


class Kind(StrEnum):
    """What can be looked at in the room."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    GIF = "gif"
    WEBP = "webp"
    OFFICE = "office"
    TEXT = "text"


class RenderRefused(Exception):
    """The content is not shown; `code` says why, in the words of `cordiale.adapters.renderer`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


IMAGES: Final = frozenset({Kind.PNG, Kind.JPEG, Kind.TIFF, Kind.GIF, Kind.WEBP})

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG), (b"\xff\xd8\xff", Kind.JPEG), (b"GIF87a", Kind.GIF), (b"GIF89a", Kind.GIF),
    (b"II*\x00", Kind.TIFF), (b"MM\x00*", Kind.TIFF), (b"PK\x03\x04", Kind.OFFICE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE), (b"{\\rtf", Kind.OFFICE),
)
_PDF_WITHIN_BYTES: Final = 1024
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_SIZE_BYTES: Final = 22
_ZIP_END_WITHIN_BYTES: Final = 65_535 + _ZIP_END_SIZE_BYTES
_DECLARED: Final = {
    "application/pdf": Kind.PDF, "image/png": Kind.PNG, "image/jpeg": Kind.JPEG, "image/tiff": Kind.TIFF,
    "image/gif": Kind.GIF, "image/webp": Kind.WEBP, "application/rtf": Kind.OFFICE, "application/msword": Kind.OFFICE,
}
_DECLARED_FAMILIES: Final = (
    ("application/vnd.openxmlformats-officedocument.", Kind.OFFICE), ("application/vnd.oasis.opendocument.",
    Kind.OFFICE), ("application/vnd.ms-", Kind.OFFICE), ("text/", Kind.TEXT),
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODINGS: Final = ("utf-8", "cp932")
_WHITE: Final = frozenset("\t\n\r\x0c")


def find_kind(content: memoryview, declared: str) -> Kind:
    """Return what `content` is, whose label says `declared` (a media type, empty where it says nothing).

    Raises `RenderRefused`: ``two-kinds`` for what is several things, ``other-kind`` for what is not what its label
    says or its own beginning, and ``unknown`` for what cannot be looked at here.
    """
    begun = _kinds_by_bytes(content)
    if len(begun) > 1:
        raise RenderRefused("two-kinds")
    kind = begun.pop() if begun else Kind.TEXT
    read = _kind_by_library(content) if kind is not Kind.TEXT else None
    if read is not (kind if kind in IMAGES else None):
        raise RenderRefused("two-kinds" if read is not None else "unreadable")
    expected = _kind_declared(declared)
    if expected is not None and expected is not kind:
        raise RenderRefused("other-kind")
    return kind


def _kinds_by_bytes(content: memoryview) -> set[Kind]:
    head = bytes(content[:_PDF_WITHIN_BYTES])
    kinds = {kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)}
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        kinds.add(Kind.WEBP)
    if b"%PDF-" in head:
        kinds.add(Kind.PDF)
    if _ends_as_zip(bytes(content[-_ZIP_END_WITHIN_BYTES:])):
        kinds.add(Kind.OFFICE)
    return kinds


def _ends_as_zip(tail: bytes) -> bool:
    """True where a directory of a ZIP archive ends exactly with the content; archives are read from their end."""
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        end = at + _ZIP_END_SIZE_BYTES
        if end <= len(tail) and end + struct.unpack_from("<H", tail, end - 2)[0] == len(tail):
            return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False


def _kind_by_library(content: memoryview) -> Kind | None:
    formats = [kind.value.upper() for kind in sorted(IMAGES)]
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            return Kind(str(image.format).lower())
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError:
        raise RenderRefused("page-size") from None


def _kind_declared(declared: str) -> Kind | None:
    if declared in _DECLARED:
        return _DECLARED[declared]
    return next((kind for family, kind in _DECLARED_FAMILIES if declared.startswith(family)), None)


def decode_text(content: bytes) -> str:
    """Return `content` as text: by its mark, else as UTF-8, else as Shift_JIS. Raises `RenderRefused` ``unknown``."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for name in (marked,) if marked else _ENCODINGS:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if not any(letter < " " and letter not in _WHITE for letter in set(text)):
            return text
    raise RenderRefused("unknown")
