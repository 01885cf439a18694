"""What goes in a courier's hands: sealed before witnesses, announced, met, and missed when it does not come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.world.comparing import audit
from tests.world.people import HEADER, row
from tests.world.test_journey import codes, dispatch, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.canonical import encode_instant
from cordiale.doors.control.views import VIEWS
from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable
from cordiale.records.carriages import CARRIAGE
from cordiale.records.registry import identify
from cordiale.work.couriers import raise_overdue
from cordiale.work.intake import take_message

COURIERS = (
    HEADER + row("courier", "Courier", "JPN", "reader", "FUJI") + row("porter", "Porter", "JPN", "reader", "AJISAI")
)


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=771)
    world.tokyo.enter_people(COURIERS)
    return world


def sent(world: World) -> str:
    """Dispatch a paper that a courier is to carry; its message is at the other side."""
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link="carry")
    world.deliver()
    return consignment


SEEN: dict[str, Any] = {"packages": 1, "seals": ["O-1", "O-2"]}


def pack(player: Player, consignment: str, **changes: Any) -> None:
    player.act("registrar", "carry.pack", {
        "consignment": consignment, "inner_seals": ["I-1"], **SEEN, **changes,
    })


def hand_over(world: World, consignment: str, **changes: Any) -> dict[str, Any]:
    now = world.clock.at.replace(microsecond=0)
    params = {
        "consignment": consignment, "courier": "courier", "departs_at": encode_instant(now + timedelta(hours=30)),
        "expected_at": encode_instant(now + timedelta(hours=50)), "overdue_hours": 8, **changes,
    }
    params = {name: value for name, value in params.items() if value != ""}
    return dict(world.tokyo.act("registrar", "carry.hand-over", params).value)


def under_way(world: World) -> str:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    hand_over(world, consignment)
    world.deliver()
    return consignment


def meet(world: World, consignment: str, **changes: Any) -> dict[str, Any]:
    return dict(world.kyiv.act("registrar", "carry.met", {
        "consignment": consignment, "packages": 1, "seals": ["O-2", "O-1"], "state": "intact", **changes,
    }).value)


def set_stage(player: Player, stage: str, **more: Any) -> None:
    player.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-01", "stage": stage, **more,
    })


def carriage(player: Player, consignment: str) -> dict[str, Any]:
    record = player.registry.record(CARRIAGE, consignment)
    assert record is not None
    return record.body


def duties(player: Player) -> set[str]:
    return {one["what"] for one in player.registry.find("duty", "state", "open")}


def test_a_courier_is_announced_met_and_hands_back_the_certificate(world: World) -> None:
    consignment = under_way(world)
    with pytest.raises(OutOfOrder, match="arrival"):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert meet(world, consignment)["differs"] == []
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert carriage(world.tokyo, consignment)["state"] == "arrived"
    assert "courier-certificate" in duties(world.tokyo)
    world.tokyo.act("registrar", "carry.certificate", {"consignment": consignment, "declaration": "never left alone"})
    assert not duties(world.tokyo) & {"courier-certificate", "packages-differ", "receipt"}
    assert audit(world.tokyo).findings == [] == audit(world.kyiv).findings
    assert not {"courier", "inner_seals", "route", "sealed_by"} & set(carriage(world.kyiv, consignment))


def test_a_courier_eight_hours_overdue_alarms_both_sides(world: World) -> None:
    consignment = under_way(world)
    world.clock.advance(seconds=57 * 3600)
    assert raise_overdue(world.tokyo.registry) == raise_overdue(world.kyiv.registry) == 0
    world.clock.advance(seconds=2 * 3600)
    for player in world.players:
        assert raise_overdue(player.registry) == 1
        assert raise_overdue(player.registry) == 0, "once, however often the node looks"
        assert "courier-overdue" in duties(player)
    meet(world, consignment)
    world.deliver()
    for player in world.players:
        assert carriage(player, consignment)["state"] == "arrived"
        assert "courier-overdue" not in duties(player)


def test_any_difference_is_told_to_both_sides_at_once(world: World) -> None:
    consignment = under_way(world)
    told = meet(world, consignment, packages=2, remarks="a corner is torn", seals=["O-1", "O-9"], state="disturbed")
    assert told["differs"] == ["disturbed", "seals", "packages"]
    world.deliver()
    for player in world.players:
        assert carriage(player, consignment)["differs"] == ["disturbed", "seals", "packages"]
        assert "packages-differ" in duties(player)
    with pytest.raises(OutOfOrder):
        meet(world, consignment)


def test_no_traces_are_reported_without_saying_which(world: World) -> None:
    consignment = under_way(world)
    with pytest.raises(Malformed, match="intact"):
        meet(world, consignment, state="disturbed")


def test_no_courier_carries_above_the_clearance(world: World) -> None:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    with pytest.raises(Refused) as porter:
        hand_over(world, consignment, courier="porter")
    assert codes(porter) == {"access.clearance-too-low"}
    far = encode_instant(world.clock.at.replace(microsecond=0) + timedelta(days=1_500))
    with pytest.raises(Refused) as late:
        hand_over(world, consignment, expected_at=far)
    assert codes(late) == {"carriage.clearance-ends"}


def test_nobody_guesses_when_a_courier_is_overdue(world: World) -> None:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    with pytest.raises(Undecidable, match="overdue"):
        hand_over(world, consignment, overdue_hours="")


def test_nobody_witnesses_their_own_sealing(world: World) -> None:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    with pytest.raises(Refused):
        world.tokyo.act("registrar", "carry.witness", {"consignment": consignment, **SEEN})
    answer = world.tokyo.act("head", "carry.witness", {"consignment": consignment, **SEEN})
    assert answer.value["sealed_by"] == 2


def test_packing_anew_asks_for_the_witnesses_anew(world: World) -> None:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    world.tokyo.act("head", "carry.witness", {"consignment": consignment, **SEEN})
    pack(world.tokyo, consignment, seals=["O-3"])
    assert carriage(world.tokyo, consignment)["sealed_by"] == ["registrar"]


def test_nobody_signs_for_seals_they_have_not_seen(world: World) -> None:
    """Packed anew between the look and the signature, the seals are others."""
    consignment = sent(world)
    pack(world.tokyo, consignment)
    pack(world.tokyo, consignment, seals=["O-1", "O-9"])
    for seen in (SEEN, {"packages": 2, "seals": ["O-1", "O-9"]}, {"packages": 1, "seals": ["O-1"]}):
        with pytest.raises(OutOfOrder, match="you saw"):
            world.tokyo.act("head", "carry.witness", {"consignment": consignment, **seen})
    assert carriage(world.tokyo, consignment)["sealed_by"] == ["registrar"]
    world.tokyo.act("head", "carry.witness", {"consignment": consignment, "packages": 1, "seals": ["O-9", "O-1"]})


def test_an_opening_on_the_way_stays_among_the_duties(world: World) -> None:
    consignment = under_way(world)
    world.tokyo.act("registrar", "carry.opened", {
        "confirmation": "stamped note", "consignment": consignment, "officials": "customs", "place": "border post",
        "seals": ["C-7"],
    })
    assert "opened-on-the-way" in duties(world.tokyo)
    assert carriage(world.tokyo, consignment)["openings"][0]["place"] == "border post"


def test_a_report_on_packages_that_are_with_no_courier_of_ours_is_refused(world: World) -> None:
    consignment = sent(world)
    meet(world, consignment)
    world.deliver()
    assert world.tokyo.registry.record(CARRIAGE, consignment) is None
    refusals = [one["code"] for one in world.kyiv.registry.books().every("partner-refusal")]
    assert refusals == ["arrival-report.other"]


def test_a_courier_may_come_before_the_message(world: World) -> None:
    item = label(world.tokyo, form="paper", sheets=1)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link="carry")
    with pytest.raises(OutOfOrder, match="no courier"):
        meet(world, consignment)
    world.deliver()
    assert meet(world, consignment)["differs"] == []


def test_an_advice_comes_once_in_effect_however_often_it_comes(world: World) -> None:
    consignment = under_way(world)
    meet(world, consignment)
    advice = carriage(world.tokyo, consignment)["advice"]
    row = world.tokyo.registry.reads().outbox(advice)
    assert row is not None
    before = carriage(world.kyiv, consignment)
    take_message(world.kyiv.registry, row.message, world.tokyo.registry.node)
    assert carriage(world.kyiv, consignment) == before


def test_papers_bear_no_level_outside_and_no_title_anywhere(world: World) -> None:
    consignment = under_way(world)
    request = identify(world.tokyo.registry, world.tokyo.request("registrar", "view.carriage", {
        "as": "html", "consignment": consignment,
    }))
    view = VIEWS["view.carriage"](world.tokyo.registry, request)
    outer, rest = view["html"].split("<h1>Inner cover</h1>")
    inner, slip = rest.split("<h1>Slip</h1>")
    assert "SAKURA" in inner and "SAKURA" not in outer and "SAKURA" not in slip
    assert "Exercise paper" not in view["html"]


def test_what_was_packed_is_handed_to_no_courier_once_it_was_suspended_or_has_ended(world: World) -> None:
    consignment = sent(world)
    pack(world.tokyo, consignment)
    for levels in ({}, {"levels": ["EX-JPN:EXERCISE SAKURA"]}, {"levels": ["EX-UKR:EXERCISE BARVINOK"]}):
        set_stage(world.tokyo, "suspended", **levels)
        with pytest.raises(Refused) as suspended:
            hand_over(world, consignment)
        assert codes(suspended) == {"provision.level-suspended" if levels else "provision.suspended"}
        set_stage(world.tokyo, "in-force")
    set_stage(world.tokyo, "terminated", ended_on="2026-09-01")
    with pytest.raises(Refused) as ended:
        hand_over(world, consignment)
    assert codes(ended) == {"provision.terminated"} and carriage(world.tokyo, consignment)["state"] == "packed"


def test_what_a_courier_carries_when_the_agreement_ends_arrives_is_receipted_and_goes_back(world: World) -> None:
    consignment = under_way(world)
    set_stage(world.tokyo, "terminated", ended_on="2026-09-01")
    world.deliver()
    world.clock.advance(days=1)
    meet(world, consignment)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert "receipt" not in duties(world.tokyo)
    (item,) = world.kyiv.registry.find("item", "state", "registered")
    world.kyiv.act("registrar", "return", {"item": item.id})
    world.deliver()
    assert [one["state"] for one in world.tokyo.registry.find("copy", "item", item.id) if one["party"] == "UKR"] == [
        "returned",
    ]
    assert audit(world.tokyo).findings == [] == audit(world.kyiv).findings
