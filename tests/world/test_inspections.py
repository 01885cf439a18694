"""Security experts of an originator: told ahead, and shown how their own items are kept, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.test_duties_engine import do
from tests.world.test_journey import PURPOSE, cross, grant
from tests.world.visiting import approve, body, plan
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.records.session import ActSession


@pytest.fixture
def world() -> World:
    return World.in_force(seed=35)


def experts(world: World, first: str = "2026-09-16") -> str:
    """Let Japan's experts ask to come to Ukraine, and Ukraine approve."""
    asked = {
        **plan(first_day=first, host="UKR", kind="security", last_day=first, level="EX-UKR:EXERCISE BARVINOK"),
        "visitors": [{"born_at": "Exercise Town", "born_on": "1980-01-02", "document": "EX 1", "person": "security"}],
    }
    visit = str(world.tokyo.act("authority", "visit.request", asked).value["visit"])
    world.deliver()
    world.kyiv.act("authority", "visit.answer", {"approve": [f"{visit}.001"], "number": 0, "visit": visit})
    world.deliver()
    return visit


def package(world: World, visit: str) -> dict[str, Any]:
    world.kyiv.act("security", "visit.inspection", {"visit": visit})
    return dict(view(world.kyiv, "security", "view.inspection", visit=visit))


def change(player: Player, item: str, **members: Any) -> None:
    """Give an item of the register another member, as an act of its own."""
    def perform(session: ActSession) -> None:
        session.change(session.require("item", item), **members)

    do(player, perform, f"changed.{item}")


def test_experts_are_announced_ten_working_days_ahead(world: World) -> None:
    with pytest.raises(Refused) as late:
        experts(world, first="2026-09-11")
    assert "visit.late" in {reason.code for reason in late.value.decision.reasons}
    assert body(world.kyiv, "visit", experts(world))["state"] == "approved"


def test_the_package_has_the_originators_items_with_their_copies_and_certificates(world: World) -> None:
    _, (paper, other) = cross(world, forms=("paper", "paper"))
    world.kyiv.act("registrar", "return", {"item": paper})
    shown = package(world, experts(world))
    rows = {row["item"]: row for row in shown["items"]}
    assert set(rows) == {paper, other}
    assert rows[paper]["state"] == "returned"
    assert rows[paper]["copies"][0]["certificates"] == ["ukr-ret-jpn-2026-0001"]
    assert (rows[other]["level"], rows[other]["equivalent"]) == ("EX-JPN:EXERCISE SAKURA", "EX-UKR:EXERCISE BARVINOK")
    assert shown["originator"] == "JPN"


def test_the_package_names_no_reader_no_holder_and_nothing_of_others(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.read("reader", item, PURPOSE)
    world.kyiv.act("originator", "label", {
        "form": "paper", "level": "EX-UKR:EXERCISE BARVINOK", "release_to": ["JPN"], "title": "Of our own",
    })
    shown = package(world, experts(world))
    assert [row["item"] for row in shown["items"]] == [item]
    text = json.dumps(shown)
    assert not any(word in text for word in ("reader", "holder", "Of our own", "Reader K", PURPOSE, "title"))


def test_what_has_a_caveat_or_named_readers_is_left_out_and_the_filtering_is_entered(world: World) -> None:
    """S7."""
    _, (plain, named, marked) = cross(world, forms=("paper", "paper", "paper"))
    change(world.kyiv, named, readers=["reader"])
    label = dict(body(world.kyiv, "item", marked)["label"])
    change(world.kyiv, marked, label={**label, "caveats": [{"tag": "Handling", "value": "EXERCISE DIALOGUE ONLY"}]})
    visit = experts(world)
    shown = package(world, visit)
    assert [row["item"] for row in shown["items"]] == [plain]
    assert "left_out" not in shown
    entered = body(world.kyiv, "inspection", visit)
    assert (entered["shown"], entered["left_out"]) == (1, 2)


def test_no_package_is_made_for_an_ordinary_visit_or_one_that_is_not_approved(world: World) -> None:
    asked = world.kyiv.act("authority", "visit.request", plan()).value["visit"]
    world.deliver()
    approve(world, str(asked))
    with pytest.raises(OutOfOrder) as ordinary:
        world.tokyo.act("security", "visit.inspection", {"visit": asked})
    assert ordinary.value.code == "inspect.no-experts"
    visit = experts(world)
    with pytest.raises(OutOfOrder) as unprepared:
        view(world.kyiv, "security", "view.inspection", visit=visit)
    assert unprepared.value.code == "inspect.not-prepared"
    with pytest.raises(Refused):
        world.kyiv.act("reader", "visit.inspection", {"visit": visit})


def test_the_authority_looks_at_each_holder_again_when_national_law_says(world: World) -> None:
    """Ukraine's law asks for it every two years; Japan's says nothing, and nothing is guessed."""
    told = world.kyiv.act("authority", "holder.check", {
        "agreement": AGREEMENT, "finding": "in order", "holder": "exercise works",
    }).value
    assert told["due"] == "2028-09-01"
    assert body(world.kyiv, "duty", f"check-holder.{AGREEMENT}.exercise works")["state"] == "open"
    again = world.tokyo.act("authority", "holder.check", {
        "agreement": AGREEMENT, "finding": "in order", "holder": "exercise works",
    }).value
    assert "due" not in again
