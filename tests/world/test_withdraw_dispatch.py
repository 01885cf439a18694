"""What had not left is taken back: by the partner's node where it answers, and by the word of two where it does not."""

from __future__ import annotations

import pytest
from tests.attack.test_accord import set_stage
from tests.world.comparing import list_differences, list_unrest
from tests.world.forging import forge, hand_envelopes, refusal_in, tell, waiting
from tests.world.outside import MemoryMedium
from tests.world.test_couriers import COURIERS, hand_over
from tests.world.test_couriers import pack as pack_parcel
from tests.world.test_incidents import view
from tests.world.test_journey import codes, cross, dispatch, label, release
from tests.world.test_level_change import change
from tests.world.world import Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.message.bodies.consignment_withdrawn import ConsignmentWithdrawn
from cordiale.model.names import ConsignmentId, MessageId
from cordiale.work.bag import pack, unpack
from cordiale.work.missing import note_missing


@pytest.fixture
def world() -> World:
    return World.in_force(seed=79)


def sent(world: World, link: str = "wire") -> tuple[str, str]:
    """Dispatch an item and let its agreement be suspended before it leaves."""
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link)
    set_stage(world.tokyo, "suspended")
    return item, consignment


def take_back(world: World, consignment: str) -> None:
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    world.deliver()


def due(player: Player) -> set[str]:
    return {row["what"] for row in view(player, "registrar", "view.duties")["duties"]}


def state(player: Player, consignment: str) -> str:
    return str(player.registry.books().require("consignment", consignment)["state"])


def test_what_never_came_is_taken_back_and_may_leave_anew(world: World) -> None:
    item, consignment = sent(world)
    assert "held-back" in due(world.tokyo)
    take_back(world, consignment)
    (copy,) = (one for one in world.tokyo.registry.find("copy", "item", item) if one["party"] == "UKR")
    assert (state(world.tokyo, consignment), copy["state"], copy["copy_number"]) == ("withdrawn", "withdrawn", 1)
    assert not due(world.tokyo) & {"held-back", "receipt"} and list_unrest(world) == []
    world.clock.advance(seconds=86_400 * 90)
    assert note_missing(world.kyiv.registry) == 0
    set_stage(world.tokyo, "in-force")
    anew = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": anew, "counted": 1})
    world.deliver()
    assert state(world.tokyo, anew) == "receipted" and list_differences(world) == []
    assert {one["copy_number"] for one in world.tokyo.registry.find("copy", "item", item)} == {0, 1, 2}


def test_a_change_of_level_waits_for_nothing_that_was_taken_back(world: World) -> None:
    item, consignment = sent(world)
    change(world.tokyo, item, "EX-JPN:EXERCISE AJISAI")
    world.deliver()
    assert len(waiting(world.tokyo)) == 2
    take_back(world, consignment)
    assert waiting(world.tokyo) == [] and "level-change-done" not in due(world.tokyo)
    assert list_differences(world) == []


def test_what_came_though_its_answer_was_lost_is_not_taken_back(world: World) -> None:
    _, consignment = sent(world)
    (row,) = (one for one in waiting(world.tokyo) if one.attachments)
    hand_envelopes(world.tokyo, world.kyiv, row)
    assert tell(world.tokyo, world.kyiv, row.message) is not None
    take_back(world, consignment)
    assert state(world.tokyo, consignment) == "delivered" and "held-back" not in due(world.tokyo)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert state(world.tokyo, consignment) == "receipted" and list_differences(world) == []
    with pytest.raises(OutOfOrder, match="on its way"):
        world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})


def test_a_parcel_that_no_courier_has_is_unpacked_and_nobody_waits_for_it(world: World) -> None:
    world.tokyo.enter_people(COURIERS)
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], "carry")
    world.deliver()
    pack_parcel(world.tokyo, consignment)
    set_stage(world.tokyo, "terminated", ended_on="2026-09-01")
    assert "hand-over" in due(world.tokyo)
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    with pytest.raises(OutOfOrder, match="being taken back"):
        hand_over(world, consignment)
    world.deliver()
    assert [state(player, consignment) for player in world.players] == ["withdrawn", "withdrawn"]
    assert not due(world.tokyo) & {"hand-over", "receipt"} and "register" not in due(world.kyiv)
    assert world.tokyo.registry.books().require("carriage", consignment)["state"] == "unpacked"
    assert list_differences(world) == []


def test_what_a_courier_has_is_not_taken_back(world: World) -> None:
    world.tokyo.enter_people(COURIERS)
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], "carry")
    pack_parcel(world.tokyo, consignment)
    world.tokyo.act("head", "carry.witness", {"consignment": consignment, "packages": 1, "seals": ["O-1", "O-2"]})
    hand_over(world, consignment)
    with pytest.raises(OutOfOrder, match="has left"):
        world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})


