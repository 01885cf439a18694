"""A campaign of altered contents: whatever comes, it is shown or refused by name, and the next content is shown."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image
from pypdf import PdfWriter
from tests.adapters.pdfs import pdf
from tests.adapters.test_renderer import WEAVE, encoded, image, opened

from cordiale.adapters.renderer import ChildRenderer
from cordiale.errors import CordialeError

pytestmark = pytest.mark.slow
ROUNDS: Final = 120
REFUSED: Final = frozenset({
    "room.character", "room.encrypted", "room.ended", "room.office", "room.other-kind", "room.page-size", "room.pages",
    "room.too-much", "room.two-kinds", "room.unknown", "room.unreadable",
})
Change = Callable[[random.Random, bytearray], bytes]


def _flipped(chance: random.Random, content: bytearray) -> bytes:
    for _ in range(chance.randint(1, 40)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _cut(chance: random.Random, content: bytearray) -> bytes:
    return bytes(content[:chance.randrange(1, len(content))])


def _repeated(chance: random.Random, content: bytearray) -> bytes:
    start = chance.randrange(len(content))
    part = content[start:start + chance.randint(1, 400)]
    return bytes(content[:start] + part * chance.randint(2, 300) + content[start:])


def _numbered(chance: random.Random, content: bytearray) -> bytes:
    """Put large and negative numbers where figures stand."""
    places = [at for at, one in enumerate(content) if chr(one).isdigit()]
    for _ in range(min(len(places), chance.randint(1, 12))):
        at = chance.choice(places)
        if at < len(content):
            content[at:at + 1] = chance.choice((b"-1", b"99999999999", b"4294967295", b"0", b"1e99"))
    return bytes(content)


def _joined(chance: random.Random, content: bytearray) -> bytes:
    other = bytearray(chance.choice(SAMPLES))
    return bytes(content[:chance.randrange(len(content))] + other[chance.randrange(len(other)):])


CHANGES: Final[tuple[Change, ...]] = (_flipped, _cut, _repeated, _numbered, _joined)


def _form() -> bytes:
    made, writer = io.BytesIO(), PdfWriter()
    for _ in range(4):
        writer.add_blank_page(300, 400)
    writer.add_attachment("exercise.txt", b"exercise")
    writer.write(made)
    return made.getvalue()


SAMPLES: Final[tuple[bytes, ...]] = (
    pdf(), pdf(contents=(b"q 1 0 0 1 0 0 cm BT /F1 12 Tf (Exercise) Tj ET Q",) * 3), _form(),
    encoded("PNG"), encoded("JPEG"), encoded("TIFF"), encoded("GIF"), encoded("WEBP"),
    "Навчальний документ\n見本\n".encode() * 30,
)


@pytest.mark.parametrize("seed", range(4))
def test_an_altered_content_is_shown_or_refused_by_name_and_the_next_one_is_shown(seed: int) -> None:
    renderer, chance = ChildRenderer(), random.Random(seed)
    told: dict[str, int] = {}
    try:
        for number in range(ROUNDS):
            content = chance.choice(CHANGES)(chance, bytearray(chance.choice(SAMPLES)))
            code = _tell(renderer, content)
            assert code in REFUSED | {"shown"}, f"seed {seed}, round {number}: {code}"
            told[code] = told.get(code, 0) + 1
        assert _tell(renderer, pdf()) == "shown"
    finally:
        renderer.close()
    assert {"shown", "room.unreadable"} <= set(told), told


def _tell(renderer: ChildRenderer, content: bytes) -> str:
    try:
        shown = opened(renderer, content)
        try:
            picture: Image.Image = image(shown.picture(shown.pages, 100, WEAVE))
            assert picture.width and picture.height
            shown.text(1)
        finally:
            shown.close()
    except CordialeError as error:
        return error.code
    return "shown"
