"""What can come over a link and be wrong: an error of the right family, nothing lost, nothing half done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.envelope.tampering import assertion, with_manifest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.forging import (
    forge,
    hand_envelopes,
    opened,
    payload_of,
    refusal_in,
    require_signed_refusal,
    resigned,
    size_of_books,
    tell,
    waiting,
)
from tests.world.test_journey import codes, dispatch, label, release
from tests.world.world import AGREEMENT, World, make_acquainted, make_player, make_trust

from cordiale.canonical import encode_base64url
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unavailable, Undecidable, Unverified
from cordiale.journey import dispatch as dispatching
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.checkpoint import CheckpointShown
from cordiale.message.bodies.consignment import ConsignedItem, Consignment, ConsignmentKind, ItemForm
from cordiale.message.bodies.receipt import Receipt
from cordiale.model.mode import Mode
from cordiale.records.arriving import arriving_name


@pytest.fixture
def world() -> World:
    return World.in_force(seed=21)


def dispatched(world: World, form: str = "file") -> tuple[str, str]:
    """Dispatch one item and return it and its consignment; nothing has left yet."""
    item = label(world.tokyo, form=form)
    release(world.tokyo, item)
    return item, dispatch(world, [item])


def change_label(manifest: Any) -> None:
    """The label lies inside the particulars: whoever has no key can only change what is encrypted."""
    statement = assertion(manifest, "particulars")["statement"]
    statement["value"] = statement["value"][:40] + statement["value"][40:50].swapcase() + statement["value"][50:]


def strip_label(manifest: Any) -> None:
    assert any(one["id"] == "particulars" for one in manifest["assertions"])
    manifest["assertions"] = [one for one in manifest["assertions"] if one["id"] != "particulars"]


def add_label(manifest: Any) -> None:
    """A lower label in clear beside the true one."""
    other = {**assertion(manifest, "particulars"), "id": "originator-label", "type": "handling"}
    manifest["assertions"].insert(0, other)


# -- envelopes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("maim", "families"), [
    (lambda sealed: sealed[:-1], {"malformed"}),
    (lambda sealed: sealed[: len(sealed) // 2], {"malformed"}),
    (lambda sealed: b"", {"malformed"}),
    (lambda sealed: sealed + b"\0", {"malformed"}),
    (lambda sealed: sealed[:200] + bytes([sealed[200] ^ 1]) + sealed[201:], {"malformed", "unverified"}),
    (lambda sealed: with_manifest(sealed, change_label), {"malformed", "unverified"}),
    (lambda sealed: with_manifest(sealed, strip_label), {"malformed", "unverified"}),
    (lambda sealed: with_manifest(sealed, add_label), {"malformed", "unverified"}),
], ids=[
    "one byte short", "half", "empty", "one byte more", "altered", "label changed", "label stripped", "label added",
])
def test_a_wrong_envelope_is_refused_signed_and_nothing_is_held(world: World, maim: Any, families: set[str]) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    name = arriving_name(world.tokyo.registry.node, row.attachments[0])
    world.kyiv.objects.contents[name] = maim(world.kyiv.objects.contents[name])
    answer = tell(world.tokyo, world.kyiv, row.message)
    refused = require_signed_refusal(world.kyiv, world.tokyo, row.message, answer)
    assert refused.family.value in families
    assert world.kyiv.registry.record("consignment", consignment) is None
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None and (sent["state"], sent["refusal"]) == ("refused-by-partner", refused.code)
    assert waiting(world.tokyo) == []


def test_the_right_envelope_of_another_item_is_refused(world: World) -> None:
    dispatched(world)
    dispatched(world)
    first, second = waiting(world.tokyo)
    contents = world.tokyo.objects.contents
    world.kyiv.objects.contents[arriving_name(world.tokyo.registry.node, first.attachments[0])] = contents[second.attachments[0]]
    refused = refusal_in(tell(world.tokyo, world.kyiv, first.message))
    assert refused.family.value == "unverified"


def test_a_missing_envelope_is_waited_for_and_nothing_is_written(world: World) -> None:
    dispatched(world)
    (row,) = waiting(world.tokyo)
    before = size_of_books(world.kyiv)
    with pytest.raises(Unavailable) as missing:
        tell(world.tokyo, world.kyiv, row.message)
    assert missing.value.code == "receive.envelope-missing"
    assert size_of_books(world.kyiv) == before
    hand_envelopes(world.tokyo, world.kyiv, row)
    assert opened(tell(world.tokyo, world.kyiv, row.message)).type == "delivery-notice"


def test_a_provider_that_seals_another_label_than_it_names_is_found_out_at_registration(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "label_digest", lambda *_: bytes(48))
    _, consignment = dispatched(world)
    world.deliver()
    with pytest.raises(Unverified):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    held = world.kyiv.registry.record("consignment", consignment)
    assert held is not None and held["state"] == "held"
    assert bodies(world.kyiv, "item") == {}


# -- who speaks ---------------------------------------------------------------------------------------------


def nothing_to_say() -> Body:
    return Acknowledgement(bytes(48), datetime(2026, 9, 1, tzinfo=UTC), None)


def test_a_stranger_is_not_answered_and_leaves_no_trace(world: World) -> None:
    stranger = world.add_stranger()
    before = size_of_books(world.kyiv)
    with pytest.raises(OutOfOrder) as unknown:
        tell(stranger, world.kyiv, forge(stranger, world.kyiv, nothing_to_say(), agreement="", in_reply_to="m1"))
    assert unknown.value.code == "partner.unknown"
    assert size_of_books(world.kyiv) == before


def test_a_partner_compared_by_one_person_only_is_not_believed(world: World) -> None:
    stranger = world.add_stranger()
    world.kyiv.act("security", "partner.add", {
        "fingerprint": stranger.print_, "root": encode_base64url(stranger.root),
        "statement": encode_base64url(stranger.statement),
    })
    before = size_of_books(world.kyiv)
    with pytest.raises(OutOfOrder) as unconfirmed:
        tell(stranger, world.kyiv, forge(stranger, world.kyiv, nothing_to_say(), agreement="", in_reply_to="m1"))
    assert unconfirmed.value.code == "partner.unconfirmed"
    assert size_of_books(world.kyiv) == before
    with pytest.raises(Refused) as alone:
        world.kyiv.act("security", "partner.confirm", {"fingerprint": stranger.print_, "party": "POL"})
    assert codes(alone) == {"contact.same-person"}


def test_a_message_over_a_link_with_somebody_else_is_not_taken(world: World) -> None:
    stranger = world.add_stranger()
    make_acquainted(world.kyiv, stranger)
    dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    before = size_of_books(world.kyiv)
    with pytest.raises(Unverified) as other:
        tell(stranger, world.kyiv, row.message)
    assert other.value.code == "intake.other-peer"
    assert size_of_books(world.kyiv) == before
    assert opened(tell(world.tokyo, world.kyiv, row.message)).type == "delivery-notice"


def test_a_message_for_another_partner_is_refused_signed_and_quarantined(world: World) -> None:
    third = world.add_stranger()
    make_acquainted(third, world.tokyo)
    make_acquainted(world.tokyo, third)
    dispatched(world)
    (row,) = waiting(world.tokyo)
    answer = tell(world.tokyo, third, row.message)
    refused = require_signed_refusal(third, world.tokyo, row.message, answer)
    assert refused.family.value == "unverified"
    assert len(bodies(third, "quarantine")) == 1
    (still,) = waiting(world.tokyo)
    assert still == row


def test_exercise_and_real_never_meet(world: World) -> None:
    real = make_player("JPN", "tokyo.jpn", clock=world.clock, mode=Mode.REAL, seed=5)
    with pytest.raises(Unverified):
        make_acquainted(world.kyiv, real)
    data = forge(real, world.kyiv, nothing_to_say(), agreement="", in_reply_to="m1")
    refused = refusal_in(tell(real, world.kyiv, data))
    assert (refused.family.value, refused.code) == ("unverified", "message.mode")
    assert [one["code"] for one in bodies(world.kyiv, "quarantine").values()] == ["message.mode"]
    other = make_player("UKR", "kyiv.ukr", clock=world.clock, mode=Mode.REAL, seed=6)
    make_acquainted(real, other)
    exercise = forge(world.kyiv, world.tokyo, nothing_to_say(), agreement="", in_reply_to="m1")
    assert refusal_in(tell(world.kyiv, real, exercise)).code == "message.mode"


# -- statements ---------------------------------------------------------------------------------------------


def test_an_expired_statement_stops_the_exchange_and_a_new_one_lets_it_go_on(world: World) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    world.clock.advance(days=366)
    before = size_of_books(world.kyiv)
    with pytest.raises(CordialeError) as expired:
        tell(world.tokyo, world.kyiv, row.message)
    assert expired.value.family == "undecidable"
    assert size_of_books(world.kyiv) == before
    with pytest.raises(Undecidable):
        dispatched(world)
    renew(world)
    world.deliver()
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None and sent["state"] == "delivered"


def renew(world: World) -> None:
    """Both parties sign and exchange a second statement of their nodes."""
    for player in world.players:
        make_trust(player, version=2)
        player.act("registrar", "node.install", {
            "root": encode_base64url(player.root), "statement": encode_base64url(player.statement),
        })
        world.other(player).act("security", "partner.update", {
            "party": player.party, "statement": encode_base64url(player.statement),
        })


def test_an_older_statement_never_replaces_a_newer_one(world: World) -> None:
    old = world.tokyo.statement
    renew(world)
    for party, player in (("JPN", world.kyiv),):
        with pytest.raises((Unverified, Refused, OutOfOrder)) as older:
            player.act("security", "partner.update", {"party": party, "statement": encode_base64url(old)})
        assert older.value.code == "trust.statement-rollback"
    with pytest.raises((Unverified, Refused, OutOfOrder)):
        world.tokyo.act("registrar", "node.install", {
            "root": encode_base64url(world.tokyo.root), "statement": encode_base64url(old),
        })


# -- the same again, and other bytes ------------------------------------------------------------------------


def test_a_duplicate_is_answered_with_identical_bytes_and_nothing_happens_twice(world: World) -> None:
    item, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    first = tell(world.tokyo, world.kyiv, row.message)
    before = size_of_books(world.kyiv)
    assert [tell(world.tokyo, world.kyiv, row.message) for _ in range(3)] == [first] * 3
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert tell(world.tokyo, world.kyiv, row.message) == first
    copies = bodies(world.kyiv, "copy")
    assert [copy["state"] for copy in copies.values()] == ["returned"]
    assert size_of_books(world.kyiv)[AGREEMENT] > before[AGREEMENT]
    assert list_differences(world) == []


def test_other_bytes_under_a_known_identifier_or_number_are_refused(world: World) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    world.deliver()
    payload = payload_of(row.message)
    for member, other in (("id", "another-id"), ("seq", 77_000)):
        changed = resigned(world.tokyo, {**payload, member: other, "sent_at": "2026-09-01T09:00:01Z"})
        refused = require_signed_refusal(
            world.kyiv, world.tokyo, changed, tell(world.tokyo, world.kyiv, changed)
        )
        assert refused.code.startswith("sequence.")
    assert list(bodies(world.kyiv, "consignment")) == [consignment]


def test_a_message_waits_for_those_it_names_and_is_taken_after_them(world: World) -> None:
    dispatched(world)
    (row,) = waiting(world.tokyo)
    item = ConsignedItem("x", "x.c1", 1, 1, ItemForm.PAPER, bytes(48), sheet=b"x")
    late = forge(world.tokyo, world.kyiv, Consignment("c-late", ConsignmentKind.PROVIDE, (item,)), after=(row.id,))
    before = size_of_books(world.kyiv)
    with pytest.raises(Unavailable) as waits:
        tell(world.tokyo, world.kyiv, late)
    assert waits.value.code == "intake.waits"
    assert size_of_books(world.kyiv) == before
    world.deliver()
    assert refusal_in(tell(world.tokyo, world.kyiv, late)).family.value in ("malformed", "unverified")


def test_a_receipt_for_other_bytes_is_not_accepted(world: World) -> None:
    _, consignment = dispatched(world)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (row,) = waiting(world.kyiv)
    payload = payload_of(row.message)
    for number, (where, member) in enumerate(((payload["body"], "message_digest"),
                                              (payload["body"]["items"][0], "ciphertext_digest"))):
        kept, where[member] = where[member], encode_base64url(bytes(48))
        other = resigned(world.kyiv, {**payload, "id": f"other.{number}", "seq": 800 + number})
        where[member] = kept
        refused = require_signed_refusal(world.tokyo, world.kyiv, other, tell(world.kyiv, world.tokyo, other))
        assert refused.code == "receipt.other-bytes"
    sent = world.tokyo.registry.record("consignment", consignment)
    assert sent is not None and sent["state"] == "delivered"
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "receipted"


def test_a_receipt_of_a_consignment_that_we_received_is_refused(world: World) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    (receipt,) = waiting(world.kyiv)
    body = opened(receipt.message).body
    assert isinstance(body, Receipt)
    answered_by_itself = forge(world.tokyo, world.kyiv, body, in_reply_to=row.id)
    refused = refusal_in(tell(world.tokyo, world.kyiv, answered_by_itself))
    assert refused.family.value == "unverified"


# -- what is said -------------------------------------------------------------------------------------------


def test_an_unknown_type_is_refused_signed_and_quarantined(world: World) -> None:
    def surprise(payload: dict[str, Any]) -> None:
        payload["type"] = "surprise"

    data = forge(world.tokyo, world.kyiv, nothing_to_say(), agreement="", in_reply_to="m", change=surprise)
    refused = require_signed_refusal(world.kyiv, world.tokyo, data, tell(world.tokyo, world.kyiv, data))
    assert (refused.family.value, refused.code) == ("malformed", "message.type-unknown")
    assert len(bodies(world.kyiv, "quarantine")) == 1


def test_a_type_that_this_version_does_not_take_is_refused_signed(world: World) -> None:
    data = forge(world.tokyo, world.kyiv, CheckpointShown(b"note\n", 0, ()))
    answer = tell(world.tokyo, world.kyiv, data)
    assert refusal_in(answer).family.value == "malformed"
    assert tell(world.tokyo, world.kyiv, data) == answer


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -40])
def test_a_truncated_message_is_not_taken(world: World, cut: int) -> None:
    dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    with pytest.raises((Malformed, OutOfOrder)):
        tell(world.tokyo, world.kyiv, row.message[:cut])
    assert bodies(world.kyiv, "consignment") == {}


def test_an_altered_message_is_quarantined_and_told_and_the_true_one_is_taken(world: World) -> None:
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    payload = payload_of(row.message)
    altered = row.message.replace(row.message[-20:-10], row.message[-20:-10].swapcase())
    assert altered != row.message and payload
    answer = tell(world.tokyo, world.kyiv, altered)
    refused = require_signed_refusal(world.kyiv, world.tokyo, altered, answer)
    assert refused.family.value in ("unverified", "malformed")
    assert tell(world.tokyo, world.kyiv, altered) == answer
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"
    assert audit(world.kyiv).findings == []
