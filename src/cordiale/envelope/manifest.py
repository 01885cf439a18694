"""The manifest of a sealed container (TDF 4.3.0): strict reader, one way to write it.

The writer always states both sizes of every segment; the reader fills in what
other writers leave out. Beyond what the published text says, implementations
decide the form: `docs/spec/envelope.md` lists where. Nothing is verified here.

Refused although the format knows it: the form before 4.3.0, several key shares
for one object, segment hashes other than GMAC, segments of uneven size, and
statements that are not texts, because implementations hash those differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from cordiale.canonical import Fields, Json
from cordiale.crypto.aead import OVERHEAD_SIZE_BYTES, TAG_SIZE_BYTES
from cordiale.envelope.plainjson import encode_base64, encode_plain_json, parse_base64, parse_plain_json
from cordiale.envelope.zipform import PAYLOAD_NAME
from cordiale.errors import Malformed
from cordiale.limits import (
    ASSERTIONS_COUNT_MAX,
    CONTENT_SIZE_BYTES_MAX,
    MANIFEST_SIZE_BYTES_MAX,
    POLICY_LENGTH_MAX,
    SEGMENT_SIZE_BYTES_MAX,
    SEGMENTS_COUNT_MAX,
    WRAPPED_KEY_LENGTH_MAX,
    WRAPPED_KEYS_COUNT_MAX,
)

SCHEMA_VERSION: Final = "4.3.0"
KEY_ACCESS_VERSION: Final = "1.0"
MEDIA_TYPE: Final = "application/octet-stream"

_URL_LENGTH_MAX: Final = 2_048
_HMAC_SIZE_BYTES: Final = 32
_HEXADECIMAL: Final = re.compile(rb"[0-9a-f]{64}")
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """How the content is cut: all segments but the last have `segment_size_bytes` of plaintext.

    `tags` are the GCM tags of the segments in order. An empty content has one
    empty segment. Raises `Malformed` when the numbers do not agree.
    """

    segment_size_bytes: int
    content_size_bytes: int
    tags: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 < self.segment_size_bytes <= SEGMENT_SIZE_BYTES_MAX:
            _refuse("segment-size", "the content is cut into segments of a size that is not allowed")
        if not 0 <= self.content_size_bytes <= CONTENT_SIZE_BYTES_MAX:
            _refuse("content-size", "the content is larger than an item may be")
        if len(self.tags) > SEGMENTS_COUNT_MAX:
            _refuse("segment-count", "the content is cut into too many segments")
        if len(self.tags) != max(1, -(-self.content_size_bytes // self.segment_size_bytes)):
            _refuse("segment-count", "the number of segments does not fit the size of the content")

    @property
    def payload_size_bytes(self) -> int:
        """The size of all encrypted segments together."""
        return self.content_size_bytes + OVERHEAD_SIZE_BYTES * len(self.tags)

    @property
    def aggregate(self) -> bytes:
        """All segment hashes, one after the other: what the root signature and the bindings cover."""
        return b"".join(self.tags)

    def sizes_bytes(self) -> list[int]:
        """The plaintext size of each segment."""
        last = self.content_size_bytes - self.segment_size_bytes * (len(self.tags) - 1)
        return [self.segment_size_bytes] * (len(self.tags) - 1) + [last]


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """One key access object: the content key wrapped for one key of one node.

    `policy_binding` is the raw 32-byte HMAC of the policy string under the
    content key. Only `url` may change on the way.
    """

    kind: str
    url: str
    kid: str
    wrapped_key: bytes
    policy_binding: bytes

    def encode(self) -> dict[str, Json]:
        """Return the key access object as it stands in the manifest."""
        return {
            "type": self.kind,
            "url": self.url,
            "protocol": "kas",
            "kid": self.kid,
            "sid": "",
            "wrappedKey": encode_base64(self.wrapped_key),
            # Implementations write the HMAC in hexadecimal inside the base64.
            "policyBinding": {"alg": "HS256", "hash": encode_base64(self.policy_binding.hex().encode("ascii"))},
            "schemaVersion": KEY_ACCESS_VERSION,
        }

    def encode_without_url(self) -> dict[str, Json]:
        """Return what the consignment record signs: everything but the address."""
        return {name: value for name, value in self.encode().items() if name != "url"}


@dataclass(frozen=True, slots=True)
class Assertion:
    """One assertion: a statement, always a text, and the compact JWS that binds it."""

    id: str
    kind: str
    scope: str
    format: str
    value: str
    schema: str | None = None
    applies_to: str | None = None
    binding: str = ""

    def encode_unbound(self) -> dict[str, Json]:
        """Return the assertion without its binding: what is hashed and signed."""
        statement: dict[str, Json] = {"format": self.format, "value": self.value}
        if self.schema is not None:
            statement["schema"] = self.schema
        unbound: dict[str, Json] = {
            "id": self.id, "type": self.kind, "scope": self.scope, "statement": statement,
        }
        if self.applies_to is not None:
            unbound["appliesToState"] = self.applies_to
        return unbound

    def encode(self) -> dict[str, Json]:
        """Return the assertion as it stands in the manifest."""
        return self.encode_unbound() | {"binding": {"method": "jws", "signature": self.binding}}

    def bound_by(self, binding: str) -> Assertion:
        """Return the same assertion with `binding`, a compact JWS."""
        return replace(self, binding=binding)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest of the form, not verified. `policy` is the base64 text that stands in it."""

    policy: str
    key_access: tuple[KeyAccess, ...]
    segments: SegmentTable
    root_signature: bytes
    assertions: tuple[Assertion, ...]
    media_type: str = MEDIA_TYPE


