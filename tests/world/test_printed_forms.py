"""Forms as PDF: in English and the languages of both parties, with every letter, and no more than the page says."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader
from tests.world.test_couriers import COURIERS, pack, sent
from tests.world.test_journey import cross
from tests.world.world import Player, World

from cordiale.adapters.form_pdf import PdfPrinter
from cordiale.canonical import parse_base64url
from cordiale.doors.control.views import VIEWS
from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.limits import FORM_LINES_COUNT_MAX
from cordiale.ports.pages import PrintedForm
from cordiale.records.registry import identify
from cordiale.words.codes import WORDS
from cordiale.words.spoken import Words

FORM = PrintedForm(("EXERCISE",), "Receipt / 受領書 / Розписка", (("Number", "JPN-1"),), ("foot",))


@pytest.fixture(scope="module")
def world() -> World:
    made = World.in_force(seed=51)
    made.tokyo.enter_people(COURIERS)
    return made


def view(player: Player, kind: str, person: str = "registrar", **params: Any) -> dict[str, Any]:
    return dict(VIEWS[kind](player.registry, identify(player.registry, player.request(person, kind, params))))


def texts(answer: dict[str, Any]) -> list[str]:
    read = PdfReader(io.BytesIO(parse_base64url(answer["pdf"])))
    return [" ".join(page.extract_text().split()) for page in read.pages]


def capital(language: str, text: str) -> str:
    said = Words(language).say(text)
    return said[:1].upper() + said[1:]


def test_a_receipt_is_printed_on_both_sides_in_both_languages_and_names_no_title(world: World) -> None:
    consignment, _ = cross(world, forms=("file", "paper"))
    for player in world.players:
        shown = view(player, "view.receipt", consignment=consignment, **{"as": "pdf"})
        (page,) = texts(shown)
        for language in ("en", "ja", "uk"):
            assert capital(language, WORDS["paper"]) in page
            assert capital(language, "items counted") in page and capital(language, "audit trail") in page
        assert "EXERCISE – EXERCISE – EXERCISE" in page and shown["registrar"] in page
        assert all(line["number"] in page for line in shown["lines"])
        assert "Exercise paper" not in page and "SAKURA" not in page
        with pytest.raises(Refused):
            view(player, "view.receipt", "originator", consignment=consignment, **{"as": "pdf"})


def test_a_book_is_printed_with_its_level_on_every_page(world: World) -> None:
    cross(world, forms=("paper",))
    shown = view(world.kyiv, "view.register", book="JPN", **{"as": "pdf"})
    pages = texts(shown)
    assert all(page.count("EX-JPN:EXERCISE SAKURA") >= 2 for page in pages)
    assert all(row["number"] in "".join(pages).replace("\n", "") for row in shown["rows"])
    assert capital("ja", "book") in pages[0] and capital("uk", "book") in pages[0]


def test_a_courier_gets_covers_and_a_list_with_levels_inside_alone_and_slips_without(world: World) -> None:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    outer, inner, contents, *slips = texts(view(world.tokyo, "view.carriage", consignment=consignment, **{"as": "pdf"}))
    assert "EXERCISE SAKURA" in contents and "EXERCISE SAKURA" in inner
    assert "SAKURA" not in outer and "Exercise paper" not in outer + inner
    assert capital("ja", "outer cover") in outer and capital("uk", "to be opened by the registry only") in inner
    assert len(slips) == 3
    for slip in slips:
        assert "O-1, O-2" in slip and "SAKURA" not in slip and "Exercise paper" not in slip


@pytest.mark.parametrize("ending", ["returned", "destroyed"])
def test_a_certificate_is_printed_by_who_gave_it_and_by_who_was_given_it(world: World, ending: str) -> None:
    _, (item,) = cross(world, forms=("paper",))
    if ending == "returned":
        world.kyiv.act("registrar", "return", {"item": item})
    else:
        proposed = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "shredded"}).value
        world.kyiv.act("security", "destroy.witness", {"proposal": proposed["proposal"]})
    world.deliver()
    (own,) = world.kyiv.registry.find("certificate", "item", item)
    given = view(world.kyiv, "view.certificate", certificate=own["number"], **{"as": "pdf"})
    taken = view(world.tokyo, "view.certificate", certificate=f"UKR.{own['number']}", **{"as": "pdf"})
    for shown in (given, taken):
        (page,) = texts(shown)
        assert (shown["ending"], shown["from"], shown["to"]) == (ending, "UKR", "JPN")
        assert own["number"] in page and "registrar of the desk" in page
        assert "Exercise paper" not in page and "SAKURA" not in page and "Exercise Registrar" not in page
    with pytest.raises(Refused):
        view(world.kyiv, "view.certificate", "reader", certificate=own["number"])
    with pytest.raises(OutOfOrder):
        view(world.kyiv, "view.certificate", certificate="UKR-DES-JPN-2026-9999")


def test_every_letter_of_three_languages_comes_out_again_and_one_without_a_font_is_refused() -> None:
    value = "極秘 Цілком таємно Ґанна Їжак Śćžș <b>&amp; été"
    made = PdfPrinter().print([PrintedForm(("EXERCISE",), FORM.title, (("Number", value),), ("foot",))])
    page = PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert FORM.title in page and value in page
    assert set(PdfReader(io.BytesIO(made)).trailer["/Root"]) <= {"/Type", "/Pages", "/PageMode", "/Outlines", "/Lang"}
    with pytest.raises(Malformed) as raised:
        PdfPrinter().print([PrintedForm((), "सीमित", (), ())])
    assert raised.value.code == "form.character"


def test_a_long_table_goes_on_under_its_head_and_the_foot_counts_the_pages() -> None:
    lines = tuple((str(number), "x") for number in range(120))
    made = PdfPrinter().print([
        PrintedForm(("EXERCISE",), "Book", (), ("foot",), ("Column", "Other"), lines), FORM,
    ])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    assert len(pages) >= 4
    assert all("Column" in page for page in pages[:-1])
    assert [f"foot – {number}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)


def test_a_line_longer_than_a_page_goes_on_on_the_next() -> None:
    long = " ".join(f"word{number}" for number in range(3_000))
    made = PdfPrinter().print([PrintedForm(("EXERCISE",), "Book", (("Remarks", long),), (), ("A", "B"), (("1", long),))])
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    assert "word0 " in text and text.count("word2999") == 2


def test_a_table_too_long_is_no_pdf(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FORM_LINES_COUNT_MAX >= 1_000
    monkeypatch.setattr("cordiale.views.forms.FORM_LINES_COUNT_MAX", 0)
    cross(world, forms=("paper",))
    with pytest.raises(OutOfOrder) as raised:
        view(world.kyiv, "view.register", book="JPN", **{"as": "pdf"})
    assert raised.value.code == "form.too-long"
