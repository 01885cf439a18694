"""The consignment record: what the providing party signs about a sealed item.

It holds in clear what is needed to carry the item and nothing more: who to whom
under which agreement, identifiers without meaning, digests of what travels, and
a commitment to the content key. What the item *is* stands in the particulars,
encrypted for the recipient (`cordiale.envelope.particulars`); the record holds
the digest of that ciphertext. No digest of a plaintext appears in it.

TDF itself authenticates neither the originator nor the list of statements, and
anyone who holds the content key can forge what it does authenticate. The record
signs exactly what TDF leaves open: policy, keys without their address, labels
and particulars, payload, and that nothing of it was removed.

A record without a payload is that of a thing which travels otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import (
    INTEGER_MAX,
    Canonical,
    Fields,
    Json,
    encode_base64url,
    encode_canonical,
    encode_instant,
    parse_canonical,
)
from cordiale.crypto.aead import derive, is_equal
from cordiale.crypto.digests import SHA384_SIZE_BYTES
from cordiale.envelope.manifest import Assertion, KeyAccess
from cordiale.envelope.parts import Part, digest_part, part_domain
from cordiale.envelope.plainjson import encode_plain_json
from cordiale.errors import Unverified
from cordiale.limits import IDENTIFIER_LENGTH_MAX, RECORD_SIZE_BYTES_MAX, SEGMENT_SIZE_BYTES_MAX
from cordiale.model.mode import Mode
from cordiale.model.names import (
    AgreementId,
    ConsignmentId,
    CopyId,
    ItemId,
    NodeId,
    PartyId,
    parse_identifier,
    parse_party_id,
)

SUITE: Final = "1"
RECORD_FORM: Final = "cordiale-consignment-record-1"
_AGREEMENT_VERSION_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of the way: a node of a party."""

    party: PartyId
    node: NodeId

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"party": self.party, "node": self.node}

    @classmethod
    def parse(cls, fields: Fields) -> Endpoint:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            party=parse_party_id(fields.text("party", max_length=IDENTIFIER_LENGTH_MAX)),
            node=NodeId(_read_identifier(fields, "node")),
        )


@dataclass(frozen=True, slots=True)
class Carriage:
    """Under what an item travels: the agreement, its version, and the consignment it is part of."""

    agreement: AgreementId
    version: int
    consignment: ConsignmentId


@dataclass(frozen=True, slots=True)
class Routing:
    """The clear part of a record that people and nodes go by.

    `carriage` is None for an item sealed at deposit, from the provider to itself.
    """

    mode: Mode
    originator: PartyId
    provider: Endpoint
    recipient: Endpoint
    item: ItemId
    copy: CopyId
    sealed_at: datetime
    carriage: Carriage | None = None


@dataclass(frozen=True, slots=True)
class PayloadFacts:
    """What the record says of the sealed payload; `size_bytes` is that of all encrypted segments.

    `digest` is the segmented digest (SHA-384 over SHA-256 of each encrypted
    segment); `segment_size_bytes` is the plaintext size of a full segment.
    """

    digest: bytes
    size_bytes: int
    segment_size_bytes: int


