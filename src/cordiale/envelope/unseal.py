"""Opening: what is checked of a sealed item before anything of it is believed or released.

Without a key (`inspect_envelope` to step 7, `verify_sheet`; on arrival all of it, `verify_envelope`):

1. the container: every byte accounted for, exactly as we would write it;
2. the manifest: of the form, in its only spelling;
3. one consignment record, last of the assertions;
4. its signature by the provider's node, its type and mode;
5. who to whom, under what, as expected;
6. policy, wrapped keys, labels and particulars: what the record was made of;
7. the policy names the recipient, the wrapping is that of the suite;
8. the payload: size, segments, digest.

With the content key, once it was granted (`unlock`):

9. the record commits to this key, and policy, segments and assertions are
   bound to it;
10. the particulars, and that they speak of this content.

And to read (`open_verified`): 11. all of the payload, decrypted, digested and
held against the commitment to its plaintext; 12. only then it is released.

Left to the caller: whose keys the provider's are (node statement, agreement),
and whether the person may read (rules), before a key is granted.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Final, NoReturn

from cordiale.crypto.aead import OVERHEAD_SIZE_BYTES, Fingerprints, hmac_sha256, is_equal
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import verify_object
from cordiale.crypto.signatures import VerifyingPair
from cordiale.envelope.assertions import Statements, read_statements, split_record, verify_assertion
from cordiale.envelope.keyaccess import require_policy_for, require_suite, verify_policy_binding
from cordiale.envelope.lanes import Lane
from cordiale.envelope.manifest import MEDIA_TYPE, Manifest, encode_manifest, parse_manifest
from cordiale.envelope.particulars import Particulars, unseal_particulars
from cordiale.envelope.payload import (
    ContentCommitment,
    PlacedPayload,
    Release,
    decrypt_checked,
    digest_plain,
    release_segments,
    verify_sealed,
)
from cordiale.envelope.record import (
    Carriage,
    ConsignmentRecord,
    Enclosure,
    Endpoint,
    verify_content_key,
    verify_enclosure,
)
from cordiale.envelope.sheet import parse_sheet
from cordiale.envelope.streams import SeekableSource
from cordiale.envelope.zipform import Container, parse_container, read_manifest, require_own_form
from cordiale.errors import Malformed, Unverified
from cordiale.model.mode import Mode

_RESEND: Final = "ask the sender to send it again; if it fails again, report it as an incident"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the opener already knows of the item, and holds its record against.

    `signer` is the provider's registry key of its valid node statement;
    `carriage` is None for an item sealed at deposit.
    """

    mode: Mode
    provider: Endpoint
    recipient: Endpoint
    signer: VerifyingPair
    carriage: Carriage | None


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """A record whose signature and contents were verified, without any key of the recipient."""

    record: ConsignmentRecord
    enclosure: Enclosure
    statements: Statements


@dataclass(frozen=True, slots=True)
class InspectedEnvelope:
    """An envelope whose record is its provider's and covers all but the payload, which was not looked at.

    Enough to ask for its key and to open it: opening verifies the payload itself.
    """

    sealed: VerifiedRecord
    container: Container
    manifest: Manifest

    @property
    def record(self) -> ConsignmentRecord:
        """The consignment record."""
        return self.sealed.record


@dataclass(frozen=True, slots=True)
class VerifiedEnvelope(InspectedEnvelope):
    """An envelope that is whole and is what its provider signed. Its plaintext was not looked at."""


