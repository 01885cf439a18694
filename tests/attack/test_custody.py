"""A partner that lies about returns, crises and refusals changes nothing here, and learns nothing of what we hold."""

from __future__ import annotations

import pytest
from tests.world.forging import forge, refusal_in, tell
from tests.world.test_custody_return import ask, request
from tests.world.test_journey import cross, dispatch, label, release
from tests.world.world import World

from cordiale.message.bodies.body import Body
from cordiale.message.bodies.consignment_refusal import ConsignmentRefusal, RefusedFor
from cordiale.message.bodies.crisis_report import CrisisReport
from cordiale.message.bodies.return_answer import CopyAnswer, ReturnAnswer, ReturnOutcome
from cordiale.message.bodies.return_request import ReturnKind, ReturnRequest
from cordiale.model.names import ConsignmentId, CopyId, ItemId


@pytest.fixture
def world() -> World:
    return World.in_force(seed=91)


def wanted(item: str, *copies: str, kind: ReturnKind = ReturnKind.ORDER) -> ReturnRequest:
    article = "Art. 11(5)" if kind is ReturnKind.ORDER else ""
    return ReturnRequest(ItemId(item), tuple(map(CopyId, sorted(copies))), kind, "x", article)


def told(world: World, body: Body, number: int) -> str:
    """Let Tokyo say `body` to Kyiv, and return the code of the refusal."""
    refusal = refusal_in(tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, body, id=f"lie-{number}", seq=900_000 + number)))
    return refusal.code


def test_a_copy_that_was_not_provided_is_refused_like_one_that_is_not_there(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    own = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    (copy,) = [one.id for one in world.kyiv.registry.find("copy", "item", item)]
    lies = (wanted(own, f"{own}.0"), wanted("nowhere", "nowhere.1"), wanted(item, copy, f"{own}.0"))
    assert {told(world, lie, number) for number, lie in enumerate(lies)} == {"return.copy-not-there"}
    assert world.kyiv.registry.find("return-request", "state", "asked") == []


def test_an_order_without_a_right_is_taken_as_a_request(world: World) -> None:
    item = label(world.tokyo, level="EX-JPN:EXERCISE AJISAI", form="paper")
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (copy,) = [one.id for one in world.kyiv.registry.find("copy", "item", item)]
    tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, wanted(item, copy), id="claimed"))
    assert request(world, "claimed", at_tokyo=False)["kind"] == "request"


def test_an_answer_to_nothing_and_one_about_other_copies_change_nothing(world: World) -> None:
    _, (item,) = cross(world, forms=("paper",))
    order = ask(world, item)
    gone = ReturnAnswer((CopyAnswer(CopyId("other.1"), ReturnOutcome.DESTROYED),))
    for number, answered in enumerate((order, "never-sent")):
        lie = forge(world.kyiv, world.tokyo, gone, id=f"answer-{number}", seq=900_000 + number, in_reply_to=answered)
        assert refusal_in(tell(world.kyiv, world.tokyo, lie)).code == "return.not-asked"
    assert request(world, order)["state"] == "asked"


def test_a_crisis_of_copies_that_are_elsewhere_is_not_believed(world: World) -> None:
    kept = label(world.tokyo, form="paper")
    report = CrisisReport("act.x", (CopyId(f"{kept}.0"),), world.clock.at.replace(microsecond=0), "x", "Art. 11(4)")
    lie = forge(world.kyiv, world.tokyo, report, id="crisis")
    assert refusal_in(tell(world.kyiv, world.tokyo, lie)).code == "crisis.copy-not-there"


def test_a_refusal_of_other_bytes_or_of_what_was_receipted_changes_nothing(world: World) -> None:
    consignment, _ = cross(world, forms=("paper",))
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None
    lies = ((bytes(48), "refuse.other-bytes"), (bytes.fromhex(sent["digest"]), "refuse.settled"))
    for number, (digest, code) in enumerate(lies):
        body = ConsignmentRefusal(ConsignmentId(consignment), digest, RefusedFor.DAMAGED)
        lie = forge(world.kyiv, world.tokyo, body, id=f"no-{number}", seq=900_000 + number, in_reply_to=sent["message"])
        assert refusal_in(tell(world.kyiv, world.tokyo, lie)).code == code
    after = world.tokyo.registry.record("consignment", consignment)
    assert after is not None and after["state"] == "receipted"
