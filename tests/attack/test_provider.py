"""Attacks by a provider or a recipient that is a party to the agreement, on copies and envelopes at the other node."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.world.comparing import audit, bodies
from tests.world.forging import forge, hand_envelopes, opened, tell, waiting
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import CordialeError, Refused, Undecidable
from cordiale.journey import dispatch as dispatching
from cordiale.message.bodies.certificate import Certificate, Ending, Proof
from cordiale.message.bodies.consignment import Consignment
from cordiale.message.bodies.delivery_notice import DeliveryNotice
from cordiale.records.arriving import arriving_name
from cordiale.records.labels import label_of


@pytest.fixture
def world() -> World:
    return World.in_force(seed=304)


def quietly(sender: Player, recipient: Player, message: bytes) -> None:
    with contextlib.suppress(CordialeError):
        tell(sender, recipient, message)


def sent_consignment(world: World) -> Consignment:
    (row,) = [row for row in waiting(world.tokyo) if row.attachments]
    body = opened(row.message).body
    assert isinstance(body, Consignment)
    return body


# -- envelopes ----------------------------------------------------------------------------------------------


def test_a_provider_cannot_remove_a_registered_copy_by_naming_its_envelope_again(world: World) -> None:
    """A bad consignment removes the envelope it names; that envelope may be the one of a registered copy."""
    _, consignment = dispatched(world)
    body = sent_consignment(world)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    (copy,) = bodies(world.kyiv, "copy").values()
    grant(world, copy["item"], "reader")
    assert world.kyiv.read("reader", copy["item"], PURPOSE) == CONTENT
    again = forge(world.tokyo, world.kyiv, replace(body, consignment="jpn.c.again"))  # type: ignore[arg-type]
    quietly(world.tokyo, world.kyiv, again)
    assert copy["object"] in world.kyiv.objects.contents
    assert world.kyiv.read("reader", copy["item"], PURPOSE) == CONTENT


def test_a_third_party_cannot_remove_what_another_provided(world: World) -> None:
    from tests.world.world import make_acquainted

    warsaw = world.add_stranger()
    make_acquainted(world.kyiv, warsaw)
    dispatched(world)
    body = sent_consignment(world)
    world.deliver()
    name = arriving_name("tokyo.jpn", body.items[0].content.envelope)  # type: ignore[union-attr]
    assert name in world.kyiv.objects.contents
    quietly(warsaw, world.kyiv, forge(warsaw, world.kyiv, replace(body, consignment="pol.c.1")))  # type: ignore[arg-type]
    assert name in world.kyiv.objects.contents


# -- one item, two labels -----------------------------------------------------------------------------------


def with_label(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Let the provider seal another label than its books have: what the provider writes is its own affair."""
    monkeypatch.setattr(dispatching, "label_of", lambda item: change(label_of(item)))


def test_a_second_copy_under_a_stricter_label_is_not_read_under_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No read up: what a copy is labelled counts, not what another copy of the item was labelled before."""
    item = label(world.tokyo, level="EX-JPN:EXERCISE AJISAI")
    release(world.tokyo, item)
    first = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": first, "counted": 1})
    world.deliver()
    from cordiale.model.label import LevelRef

    with_label(monkeypatch, lambda one: replace(one, level=LevelRef("EX-JPN", "EXERCISE SAKURA")))
    second = dispatch(world, [item], is_another=True)
    world.deliver()
    grant(world, item, "junior")
    try:
        world.kyiv.act("registrar", "register", {"consignment": second, "counted": 1})
    except CordialeError:
        return
    world.deliver()
    with pytest.raises((Refused, Undecidable)):
        world.kyiv.read("junior", item, PURPOSE)


def test_a_second_copy_for_another_purpose_is_not_read_for_the_first(world: World) -> None:
    """Or the other way round: whoever is granted the new purpose is refused what was provided for it."""
    item = label(world.tokyo)
    release(world.tokyo, item)
    first = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": first, "counted": 1})
    from tests.world.test_journey import approve

    approve(world.tokyo, item, "originator", "release.propose", "mine action")
    approve(world.tokyo, item, "authority", "release.approve", "mine action")
    second = str(world.tokyo.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": "mine action", "recipient": "UKR",
        "registry": "registry-kyiv",
    }).value["consignment"])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": second, "counted": 1})
    world.kyiv.act("head", "need.grant", {"item": item, "person": "reader", "purpose": "mine action"})
    assert world.kyiv.read("reader", item, "mine action") == CONTENT


# -- names that the partner chooses -------------------------------------------------------------------------


def test_a_partner_enters_no_copy_of_an_item_of_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The item id in a consignment is the provider's word; it may be that of an item of the recipient's own."""
    ours = str(world.kyiv.act("originator", "label", {
        "form": "paper", "level": "EX-UKR:EXERCISE BARVINOK", "release_to": ["JPN"], "title": "Exercise paper",
    }).value["item"])
    monkeypatch.setattr(dispatching, "ItemId", lambda _: ours)
    item = label(world.tokyo, form="paper")
    release(world.tokyo, item)
    try:
        consignment = dispatch(world, [item])
        world.deliver()
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    except CordialeError:
        pass
    copies = [body for body in bodies(world.kyiv, "copy").values() if body["item"] == ours]
    assert [body["state"] for body in copies] == ["held"]


