"""The reading room's pictures: shown by a process that shut itself in; a hostile file hurts only its own rendering."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter
from tests.adapters.pdfs import assemble, bomb, pdf, stream

from cordiale.adapters.boxed import find_program
from cordiale.adapters.office_pdf import OfficeConverter
from cordiale.adapters.render_kind import RenderRefused
from cordiale.adapters.render_pages import open_pages
from cordiale.adapters.renderer import ChildRenderer
from cordiale.errors import CordialeError, Malformed, Unavailable
from cordiale.limits import ROOM_PAGE_PIXELS_COUNT_MAX
from cordiale.ports.pages import PagePicture, Rendering, Stamp, Weave

WEAVE = Weave(
    Stamp(("EXERCISE", "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK", "特定秘密 // Цілком таємно"),
          ("JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK",), "UKR/JPN-2026-0001 – copy 1"),
    "Ґанна Їжак · reader · 2026-11-26 17:10 UTC · UKR/JPN-2026-0001 – copy 1",
)


class Converting(OfficeConverter):
    """Stands for an office program: remembers what it was given, and makes a paper of it."""

    def to_pdf(self, content: bytes) -> bytes:
        given.append(content)
        return pdf(contents=(b"", b""))


given: list[bytes] = []


@pytest.fixture(scope="module")
def renderer() -> Iterator[ChildRenderer]:
    made = ChildRenderer(office=Converting("", ""))
    yield made
    made.close()


def opened(renderer: ChildRenderer, content: bytes, declared: str = "") -> Rendering:
    return renderer.open(declared, len(content), [content])


def image(picture: PagePicture) -> Image.Image:
    return Image.open(io.BytesIO(picture.body)).convert("RGB")


def encoded(kind: str, size: tuple[int, int] = (300, 200), **more: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(made, kind, **more)
    return made.getvalue()


def code_of(content: bytes, declared: str = "") -> str:
    """Return why `content` is not opened, looked at in this process: for what is refused before it is unfolded."""
    with pytest.raises(RenderRefused) as raised:
        open_pages(memoryview(bytearray(content)), declared)
    return raised.value.code


# -- shut in ------------------------------------------------------------------------------------------------

TRIES = """
import os, socket, sys
from cordiale.adapters.confinement import Bounds, shut_in
tried = {
    "open": lambda: os.open("/etc/hostname", os.O_RDONLY), "write": lambda: os.open(sys.argv[1], os.O_CREAT | os.O_RDWR),
    "stat": lambda: os.stat("/etc/hostname"), "list": lambda: os.listdir("/"), "unlink": lambda: os.unlink(sys.argv[2]),
    "socket": lambda: socket.socket(), "pair": lambda: socket.socketpair(), "fork": lambda: os.fork(),
    "execute": lambda: os.execv("/bin/true", ["true"]), "signal": lambda: os.kill(os.getppid(), 0),
    "memory": lambda: bytearray(2**31), "pipe": lambda: os.pipe(), "environment": lambda: os.chdir("/tmp"),
}
shut_in(Bounds(2**30, 60))
for name, one in tried.items():
    try:
        one()
    except (OSError, MemoryError):
        continue
    print(name, flush=True)