def encode_manifest(manifest: Manifest) -> bytes:
    """Write `manifest`. Raises `Malformed` when it would be over the cap that readers apply."""
    table = manifest.segments
    segments: list[Json] = [
        {"hash": encode_base64(tag), "segmentSize": size, "encryptedSegmentSize": size + OVERHEAD_SIZE_BYTES}
        for tag, size in zip(table.tags, table.sizes_bytes(), strict=True)
    ]
    integrity: dict[str, Json] = {
        "rootSignature": {"alg": "HS256", "sig": encode_base64(manifest.root_signature)},
        "segmentHashAlg": "GMAC",
        "segmentSizeDefault": table.segment_size_bytes,
        "encryptedSegmentSizeDefault": table.segment_size_bytes + OVERHEAD_SIZE_BYTES,
        "segments": segments,
    }
    content = encode_plain_json({
        "schemaVersion": SCHEMA_VERSION,
        "payload": {
            "type": "reference", "url": PAYLOAD_NAME, "protocol": "zip",
            "mimeType": manifest.media_type, "isEncrypted": True,
        },
        "encryptionInformation": {
            "type": "split",
            "policy": manifest.policy,
            "keyAccess": [access.encode() for access in manifest.key_access],
            "method": {"algorithm": "AES-256-GCM", "iv": "", "isStreamable": True},
            "integrityInformation": integrity,
        },
        "assertions": [assertion.encode() for assertion in manifest.assertions],
    })
    if len(content) > MANIFEST_SIZE_BYTES_MAX:
        _refuse("size", "the manifest is larger than a reader would accept")
    return content


def parse_manifest(content: bytes) -> Manifest:
    """Read a manifest of at most 10 MiB.

    Raises `Malformed` for anything that is not of the form: unknown or doubled
    members, another version, sizes that do not agree.
    """
    fields = Fields(parse_plain_json(content, size_max=MANIFEST_SIZE_BYTES_MAX, where="manifest"), where="manifest")
    if not fields.has("schemaVersion"):
        _refuse("version", "the manifest is of the form before TDF 4.3.0, which is not accepted")
    fields.constant("schemaVersion", SCHEMA_VERSION)
    media_type = _parse_payload(fields.object("payload"))
    encryption = fields.object("encryptionInformation")
    encryption.constant("type", "split")
    policy = encryption.text("policy", max_length=POLICY_LENGTH_MAX)
    parse_base64(policy, where="policy")
    key_access = tuple(
        parse_key_access(access)
        for access in encryption.objects("keyAccess", max_count=WRAPPED_KEYS_COUNT_MAX)
    )
    if not key_access:
        _refuse("key-access", "the manifest names nobody who could open it")
    _parse_method(encryption.object("method"))
    integrity = encryption.object("integrityInformation")
    root_signature = _parse_root_signature(integrity.object("rootSignature"))
    segments = _parse_segments(integrity)
    assertions: tuple[Assertion, ...] = ()
    if fields.has("assertions"):
        listed = fields.objects("assertions", max_count=ASSERTIONS_COUNT_MAX)
        assertions = tuple(_parse_assertion(assertion) for assertion in listed)
    fields.end()
    return Manifest(policy, key_access, segments, root_signature, assertions, media_type)