def inspect_envelope(source: SeekableSource, expected: Expected) -> InspectedEnvelope:
    """Verify everything around the payload (steps 1 to 7, and its size), in the same time at any size.

    Raises `Malformed` or `Unverified`.
    """
    # 1, 2. The container and its manifest.
    container = require_own_form(source, parse_container(source))
    encoded = read_manifest(source, container)
    manifest = parse_manifest(encoded)
    if encode_manifest(manifest) != encoded or manifest.media_type != MEDIA_TYPE:
        _refuse("envelope.manifest-form", "the manifest of the sealed item is not written in its only form")
    # 3 to 7. The record and what it covers.
    enclosure, signed = split_record(manifest)
    verified = InspectedEnvelope(_verify_record(enclosure, signed, expected), container, manifest)
    # 8. How much payload there is, and how it is cut.
    table, facts = manifest.segments, verified.record.payload
    if facts is None:
        _refuse("envelope.payload-unsigned", "the record is that of a thing which travels otherwise")
    if not table.payload_size_bytes == container.payload.size_bytes == facts.size_bytes:
        raise Unverified(
            "payload.size", "the sealed content is shorter or longer than it was when it was signed",
            hint=_RESEND,
        )
    if table.segment_size_bytes != facts.segment_size_bytes:
        raise Unverified(
            "payload.segment-size", "the sealed content is cut otherwise than it was when it was signed",
            hint=_RESEND,
        )
    return verified


def verify_envelope(source: SeekableSource, expected: Expected) -> VerifiedEnvelope:
    """Verify all that can be verified without a key (steps 1 to 8) and return the envelope.

    Reads `source` once, in constant memory. Raises `Malformed` or `Unverified`.
    """
    inspected = inspect_envelope(source, expected)
    verify_sealed(source, placed_payload(inspected))
    return VerifiedEnvelope(inspected.sealed, inspected.container, inspected.manifest)


def verify_sheet(sheet: bytes, expected: Expected) -> VerifiedRecord:
    """Verify the record of a register-only item (steps 3 to 7). Raises `Malformed` or `Unverified`."""
    enclosure, signed = parse_sheet(sheet)
    verified = _verify_record(enclosure, signed, expected)
    if verified.record.payload is not None:
        _refuse("envelope.payload-missing", "the record is that of a sealed file, and the file is missing")
    return verified


def read_particulars(verified: VerifiedRecord, content_key: bytes) -> Particulars:
    """Return the particulars of a register-only item (steps 9 and 10). Raises `Unverified` or `Malformed`."""
    particulars = _unlock_record(verified, content_key)
    if particulars.content is not None:
        _refuse("particulars.content", "the particulars speak of a content that is not there")
    return particulars


def unlock(verified: InspectedEnvelope, content_key: bytes) -> Particulars:
    """Return the particulars of a sealed item, with its content still sealed (steps 9 and 10).

    Raises `Unverified` when the key is another or anything is not bound to it,
    `Malformed` when the particulars are not of the form.
    """
    particulars = _unlock_record(verified.sealed, content_key)
    manifest = verified.manifest
    aggregate = manifest.segments.aggregate
    if not is_equal(hmac_sha256(content_key, aggregate), manifest.root_signature):
        raise Unverified(
            "envelope.root-signature", "the list of segments of the sealed item was changed", hint=_RESEND
        )
    for assertion in manifest.assertions:
        verify_assertion(assertion, content_key=content_key, aggregate=aggregate)
    content = particulars.content
    if content is None or content.size_bytes != manifest.segments.content_size_bytes:
        _refuse("particulars.content", "the particulars speak of another content than the one sealed")
    return particulars


def release_verified(
    source: SeekableSource, *, verified: InspectedEnvelope, content_key: bytes
) -> Generator[memoryview, None, None]:
    """Give the plaintext of `verified`, piece by piece (steps 9 to 12).

    Each piece is in a buffer that is used again: take it before asking for the
    next. Nothing is given before all of the payload was verified. Raises
    `Unverified` or `Malformed`; after that, what was given is a true beginning
    of the content, and is to be discarded. Close the iterator when leaving it
    early, and keep `source` open until then.
    """
    particulars = unlock(verified, content_key)
    yield from release_segments(source, _verify_content(source, verified, content_key, particulars))


def open_verified(
    source: SeekableSource,
    write: Callable[[memoryview], object],
    *,
    verified: InspectedEnvelope,
    content_key: bytes,
) -> Particulars:
    """Release the plaintext of `verified` to `write`, and return its particulars: as `release_verified`.

    `write` must take each piece at once.
    """
    particulars = unlock(verified, content_key)
    release = _verify_content(source, verified, content_key, particulars)
    with closing(release_segments(source, release)) as pieces:
        for piece in pieces:
            write(piece)
    return particulars