print("done", flush=True)
os._exit(0)
"""


def test_a_process_that_shut_itself_in_reaches_no_file_no_network_and_no_other_process(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    done = subprocess.run(
        [sys.executable, "-c", TRIES, str(tmp_path / "written"), str(kept)], capture_output=True, text=True, check=False,
    )
    assert (done.stdout.split(), done.returncode) == (["done"], 0), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_what_shows_a_content_is_shut_in_and_holds_nothing_but_its_pipes(renderer: ChildRenderer) -> None:
    shown = opened(renderer, pdf())
    process = Path(f"/proc/{innermost(shown)}")
    status = (process / "status").read_text()
    assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
    assert "Max open files            0 " in (process / "limits").read_text()
    held = {os.readlink(one).partition(":")[0] for one in (process / "fd").iterdir()}
    assert held == {"pipe", "/dev/null"}
    assert (process / "environ").read_bytes().strip(b"\0") in (b"", b"PWD=/")
    shown.close()


def innermost(shown: Rendering) -> int:
    """Return the process that shows the content, which may stand behind the one that closed its namespaces."""
    found = int(shown.child.process.pid)  # type: ignore[attr-defined]
    while below := Path(f"/proc/{found}/task/{found}/children").read_text().split():
        found = int(below[0])
    return found


def test_a_process_that_was_killed_is_told_plainly_and_the_next_content_is_shown(renderer: ChildRenderer) -> None:
    shown = opened(renderer, pdf())
    os.kill(innermost(shown), signal.SIGKILL)
    with pytest.raises(Unavailable) as raised:
        shown.picture(1, 50, WEAVE)
    assert raised.value.code == "room.ended"
    shown.close()
    assert opened(renderer, pdf()).pages == 1


def test_what_one_thread_opened_is_shown_after_that_thread_has_ended(renderer: ChildRenderer) -> None:
    found: list[Rendering] = []
    thread = threading.Thread(target=lambda: found.append(opened(renderer, pdf())))
    thread.start()
    thread.join()
    assert found[0].picture(1, 25, WEAVE).body
    found[0].close()


def test_where_nothing_can_be_shut_in_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordiale.adapters.renderer._CHILD", (
        sys.executable, "-I", "-c", "import platform; platform.machine = lambda: 'other'\n"
        "from cordiale.adapters.render_child import main\nimport os; os._exit(main())",
    ))
    with pytest.raises(Unavailable) as raised:
        opened(ChildRenderer(bwrap=""), pdf())
    assert raised.value.code == "room.unconfined"


def test_a_bwrap_that_may_not_run_is_done_without(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    renderer = ChildRenderer(bwrap=str(broken))
    assert opened(renderer, pdf()).pages == 1
    renderer.close()


# -- what is woven in ---------------------------------------------------------------------------------------


def test_every_part_of_every_page_bears_its_reader(renderer: ChildRenderer) -> None:
    """Nothing worth taking can be cut out of a page without some of the words: told by a page with other words."""
    shown = opened(renderer, pdf(contents=(b"", b"0 0 0 rg 0 0 595 842 re f", b"0.5 g 0 0 595 842 re f")))
    other = Weave(WEAVE.stamp, "Somebody Else · other · 2026-11-26 17:11 UTC · UKR/JPN-2026-0001 – copy 1")
    for number in (1, 2, 3):
        one, two = (image(shown.picture(number, 100, weave)) for weave in (WEAVE, other))
        width, height = one.size
        for column in range(5):
            for row in range(8):
                part = (column * width // 5, row * height // 8, (column + 1) * width // 5, (row + 1) * height // 8)
                told = ImageChops.difference(one.crop(part), two.crop(part)).convert("L")
                assert sum(told.histogram()[16:]) > 100, (number, part)
    shown.close()


def test_the_banner_and_the_foot_stand_above_and_below_the_page_and_never_over_it(renderer: ChildRenderer) -> None:
    shown = opened(renderer, pdf(contents=(b"0 0 0 rg 0 0 595 842 re f",)))
    page = image(shown.picture(1, 100, WEAVE)).convert("L")
    column = [page.getpixel((page.width // 2 + 120, y)) for y in range(page.height)]
    black = [y for y, value in enumerate(column) if value < 90]
    top, bottom = page.crop((0, 0, page.width, black[0])), page.crop((0, black[-1] + 1, page.width, page.height))
    assert black[-1] - black[0] >= 1_100
    assert sum(top.histogram()[:90]) > 500 and sum(bottom.histogram()[:90]) > 300
    shown.close()


def test_a_banner_with_a_letter_that_no_font_has_is_refused_and_a_name_stands_without_it(
    renderer: ChildRenderer
) -> None:
    shown = opened(renderer, pdf())
    with pytest.raises(Malformed) as raised:
        shown.picture(1, 50, Weave(Stamp(("सीमित",), (), "foot"), "reader"))
    assert raised.value.code == "room.character"
    assert shown.picture(1, 50, Weave(Stamp(("A",), (), "foot"), "सीमित · reader")).body
    shown.close()


# -- kinds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "declared", "count"), [
    (encoded("PNG"), "image/png", 1), (encoded("JPEG"), "image/jpeg", 1), (encoded("WEBP"), "image/webp", 1),
    (encoded("GIF"), "", 1), (encoded("TIFF", save_all=True, append_images=[Image.new("L", (80, 90))] * 2), "", 3),
    (pdf(contents=(b"", b"")), "application/pdf", 2), ("Текст".encode(), "text/plain", 1),
    (b"a\fb\f" + b"c\n" * 58 + b"d", "", 4),
], ids=["png", "jpeg", "webp", "gif", "tiff", "pdf", "text", "sheets"])
def test_pictures_papers_and_texts_become_pages(content: bytes, declared: str, count: int) -> None:
    pages = open_pages(memoryview(bytearray(content)), declared)
    assert pages.count == count
    assert all(pages.picture(number, 50).width >= 16 for number in range(1, count + 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "shift_jis"])
def test_a_text_is_read_in_its_own_encoding(encoding: str) -> None:
    pages = open_pages(memoryview(bytearray("特定秘密の取扱い\n".encode(encoding))), "text/plain")
    assert pages.text(1).startswith("特定秘密の取扱い")


def test_letters_that_hide_or_turn_a_text_are_shown_as_boxes() -> None:
    assert open_pages(memoryview(bytearray("pay \u202eyap\u200b".encode())), "").text(1) == "pay □yap□"


def test_the_text_of_a_page_is_that_of_the_page(renderer: ChildRenderer) -> None:
    shown = opened(renderer, pdf(contents=tuple(f"BT /F1 24 Tf 100 700 Td (page {n}) Tj ET".encode() for n in (1, 2))))
    assert [shown.text(number).strip() for number in (1, 2)] == ["page 1", "page 2"]
    with pytest.raises(Malformed) as raised:
        shown.text(3)
    assert raised.value.code == "room.page"
    shown.close()


def test_a_japanese_paper_that_brings_no_font_is_not_shown_blank(renderer: ChildRenderer) -> None:
    """What is silently missing would be worse than what is refused."""
    font = b"/BaseFont /MS-Gothic "
    shown = opened(renderer, assemble({
        1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
        3: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Resources <</Font <</F1 4 0 R>>>> /Contents 5 0 R>>",
        4: b"<</Type /Font /Subtype /Type0 " + font + b"/Encoding /90ms-RKSJ-H /DescendantFonts [6 0 R]>>",
        5: stream(b"BT /F1 60 Tf 20 120 Td <" + "機密文書".encode("cp932").hex().encode() + b"> Tj ET"),
        6: b"<</Type /Font /Subtype /CIDFontType2 " + font
           + b"/CIDSystemInfo <</Registry (Adobe) /Ordering (Japan1) /Supplement 2>> /DW 1000 /FontDescriptor 7 0 R>>",
        7: b"<</Type /FontDescriptor /FontName /MS-Gothic /Flags 4 /FontBBox [0 -137 1000 859] /ItalicAngle 0 "
           b"/Ascent 859 /Descent -140 /StemV 80 /CapHeight 700>>",
    }))
    page = image(shown.picture(1, 100, WEAVE)).convert("L")
    assert sum(page.crop((0, page.height // 3, page.width, 2 * page.height // 3)).histogram()[:60]) > 2_000
    shown.close()


def test_a_page_with_letters_that_nothing_has_a_font_for_says_so_at_its_foot() -> None:
    def noted(encoding: bytes) -> str:
        return open_pages(memoryview(bytearray(assemble({
            1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
            3: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 99] /Resources <</Font <</F1 4 0 R>>>> /Contents 5 0 R>>",
            4: b"<</Type /Font /Subtype /TrueType /BaseFont /Arial /Encoding " + encoding + b">>",
            5: stream(b"BT /F1 30 Tf 20 40 Td (ABC) Tj ET"),
        }))), "").note(1)

    assert "letters may differ or be missing" in noted(b"<</Differences [65 /afii10054 /afii10056 /afii10058]>>")
    assert noted(b"/WinAnsiEncoding") == ""


def test_scripts_of_a_paper_do_not_run(renderer: ChildRenderer) -> None:
    script = b"/OpenAction <</S /JavaScript /JS (while(true){})>> /AA <</WC <</S /JavaScript /JS (x)>>>>"
    shown = opened(renderer, pdf(catalog=script, page=b"/AA <</O <</S /JavaScript /JS (while(true){})>>>>"))
    assert shown.picture(1, 50, WEAVE).body
    shown.close()


def test_what_was_filled_into_a_form_is_shown() -> None:
    form, field = b"/AcroForm <</Fields [5 0 R]>>", b"/Annots [5 0 R]"
    plain = assemble({
        1: b"<</Type /Catalog /Pages 2 0 R " + form + b">>", 2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
        3: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] " + field + b">>",
        5: b"<</Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (x) /F 4 /Rect [50 50 150 150] /AP <</N 6 0 R>>>>",
        6: stream(b"0 0 0 rg 0 0 100 100 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 100 100] "),
    })
    page = open_pages(memoryview(bytearray(plain)), "").picture(1, 75)
    assert (page.getpixel((100, 100)), page.getpixel((20, 20))) == ((0, 0, 0), (255, 255, 255))


def test_an_office_document_is_converted_by_another_program_and_shown_by_a_fresh_process(
    renderer: ChildRenderer
) -> None:
    shown = opened(renderer, b"PK\x03\x04 exercise", "application/vnd.oasis.opendocument.text")
    assert (given, shown.pages) == ([b"PK\x03\x04 exercise"], 2)
    shown.close()


@pytest.mark.parametrize("installed", [("", "/usr/bin/soffice"), ("/usr/bin/bwrap", ""), ("/nowhere/bwrap", "/x")])
def test_an_office_document_is_refused_where_nothing_can_convert_it_without_a_disk(installed: tuple[str, str]) -> None:
    with pytest.raises(Malformed) as raised:
        OfficeConverter(*installed).to_pdf(b"PK\x03\x04")
    assert raised.value.code == "room.office"
    assert "LibreOffice" in raised.value.hint and "bubblewrap" in raised.value.hint


@pytest.mark.skipif(not (find_program("bwrap") and find_program("soffice")), reason="needs bubblewrap and LibreOffice")
def test_libreoffice_reaches_no_network_and_its_disk_is_gone_with_it() -> None:
    converted = OfficeConverter(find_program("bwrap")).to_pdf(b"{\\rtf1 Exercise paper}")
    assert "Exercise paper" in PdfReader(io.BytesIO(converted)).pages[0].extract_text()
    assert not Path("/tmp/content").exists() and not Path("/tmp/made").exists()


# -- hostile ------------------------------------------------------------------------------------------------


def with_comment(comment: bytes) -> bytes:
    png = encoded("PNG")
    chunk = b"tEXt" + b"Comment\0" + comment
    return png[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]


def png_of(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, data)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


ARCHIVE_END = b"PK\x05\x06" + bytes(16) + struct.pack("<H", 0)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("content", "declared", "code"), [
    (b"GIF89a" + bytes(20) + pdf(), "application/pdf", "two-kinds"),
    (with_comment(b"%PDF-1.7"), "image/png", "two-kinds"), (pdf() + ARCHIVE_END, "application/pdf", "two-kinds"),
    (encoded("PNG") + ARCHIVE_END, "image/png", "two-kinds"), (encoded("PNG"), "application/pdf", "other-kind"),
    (pdf(), "text/plain", "other-kind"), (b"GIF89a" + bytes(3), "image/gif", "unreadable"),
    (b"\x7fELF" + bytes(100), "", "unknown"), (b"MZ\x90\x00", "application/octet-stream", "unknown"),
    (b"\xff\xfe\x00", "text/plain", "unknown"), (b"PK\x03\x04", "application/zip", "office"),
    (png_of(60_000, 60_000), "image/png", "page-size"), (png_of(9_000, 9_000), "image/png", "page-size"),
    (b"a" * (4 * 1024**2 + 1), "text/plain", "pages"), (b"\f" * 20_000, "", "pages"),
], ids=[
    "gif-pdf", "png-pdf", "pdf-zip", "png-zip", "png-as-pdf", "pdf-as-text", "short-gif", "elf", "exe", "utf16", "zip",
    "png-bomb", "png-large", "text-large", "text-pages",
])
def test_what_is_two_things_or_none_or_too_much_is_refused(content: bytes, declared: str, code: str) -> None:
    assert code_of(content, declared) == code


@pytest.mark.parametrize(("content", "codes"), [
    pytest.param(bomb(), {"room.too-much", "room.unreadable", "shown"}, marks=pytest.mark.slow), (pdf()[:300], {"room.unreadable", "shown"}),
    pytest.param(pdf(media_box="0 0 1000000000 1000000000"), {"shown", "room.page-size"}, marks=pytest.mark.slow),
    (pdf(media_box="0 0 14400 1"), {"room.page-size", "shown"}), (pdf(kids="2 0 R"), {"room.unreadable", "shown"}),
    (png_of(60_000, 60_000), {"room.page-size"}),
    pytest.param(pdf(contents=(b"q " * 200_000,)), {"room.unreadable", "shown"}, marks=pytest.mark.slow),
], ids=["bomb", "cut", "huge", "narrow", "circle", "png-bomb", "states"])
def test_a_hostile_file_ends_at_most_its_own_process(renderer: ChildRenderer, content: bytes, codes: set[str]) -> None:
    try:
        shown = opened(renderer, content)
        picture = image(shown.picture(1, 100, WEAVE))
        told = "shown"
        assert picture.width * picture.height <= 2 * ROOM_PAGE_PIXELS_COUNT_MAX
        shown.close()
    except CordialeError as error:
        told = error.code
    assert told in codes


def test_an_encrypted_paper_is_refused_as_that(renderer: ChildRenderer) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt("exercise")
    made = io.BytesIO()
    writer.write(made)
    with pytest.raises(Malformed) as raised:
        opened(renderer, made.getvalue())
    assert raised.value.code == "room.encrypted"


def test_a_content_that_breaks_off_on_its_way_in_is_not_shown(renderer: ChildRenderer) -> None:
    def broken() -> Iterator[bytes]:
        yield pdf()[:50]
        raise Unavailable("read.broken-off", "the content could not be opened to its end", hint="read it again")

    with pytest.raises(Unavailable) as raised:
        renderer.open("application/pdf", len(pdf()), broken())
    assert raised.value.code == "read.broken-off"