def _parse_payload(fields: Fields) -> str:
    fields.constant("type", "reference")
    fields.constant("url", PAYLOAD_NAME)
    fields.constant("protocol", "zip")
    if not fields.boolean("isEncrypted"):
        _refuse("not-encrypted", "the manifest says that its payload is not encrypted")
    return fields.text("mimeType", min_length=0) if fields.has("mimeType") else ""


def _parse_method(fields: Fields) -> None:
    fields.constant("algorithm", "AES-256-GCM")
    if fields.has("iv"):
        # It carries no meaning for segments; each segment has its own.
        fields.text("iv", min_length=0)
    fields.boolean("isStreamable")


def _parse_root_signature(fields: Fields) -> bytes:
    fields.constant("alg", "HS256")
    signature = parse_base64(fields.text("sig"), where="root signature")
    if len(signature) != _HMAC_SIZE_BYTES:
        _refuse("root-signature", "the root signature in the manifest has a wrong size")
    return signature


def _parse_segments(fields: Fields) -> SegmentTable:
    fields.constant("segmentHashAlg", "GMAC")
    default = fields.integer("segmentSizeDefault", 1, SEGMENT_SIZE_BYTES_MAX)
    fields.constant("encryptedSegmentSizeDefault", default + OVERHEAD_SIZE_BYTES)
    sizes, tags = [], []
    for segment in fields.objects("segments", max_count=SEGMENTS_COUNT_MAX):
        size = segment.optional_integer("segmentSize", 0, default)
        size = default if size is None else size
        if segment.has("encryptedSegmentSize"):
            segment.constant("encryptedSegmentSize", size + OVERHEAD_SIZE_BYTES)
        tag = parse_base64(segment.text("hash"), where="hash of a segment")
        if len(tag) != TAG_SIZE_BYTES:
            _refuse("segment-hash", "the hash of a segment in the manifest has a wrong size")
        sizes.append(size)
        tags.append(tag)
    table = SegmentTable(default, sum(sizes), tuple(tags))
    if table.sizes_bytes() != sizes:
        _refuse("segment-count", "the sizes of the segments in the manifest do not agree")
    return table


def parse_key_access(fields: Fields) -> KeyAccess:
    """Read a key access object. Raises `Malformed`."""
    kind = fields.text("type")
    fields.constant("protocol", "kas")
    if fields.has("schemaVersion"):
        fields.constant("schemaVersion", KEY_ACCESS_VERSION)
    if fields.has("sid") and fields.text("sid", min_length=0):
        _refuse("split", "the content key is shared between several nodes, which is not known here")
    return KeyAccess(
        kind=kind,
        url=fields.text("url", max_length=_URL_LENGTH_MAX),
        kid=fields.text("kid", min_length=0) if fields.has("kid") else "",
        wrapped_key=parse_base64(
            fields.text("wrappedKey", max_length=WRAPPED_KEY_LENGTH_MAX), where="wrapped key"
        ),
        policy_binding=_parse_policy_binding(fields),
    )


def _parse_policy_binding(fields: Fields) -> bytes:
    if isinstance(fields.value("policyBinding"), str):
        text = fields.text("policyBinding")
    else:
        binding = fields.object("policyBinding")
        binding.constant("alg", "HS256")
        text = binding.text("hash")
    content = parse_base64(text, where="policy binding")
    if _HEXADECIMAL.fullmatch(content):
        content = bytes.fromhex(content.decode("ascii"))
    if len(content) != _HMAC_SIZE_BYTES:
        _refuse("policy-binding", "the policy binding in the manifest is not of the form")
    return content


def parse_unbound_assertion(fields: Fields) -> Assertion:
    """Read an assertion without its binding. Raises `Malformed`."""
    statement = fields.object("statement")
    return Assertion(
        id=fields.text("id"),
        kind=fields.text("type"),
        scope=fields.text("scope"),
        applies_to=fields.optional_text("appliesToState"),
        format=statement.text("format"),
        schema=statement.text("schema", min_length=0) if statement.has("schema") else None,
        value=statement.text("value", max_length=MANIFEST_SIZE_BYTES_MAX),
    )


def _parse_assertion(fields: Fields) -> Assertion:
    binding = fields.object("binding")
    if binding.text("method").lower() != "jws":
        _refuse("assertion-binding", "an assertion is bound by a method that is not known here")
    signature = binding.text("signature", max_length=MANIFEST_SIZE_BYTES_MAX)
    return parse_unbound_assertion(fields).bound_by(signature)


def _refuse(what: str, text: str) -> NoReturn:
    raise Malformed(f"manifest.{what}", text, hint=_RESEND)
