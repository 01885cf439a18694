"""The stamp: on every page, above and below, out of reach of the page; a hostile file hurts only its own rendering."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from tests.adapters.pdfs import bomb, pdf

from cordiale.adapters.stamp_pdf import StampRefused, stamp_pdf, wrap
from cordiale.adapters.stamper import PdfStamper
from cordiale.errors import Malformed
from cordiale.ports.pages import Stamp
from cordiale.wire.scheme_table import load_schemes
from cordiale.wire.translation_notes import load_notes

STAMP = Stamp(
    ("EXERCISE", "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK", "特定秘密 // Цілком таємно // Ściśle tajne"),
    ("JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK",), "UKR/JPN-2026-0001 – copy 1/2 of copy 1",
)


def texts(stamped: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(stamped)).pages]


def test_every_page_bears_both_markings_above_and_below_its_numbers_and_its_place() -> None:
    shown = texts(PdfStamper().stamp(pdf(contents=(b"BT /F1 24 Tf 100 700 Td (one) Tj ET",) * 3), STAMP))
    assert len(shown) == 3
    for number, text in enumerate(shown, 1):
        assert text.count("JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK") == 2
        assert "特定秘密 // Цілком таємно // Ściśle tajne" in text
        assert f"UKR/JPN-2026-0001 – copy 1/2 of copy 1 – page {number} of 3" in text
        assert "one" in text


def test_every_word_of_every_shipped_scheme_and_note_can_be_printed() -> None:
    words = list(load_notes().values())
    for scheme in load_schemes().values():
        words += [*scheme.levels, *(phrase for pair in scheme.phrases for phrase in pair)]
        words += [phrase for pair in (*scheme.marked_as, *scheme.abbreviations) for phrase in pair]
    stamp = Stamp(("x",), tuple(dict.fromkeys(words)), "foot")
    printed = "".join(texts(stamp_pdf(pdf(media_box="0 0 3000 9000"), stamp))).replace("\n", "")
    missing = [word for word in stamp.bottom if word.replace(" ", "") not in printed.replace(" ", "")]
    assert missing == []


def test_a_character_no_font_has_is_refused_and_not_printed_as_a_box() -> None:
    with pytest.raises(Malformed) as raised:
        PdfStamper().stamp(pdf(), Stamp(("सीमित",), (), "foot"))
    assert raised.value.code == "stamp.character"


def test_a_blank_page_is_marked_as_blank() -> None:
    one, two = texts(stamp_pdf(pdf(contents=(b"", b"BT /F1 24 Tf 100 700 Td (text) Tj ET")), STAMP))
    assert "this page is blank" in one
    assert "this page is blank" not in two


@pytest.mark.parametrize("content", [
    b"Q Q Q Q 0 0 0 0 0 0 cm", b"q q q q 0 0 1 1 re W n", b"/Unknown Do (", b"Q 10 0 0 10 0 0 cm q 1 1 1 rg",
])
def test_no_content_reaches_out_of_its_frame(content: bytes) -> None:
    stamped = stamp_pdf(pdf(contents=(content,)), STAMP)
    page = PdfReader(io.BytesIO(stamped)).pages[0]
    drawn = page.get_contents()
    assert drawn is not None
    # What the page itself draws is ours alone: the original is a form, whose state ends with it and whose edge cuts.
    assert drawn.get_data().endswith(b" cm /Original Do Q q /Banners Do Q")
    original = page["/Resources"]["/XObject"]["/Original"]
    assert [float(one) for one in original["/BBox"]] == [0, 0, 595, 842]
    assert "JPN EXERCISE SAKURA" in page.extract_text()


def test_scripts_actions_attachments_and_annotations_stay_behind_and_that_is_said() -> None:
    made = pdf(
        catalog=b"/OpenAction <</S /JavaScript /JS (app.alert(1))>> /Names <</JavaScript 7 0 R /EmbeddedFiles 7 0 R>>",
        page=b"/AA <</O <</S /JavaScript /JS (x)>>>> /Annots [<</Type /Annot /Subtype /Square /Rect [0 0 595 842]>>]",
    )
    stamped = stamp_pdf(made, STAMP)
    read = PdfReader(io.BytesIO(stamped))
    assert set(read.trailer["/Root"]) == {"/Type", "/Pages"}
    assert set(read.pages[0]) == {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
    assert b"JavaScript" not in stamped and b"EmbeddedFiles" not in stamped
    assert "1 annotations of the original are not shown" in texts(stamped)[0]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_page_is_stamped_upright(turned: int) -> None:
    stamped = stamp_pdf(pdf(page=f"/Rotate {turned}".encode(), media_box="10 20 605 862"), STAMP)
    page = PdfReader(io.BytesIO(stamped)).pages[0]
    sides = (float(page.mediabox.width), float(page.mediabox.height))
    assert sides == ((595, 842) if turned in (0, 180) else (842, 595))
    assert "Exercise paper" in page.extract_text()
    placed: list[tuple[float, float]] = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_: placed.append((cm[4], cm[5])) if text.strip() else None)
    assert all(-1 <= x <= sides[0] + 1 and -1 <= y <= sides[1] + 1 for x, y in placed)


@pytest.mark.parametrize(("content", "code"), [
    (b"", "stamp.unreadable"), (b"%PDF-1.7 and nothing", "stamp.unreadable"),
    (b"\x00" * 1000, "stamp.unreadable"), (pdf(contents=()), "stamp.pages"),
    (pdf(media_box="0 0 10 10"), "stamp.page-size"), (pdf(media_box="0 0 1000000000 1000000000"), "stamp.page-size"),
    (pdf()[:300], "stamp.unreadable"),
])
def test_what_cannot_be_stamped_is_refused_by_its_family(content: bytes, code: str) -> None:
    with pytest.raises(Malformed) as raised:
        PdfStamper().stamp(content, STAMP)
    assert raised.value.code == code


def test_a_file_that_unfolds_without_end_ends_its_own_process_and_nothing_else() -> None:
    with pytest.raises(Malformed) as raised:
        PdfStamper().stamp(bomb(), STAMP)
    assert raised.value.code == "stamp.unreadable"
    assert PdfStamper().stamp(pdf(), STAMP).startswith(b"%PDF-")


def test_pages_that_contain_themselves_are_refused() -> None:
    with pytest.raises(Malformed):
        PdfStamper().stamp(pdf(kids="2 0 R"), STAMP)


def test_a_long_marking_is_broken_into_lines_that_fit() -> None:
    lines = wrap("REL TO JPN, UKR " * 20 + "x" * 400, 300.0)
    assert len(lines) > 5
    assert "".join(lines).replace(" ", "") == ("REL TO JPN, UKR " * 20 + "x" * 400).replace(" ", "")


def test_banners_that_leave_no_page_are_refused() -> None:
    with pytest.raises(StampRefused, match="page-size"):
        stamp_pdf(pdf(media_box="0 0 200 200"), Stamp(tuple(f"line {one}" for one in range(30)), (), "foot"))
