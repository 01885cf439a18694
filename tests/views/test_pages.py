"""The pages that are printed: every value in its place, nothing of Python shown, everything escaped."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.test_journey import PURPOSE, cross, grant, label
from tests.world.world import Player, World

from cordiale.doors.control.acts import VIEWS
from cordiale.errors import OutOfOrder, Refused
from cordiale.records.registry import identify


def view(player: Player, person: str, kind: str, **params: Any) -> dict[str, Any]:
    return dict(VIEWS[kind](player.registry, identify(player.registry, player.request(person, kind, params))))


@pytest.fixture(scope="module")
def world() -> World:
    world = World.founded(seed=31)
    world.bring_into_force()
    return world


def test_pages_show_every_value_and_nothing_of_the_program(world: World) -> None:
    consignment, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.read("reader", item, PURPOSE)
    with pytest.raises(Refused):
        world.kyiv.read("colleague", item, PURPOSE)
    pages = [
        view(world.kyiv, "security", "view.where", item=item, **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.where", item=item, **{"as": "html"})["html"],
        view(world.kyiv, "registrar", "view.register", book="JPN", **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.register", book="own", **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.register", book="dispatch", **{"as": "html"})["html"],
        view(world.kyiv, "registrar", "view.receipt", consignment=consignment, **{"as": "html"})["html"],
        view(world.tokyo, "registrar", "view.receipt", consignment=consignment, **{"as": "html"})["html"],
    ]
    for page in pages:
        assert "built-in" not in page and "object at 0x" not in page and "{'" not in page
        assert "EXERCISE" in page and "<script" not in page
    assert "Exercise Reader K" in pages[0] and "Exercise Reader K" not in pages[1]
    assert "refused: read" in pages[0]


def test_a_receipt_page_names_no_title_and_no_level(world: World) -> None:
    consignment, _ = cross(world)
    page = view(world.kyiv, "registrar", "view.receipt", consignment=consignment, **{"as": "html"})["html"]
    assert "Exercise paper" not in page and "BARVINOK" not in page and "SAKURA" not in page


def test_what_is_entered_is_escaped(world: World) -> None:
    item = label(world.tokyo, form="paper", title="<script>alert(1)</script>")
    page = view(world.tokyo, "registrar", "view.where", item=item, **{"as": "html"})["html"]
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_what_a_person_may_not_see_is_not_there_for_them(world: World) -> None:
    item = label(world.tokyo, form="paper", readers=["head"])
    assert item in str(view(world.tokyo, "registrar", "view.items"))
    _, (foreign,) = cross(world)
    with pytest.raises(OutOfOrder, match="there is no item"):
        view(world.kyiv, "colleague", "view.item", item=foreign)
    assert foreign not in str(view(world.kyiv, "colleague", "view.items"))
    with pytest.raises(OutOfOrder, match="there is no item"):
        view(world.tokyo, "authority", "view.item", item=item)
    for kind, params in (("view.register", {"book": "JPN"}), ("view.where", {"item": foreign}), ("view.inbox", {})):
        with pytest.raises(Refused):
            view(world.kyiv, "reader", kind, **params)


def test_an_item_is_found_by_their_number_too(world: World) -> None:
    _, (item,) = cross(world)
    ours = view(world.kyiv, "registrar", "view.where", item=item)
    theirs = ours["copies"][0]["their_reference"]
    assert view(world.kyiv, "registrar", "view.where", item=theirs)["item"] == item
    reference = ours["reference"]
    assert view(world.tokyo, "registrar", "view.where", item=reference)["item"] == item
