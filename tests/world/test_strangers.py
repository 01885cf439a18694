"""What a partner may not do: speak under an agreement of others, settle their messages, probe our books, go back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.world.comparing import bodies, list_differences
from tests.world.forging import (
    forge,
    opened,
    payload_of,
    refusal_in,
    resigned,
    signed_head,
    size_of_books,
    tell,
    waiting,
)
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, label
from tests.world.world import AGREEMENT, Player, World, exercise_agreement, make_acquainted

from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.agreement_proposal import AgreementProposal
from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms
from cordiale.message.bodies.consignment import ConsignedItem, Consignment, ConsignmentKind, ItemForm
from cordiale.message.bodies.delivery_notice import DeliveryNotice
from cordiale.message.bodies.readiness_found import ReadinessFound
from cordiale.message.bodies.receipt import Receipt, ReceiptedItem
from cordiale.message.bodies.refusal import Family, Refusal
from cordiale.message.members import LogIndex, NamedPost, SealedEnvelope
from cordiale.model.agreement import Act
from cordiale.model.label import LevelRef
from cordiale.records.agreements import profile_digest_of, text_digest_of
from cordiale.records.arriving import arriving_place
from cordiale.records.correspondence import own_origin
from cordiale.wire.agreement_json import agreement_text_to_json, encode_agreement_text
from cordiale.wire.profile_json import encode_profile, profile_to_json

PAPER = ConsignedItem("x", "x.c1", 1, 1, ItemForm.PAPER, bytes(48), sheet=b"x")
CONSIGNMENT = Consignment("c-forged", ConsignmentKind.PROVIDE, (PAPER,))


@pytest.fixture
def world() -> World:
    return World.in_force(seed=61)


@pytest.fixture
def warsaw(world: World) -> Player:
    warsaw = world.add_stranger()
    for player in world.players:
        make_acquainted(player, warsaw)
        make_acquainted(warsaw, player)
    return warsaw


# -- a partner who is no party to the agreement -------------------------------------------------------------


@pytest.mark.parametrize("body", [
    CONSIGNMENT,
    ConsentRequest(ConsentTerms("jpn.act.jpn.1", Act.COPY, PURPOSE)),
    Acknowledgement(bytes(48), World.in_force().clock.at, None),
], ids=["consignment", "consent request", "acknowledgement"])
def test_who_is_no_party_to_an_agreement_is_told_nothing_of_it(world: World, warsaw: Player, body: object) -> None:
    before = world.kyiv.registry.reads().log_size(AGREEMENT)
    reply = "m1" if isinstance(body, Acknowledgement) else ""
    answer = tell(warsaw, world.kyiv, forge(warsaw, world.kyiv, body, in_reply_to=reply))  # type: ignore[arg-type]
    refusal_in(answer)
    message = opened(answer)
    assert (message.agreement, message.checkpoint, message.seen) == ("", None, None)
    assert world.kyiv.registry.reads().log_size(AGREEMENT) == before
    assert bodies(world.kyiv, "consignment") == {}


def proposal_of_version_2(player: Player) -> AgreementProposal:
    text, profile = exercise_agreement()
    encoded = encode_profile(replace(profile, version=2))
    mode = player.registry.mode
    return AgreementProposal(
        encode_agreement_text(text), text_digest_of(text, mode), encoded, profile_digest_of(encoded, mode)
    )


def test_who_is_no_party_to_an_agreement_proposes_nothing_in_it(world: World, warsaw: Player) -> None:
    before = bodies(world.kyiv, "agreement")

    def version_2(payload: dict[str, object]) -> None:
        payload["agreement_version"] = 2

    data = forge(warsaw, world.kyiv, proposal_of_version_2(warsaw), change=version_2)
    refusal_in(tell(warsaw, world.kyiv, data))
    finding = ReadinessFound("JPN", LevelRef("EX-JPN", "EXERCISE SAKURA"), "Art. 3", world.clock.at)
    refusal_in(tell(warsaw, world.kyiv, forge(warsaw, world.kyiv, finding, id="second", seq=900_001)))
    assert bodies(world.kyiv, "agreement") == before


def test_a_proposed_change_has_no_effect_before_all_have_signed_it(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")

    def version_2(payload: dict[str, object]) -> None:
        payload["agreement_version"] = 2

    tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, proposal_of_version_2(world.tokyo), change=version_2))
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


def test_a_change_that_all_have_signed_takes_the_place_of_the_old_at_both_nodes(world: World) -> None:
    text, profile = exercise_agreement()
    newer = replace(profile, version=2)
    cross(world)
    world.tokyo.act("authority", "agreement.enter", {
        "profile": profile_to_json(newer), "text": agreement_text_to_json(text),
    })
    world.deliver()
    for player, version in ((world.kyiv, 1), (world.tokyo, 2)):
        signed = sign_object(
            encode_profile(newer), object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode),
            [player.people["authority"]],
        )
        player.act("authority", "agreement.sign", {"agreement": AGREEMENT, "signed": signed.decode()})
        world.deliver()
        assert [bodies(one, "agreement")[AGREEMENT]["profile"]["version"] for one in world.players] == [version] * 2
    for player in world.players:
        record = bodies(player, "agreement")[AGREEMENT]
        assert (set(record["signatures"]), "proposed" in record) == ({"JPN", "UKR"}, False)
    cross(world)
    assert list_differences(world) == []


def test_nobody_settles_a_message_to_somebody_else(world: World, warsaw: Player) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    now = world.clock.at
    for number, body in enumerate((
        Acknowledgement(bytes(48), now, None), Refusal(bytes(48), Family.REFUSED, "x", "no"),
    )):
        data = forge(
            warsaw, world.tokyo, body, agreement="", in_reply_to=row.id, id=f"m{number}", seq=900_000 + number
        )
        tell(warsaw, world.tokyo, data)
    assert waiting(world.tokyo) == [row]
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "dispatched"
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"


# -- probing ------------------------------------------------------------------------------------------------


def test_questions_about_items_are_all_refused_alike(world: World) -> None:
    at_home = label(world.tokyo, form="paper")
    kept = str(world.kyiv.act("originator", "label", {
        "form": "paper", "level": "EX-UKR:EXERCISE BARVINOK", "release_to": [], "title": "Exercise paper",
    }).value["item"])
    told = set()
    for number, item in enumerate(("ukr.act.ukr.unknown", kept, at_home)):
        body = ConsentRequest(ConsentTerms(item, Act.COPY, PURPOSE))
        data = forge(world.tokyo, world.kyiv, body, id=f"probe.{number}", seq=700 + number)
        refused = refusal_in(tell(world.tokyo, world.kyiv, data))
        told.add((refused.family, refused.code, refused.text))
    assert len(told) == 1


def test_questions_about_consignments_are_all_refused_alike(world: World) -> None:
    """Whatever id is guessed: of nobody, or of one that this partner itself has sent."""
    consignment, _ = cross(world)
    now = world.clock.at
    level = LevelRef("EX-JPN", "EXERCISE SAKURA")
    told = set()
    number = 0
    for guessed in ("ukr.c.act.unknown", consignment):
        for body in (
            DeliveryNotice(guessed, bytes(48), (), now),
            Receipt(
                guessed, bytes(48), (ReceiptedItem("x", "x.c1", "1", level),), 1, NamedPost("n", "p"), now, now,
                LogIndex(own_origin(world.tokyo.registry, AGREEMENT), 0),
            ),
        ):
            number += 1
            data = forge(world.tokyo, world.kyiv, body, in_reply_to="m", id=f"probe.{number}", seq=700 + number)
            refused = refusal_in(tell(world.tokyo, world.kyiv, data))
            told.add((type(body), refused.family, refused.code, refused.text))
    assert len(told) == 2


# -- going back ---------------------------------------------------------------------------------------------


def test_a_refusal_after_the_receipt_changes_nothing(world: World) -> None:
    consignment, _ = cross(world)
    sent = bodies(world.tokyo, "consignment")[consignment]
    data = forge(
        world.kyiv, world.tokyo, Refusal(bytes(48), Family.REFUSED, "x", "no"), in_reply_to=sent["message"],
    )
    tell(world.kyiv, world.tokyo, data)
    assert bodies(world.tokyo, "consignment")[consignment] == sent
    assert list_differences(world) == []


def test_a_certificate_before_the_receipt_is_not_undone_by_it(world: World) -> None:
    item, consignment = dispatched(world)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.kyiv.act("registrar", "return", {"item": item})
    receipt, certificate = waiting(world.kyiv)
    try:
        tell(world.kyiv, world.tokyo, certificate.message)
    except Exception as waits:  # noqa: BLE001 - waiting for the receipt is as good as taking it first
        assert getattr(waits, "code", "") == "intake.waits"
    tell(world.kyiv, world.tokyo, receipt.message)
    world.deliver()
    (copy,) = (body for body in bodies(world.tokyo, "copy").values() if body["party"] == "UKR")
    assert copy["state"] == "returned"
    assert list_differences(world) == []


def test_a_partner_cannot_remove_what_it_has_provided_by_naming_it_again(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    (copy,) = bodies(world.kyiv, "copy").values()
    name = str(copy["object"]).removeprefix(arriving_place(world.tokyo.registry.node))
    content = SealedEnvelope(name, 10, bytes(48))
    named = ConsignedItem("x", "x.c1", 1, 1, ItemForm.FILE, bytes(48), content)
    body = Consignment("c-again", ConsignmentKind.PROVIDE, (named,))
    refusal_in(tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, body)))
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT


# -- a node that was rolled back ----------------------------------------------------------------------------


def test_a_node_restored_from_an_old_copy_stops_when_the_partner_has_seen_more(world: World) -> None:
    cross(world)
    old = world.kyiv.copied(world.clock, seed=9)
    kept = world.kyiv
    cross(world)
    world.kyiv = old
    world._connect(old)
    dispatched(world)
    world.deliver(3)
    with pytest.raises(Exception) as stopped:
        old.act("head", "need.grant", {"item": "jpn.act.jpn.1", "person": "reader", "purpose": PURPOSE})
    assert getattr(stopped.value, "code", "") == "log.behind-partner"
    assert "rolled back" in str(stopped.value)
    assert list(world.tokyo.outbox.trouble()) == [old.registry.node]
    world.kyiv = kept
    world._connect(kept)
    world.clock.advance(hours=1)
    world.deliver()
    assert list_differences(world) == []


def test_a_restored_node_that_writes_first_is_stopped_by_the_answer(world: World) -> None:
    cross(world)
    old = world.tokyo.copied(world.clock, seed=9)
    cross(world)
    world.tokyo = old
    world._connect(old)
    for _ in range(4):
        dispatched(world)
    world.deliver(3)
    with pytest.raises(Exception) as stopped:
        label(old)
    assert getattr(stopped.value, "code", "") == "log.behind-partner"
    assert len(bodies(world.kyiv, "consignment")) == 2


@pytest.mark.parametrize("batched", [False, True])
def test_another_history_of_the_same_length_is_noticed(world: World, batched: bool) -> None:
    """Also where no head was signed at that size, because several acts were written together."""
    cross(world)
    registry = world.tokyo.registry
    reads = registry.reads()
    if batched:
        (size,) = next(iter(reads._connection.execute(
            "SELECT max(size) FROM head WHERE log = ? AND size < (SELECT max(size) FROM head WHERE log = ?)",
            (AGREEMENT, AGREEMENT),
        )))
        reads._connection.execute("DELETE FROM head WHERE log = ? AND size = ?", (AGREEMENT, size))
    else:
        size = reads.log_size(AGREEMENT)
    seen = signed_head(world.tokyo, size, bytes(32))
    _, consignment = dispatched(world)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (row,) = waiting(world.kyiv)
    lied = resigned(world.kyiv, {**payload_of(row.message), "seen": seen.encode()})
    with pytest.raises(Exception) as stopped:
        tell(world.kyiv, world.tokyo, lied)
    assert getattr(stopped.value, "code", "") == "log.behind-partner"


def test_a_partner_that_shows_two_histories_of_one_length_is_not_believed(world: World) -> None:
    cross(world)
    dispatched(world)
    (row,) = waiting(world.tokyo)
    world.deliver()
    seen = world.kyiv.registry.reads().seen(own_origin(world.tokyo.registry, AGREEMENT))
    assert seen is not None
    other = signed_head(world.tokyo, seen.size, bytes(32))
    forked = resigned(world.tokyo, {
        **payload_of(row.message), "checkpoint": other.encode(), "id": "forked", "seq": 555,
    })
    refused = refusal_in(tell(world.tokyo, world.kyiv, forked))
    assert (refused.family, refused.code) == (Family.UNVERIFIED, "log.two-histories")
    assert size_of_books(world.kyiv)
    assert dispatch