def certificate(copy: str, item: str, number: str) -> Certificate:
    return Certificate(
        number=number, ending=Ending.DESTROYED, item=item, copy=copy, copy_number=1, method="burnt",  # type: ignore[arg-type]
        persons=("registrar",), witnesses=("witness",), legal_basis="Art. 9", done_on=date(2026, 9, 1),
        proof=Proof.ATTESTED,
    )


def test_the_number_a_partner_gives_its_certificate_does_not_end_our_audit(world: World) -> None:
    """`audit verify` never raises for what it finds: a partner's free text must not end it for good."""
    _, (item,) = cross(world)
    (copy,) = [id for id, body in bodies(world.tokyo, "copy").items() if body["party"] == "UKR"]
    tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, certificate(copy, item, "one")))
    assert audit(world.tokyo).findings == []


def test_two_certificates_of_one_number_are_refused_and_not_asked_for_for_ever(world: World) -> None:
    """A conflict in the books is not a full disk: the partner must be told, or it repeats itself without end."""
    items = [cross(world)[1][0], cross(world)[1][0]]
    copies = {body["item"]: id for id, body in bodies(world.tokyo, "copy").items() if body["party"] == "UKR"}
    for number, item in enumerate(items):
        data = forge(
            world.kyiv, world.tokyo, certificate(copies[item], item, "UKR-DES-2026-0001"), id=f"c{number}",
            seq=700 + number,
        )
        answer = tell(world.kyiv, world.tokyo, data)
    assert answer is not None


def test_a_notice_for_a_consignment_of_another_agreement_is_not_taken(world: World) -> None:
    """What is said under one agreement enters the log of that agreement, which other parties may read."""
    _, consignment = dispatched(world)
    sent = bodies(world.tokyo, "consignment")[consignment]

    def second(session: Any) -> dict[str, Any]:
        record = session.require("agreement", AGREEMENT)
        session.put("agreement", "exercise-jpn-ukr-pol", {**record.body, "parties": ["JPN", "POL", "UKR"]}, expect=0)
        return {}

    from cordiale.records.ledger import INTERNAL, Act

    world.tokyo.registry.ledger.commit(Act("act.second", "second", "node", INTERNAL, second))
    notice = DeliveryNotice(consignment, bytes.fromhex(sent["digest"]), (), world.clock.at)  # type: ignore[arg-type]
    data = forge(
        world.kyiv, world.tokyo, notice, agreement="exercise-jpn-ukr-pol", in_reply_to=sent["message"],
    )
    quietly(world.kyiv, world.tokyo, data)
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "dispatched"


def test_an_acknowledgement_is_no_delivery_of_a_consignment(world: World) -> None:
    """Whatever answers it ends the sending; only a delivery notice says that the bytes are there."""
    from cordiale.message.bodies.acknowledgement import Acknowledgement

    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    data = forge(
        world.kyiv, world.tokyo, Acknowledgement(bytes(48), world.clock.at, None), in_reply_to=row.id,
    )
    quietly(world.kyiv, world.tokyo, data)
    settled = not waiting(world.tokyo)
    state = bodies(world.tokyo, "consignment")[consignment]["state"]
    assert not settled or state != "dispatched"
