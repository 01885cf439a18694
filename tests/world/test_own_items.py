"""What becomes of an item of one's own: national law says it, and nobody else is owed a certificate."""

from __future__ import annotations

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import CONTENT, PURPOSE, cross, grant, label
from tests.world.world import Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.records.sweeping import sweep_envelopes


@pytest.fixture
def world() -> World:
    return World.in_force(seed=341)


def destroy(player: Player, item: str) -> None:
    proposal = player.act("registrar", "destroy.propose", {"item": item, "method": "key destroyed"}).value["proposal"]
    answer = player.act("security", "destroy.witness", {"proposal": proposal}).value
    assert (answer["certificates"], answer["persons"]) == ([], 2)


@pytest.mark.parametrize("level", ["AJISAI", "SAKURA", "FUJI"])
def test_a_registrar_of_the_exercise_destroys_an_own_item_with_a_second_person(world: World, level: str) -> None:
    item = label(world.tokyo, level=f"EX-JPN:EXERCISE {level}")
    envelope = bodies(world.tokyo, "item")[item]["envelope"]
    destroy(world.tokyo, item)
    ended = bodies(world.tokyo, "item")[item]
    assert (ended["state"], "envelope" in ended) == ("destroyed", False)
    assert envelope not in world.tokyo.objects.contents
    (entry,) = (one for one in bodies(world.tokyo, "entry").values() if one["act"] == "own-destroyed")
    assert entry["legal_basis"] == "JPN: Exercise Order J-3, s. 7" and entry["number"] == ended["reference"]
    assert audit(world.tokyo).findings == []
    with pytest.raises(Refused, match="no longer held"):
        world.tokyo.read("originator", item, PURPOSE)


def test_an_own_item_is_not_destroyed_by_one_person(world: World) -> None:
    item = label(world.tokyo)
    proposal = world.tokyo.act("registrar", "destroy.propose", {"item": item, "method": "key erased"}).value
    assert proposal["waits_for"]
    with pytest.raises(Refused, match="same person"):
        world.tokyo.act("registrar", "destroy.witness", {"proposal": proposal["proposal"]})
    assert bodies(world.tokyo, "item")[item]["state"] == "registered"


def test_an_own_item_is_given_back_to_nobody(world: World) -> None:
    item = label(world.tokyo)
    with pytest.raises(Refused, match="our own"):
        world.tokyo.act("registrar", "return", {"item": item})


def test_an_own_item_is_not_destroyed_while_a_copy_is_on_its_way(world: World) -> None:
    item, _ = dispatched(world)
    with pytest.raises(OutOfOrder, match="on their way"):
        destroy(world.tokyo, item)


def test_the_copy_of_a_partner_outlives_the_originators_own(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    destroy(world.tokyo, item)
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert len(bodies(world.tokyo, "certificate")) == 1
    assert list_differences(world) == []


def test_an_envelope_left_by_a_crash_after_the_end_of_an_own_item_is_swept(world: World) -> None:
    item = label(world.tokyo)
    name = bodies(world.tokyo, "item")[item]["envelope"]
    content = world.tokyo.objects.contents[name]
    destroy(world.tokyo, item)
    world.tokyo.objects.contents[name] = content
    sweep_envelopes(world.tokyo.registry)
    assert name not in world.tokyo.objects.contents


def test_a_date_in_a_label_proposes_nothing_before_it_has_come(world: World) -> None:
    item = str(world.tokyo.act("originator", "label", {
        "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": [], "title": "Exercise paper",
        "trigger": {"kind": "date", "on": "2027-01-01"},
    }).value["item"])
    with pytest.raises(OutOfOrder, match="2027-01-01"):
        world.tokyo.act("originator", "level.propose", {"event": "the day", "item": item})
    world.clock.advance(days=150)
    assert world.tokyo.act("originator", "level.propose", {"event": "the day", "item": item}).value["state"] == "proposed"
