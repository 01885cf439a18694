"""Receive: what a partner's node sends is verified and held, and answered by a delivery notice.

Nothing is opened here: the envelopes are checked as far as that is possible
without a key. A registrar opens them when counting and registering.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from cordiale.canonical import encode_base64url, encode_instant
from cordiale.crypto.aead import is_equal
from cordiale.envelope.record import Carriage, Endpoint, digest_signed_record
from cordiale.envelope.unseal import Expected, VerifiedRecord, verify_envelope, verify_sheet
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unavailable, Unverified
from cordiale.message.bodies.consignment import ConsignedItem, Consignment
from cordiale.message.bodies.delivery_notice import DeliveryNotice
from cordiale.message.bodies.receipt import Receipt
from cordiale.message.members import SealedEnvelope
from cordiale.message.trust.keys import registry_keys_of
from cordiale.records.arriving import arriving_name
from cordiale.records.correspondence import Arrived
from cordiale.records.duties import discharge, open_duty
from cordiale.records.endings import ENDED
from cordiale.records.items import COPY, ENTRY
from cordiale.records.record import Record, shown_at
from cordiale.records.registering import duty_to_register
from cordiale.records.registry import Registry
from cordiale.records.sealing import expected_from
from cordiale.records.session import ActSession
from cordiale.records.withdrawals import is_ended_by_node, require_not_withdrawn, revive


def examine_consignment(registry: Registry, arrived: Arrived) -> None:
    """Verify every envelope and sheet of a consignment, outside any transaction; nothing is opened.

    Raises `Unavailable` while an envelope has not arrived yet, and `Malformed` or `Unverified` for a bad one.
    """
    body = arrived.message.body
    if not isinstance(body, Consignment):
        raise Malformed("receive.not-a-consignment", "this is not a consignment", hint="report this as a defect")
    for item in body.items:
        _examine(registry, arrived, body, item)


def _examine(registry: Registry, arrived: Arrived, body: Consignment, item: ConsignedItem) -> None:
    message = arrived.message
    carriage = Carriage(message.agreement, message.agreement_version, body.consignment)
    provider = Endpoint(arrived.partner.party, arrived.partner.node)
    errors: list[CordialeError] = []
    for signer in registry_keys_of(arrived.partner):
        expected = expected_from(registry, provider, signer, carriage)
        try:
            if item.content is None:
                verified = verify_sheet(item.sheet or b"", expected)
            else:
                verified = _verify_content(registry, provider.node, item.content, expected)
        except (Unverified, Malformed) as error:
            errors.append(error)
            continue
        routing = verified.record.routing
        signed = digest_signed_record(verified.statements.signed_record, registry.mode)
        if (routing.item, routing.copy) != (item.item, item.copy) or not is_equal(signed, item.record):
            raise Unverified(
                "receive.other-item", "an envelope holds another item than the consignment says",
                hint="the partner is told; nothing was registered",
            )
        return
    if item.content is not None:
        # A damaged envelope must not stand in the way of a good one of the same name; what was taken before stays.
        drop_unused(registry, arrived.partner.node, item.content)
    raise errors[0]


def drop_repeated(registry: Registry, node: str, body: Consignment) -> None:
    """Remove the envelopes that came once more of copies that have ended since, or of a consignment never held."""
    for item in body.items:
        if item.content is not None:
            drop_unused(registry, node, item.content)


def drop_unused(registry: Registry, node: str, content: SealedEnvelope) -> None:
    """Remove an envelope that has arrived, unless a consignment held here or a copy that has not ended is in it."""
    name = arriving_name(node, content.envelope)
    if not any(_is_in_use(registry, one, name) for one in registry.find("consignment", "objects", name)):
        registry.objects.remove(name)


def _is_in_use(registry: Registry, consignment: Record, name: str) -> bool:
    if consignment["direction"] != "in" or consignment["state"] == "held":
        return True
    copies = [registry.record(COPY, held["copy"]) for held in consignment["items"] if held.get("object") == name]
    return any(copy is not None and copy["state"] not in ENDED for copy in copies)


def _require_arrived(registry: Registry, name: str) -> int:
    """Return the size in bytes of the envelope `name`; raises `Unavailable` while it is not here."""
    size = registry.objects.size(name)
    if size is None:
        raise Unavailable(
            "receive.envelope-missing", "a sealed envelope of this consignment has not arrived yet",
            hint="it is asked for again; on a medium, check that all files are there",
        )
    return size


def _verify_content(
    registry: Registry, node: str, content: SealedEnvelope, expected: Expected
) -> VerifiedRecord:
    name = arriving_name(node, content.envelope)
    size = _require_arrived(registry, name)
    with closing(registry.objects.open(name)) as source:
        verified = verify_envelope(source, expected).sealed
    payload = verified.record.payload
    if size != content.size_bytes or payload is None or payload.digest != content.ciphertext_digest:
        raise Unverified(
            "receive.other-envelope", "a sealed envelope is not the one the consignment names",
            hint="the partner is told; nothing was registered",
        )
    return verified


def take_consignment(registry: Registry, session: ActSession, arrived: Arrived) -> DeliveryNotice:
    """Hold a verified consignment until a registrar counts and registers it."""
    message, body = arrived.message, arrived.message.body
    if not isinstance(body, Consignment):
        raise Malformed("receive.not-a-consignment", "this is not a consignment", hint="report this as a defect")
    if session.get("consignment", body.consignment) is not None:
        raise OutOfOrder(
            "receive.consignment-known", "a consignment of this number was received before",
            hint="ask the partner to number it anew",
        )
    require_not_withdrawn(session, arrived.partner.node, message.id)
    node = arrived.partner.node
    objects = [arriving_name(node, item.content.envelope) for item in body.items if item.content is not None]
    for name in objects:
        # What nobody names is swept: here, inside the act that names it, it is seen to be there still.
        _require_arrived(registry, name)
    session.put("consignment", body.consignment, {
        "agreement": message.agreement, "digest": arrived.digest.hex(), "direction": "in",
        "items": [_held(node, item) for item in body.items], "kind": body.kind.value, "message": message.id,
        "objects": objects,
        "party": arrived.partner.party, "received_at": shown_at(session.at), "sent_at": encode_instant(message.sent_at),
        "state": "held",
        "version": message.agreement_version, "node": node,
        **({"receipt_due": body.receipt_due.isoformat()} if body.receipt_due else {}),
        **({"slip": encode_base64url(body.slip)} if body.slip is not None else {}),
    }, expect=0)
    open_duty(
        session, duty_to_register(body.consignment), what="register", owner=registry.party, subject=body.consignment,
        due=None,
    )
    return DeliveryNotice(
        consignment=body.consignment,
        message_digest=arrived.digest,
        envelopes=tuple(item.content for item in body.items if item.content is not None),
        held_at=session.at.replace(microsecond=0),
    )


def _held(node: str, item: ConsignedItem) -> dict[str, Any]:
    held: dict[str, Any] = {
        "copies_total": item.copies_total, "copy": item.copy, "copy_number": item.copy_number, "form": item.form.value,
        "item": item.item,
    }
    if item.content is None:
        held["sheet"] = encode_base64url(item.sheet or b"")
    else:
        held |= {"digest": item.content.ciphertext_digest.hex(), "object": arriving_name(node, item.content.envelope)}
    return held


def _sent_to(session: ActSession, consignment: str, arrived: Arrived) -> Record | None:
    """Return a consignment that we sent to the sender under the same agreement; any other is as if there were none."""
    record = session.get("consignment", consignment)
    if record is None or record["direction"] != "out" or record["party"] != arrived.partner.party:
        return None
    return record if record["agreement"] == arrived.message.agreement else None


def take_delivery_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Note that the partner's node holds what we sent; it must speak of exactly the bytes that left."""
    body = arrived.message.body
    if not isinstance(body, DeliveryNotice):
        raise Malformed("receive.not-a-notice", "this is not a delivery notice", hint="report this as a defect")
    record = _sent_to(session, body.consignment, arrived)
    if record is None or record["digest"] != body.message_digest.hex():
        raise Unverified(
            "notice.other-bytes", "the delivery notice speaks of other bytes than we sent",
            hint="report it to the security officer",
        )
    if is_ended_by_node(session, record):
        return  # Its own node has said since that it ended there; this was said before, and comes late.
    revive(registry, session, record)
    record = session.require("consignment", record.id)
    if record["state"] == "dispatched":
        session.change(record, delivered_at=shown_at(session.at), state="delivered")


