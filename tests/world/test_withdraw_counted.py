"""What is taken back leaves nothing counted, and nothing behind it: consents, plans, approvals, word of a level."""

from __future__ import annotations

import pytest
from tests.attack.test_accord import set_stage
from tests.world import members, test_post_and_freight
from tests.world.comparing import audit, bodies, list_differences, list_unrest
from tests.world.forging import forge, hand_envelopes, tell, waiting
from tests.world.organising import sign_newer
from tests.world.test_couriers import COURIERS, pack
from tests.world.test_joined import SAKURA, join
from tests.world.test_journey import PURPOSE, codes, dispatch, label, release
from tests.world.test_level_change import AJISAI, change, item_of, refusals, work
from tests.world.test_term_duties import of, say, term
from tests.world.test_topology import keep_central, move, organise
from tests.world.test_withdraw_dispatch import due, sent, state, take_back
from tests.world.treaties import DNK, POL
from tests.world.world import World

from cordiale.errors import Refused
from cordiale.message.bodies.consignment_withdrawn import ConsignmentWithdrawn
from cordiale.model.agreement import Act, ActRule, Ruling, TermUnit
from cordiale.model.label import LevelRef
from cordiale.model.names import ConsignmentId, MessageId
from cordiale.records.labels import label_of
from cordiale.work.missing import note_missing


@pytest.fixture
def world() -> World:
    return World.in_force(seed=80)


def test_a_plan_is_free_again_for_another_consignment() -> None:
    world = test_post_and_freight.world.__wrapped__()  # type: ignore[attr-defined]
    plan = test_post_and_freight.propose(world, consignments=1)
    test_post_and_freight.answer(world, plan)
    consignment = test_post_and_freight.send(world, "freight", plan=plan)
    with pytest.raises(Refused):
        test_post_and_freight.send(world, "freight", plan=plan)
    take_back(world, consignment)
    assert bodies(world.tokyo, "transport-plan")[plan]["used"] == 0
    assert test_post_and_freight.send(world, "freight", plan=plan)


def test_a_consent_of_another_originator_is_free_again_and_counted_once_more_when_it_leaves() -> None:
    world = members.entry().world.twin(17)
    lux, _, dnk = world.players
    item = members.label(lux, POL, DNK, joint=[POL])
    members.send(world, lux, item, POL)
    members.consent(world, lux, POL, "pass-on", item, recipient=DNK)
    members.release(lux, item, DNK)
    (consent,) = bodies(lux, "consent")
    consignment = members.dispatch(lux, item, DNK)
    assert bodies(lux, "consent-use")[consent]["count"] == 1
    lux.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    lux.act("head", "dispatch.not-there", {"consignment": consignment, "reference": "by telephone"})
    assert bodies(lux, "consent-use")[consent]["count"] == 0
    world.deliver()
    assert state(lux, consignment) == "withdrawn"
    again = members.dispatch(lux, item, DNK)
    assert bodies(lux, "consent-use")[consent]["count"] == 1
    world.deliver()
    dnk.act("registrar", "register", {"consignment": again, "counted": 1})
    world.deliver()
    assert [audit(one).findings for one in world.players] == [[]] * 3


def test_the_approval_of_the_chief_registry_serves_once_more(world: World) -> None:
    keep_central(world.tokyo, "transfer.registries")
    organise(world, world.tokyo)
    item = label(world.tokyo)
    release(world.tokyo, item)
    move(world.tokyo, "registrar", bodies(world.tokyo, "item")[item]["reference"], "east", "easterner")
    world.tokyo.act("registrar", "transfer.approve", {"item": item, "text": "for the dialogue", "to": "UKR"})
    params = {
        "agreement": "exercise-jpn-ukr", "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv",
    }
    consignment = str(world.tokyo.act("easterner", "dispatch", params).value["consignment"])
    take_back(world, consignment)
    assert state(world.tokyo, consignment) == "withdrawn"
    assert world.tokyo.act("easterner", "dispatch", params).value["copies"]


def test_nobody_is_told_of_the_courier_of_a_parcel_that_was_unpacked(world: World) -> None:
    say(world.tokyo, term("courier.authority", 1, TermUnit.WORKING_DAYS))
    world.tokyo.enter_people(COURIERS)
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], "carry")
    pack(world.tokyo, consignment, departs_on="2026-09-10")
    assert [one["state"] for one in of(world.tokyo, "courier-authority")] == ["open"]
    take_back(world, consignment)
    assert state(world.tokyo, consignment) == "withdrawn"
    assert [one["state"] for one in of(world.tokyo, "courier-authority")] == ["done"]


