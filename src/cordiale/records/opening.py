"""What a keeper of the register may read of a held consignment: its slip and the particulars, never a content."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from cordiale.canonical import parse_base64url
from cordiale.crypto.digests import verify_digest
from cordiale.envelope.particulars import Particulars
from cordiale.envelope.record import Carriage, Endpoint
from cordiale.envelope.slip import open_slip
from cordiale.envelope.unseal import (
    Expected,
    VerifiedRecord,
    inspect_envelope,
    read_particulars,
    unlock,
    verify_envelope,
    verify_sheet,
)
from cordiale.errors import CordialeError, Undecidable, Unverified
from cordiale.model.label import Label
from cordiale.model.names import AgreementId, ConsignmentId, NodeId, PartyId
from cordiale.records.partners import registry_keys_ever
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.sealing import Grants, expected_from, label_digest, require_entered
from cordiale.wire.label_xml import parse_label_xml
from cordiale.wire.scheme_table import load_schemes, schemes_for


@dataclass(frozen=True, slots=True)
class Opened:
    """One item of a consignment with its particulars opened, and its label."""

    held: dict[str, Any]
    particulars: Particulars
    label: Label


def slip_number(registry: Registry, record: Record, grants: Grants | None = None) -> str:
    """Return the sender's number of a consignment, empty where the sender gave none.

    Raises `Malformed` or `Unverified` when the slip is not that of this consignment.
    """
    if "slip" not in record.body:
        return str(record.body.get("their_number", ""))
    return open_slip(
        parse_base64url(record["slip"]), consignment=record.id, mode=registry.mode,
        unwrap=(grants or Grants(registry.keys)).key_by_any,
    )


def open_held(
    registry: Registry, record: Record, *, whole: bool, grants: Grants | None = None
) -> tuple[Opened, ...]:
    """Open the particulars of each item of a held consignment with this node's key; the contents stay sealed.

    `whole` verifies every encrypted segment again, in a time that grows with the content; without it only
    what is around the content is verified. Raises `Malformed`, `Unverified` or `Undecidable`.
    """
    provider = Endpoint(PartyId(record["party"]), NodeId(record["node"]))
    carriage = Carriage(AgreementId(record["agreement"]), record["version"], ConsignmentId(record.id))
    signers = registry_keys_ever(registry.reads(), record["party"], registry.mode)
    expected = [expected_from(registry, provider, signer, carriage) for signer in signers]
    opener = _Opener(registry, expected, grants or Grants(registry.keys), whole)
    return tuple(_open_one(opener, held) for held in record["items"])


@dataclass(frozen=True, slots=True)
class _Opener:
    """What the items of one consignment are opened with."""

    registry: Registry
    expected: Sequence[Expected]
    grants: Grants
    whole: bool


def _open_one(opener: _Opener, held: dict[str, Any]) -> Opened:
    error: CordialeError | None = None
    for one in opener.expected:
        try:
            verified, particulars = _unlock(opener, held, one)
        except Unverified as unverified:
            error = unverified
            continue
        return _read_label(opener.registry, held, verified, particulars)
    raise error or Undecidable("register.no-key", "the partner's statement names no registry key", hint="ask for it")


def _unlock(opener: _Opener, held: dict[str, Any], expected: Expected) -> tuple[VerifiedRecord, Particulars]:
    if "sheet" in held:
        verified = verify_sheet(parse_base64url(held["sheet"]), expected)
        return verified, read_particulars(verified, opener.grants.content_key(verified.enclosure))
    with closing(opener.registry.objects.open(held["object"])) as source:
        envelope = verify_envelope(source, expected) if opener.whole else inspect_envelope(source, expected)
    require_entered(envelope.record, item=held["item"], digest=bytes.fromhex(held["digest"]))
    return envelope.sealed, unlock(envelope, opener.grants.content_key(envelope.sealed.enclosure))


def _read_label(
    registry: Registry, held: dict[str, Any], verified: VerifiedRecord, particulars: Particulars
) -> Opened:
    """Return the item with its label, after holding the label against the digest in the particulars."""
    labels = [particulars.label] if particulars.label else [one.value.encode() for one in verified.statements.labels]
    if not labels:
        raise Unverified(
            "register.no-label", "an item came without the label of its originator",
            hint="nothing was registered; refuse the consignment and tell the partner",
        )
    xml = labels[0]
    verify_digest(label_digest(xml, registry.mode), particulars.label_digest)
    label = parse_label_xml(xml, schemes_for(registry.mode, load_schemes()))
    if label.level != particulars.level or label.originator != verified.record.routing.originator:
        raise Unverified(
            "register.label-differs", "the label and the particulars of an item do not agree",
            hint="nothing was registered; refuse the consignment and tell the partner",
        )
    return Opened(held, particulars, label)
