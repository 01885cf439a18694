"""Small PDF files, harmless and hostile, written by hand so that nothing well-meaning repairs them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping


def assemble(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    """Return a PDF of the numbered `objects`, with the table that says where each stands."""
    written, places = b"%PDF-1.7\n", {}
    for number, content in objects.items():
        places[number] = len(written)
        written += f"{number} 0 obj ".encode() + content + b" endobj\n"
    table = b"xref\n" + b"".join(
        f"{number} 1\n{place:010d} 00000 n \n".encode() for number, place in places.items()
    )
    size = max(objects) + 1
    return written + table + (
        f"trailer <</Root {root} 0 R /Size {size}>>\nstartxref\n{len(written)}\n%%EOF\n".encode()
    )


def pdf(
    *, contents: tuple[bytes, ...] = (b"BT /F1 24 Tf 100 700 Td (Exercise paper) Tj ET",),
    page: bytes = b"", media_box: str = "0 0 595 842", catalog: bytes = b"", kids: str = "",
) -> bytes:
    """Return a PDF with a page for each of `contents`; `page` and `catalog` are further members of theirs."""
    kids = kids or " ".join(f"{10 + 2 * place} 0 R" for place in range(len(contents)))
    objects = {
        1: b"<</Type /Catalog /Pages 2 0 R " + catalog + b">>",
        2: f"<</Type /Pages /Count {len(contents)} /Kids [{kids}]>>".encode(),
        3: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
        7: b"<</Names []>>",
    }
    for place, content in enumerate(contents):
        objects[10 + 2 * place] = (
            f"<</Type /Page /Parent 2 0 R /MediaBox [{media_box}] /Resources <</Font <</F1 3 0 R>>>> "
            f"/Contents {11 + 2 * place} 0 R ".encode() + page + b">>"
        )
        objects[11 + 2 * place] = stream(content)
    return assemble(objects)


def stream(content: bytes, members: bytes = b"") -> bytes:
    """Return a stream of `content`."""
    return f"<</Length {len(content)} ".encode() + members + b">> stream\n" + content + b"\nendstream"


def bomb() -> bytes:
    """Return a small PDF whose one page unfolds to more than a process may have."""
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(bytes(2**24)) for _ in range(16)) + packer.flush()
    return assemble({
        1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
        3: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R>>",
        4: stream(zlib.compress(data), b"/Filter [/FlateDecode /FlateDecode]"),
    })
