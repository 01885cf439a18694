"""The chief registry, its sub-registries and control points: who answers for what, and what passes between them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit
from tests.world.organising import ARTICLE, enter_national, keep_central, move, open_one, organise, send
from tests.world.test_inventory import begin, close, duties, sight
from tests.world.test_journey import PURPOSE, codes, cross, dispatch, grant, label, release
from tests.world.test_registries import notify
from tests.world.world import Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=881)
    organise(world, world.kyiv)
    return world


def paper(world: World) -> str:
    """Return the number at Kyiv of a paper of the top level that crossed."""
    _, (item,) = cross(world, forms=("paper",))
    record = world.kyiv.registry.record("item", item)
    assert record is not None
    return str(record["reference"])


def holds(player: Player) -> dict[str, int]:
    return {one["registry"]: one["holds"] for one in view(player, "registrar", "view.registries")["registries"]}


def entries(player: Player, act: str) -> list[dict[str, Any]]:
    return [one.body for one in player.registry.books().every("entry") if one["act"] == act]


def test_a_copy_passes_to_another_registry_with_the_receipt_of_both_hands(world: World) -> None:
    number = paper(world)
    assert holds(world.kyiv) == {"central": 1, "east": 0, "west": 0, "embassy": 0}
    transfer = send(world.kyiv, "registrar", number, "east")
    assert holds(world.kyiv)["central"] == 1
    assert audit(world.kyiv).findings == [], "the number of what is under way is in no gap"
    assert [one["subject"] for one in duties(world.kyiv, "receive-transfer")] == [transfer]
    for stranger in ("registrar", "westerner"):
        with pytest.raises(Refused) as other:
            world.kyiv.act(stranger, "transfer.receive", {"place": "safe 1", "transfer": transfer})
        assert "topology.not-keeper" in codes(other)
    world.kyiv.act("easterner", "transfer.receive", {"place": "safe 1", "transfer": transfer})
    assert holds(world.kyiv) == {"central": 0, "east": 1, "west": 0, "embassy": 0}
    assert duties(world.kyiv, "receive-transfer") == []
    (entry,) = entries(world.kyiv, "transferred")
    assert (entry["number"], entry["persons"], entry["witnesses"]) == (
        transfer, ["registrar of the desk"], ["easterner of the desk"]
    )
    with pytest.raises(OutOfOrder, match="received"):
        world.kyiv.act("easterner", "transfer.receive", {"place": "safe 1", "transfer": transfer})


def test_nobody_receives_what_they_sent_even_where_they_serve_at_both(world: World) -> None:
    number = paper(world)
    world.kyiv.act("security", "registry.staff", {"keepers": ["easterner", "registrar"], "registry": "east"})
    transfer = send(world.kyiv, "registrar", number, "east")
    with pytest.raises(Refused) as same:
        world.kyiv.act("registrar", "transfer.receive", {"place": "safe 1", "transfer": transfer})
    assert codes(same) == {"office.same-person"}


def test_what_is_on_its_way_is_given_to_nobody_and_sent_nowhere_else(world: World) -> None:
    number = paper(world)
    (item,) = [one["item"] for one in view(world.kyiv, "registrar", "view.items")["items"]]
    grant(world, item, "reader")
    transfer = send(world.kyiv, "registrar", number, "east")
    for kind, params in (
        ("transfer.send", {"copy": number, "to": "west"}), ("circulate", {"item": item, "person": "reader"}),
        ("place", {"copy": number, "place": "safe 2"}), ("return", {"item": item}),
        ("destroy.propose", {"item": item, "method": "burnt"}),
    ):
        with pytest.raises(Refused) as moving:
            world.kyiv.act("registrar", kind, params)
        assert "topology.under-way" in codes(moving)
    world.kyiv.act("easterner", "transfer.decline", {"reason": "never came", "transfer": transfer})
    assert holds(world.kyiv)["central"] == 1
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    with pytest.raises(OutOfOrder, match="in hand"):
        send(world.kyiv, "registrar", number, "east")


def test_no_place_moves_a_copy_past_the_registry_that_answers_for_it(world: World) -> None:
    number = paper(world)
    with pytest.raises(OutOfOrder, match="another registry"):
        world.kyiv.act("registrar", "place", {"copy": number, "place": "safe 2", "unit": "east/vault"})
    move(world.kyiv, "registrar", number, "east", "easterner")
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "place", {"copy": number, "place": "safe 2", "unit": "east/vault"})
    world.kyiv.act("easterner", "place", {"copy": number, "place": "safe 2", "unit": "east/vault"})
    with pytest.raises(OutOfOrder):
        world.kyiv.act("easterner", "place", {"copy": number, "place": "safe 2", "unit": "east/embassy"})
    assert holds(world.kyiv)["east"] == 1


def test_no_registry_is_closed_while_it_holds_a_copy_or_awaits_one(world: World) -> None:
    number = paper(world)
    transfer = send(world.kyiv, "registrar", number, "west")
    with pytest.raises(Refused) as awaited:
        world.kyiv.act("security", "registry.close", {"registry": "west"})
    assert codes(awaited) == {"topology.still-under-way"}
    world.kyiv.act("westerner", "transfer.receive", {"place": "safe 1", "transfer": transfer})
    with pytest.raises(Refused) as held:
        world.kyiv.act("security", "registry.close", {"registry": "west"})
    assert codes(held) == {"topology.still-holds"}
    with pytest.raises(Refused) as below:
        world.kyiv.act("security", "registry.close", {"registry": "east"})
    assert codes(below) == {"topology.registries-below"}
    move(world.kyiv, "westerner", number, "central", "registrar")
    world.kyiv.act("security", "registry.close", {"registry": "west"})
    with pytest.raises(OutOfOrder, match="is closed"):
        send(world.kyiv, "registrar", number, "west")


def test_the_organisation_has_one_chief_and_nothing_below_a_control_point(world: World) -> None:
    for id, role, unit, code in (
        ("second", "chief", "", "topology.chief-known"), ("north", "sub-registry", "", "topology.unit-missing"),
        ("north", "sub-registry", "east", "topology.unit-taken"),
        ("north", "control-point", "east/embassy/annex", "topology.below-control-point"),
    ):
        with pytest.raises(Refused) as misplaced:
            open_one(world.kyiv, id, role, unit, "pointer")
        assert code in codes(misplaced)
    with pytest.raises(Refused) as reader:
        open_one(world.kyiv, "north", "sub-registry", "north", "reader")
    assert codes(reader) == {"topology.keeper-office"}
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "registry.close", {"registry": "west"})
    with pytest.raises(Malformed):
        open_one(world.kyiv, "north", "sub-registry", "north", "pointer", levels=["EX-JPN:EXERCISE SAKURA"])
    with pytest.raises(Refused) as first:
        open_one(world.tokyo, "north", "sub-registry", "north", "registrar")
    assert codes(first) == {"topology.no-chief"}


def test_a_registry_holds_no_level_that_it_was_not_opened_for(world: World) -> None:
    number = paper(world)
    open_one(world.kyiv, "north", "sub-registry", "north", "pointer", levels=["EX-UKR:EXERCISE KALYNA"])
    with pytest.raises(Refused) as level:
        send(world.kyiv, "registrar", number, "north")
    assert codes(level) == {"topology.level"}


def test_sub_registries_pass_the_level_on_only_with_the_written_approval_of_the_chief(world: World) -> None:
    keep_central(world.kyiv, "transfer.registries")
    number = paper(world)
    move(world.kyiv, "registrar", number, "east", "easterner")
    with pytest.raises(Refused) as alone:
        send(world.kyiv, "easterner", number, "west")
    assert [(one.code, one.article) for one in alone.value.decision.reasons] == [("topology.approval-missing", ARTICLE)]
    with pytest.raises(Refused) as own:
        world.kyiv.act("easterner", "transfer.approve", {"item": number, "text": "needed there", "to": "west"})
    assert codes(own) == {"topology.not-keeper"}
    world.kyiv.act("registrar", "transfer.approve", {"item": number, "text": "needed there", "to": "west"})
    move(world.kyiv, "easterner", number, "west", "westerner")
    with pytest.raises(Refused):
        send(world.kyiv, "westerner", number, "east")
    move(world.kyiv, "westerner", number, "central", "registrar")


def test_of_a_level_that_nothing_is_said_of_no_approval_is_asked(world: World) -> None:
    number = paper(world)
    move(world.kyiv, "registrar", number, "east", "easterner")
    move(world.kyiv, "easterner", number, "west", "westerner")


def test_nothing_of_the_level_leaves_a_sub_registry_for_another_party_without_approval(world: World) -> None:
    keep_central(world.tokyo, "transfer.registries")
    organise(world, world.tokyo)
    item = label(world.tokyo)
    release(world.tokyo, item)
    record = world.tokyo.registry.record("item", item)
    assert record is not None
    move(world.tokyo, "registrar", record["reference"], "east", "easterner")
    params = {
        "agreement": "exercise-jpn-ukr", "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv",
    }
    with pytest.raises(Refused) as alone:
        world.tokyo.act("easterner", "dispatch", params)
    assert codes(alone) == {"topology.approval-missing"}
    world.tokyo.act("registrar", "transfer.approve", {"item": item, "text": "for the dialogue", "to": "UKR"})
    assert world.tokyo.act("easterner", "dispatch", params).value["copies"]
    with pytest.raises(Refused):
        world.tokyo.act("easterner", "dispatch", params)
    assert dispatch(world, [item], is_another=True)


def test_the_level_goes_back_from_a_sub_registry_only_with_approval(world: World) -> None:
    keep_central(world.kyiv, "transfer.registries")
    number = paper(world)
    (item,) = [one["item"] for one in view(world.kyiv, "registrar", "view.items")["items"]]
    move(world.kyiv, "registrar", number, "east", "easterner")
    with pytest.raises(Refused) as alone:
        world.kyiv.act("easterner", "return", {"item": item})
    assert codes(alone) == {"topology.approval-missing"}
    world.kyiv.act("registrar", "transfer.approve", {"item": item, "text": "asked back", "to": "JPN"})
    world.kyiv.act("easterner", "return", {"item": item})


def test_the_top_level_is_destroyed_only_at_and_by_the_chief_registry(world: World) -> None:
    keep_central(world.kyiv, "destroy.registries")
    number = paper(world)
    (item,) = [one["item"] for one in view(world.kyiv, "registrar", "view.items")["items"]]
    move(world.kyiv, "registrar", number, "east", "easterner")
    with pytest.raises(Refused) as elsewhere:
        world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "burnt"})
    assert [(one.code, one.article) for one in elsewhere.value.decision.reasons] == [("topology.hand-back", ARTICLE)]
    move(world.kyiv, "easterner", number, "central", "registrar")
    proposal = world.kyiv.act("easterner", "destroy.propose", {"item": item, "method": "burnt"}).value["proposal"]
    waits = world.kyiv.act("westerner", "destroy.witness", {"proposal": proposal}).value
    assert "certificates" not in waits and len(waits["waits_for"]) == 1
    assert world.kyiv.act("registrar", "destroy.witness", {"proposal": proposal}).value["certificates"]


def test_without_a_chief_registry_it_cannot_be_told_who_destroys_the_top_level() -> None:
    world = World.in_force(seed=882)
    keep_central(world.kyiv, "destroy.registries")
    _, (item,) = cross(world, forms=("paper",))
    with pytest.raises(Undecidable) as unknown:
        world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "burnt"})
    assert codes(unknown) == {"topology.chief-unknown"}


def test_inventories_roll_up_over_registries(world: World) -> None:
    numbers = [paper(world), paper(world), paper(world)]
    move(world.kyiv, "registrar", numbers[0], "east", "easterner")
    move(world.kyiv, "registrar", numbers[1], "east", "easterner")
    move(world.kyiv, "easterner", numbers[1], "embassy", "pointer")
    inventory = begin(world.kyiv)
    sight(world.kyiv, inventory, numbers[0], numbers[2])
    close(world.kyiv, inventory)
    counted = view(world.kyiv, "registrar", "view.inventory", inventory=inventory)["registries"]
    assert {one.pop("registry"): one for one in counted} == {
        "central": {"missing": 1, "sighted": 2}, "east": {"missing": 1, "sighted": 1}, "embassy": {"missing": 1},
    }
    below = begin(world.kyiv, unit="east")
    assert view(world.kyiv, "registrar", "view.inventory", inventory=below)["expected"] == 2


def test_partners_are_owed_the_news_of_a_registry_they_know(world: World) -> None:
    notify(world.kyiv, registry="odesa")
    open_one(world.kyiv, "odesa", "sub-registry", "odesa", "pointer")
    assert [one["subject"] for one in duties(world.kyiv, "tell-registry")] == ["odesa"]
    notify(world.kyiv, registry="odesa")
    assert duties(world.kyiv, "tell-registry") == []
    world.kyiv.act("security", "registry.close", {"registry": "odesa"})
    assert len(duties(world.kyiv, "tell-registry")) == 1


def test_nothing_is_destroyed_by_a_method_that_national_law_does_not_approve(world: World) -> None:
    paper(world)
    (item,) = [one["item"] for one in view(world.kyiv, "registrar", "view.items")["items"]]
    with pytest.raises(Refused) as unapproved:
        world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "torn up"})
    (reason,) = unapproved.value.decision.reasons
    assert (reason.code, reason.article) == ("method.not-approved", "Exercise Order U-7, s. 15")
    enter_national(world.kyiv, destruction_methods=None)
    with pytest.raises(Undecidable) as unsaid:
        world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "burnt"})
    assert codes(unsaid) == {"method.unsaid"}