@dataclass(frozen=True, slots=True)
class ConsignmentRecord:
    """The clear record. All digests have 48 bytes; `payload` is None for a register-only item."""

    routing: Routing
    policy_digest: bytes
    key_access_digest: bytes
    statements_digest: bytes
    key_commitment: bytes
    payload: PayloadFacts | None

    def encode(self) -> Canonical:
        """Write the record as canonical JSON: the bytes that are signed."""
        routing = self.routing
        members: dict[str, Json] = {
            "form": RECORD_FORM,
            "suite": SUITE,
            "mode": routing.mode.value,
            "originator": routing.originator,
            "provider": routing.provider.encode(),
            "recipient": routing.recipient.encode(),
            "item": routing.item,
            "copy": routing.copy,
            "sealed_at": encode_instant(routing.sealed_at),
            "policy": encode_base64url(self.policy_digest),
            "key_access": encode_base64url(self.key_access_digest),
            "statements": encode_base64url(self.statements_digest),
            "key_commitment": encode_base64url(self.key_commitment),
        }
        if routing.carriage is not None:
            members["carriage"] = {
                "agreement": routing.carriage.agreement,
                "version": routing.carriage.version,
                "consignment": routing.carriage.consignment,
            }
        if self.payload is not None:
            members["payload"] = {
                "digest": encode_base64url(self.payload.digest),
                "size_bytes": self.payload.size_bytes,
                "segment_size_bytes": self.payload.segment_size_bytes,
            }
        return encode_canonical(members)

    @classmethod
    def parse(cls, content: bytes) -> ConsignmentRecord:
        """Read what `encode` wrote. Raises `Malformed` for anything else."""
        fields = Fields(
            parse_canonical(content, size_max=RECORD_SIZE_BYTES_MAX), where="consignment record"
        )
        fields.constant("form", RECORD_FORM)
        fields.constant("suite", SUITE)
        record = cls(
            routing=_parse_routing(fields),
            policy_digest=fields.bytes_("policy", length=SHA384_SIZE_BYTES),
            key_access_digest=fields.bytes_("key_access", length=SHA384_SIZE_BYTES),
            statements_digest=fields.bytes_("statements", length=SHA384_SIZE_BYTES),
            key_commitment=fields.bytes_("key_commitment", length=SHA384_SIZE_BYTES),
            payload=_parse_payload(fields.optional_object("payload")),
        )
        fields.end()
        return record


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What travels with the record and is covered by it: policy, key access, statements.

    The statements are the labels and the encrypted particulars, in order.
    """

    policy: str
    key_access: tuple[KeyAccess, ...]
    statements: tuple[Assertion, ...]


def make_record(
    routing: Routing, enclosure: Enclosure, *, content_key: bytes, payload: PayloadFacts | None
) -> ConsignmentRecord:
    """Make the record of what stands in `enclosure` and `payload`, sealed under `content_key`."""
    policy, key_access, statements = _digest_enclosure(enclosure, routing.mode)
    return ConsignmentRecord(
        routing, policy, key_access, statements, commit_to_key(content_key, routing.mode), payload
    )


def commit_to_key(content_key: bytes, mode: Mode) -> bytes:
    """Return the commitment to `content_key`: 48 bytes that show nothing of it and fit no other key.

    GCM alone would let a provider make one ciphertext that opens to two texts
    under two keys.
    """
    return derive(content_key, part_domain(Part.KEY_COMMITMENT, mode), size_bytes=SHA384_SIZE_BYTES)


def verify_enclosure(record: ConsignmentRecord, enclosure: Enclosure) -> Enclosure:
    """Return `enclosure` when it is what `record` was made of. Raises `Unverified` otherwise."""
    policy, key_access, statements = _digest_enclosure(enclosure, record.routing.mode)
    for found, expected, what in (
        (policy, record.policy_digest, "the policy"),
        (key_access, record.key_access_digest, "the list of wrapped keys"),
        (statements, record.statements_digest, "the labels and particulars"),
    ):
        if not is_equal(found, expected):
            raise Unverified(
                "record.enclosure", "{what} of the sealed item was changed, added to or taken from",
                hint="ask the sender to send it again; if it fails again, report it as an incident",
                what=what,
            )
    return enclosure


def digest_signed_record(signed: bytes, mode: Mode) -> bytes:
    """Return the digest of a record as it was signed, 48 bytes: by it a message names the record of an item."""
    return digest_part(Part.SIGNED_RECORD, signed, mode=mode)


def verify_content_key(record: ConsignmentRecord, content_key: bytes) -> bytes:
    """Return `content_key` when `record` commits to it. Raises `Unverified` otherwise."""
    if not is_equal(commit_to_key(content_key, record.routing.mode), record.key_commitment):
        raise Unverified(
            "record.content-key", "the key granted is not the one this item was sealed with",
            hint="ask the key officer to grant the key of this copy",
        )
    return content_key


def _digest_enclosure(enclosure: Enclosure, mode: Mode) -> tuple[bytes, bytes, bytes]:
    key_access: Sequence[Json] = [access.encode_without_url() for access in enclosure.key_access]
    statements: Sequence[Json] = [statement.encode_unbound() for statement in enclosure.statements]
    return (
        digest_part(Part.POLICY, enclosure.policy.encode("ascii"), mode=mode),
        digest_part(Part.KEY_ACCESS, encode_plain_json(list(key_access)), mode=mode),
        digest_part(Part.STATEMENTS, encode_plain_json(list(statements)), mode=mode),
    )


def _read_identifier(fields: Fields, name: str) -> str:
    return parse_identifier(fields.text(name, max_length=IDENTIFIER_LENGTH_MAX), f"identifier in `{name}`")


def _parse_routing(fields: Fields) -> Routing:
    carriage = fields.optional_object("carriage")
    return Routing(
        mode=fields.choice("mode", Mode),
        originator=parse_party_id(fields.text("originator", max_length=IDENTIFIER_LENGTH_MAX)),
        provider=Endpoint.parse(fields.object("provider")),
        recipient=Endpoint.parse(fields.object("recipient")),
        item=ItemId(_read_identifier(fields, "item")),
        copy=CopyId(_read_identifier(fields, "copy")),
        sealed_at=fields.instant("sealed_at"),
        carriage=None if carriage is None else Carriage(
            agreement=AgreementId(_read_identifier(carriage, "agreement")),
            version=carriage.integer("version", 1, _AGREEMENT_VERSION_MAX),
            consignment=ConsignmentId(_read_identifier(carriage, "consignment")),
        ),
    )


def _parse_payload(fields: Fields | None) -> PayloadFacts | None:
    if fields is None:
        return None
    return PayloadFacts(
        digest=fields.bytes_("digest", length=SHA384_SIZE_BYTES),
        size_bytes=fields.integer("size_bytes", 0, INTEGER_MAX),
        segment_size_bytes=fields.integer("segment_size_bytes", 1, SEGMENT_SIZE_BYTES_MAX),
    )
