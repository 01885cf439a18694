"""An item's page tells its story with proof, and what may be done now, to each as far as they may know."""

from __future__ import annotations

from typing import Any

import pytest
from tests.attack.test_search import founded
from tests.views.test_pages import view
from tests.world.test_journey import PURPOSE, approve, cross, grant, label
from tests.world.world import Player, World

from cordiale.doors.control.acts import ACTS, CONTENT_VIEWS
from cordiale.errors import OutOfOrder, Refused
from cordiale.views.item_page import _TRIED


@pytest.fixture(scope="module")
def world() -> World:
    return founded().twin(61)


@pytest.fixture(scope="module")
def read(world: World) -> str:
    """An item that crossed, was charged out to one reader and read by two."""
    _, (item,) = cross(world)
    for person in ("reader", "foreigner", "colleague"):
        grant(world, item, person)
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    for person in ("reader", "colleague"):
        world.kyiv.read(person, item, PURPOSE)
    return item


def page(player: Player, person: str, item: str) -> dict[str, Any]:
    return view(player, person, "view.item-page", item=item)


def may(player: Player, person: str, item: str) -> dict[str, list[str] | None]:
    """Return what is open (None) and what is closed, with the codes of the reasons."""
    return {
        row["act"]: None if row["open"] else [reason["code"] for reason in row["reasons"]]
        for row in page(player, person, item)["may"]
    }


def test_every_row_of_the_story_stands_where_it_says_in_the_audit_trail(world: World, read: str) -> None:
    story = page(world.kyiv, "registrar", read)["story"]
    assert {"charged out", "confirmed by the holder"} <= {row["act"] for row in story}
    for row in story:
        (act,) = world.kyiv.registry.reads().acts(row["log"], row["index"], row["index"] + 1)
        person = world.kyiv.registry.record("person", act.actor)
        assert row["by"] == (person["name"] if person is not None else act.actor)


def test_a_reader_sees_what_they_did_themselves_and_nobody_else(world: World, read: str) -> None:
    shown = page(world.kyiv, "reader", read)
    assert [row["act"] for row in shown["story"]] == [
        "need-to-know: granted", "custody: charged-out", "custody: confirmed", "read",
    ]
    for other in ("colleague", "Colleague", "foreigner", "Liaison"):
        assert other not in str(shown)
    assert "places" not in shown and "copies" not in shown
    assert [row["act"] for row in page(world.kyiv, "head", read)["story"]] == []


def test_what_nobody_named_may_see_has_no_page(world: World, read: str) -> None:
    with pytest.raises(OutOfOrder, match="there is no item"):
        page(world.kyiv, "junior", read)


def test_keepers_see_copies_with_their_receipts_and_holders(world: World, read: str) -> None:
    (copy,) = page(world.kyiv, "registrar", read)["places"]
    assert copy["with"] == "reader" and copy["consignment"]["registered_at"]
    (_, sent) = sorted(page(world.tokyo, "registrar", read)["places"], key=lambda one: one["party"])
    assert sent["party"] == "UKR" and sent["consignment"]["receipted_at"]


def test_every_act_on_the_page_is_an_act() -> None:
    assert {act for act, _ in _TRIED} <= {*ACTS, *CONTENT_VIEWS}


def test_what_is_closed_on_the_page_is_refused_for_the_same_reasons(world: World, read: str) -> None:
    tried: dict[str, dict[str, Any]] = {
        "circulate": {"item": read, "person": "reader"}, "destroy.propose": {"item": read, "method": "erased"},
        "need.grant": {"item": read, "person": "junior", "purpose": PURPOSE}, "return": {"item": read},
        "read": {"item": read, "purpose": PURPOSE},
    }
    for person in ("reader", "colleague", "foreigner", "head", "security"):
        shown = may(world.kyiv, person, read)
        for act, params in tried.items():
            reasons = shown[act]
            if reasons is None:
                continue
            with pytest.raises(Refused) as refused:
                if act == "read":
                    world.kyiv.read(person, read, params["purpose"])
                else:
                    world.kyiv.act(person, act, params)
            codes = {reason.code for reason in refused.value.decision.reasons}
            assert set(reasons) <= codes, (person, act)


def test_what_is_open_on_the_page_is_done(world: World) -> None:
    twin = world.twin(62)
    _, (item, other) = cross(twin, forms=("file", "paper"))
    assert may(twin.kyiv, "head", item)["need.grant"] is None
    grant(twin, item, "reader")
    assert may(twin.kyiv, "registrar", item)["circulate"] is None
    twin.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    shown = may(twin.kyiv, "reader", item)
    assert shown["read"] is None and shown["circulate.confirm"] is None and "circulate.back" not in shown
    twin.kyiv.act("reader", "circulate.confirm", {"item": item})
    assert may(twin.kyiv, "reader", item)["circulate.back"] is None
    assert may(twin.kyiv, "registrar", other)["return"] is None
    twin.kyiv.act("registrar", "return", {"item": other})
    assert may(twin.kyiv, "registrar", other) == {}


def test_nobody_is_shown_as_free_to_approve_what_they_proposed(world: World) -> None:
    twin = world.twin(63)
    item = label(twin.tokyo)
    assert "release.approve" not in may(twin.tokyo, "authority", item)
    approve(twin.tokyo, item, "originator", "release.propose")
    assert may(twin.tokyo, "authority", item)["release.approve"] is None
    assert may(twin.tokyo, "originator", item)["release.approve"] is not None
    approve(twin.tokyo, item, "authority", "release.approve")
    assert may(twin.tokyo, "registrar", item)["dispatch"] is None


def test_a_reason_names_its_article_where_one_asks_it(world: World, read: str) -> None:
    reasons = [
        reason for row in page(world.kyiv, "foreigner", read)["may"] if row["act"] == "read" for reason in row["reasons"]
    ]
    assert reasons and all(reason["text"] for reason in reasons) and any(reason["article"] for reason in reasons)
