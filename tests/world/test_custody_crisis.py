"""In a crisis: destroyed by the printed list, entered afterwards by two, and the originator is told at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.views.test_pages import view
from tests.world.test_audit import audit
from tests.world.test_inventory import duties, number_of
from tests.world.test_journey import codes, cross, label
from tests.world.world import World

from cordiale.doors.cli.frame import Settings
from cordiale.doors.cli.main import cordiale
from cordiale.errors import Malformed, OutOfOrder, Refused


@pytest.fixture
def world() -> World:
    return World.in_force(seed=71)


def enter(world: World, *numbers: str, person: str = "registrar", **more: Any) -> str:
    world.clock.advance(hours=1)
    return str(world.kyiv.act(person, "crisis.enter", {
        "circumstances": "the building had to be left", "done_by": ["registrar", "head"],
        "happened_at": "2026-09-01T09:00:00Z", "method": "burnt", "numbers": list(numbers),
        "ordered_by": "the head of mission", "residue": "ash, stirred", **more,
    }).value["crisis"])


def test_the_list_names_each_place_and_what_is_to_go_first_and_is_read_without_a_node(
    world: World, tmp_path: Path
) -> None:
    _, items = cross(world, forms=("paper", "paper"))
    lower = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    for item in (*items, lower):
        world.kyiv.act("registrar", "place", {"copy": number_of(world.kyiv, item), "place": "safe 3", "unit": "east"})
    shown = view(world.kyiv, "registrar", "view.crisis-list", **{"as": "html"})
    (place,) = shown["places"]
    assert (place["unit"], place["place"]) == ("east", "safe 3")
    assert [line["number"] for line in place["copies"]][-1] == number_of(world.kyiv, lower)
    assert shown["marked"] == ["EX-UKR:EXERCISE BARVINOK"] and "BARVINOK" in shown["html"]
    assert view(world.kyiv, "registrar", "view.crisis-list", unit="east")["places"] == shown["places"]
    assert view(world.kyiv, "registrar", "view.crisis-list", unit="west")["places"] == []
    kept = tmp_path / "crisis.json"
    kept.write_text(json.dumps({name: value for name, value in shown.items() if name != "html"}))
    told = CliRunner().invoke(cordiale, ["crisis", "list", "--from", str(kept)], obj=Settings())
    assert told.exit_code == 0 and number_of(world.kyiv, items[0]) in told.output


def test_two_persons_enter_what_was_destroyed_and_the_originator_is_told(world: World) -> None:
    _, items = cross(world, forms=("file", "paper"))
    crisis = enter(world, *(number_of(world.kyiv, item) for item in items))
    (waiting,) = [row for row in view(world.kyiv, "security", "view.duties")["duties"] if row["what"] == "confirm-crisis"]
    assert waiting["subject"] == crisis
    with pytest.raises(Refused) as alone:
        world.kyiv.act("registrar", "crisis.confirm", {"crisis": crisis})
    assert codes(alone) == {"crisis.same-person"}
    answer = world.kyiv.act("security", "crisis.confirm", {"crisis": crisis}).value
    assert len(answer["certificates"]) == 2
    assert not [name for name in world.kyiv.objects.names() if name.startswith("in.")]
    world.deliver()
    (reported,) = duties(world.tokyo, "crisis-reported")
    report = world.tokyo.registry.record("crisis-report", reported["subject"])
    assert report is not None and (report["article"], report["circumstances"]) == (
        "Art. 11(4)", "the building had to be left",
    )
    for item in items:
        copies = [one for one in world.tokyo.registry.find("copy", "item", item) if one["party"] == "UKR"]
        assert [one["state"] for one in copies] == ["destroyed"]
    assert len(duties(world.kyiv, "crisis-authority")) == 1
    with pytest.raises(OutOfOrder):
        world.kyiv.act("head", "crisis.confirm", {"crisis": crisis})
    assert audit(world.kyiv).findings == [] and audit(world.tokyo).findings == []


def test_nothing_is_entered_of_the_future_or_of_what_is_not_here(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    with pytest.raises(Malformed, match="not happened"):
        enter(world, number_of(world.kyiv, item), happened_at="2029-01-01T00:00:00Z")
    with pytest.raises(OutOfOrder):
        enter(world, "UKR/JPN-1999-0001")
    own = number_of(world.kyiv, label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA"))
    with pytest.raises(Malformed, match="one agreement"):
        enter(world, number_of(world.kyiv, item), own)


def test_what_was_returned_between_entry_and_confirmation_is_not_ended_twice(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    crisis = enter(world, number_of(world.kyiv, item))
    world.kyiv.act("registrar", "return", {"item": item})
    with pytest.raises((OutOfOrder, Refused)):
        world.kyiv.act("security", "crisis.confirm", {"crisis": crisis})


def test_neither_place_nor_names_cross(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    world.kyiv.act("registrar", "place", {"copy": number_of(world.kyiv, item), "place": "safe 3", "unit": "east wing"})
    crisis = enter(world, number_of(world.kyiv, item))
    world.kyiv.act("security", "crisis.confirm", {"crisis": crisis})
    crossing = b"".join(row.message for row in world.kyiv.registry.reads().outbox_open())
    assert crossing
    import base64

    payloads = [base64.urlsafe_b64decode(json.loads(row.message)["payload"] + "==")
                for row in world.kyiv.registry.reads().outbox_open()]
    for payload in payloads:
        assert not any(word in payload for word in (b"safe 3", b"east wing", b"Registrar K", b"ash, stirred", b"head of mission"))