def unseal_stream(
    source: SeekableSource,
    write: Callable[[memoryview], object],
    *,
    content_key: bytes,
    expected: Expected,
) -> tuple[InspectedEnvelope, Particulars]:
    """Verify and open an envelope whose key is known: `inspect_envelope` and `open_verified` in one."""
    inspected = inspect_envelope(source, expected)
    return inspected, open_verified(source, write, verified=inspected, content_key=content_key)


def placed_payload(verified: InspectedEnvelope) -> PlacedPayload:
    """Return where the payload of `verified` lies and what it must be."""
    facts = verified.record.payload
    if facts is None:
        _refuse("envelope.payload-unsigned", "the record is that of a thing which travels otherwise")
    return PlacedPayload(
        verified.record.routing.mode, verified.container.payload, verified.manifest.segments, facts.digest
    )


def _verify_record(enclosure: Enclosure, signed: bytes, expected: Expected) -> VerifiedRecord:
    # 4. The signature.
    typ = object_type(Purpose.CONSIGNMENT_RECORD, expected.mode)
    record = ConsignmentRecord.parse(verify_object(signed, typ, [expected.signer]))
    # 5. Who to whom, under what.
    routing = record.routing
    for found, wanted, what in (
        (routing.mode, expected.mode, "mode"),
        (routing.provider, expected.provider, "provider"),
        (routing.recipient, expected.recipient, "recipient"),
        (routing.carriage, expected.carriage, "agreement or consignment"),
    ):
        if found != wanted:
            raise Unverified(
                "record.routing", "the {what} of the consignment record is not the one expected",
                hint="check which partner and consignment it came with; ask the sender to send it again",
                what=what,
            )
    # 6. What travels with it.
    verify_enclosure(record, enclosure)
    statements = read_statements(enclosure.statements, signed)
    # 7. For whom it is sealed, and how.
    require_policy_for(enclosure.policy, routing.recipient.node)
    require_suite(enclosure.key_access)
    return VerifiedRecord(record, enclosure, statements)


def _verify_content(
    source: SeekableSource, verified: InspectedEnvelope, content_key: bytes, particulars: Particulars
) -> Release:
    """Step 11: decrypt all of the payload and hold it against record and particulars."""
    payload, fingerprints = placed_payload(verified), Fingerprints()
    commitment = ContentCommitment(payload.mode)
    found = []

    def inspect(lane: Lane) -> tuple[bytes, bytes]:
        sealed = lane.sealed[:lane.size + OVERHEAD_SIZE_BYTES]
        return digest_plain(lane), fingerprints.fingerprint(sealed, index=lane.index)

    with closing(decrypt_checked(source, payload, content_key=content_key, inspect=inspect)) as segments:
        for plain, (digest, fingerprint) in segments:
            commitment.add(digest, size_bytes=len(plain))
            found.append(fingerprint)
    content = particulars.content
    if content is None or not is_equal(commitment.commit(content.salt), content.commitment):
        raise Unverified(
            "particulars.commitment", "the content is not the one the particulars speak of", hint=_RESEND
        )
    return Release(payload, content_key, fingerprints, tuple(found))


def _unlock_record(verified: VerifiedRecord, content_key: bytes) -> Particulars:
    verify_content_key(verified.record, content_key)
    enclosure = verified.enclosure
    verify_policy_binding(enclosure.key_access, content_key=content_key, policy=enclosure.policy)
    particulars = unseal_particulars(
        verified.statements.encrypted_particulars, content_key=content_key, mode=verified.record.routing.mode
    )
    if not verified.statements.labels and not particulars.label:
        _refuse("envelope.unlabelled", "the item has no label")
    return particulars


def _refuse(code: str, text: str) -> NoReturn:
    raise Malformed(code, text, hint="ask the sender to send it again")