def _receipted(copy: str) -> str:
    """Return the identifier of the entry that a copy was receipted."""
    return f"receipt.{copy}"


def take_receipt(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take a registrar's signed receipt: the partner answers for the copies from here on (CH-IL V(4))."""
    body = arrived.message.body
    if not isinstance(body, Receipt):
        raise Malformed("receive.not-a-receipt", "this is not a receipt", hint="report this as a defect")
    record = _sent_to(session, body.consignment, arrived)
    copies = [str(copy) for copy in record["copies"]] if record is not None else []
    session.reads.look_ahead([name for copy in copies for name in ((COPY, copy), (ENTRY, _receipted(copy)))])
    sent = {copy: session.require(COPY, copy) for copy in copies}
    receipted = {str(item.copy): item for item in body.items}
    same = record is not None and record["digest"] == body.message_digest.hex()
    digests = all(
        copy.body.get("ciphertext_digest", "") == (receipted[id].ciphertext_digest or b"").hex()
        for id, copy in sent.items() if id in receipted
    )
    if record is None or not same or set(sent) != set(receipted) or not digests:
        raise Unverified(
            "receipt.other-bytes", "the receipt speaks of other items or bytes than we sent",
            hint="it was not accepted, and the partner is told; report it to the security officer",
        )
    if record["state"] == "receipted":
        raise OutOfOrder("receipt.twice", "this consignment was receipted before", hint="nothing was changed")
    revive(registry, session, record)
    record, sent = session.require("consignment", record.id), {id: session.require(COPY, id) for id in sent}
    session.change(
        record, counted=body.counted, received_at=shown_at(body.received_at), receipt=arrived.message.id,
        receipted_at=shown_at(session.at), registrar=body.registrar.encode(), remarks=body.remarks or None,
        state="receipted",
    )
    for id, copy in sent.items():
        item = receipted[id]
        equivalent = str(item.equivalent) if item.equivalent else None
        session.change(
            copy, state="with-partner" if copy["state"] == "dispatched" else copy["state"], their_level=equivalent,
            their_reference=item.register_number,
        )
        session.put(ENTRY, _receipted(id), {
            "act": "receipted", "at": shown_at(session.at), "book": "dispatch", "copy": id, "item": copy["item"],
            "number": record["number"], "party": record["party"], "registrar": body.registrar.encode(),
            "their_reference": item.register_number,
        }, expect=0)
    discharge(session, f"receipt.{body.consignment}", arrived.message.id)