def test_a_bag_that_comes_late_brings_nothing_that_was_taken_back(world: World) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    consignment, medium = dispatch(world, [item], "bag"), MemoryMedium()
    pack(world.tokyo.registry, "UKR", medium, "pack.1")
    take_back(world, consignment)
    unpack(world.kyiv.registry, medium)
    assert state(world.tokyo, consignment) == "withdrawn" and world.kyiv.registry.record("consignment", consignment) is None
    assert [one["code"] for one in world.kyiv.registry.books().every("refused-message")] == ["receive.withdrawn"]


def test_where_its_node_does_not_answer_a_second_person_gives_the_word_of_the_partner(world: World) -> None:
    _, consignment = sent(world)
    given = {"consignment": consignment, "reference": "letter 7 of their registry"}
    with pytest.raises(OutOfOrder, match="not asked"):
        world.tokyo.act("registrar", "dispatch.not-there", given)
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    with pytest.raises(Refused) as alone:
        world.tokyo.act("registrar", "dispatch.not-there", given)
    assert codes(alone) == {"office.same-person"}
    world.tokyo.act("head", "dispatch.not-there", given)
    assert state(world.tokyo, consignment) == "withdrawn"


def test_what_the_partner_has_in_spite_of_its_word_is_out_again(world: World) -> None:
    item, consignment = sent(world)
    (row,) = (one for one in waiting(world.tokyo) if one.attachments)
    hand_envelopes(world.tokyo, world.kyiv, row)
    assert tell(world.tokyo, world.kyiv, row.message) is not None
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    world.tokyo.act("head", "dispatch.not-there", {"consignment": consignment, "reference": "by telephone"})
    assert state(world.tokyo, consignment) == "withdrawn"
    assert "receipt" not in due(world.tokyo) and "dispatch" in due(world.tokyo)
    world.deliver()
    assert state(world.tokyo, consignment) == "delivered"
    assert "receipt" in due(world.tokyo), "whoever has it owes its receipt again"
    assert "dispatch" not in due(world.tokyo), "the release it left under is carried out"
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert list_differences(world) == []
    (copy,) = (one for one in world.tokyo.registry.find("copy", "item", item) if one["party"] == "UKR")
    assert copy["state"] == "with-partner"


def test_a_partner_takes_back_nothing_that_is_registered_and_nothing_of_another_name(world: World) -> None:
    consignment, _ = cross(world)
    record = world.kyiv.registry.books().require("consignment", consignment)
    for number, (digest, code) in enumerate(((record["digest"], "withdraw.here"), ("00" * 48, "withdraw.other"))):
        body = ConsignmentWithdrawn(
            ConsignmentId(consignment), MessageId(record["message"]), bytes.fromhex(digest), number + 1
        )
        forged = forge(world.tokyo, world.kyiv, body, id=f"claim.{number}", seq=800_000 + number)
        assert refusal_in(tell(world.tokyo, world.kyiv, forged)).code == code
    assert state(world.kyiv, consignment) == "registered"


def test_what_is_told_of_a_level_is_owed_again_where_the_partner_has_it_after_all(world: World) -> None:
    item, consignment = sent(world)
    (row,) = (one for one in waiting(world.tokyo) if one.attachments)
    hand_envelopes(world.tokyo, world.kyiv, row)
    assert tell(world.tokyo, world.kyiv, row.message) is not None
    change(world.tokyo, item, "EX-JPN:EXERCISE AJISAI")
    world.tokyo.act("registrar", "dispatch.withdraw", {"consignment": consignment})
    world.tokyo.act("head", "dispatch.not-there", {"consignment": consignment, "reference": "by telephone"})
    (told,) = world.tokyo.registry.books().every("level-told")
    assert told["state"] == "done" and "level-change-done" not in due(world.tokyo)
    world.deliver()
    assert state(world.tokyo, consignment) == "delivered"
    (told,) = world.tokyo.registry.books().every("level-told")
    assert told["state"] == "told" and "level-change-done" in due(world.tokyo)


def test_a_partner_that_takes_back_a_message_of_ours_has_said_it_of_its_own(world: World) -> None:
    cross(world)
    (ours, *_) = world.kyiv.registry.books().every("sent")
    body = ConsignmentWithdrawn(ConsignmentId("of.nobody"), MessageId(ours.id), bytes(48), 900_000)
    forged = forge(world.tokyo, world.kyiv, body, id="claim.ours", seq=800_000)
    assert tell(world.tokyo, world.kyiv, forged) is not None
    found = {kind: world.kyiv.registry.books().every(kind) for kind in ("withdrawn-message", "taken-back-message")}
    assert found["withdrawn-message"] == [], "the audit takes for answered what of ours was taken back"
    assert [one.id for one in found["taken-back-message"]] == [f"{world.tokyo.registry.node}/{ours.id}"]
