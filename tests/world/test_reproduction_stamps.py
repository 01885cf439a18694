"""The stamped rendition: made for one reading, beside an original that stays as it was sealed."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from tests.adapters.pdfs import pdf
from tests.world.reproducing import assign, copy_it, cross, deliver
from tests.world.test_journey import PURPOSE, dispatch, grant, release
from tests.world.world import Player, World

from cordiale.doors.control.views import VIEWS
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused
from cordiale.journey.read import open_content
from cordiale.records.items import ITEM
from cordiale.records.registry import identify
from cordiale.records.stamps import compose_stamp

CONTENT = pdf(contents=(b"BT /F1 24 Tf 100 700 Td (Exercise paper) Tj ET",) * 2)


def cross_file(world: World, content: bytes = CONTENT, media_type: str = "application/pdf") -> str:
    item = str(world.tokyo.act("originator", "label", {
        "file_name": "paper.pdf", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "media_type": media_type,
        "release_to": ["UKR"], "title": "Exercise paper",
    }, content=content).value["item"])
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    grant(world, item, "reader")
    return item


def read_stamped(player: Player, item: str, person: str = "reader", **more: str) -> bytes:
    request = identify(player.registry, player.request(person, "read", {
        "item": item, "purpose": PURPOSE, "stamped": True, **more,
    }))
    opened = open_content(player.registry, request)
    content = b"".join(opened.chunks)
    assert opened.answer.value["size_bytes"] == len(content)
    return content


def pages(stamped: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(stamped)).pages]


@pytest.fixture(scope="module")
def world() -> World:
    return World.in_force(seed=11)


def test_every_page_bears_both_markings_both_numbers_and_the_copy(world: World) -> None:
    item = cross_file(world)
    (copy,) = copy_it(world, item)
    before = dict(world.kyiv.objects.contents)
    shown = pages(read_stamped(world.kyiv, item, copy=copy))
    assert len(shown) == 2
    for number, text in enumerate(shown, 1):
        assert text.count("JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK") == 2
        assert "UKR/JPN-2026-" in text and "JPN-2026-" in text
        assert "copy 1/1 of copy 1" in text
        assert f"page {number} of 2" in text
    assert world.kyiv.objects.contents == before
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_who_may_not_read_is_shown_no_stamped_page_either(world: World) -> None:
    item = cross_file(world)
    with pytest.raises(Refused):
        read_stamped(world.kyiv, item, "colleague")


def test_a_translation_bears_its_note_on_every_page(world: World) -> None:
    item = cross_file(world)
    task = assign(world.kyiv, item, act="translate", language="uk")
    derived = str(deliver(world.kyiv, task, content=CONTENT, media_type="application/pdf").value["item"])
    grant(world, derived, "reader")
    assert all("Цей переклад містить" in text for text in pages(read_stamped(world.kyiv, derived)))


def test_what_is_no_pdf_is_not_stamped_and_no_reading_is_entered(world: World) -> None:
    item = cross_file(world, b"text", "text/plain")
    with pytest.raises(OutOfOrder, match="only a PDF"):
        read_stamped(world.kyiv, item)
    assert world.kyiv.registry.find("grant", "item", item) == []


def test_a_damaged_pdf_is_refused_and_tells_nothing_of_its_content(world: World) -> None:
    item = cross_file(world, b"%PDF-1.7 secret words of the exercise")
    with pytest.raises(Malformed) as raised:
        read_stamped(world.kyiv, item)
    error: CordialeError = raised.value
    assert error.code == "stamp.unreadable"
    assert "secret words" not in str(error)
    assert world.kyiv.read("reader", item, PURPOSE).startswith(b"%PDF-1.7 secret")


def test_the_stamps_of_a_paper_are_printed_with_its_numbers_for_each_page(world: World) -> None:
    item = cross(world, form="paper", sheets=3)
    shown = view(world.kyiv, "registrar", item)
    assert "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK" in shown["top"]
    assert [stamp.rpartition(" – ")[2] for stamp in shown["stamps"]] == ["page 1 of 3", "page 2 of 3", "page 3 of 3"]
    assert all("copy 1" in stamp for stamp in shown["stamps"])
    assert shown["html"].count('class="stamp"') == 3
    with pytest.raises(Refused):
        view(world.kyiv, "colleague", item)


def view(player: Player, person: str, item: str) -> dict[str, Any]:
    request = identify(player.registry, player.request(person, "view.stamp", {"as": "html", "item": item}))
    return dict(VIEWS["view.stamp"](player.registry, request))


def test_a_mark_that_was_struck_stands_on_the_stamp_with_day_authority_and_provision(world: World) -> None:
    item = cross(world, form="paper")
    found = world.kyiv.registry.record(ITEM, item)
    assert found is not None
    marked = replace(found, body={**found.body, "marks": [{
        "article": "Art. 9", "authority": "Exercise Authority", "before": "EX-JPN:EXERCISE FUJI",
        "effective_at": "2026-09-02T00:00:00Z", "kind": "downgraded",
    }]})
    stamp = compose_stamp(world.kyiv.registry.books(), marked, None, world.kyiv.registry.mode)
    assert "EX-JPN:EXERCISE FUJI STRUCK 2026-09-02, Exercise Authority, Art. 9" in stamp.top