def test_as_many_take_a_dispatch_back_as_let_it_leave(world: World) -> None:
    sign_newer(world, acts=(ActRule(Act.WIRE, Ruling.ALLOWED, "Art. 8(2)", level=LevelRef(*SAKURA.split(":")), persons=2),))
    item = label(world.tokyo)
    release(world.tokyo, item)
    join(world.tokyo, "security", "dispatch", item, "registrar", link="wire", purpose=PURPOSE, recipient="UKR")
    consignment, other = dispatch(world, [item]), "jpn.c.other"
    for joined in (None, other):
        if joined is not None:
            join(world.tokyo, "head", "withdraw", item, "registrar", consignment=joined)
        with pytest.raises(Refused) as alone:
            world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
        assert codes(alone) == {"withdraw.persons-together"}
    join(world.tokyo, "head", "withdraw", item, "registrar", consignment=consignment)
    take_back(world, consignment)
    assert state(world.tokyo, consignment) == "withdrawn"
    used = [one for one in bodies(world.tokyo, "joined").values() if one["act"] == "withdraw" and one["state"] == "used"]
    assert [one["person"] for one in used] == ["head"]


@pytest.mark.parametrize("by_word", [False, True])
def test_a_change_of_level_behind_it_is_taken_back_with_it(world: World, by_word: bool) -> None:
    item, consignment = sent(world)
    change(world.tokyo, item, AJISAI)
    world.deliver()
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    if by_word:
        world.tokyo.act("head", "dispatch.not-there", {"consignment": consignment, "reference": "by telephone"})
    work(world)
    assert waiting(world.tokyo) == [] and refusals(world.kyiv) == []
    assert "refused-by-partner" not in due(world.tokyo) and bodies(world.kyiv, "level-change") == {}
    world.clock.advance(seconds=86_400 * 90)
    assert note_missing(world.kyiv.registry) == 0, "no number of ours is missed there"
    set_stage(world.tokyo, "in-force")
    release(world.tokyo, item)
    anew = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": anew, "counted": 1})
    work(world)
    assert str(label_of(item_of(world.kyiv, item)).level) == AJISAI
    assert list_differences(world) == [] and list_unrest(world) == []


def test_the_partner_is_told_of_the_level_again_where_it_has_it_after_all(world: World) -> None:
    item, consignment = sent(world)
    (row,) = (one for one in waiting(world.tokyo) if one.attachments)
    hand_envelopes(world.tokyo, world.kyiv, row)
    assert tell(world.tokyo, world.kyiv, row.message) is not None
    change(world.tokyo, item, AJISAI)
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    world.tokyo.act("head", "dispatch.not-there", {"consignment": consignment, "reference": "by telephone"})
    world.deliver()
    assert state(world.tokyo, consignment) == "delivered"
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    work(world)
    assert str(label_of(item_of(world.kyiv, item)).level) == AJISAI
    assert "level-change-done" not in due(world.tokyo) and list_differences(world) == []
    assert refusals(world.kyiv) == ["withdraw.here"] and [audit(one).findings for one in world.players] == [[], []]


def test_a_change_that_waited_for_a_thing_that_is_taken_back_waits_no_more(world: World) -> None:
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], "carry")
    world.deliver()
    change(world.tokyo, item, AJISAI, on="2026-12-24")
    world.deliver()
    assert [one["state"] for one in bodies(world.kyiv, "level-change").values()] == ["pending"]
    take_back(world, consignment)
    assert [one["state"] for one in bodies(world.kyiv, "level-change").values()] == ["superseded"]
    assert not [one for one in bodies(world.kyiv, "duty").values() if one["what"] == "level-change" and one["state"] != "done"]


def test_a_thing_taken_back_by_word_is_told_of_before_it_is_taken_back_there(world: World) -> None:
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], "carry")
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    world.tokyo.act("head", "dispatch.not-there", {"consignment": consignment, "reference": "by telephone"})
    world.deliver()
    assert [state(player, consignment) for player in world.players] == ["withdrawn", "withdrawn"]
    assert waiting(world.tokyo) == [] and list_differences(world) == [] and list_unrest(world) == []


def test_a_delivery_notice_that_comes_behind_the_word_of_its_node_lets_nothing_be_out_again(world: World) -> None:
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], "carry")
    (row,) = waiting(world.tokyo)
    notice = tell(world.tokyo, world.kyiv, row.message)
    assert notice is not None
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    (taking,) = (one for one in waiting(world.tokyo) if one.id != row.id)
    answer = tell(world.tokyo, world.kyiv, taking.message)
    assert answer is not None
    for message in (answer, notice):
        assert tell(world.kyiv, world.tokyo, message) is None
    assert [state(player, consignment) for player in world.players] == ["withdrawn", "withdrawn"]
    world.deliver()
    assert list_differences(world) == []


def test_a_number_that_was_taken_back_is_counted_from_its_day_where_one_before_it_is_missing(world: World) -> None:
    _, consignment = sent(world)
    (row,) = (one for one in waiting(world.tokyo) if one.attachments)
    body = ConsignmentWithdrawn(ConsignmentId(consignment), MessageId(row.id), bytes(48), row.seq + 1)
    forged = forge(world.tokyo, world.kyiv, body, id="claim.later", seq=row.seq + 2)
    assert tell(world.tokyo, world.kyiv, forged) is not None
    world.clock.advance(days=90)
    note_missing(world.kyiv.registry)
    assert "missing-message" in {one["what"] for one in bodies(world.kyiv, "duty").values() if one["state"] == "open"}
