"""What shows one content in a process of its own: it shuts itself in, takes the content, and answers with pages.

A hostile file can use up this process and what it is given, and nothing else:
when the first byte of a content comes in, no file, socket, process or signal is
within reach (`cordiale.adapters.confinement`). Plaintext is in its memory and in
two pipes. It ends when its pipe ends.

    ready                       -> {"ready": true}
    {"declared", "size"} + content -> {"pages"}, {"refused"}, or {"office", "size"} + content
    {"picture", "percent", "stamp", "across"} -> {"media_type", "size"} + picture, or {"refused"}
    {"text"}                    -> {"size"} + UTF-8, or {"refused"}
"""

from __future__ import annotations

import codecs
import io
import os
import struct
import sys
from typing import Any, BinaryIO, Final

from PIL import Image, ImageChops, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from cordiale.adapters.confinement import Bounds, shut_in
from cordiale.adapters.render_fonts import load_fonts
from cordiale.adapters.render_frames import read_frame, write_frame
from cordiale.adapters.render_kind import Kind, RenderRefused, find_kind
from cordiale.adapters.render_pages import Pages, open_pages, warm_up
from cordiale.adapters.render_weave import weave_in
from cordiale.limits import ROOM_MEMORY_BYTES_MAX, ROOM_OFFICE_SIZE_BYTES_MAX, ROOM_PROCESSOR_SECONDS_MAX
from cordiale.ports.pages import Stamp, Weave

UNCONFINED: Final = 7
"""The status it ends with where it could not shut itself in."""

_JPEG_QUALITY: Final = 80
_PNG_EFFORT: Final = 1
_DAMAGE: Final = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
    struct.error, Image.DecompressionBombError,
)
"""What libraries raise for a damaged file. Whatever else one raises ends the process, and the reading with it."""

_READY: Final = (MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
_CODECS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932")


def main() -> int:
    """Answer on standard output what is asked on standard input, and return the status to end with."""
    read, written = sys.stdin.buffer, sys.stdout.buffer
    _make_ready()
    try:
        shut_in(Bounds(ROOM_MEMORY_BYTES_MAX, ROOM_PROCESSOR_SECONDS_MAX))
    except OSError:
        return UNCONFINED
    write_frame(written, {"ready": True})
    pages = None
    while (order := read_frame(read)) is not None:
        try:
            if pages is None:
                pages = _open(read, order, written)
            else:
                _answer(pages, order, written)
        except RenderRefused as error:
            write_frame(written, {"refused": error.code})
        except MemoryError:
            write_frame(written, {"refused": "too-much"})
        except _DAMAGE:
            write_frame(written, {"refused": "unreadable"})
        if pages is None:
            return 0
    return 0


def _make_ready() -> None:
    """Load whatever is loaded on first use: afterwards no file can be opened."""
    Image.init()
    load_fonts()
    for name in _CODECS:
        codecs.lookup(name)
    warm_up()
    stamp = Stamp(("A",), ("A",), "A")
    _encode(weave_in(Image.new("RGB", (400, 400)), Weave(stamp, "A"), (1, 1)))


def _open(read: BinaryIO, order: dict[str, Any], written: BinaryIO) -> Pages | None:
    """Take the content and open it; one of an office program goes back as it is, None."""
    content = _take(read, order["size"])
    if find_kind(content, order["declared"]) is not Kind.OFFICE:
        pages = open_pages(content, order["declared"])
        write_frame(written, {"pages": pages.count})
        return pages
    if len(content) > ROOM_OFFICE_SIZE_BYTES_MAX:
        raise RenderRefused("too-much")
    write_frame(written, {"office": True, "size": len(content)}, content)
    return None


def _take(read: BinaryIO, size_bytes: int) -> memoryview:
    """Return the content of `size_bytes` bytes, which lies in memory once."""
    content = memoryview(bytearray(size_bytes))
    filled = 0
    while filled < size_bytes:
        count = read.readinto(content[filled:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        filled += count
    return content


def _answer(pages: Pages, order: dict[str, Any], written: BinaryIO) -> None:
    if "text" in order:
        body = pages.text(order["text"]).encode("utf-8", "replace")
        write_frame(written, {"size": len(body)}, body)
        return
    number = order["picture"]
    below = filter(None, (pages.note(number), *order["stamp"]["bottom"]))
    stamp = Stamp(tuple(order["stamp"]["top"]), tuple(below), order["stamp"]["foot"])
    woven = weave_in(pages.picture(number, order["percent"]), Weave(stamp, order["across"]), (number, pages.count))
    media_type, body = _encode(woven)
    write_frame(written, {"media_type": media_type, "size": len(body)}, body)


def _encode(picture: Image.Image) -> tuple[str, bytes]:
    """Return the picture in the smaller form; one with colours becomes JPEG, as the other takes too long."""
    red, green, blue = picture.split()
    is_grey = all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
    shown = red if is_grey else picture
    jpeg, png = io.BytesIO(), io.BytesIO()
    shown.save(jpeg, "JPEG", quality=_JPEG_QUALITY)
    if is_grey:
        shown.save(png, "PNG", compress_level=_PNG_EFFORT)
        if len(png.getvalue()) < len(jpeg.getvalue()):
            return "image/png", png.getvalue()
    return "image/jpeg", jpeg.getvalue()


if __name__ == "__main__":
    # Nothing is tidied up: whatever the file left behind ends with the process.
    os._exit(main())
