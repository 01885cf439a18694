"""Sealing: a stream becomes an envelope for one node.

The long part and the binding part are separate, because numbers are taken only
when an act is committed: `seal_content` encrypts, and has no effect until
`close_envelope` writes policy, wrapped key, particulars and the signed record.
`seal_stream` does both where everything is known beforehand. What was not
closed can be opened by nobody, us included: its key was never written.

A register-only item has no content; `make_record_only` makes its record alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from cordiale.canonical import Canonical
from cordiale.crypto.aead import generate_key, hmac_sha256
from cordiale.crypto.digests import make_salt
from cordiale.crypto.domains import Purpose, object_type
from cordiale.envelope.assertions import (
    LabelStatement,
    assemble_statements,
    assertion_of_record,
    bind_assertion,
)
from cordiale.envelope.keyaccess import KeyRecipient, make_policy, wrap_content_key
from cordiale.envelope.manifest import Manifest, encode_manifest
from cordiale.envelope.particulars import ContentFacts, Particulars, seal_particulars
from cordiale.envelope.payload import SealedSegments, SealingPlan, seal_segments
from cordiale.envelope.record import ConsignmentRecord, Enclosure, PayloadFacts, Routing, make_record
from cordiale.envelope.sheet import encode_sheet
from cordiale.envelope.streams import ByteSource, ByteTarget
from cordiale.envelope.zipform import ContainerWriter
from cordiale.errors import Malformed
from cordiale.limits import SEGMENT_SIZE_BYTES
from cordiale.model.mode import Mode

Sign: TypeAlias = Callable[[Canonical, str], bytes]
"""Signs canonical JSON as a `typ` with the node's registry keys (`cordiale.crypto.jws.sign_written`)."""


@dataclass(frozen=True, slots=True)
class SealRequest:
    """For whom, under what and with which particulars an item is sealed, and who signs for it.

    `particulars.content` is filled in here and must be None.
    """

    routing: Routing
    recipient: KeyRecipient
    labels: tuple[LabelStatement, ...]
    particulars: Particulars
    sign: Sign


@dataclass(frozen=True, slots=True)
class SealedContent:
    """Content that was encrypted into a container which is not closed yet. It holds the content key."""

    mode: Mode
    segments: SealedSegments
    salt: bytes = field(repr=False)
    content_key: bytes = field(repr=False)
    writer: ContainerWriter = field(repr=False)

    @property
    def facts(self) -> ContentFacts:
        """Size of the plaintext and the salted commitment to it."""
        return ContentFacts(self.segments.table.content_size_bytes, self.salt, self.segments.commitment)


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """An envelope that was written: its record, the record as signed, and the size of the whole in bytes."""

    record: ConsignmentRecord
    signed_record: bytes
    content: ContentFacts
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SealedSheet:
    """The record of a register-only item; `sheet` is the bytes to hand over."""

    record: ConsignmentRecord
    signed_record: bytes
    sheet: bytes


def seal_content(
    source: ByteSource,
    target: ByteTarget,
    *,
    mode: Mode,
    salt: bytes | None = None,
    segment_size_bytes: int = SEGMENT_SIZE_BYTES,
) -> SealedContent:
    """Encrypt all of `source` into `target` under a fresh content key, in one pass and constant memory.

    `salt` (32 bytes) is that of an earlier commitment to the same content in
    segments of the same size, when the two shall be comparable; otherwise a
    fresh one is used. Raises
    `Malformed` when the content is larger than an item may be.
    """
    content_key, salt = generate_key(), make_salt() if salt is None else salt
    writer = ContainerWriter(target)
    writer.begin()
    plan = SealingPlan(mode, content_key, salt, segment_size_bytes)
    return SealedContent(mode, seal_segments(source, writer, plan=plan), salt, content_key, writer)


def close_envelope(content: SealedContent, request: SealRequest) -> SealedEnvelope:
    """Write everything but the payload after it: now the recipient can open the envelope.

    Raises `Malformed` when the request contradicts itself or the content, or
    something in it is too large for its place.
    """
    if request.routing.mode is not content.mode:
        raise Malformed(
            "seal.mode", "the content was sealed in another mode than the record is made for",
            hint="seal the content again",
        )
    table = content.segments.table
    payload = PayloadFacts(content.segments.digest, table.payload_size_bytes, table.segment_size_bytes)
    sealed = _make_signed_record(request, content.content_key, content=content.facts, payload=payload)
    assertions = (*sealed.enclosure.statements, assertion_of_record(sealed.signed))
    aggregate = table.aggregate
    manifest = Manifest(
        policy=sealed.enclosure.policy,
        key_access=sealed.enclosure.key_access,
        segments=table,
        root_signature=hmac_sha256(content.content_key, aggregate),
        assertions=tuple(
            bind_assertion(each, content_key=content.content_key, aggregate=aggregate) for each in assertions
        ),
    )
    size_bytes = content.writer.finish(encode_manifest(manifest))
    return SealedEnvelope(sealed.record, sealed.signed, content.facts, size_bytes)


def seal_stream(
    source: ByteSource,
    target: ByteTarget,
    request: SealRequest,
    *,
    segment_size_bytes: int = SEGMENT_SIZE_BYTES,
) -> SealedEnvelope:
    """Seal all of `source` into `target`: `seal_content` and `close_envelope` in one."""
    content = seal_content(
        source, target, mode=request.routing.mode, segment_size_bytes=segment_size_bytes
    )
    return close_envelope(content, request)


def make_record_only(request: SealRequest) -> SealedSheet:
    """Make the record of an item that travels otherwise: routing, labels and particulars, no payload.

    Raises `Malformed` when the request contradicts itself or is too large.
    """
    sealed = _make_signed_record(request, generate_key(), content=None, payload=None)
    return SealedSheet(sealed.record, sealed.signed, encode_sheet(sealed.enclosure, sealed.signed))


@dataclass(frozen=True, slots=True)
class _SignedRecord:
    record: ConsignmentRecord
    signed: bytes
    enclosure: Enclosure


def _make_signed_record(
    request: SealRequest, content_key: bytes, *, content: ContentFacts | None, payload: PayloadFacts | None
) -> _SignedRecord:
    routing = request.routing
    if request.recipient.node != routing.recipient.node or request.particulars.content is not None:
        raise Malformed(
            "seal.request", "the item is addressed to one node and sealed for another, or was sealed before",
            hint="prepare the item again",
        )
    if not request.labels and not request.particulars.label:
        raise Malformed("envelope.unlabelled", "the item has no label", hint="label it before it is sealed")
    particulars = replace(request.particulars, content=content)
    encrypted = seal_particulars(particulars, content_key=content_key, mode=routing.mode)
    policy = make_policy(request.recipient.node)
    enclosure = Enclosure(
        policy=policy,
        key_access=(wrap_content_key(content_key, request.recipient, policy=policy),),
        statements=assemble_statements(request.labels, encrypted),
    )
    record = make_record(routing, enclosure, content_key=content_key, payload=payload)
    signed = request.sign(record.encode(), object_type(Purpose.CONSIGNMENT_RECORD, routing.mode))
    return _SignedRecord(record, signed, enclosure)
