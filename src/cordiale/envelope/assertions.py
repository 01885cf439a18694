"""The assertions of an envelope: labels, particulars, the signed record, and how TDF binds them.

TDF binds an assertion by a JWS under the content key (HS256) over the hash of
the assertion and the hashes of the segments. Unmodified clients check that and
refuse asymmetric bindings they have no key for, so this is the form to write;
but whoever holds the content key can forge it, so nothing here rests on it.
What counts is the consignment record, whose signature travels inside the value
of one assertion and covers all the others.

A JWS header that brings a key along, or anything else but its algorithm, is an
error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url, parse_base64url
from cordiale.crypto.aead import hmac_sha256, is_equal
from cordiale.envelope.manifest import Assertion, Manifest
from cordiale.envelope.particulars import PARTICULARS_FORM
from cordiale.envelope.plainjson import encode_base64, encode_plain_json, parse_base64, parse_plain_json
from cordiale.envelope.record import RECORD_FORM, Enclosure
from cordiale.errors import Malformed, Unverified
from cordiale.limits import (
    CONSIGNMENT_RECORD_LENGTH_MAX,
    LABEL_SIZE_BYTES_MAX,
    LABELS_COUNT_MAX,
    MANIFEST_SIZE_BYTES_MAX,
    SHORT_TEXT_LENGTH_MAX,
)

RECORD_SCHEMA: Final = RECORD_FORM
PARTICULARS_SCHEMA: Final = PARTICULARS_FORM
RECORD_ID: Final = "consignment-record"
PARTICULARS_ID: Final = "particulars"
_OWN_SCHEMAS: Final = frozenset({RECORD_SCHEMA, PARTICULARS_SCHEMA})
_SCOPES: Final = frozenset({"tdo", "payload"})
_STATES: Final = frozenset({"encrypted", "unencrypted"})
_HEADER: Final = encode_base64url(b'{"alg":"HS256"}')
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True)
class LabelStatement:
    """One label as it travels, in clear: `value` is its text in `format`, for example ADatP-4774 XML.

    `scope` is ``tdo`` for the whole object or ``payload``. Raises `Malformed`
    for an empty or oversize text and for a name that is ours.
    """

    id: str
    scope: str
    format: str
    schema: str
    value: str
    applies_to: str = "encrypted"

    def __post_init__(self) -> None:
        size = len(self.value.encode("utf-8", "replace"))
        texts = (self.id, self.format, self.schema)
        if (
            not 0 < size <= LABEL_SIZE_BYTES_MAX
            or not all(0 < len(text) <= SHORT_TEXT_LENGTH_MAX for text in texts)
            or self.scope not in _SCOPES or self.applies_to not in _STATES
            or self.schema in _OWN_SCHEMAS
        ):
            raise Malformed(
                "label.statement", "a label of the item cannot be written into its envelope",
                hint="check the label's form and its size",
            )

    def as_assertion(self) -> Assertion:
        """Return the assertion that carries the label, not bound yet."""
        return Assertion(
            id=self.id, kind="handling", scope=self.scope, format=self.format, value=self.value,
            schema=self.schema, applies_to=self.applies_to,
        )


@dataclass(frozen=True, slots=True)
class Statements:
    """The assertions of an envelope by what they are; `signed_record` is a signed object, not verified."""

    labels: tuple[LabelStatement, ...]
    encrypted_particulars: bytes
    signed_record: bytes


def assemble_statements(labels: Sequence[LabelStatement], encrypted_particulars: bytes) -> tuple[Assertion, ...]:
    """Return the assertions a record covers: the labels, then the particulars.

    A label may travel in clear beside the particulars, for readers of other makers; ours is inside them. Raises
    `Malformed` when there are too many, or two of one id.
    """
    _require_labels(labels)
    particulars = Assertion(
        id=PARTICULARS_ID, kind="other", scope="payload", format="base64",
        value=encode_base64(encrypted_particulars), schema=PARTICULARS_SCHEMA, applies_to="encrypted",
    )
    return (*(label.as_assertion() for label in labels), particulars)


def assertion_of_record(signed_record: bytes) -> Assertion:
    """Return the assertion that carries the signed record, not bound yet."""
    return Assertion(
        id=RECORD_ID, kind="other", scope="tdo", format="jws", value=signed_record.decode("ascii"),
        schema=RECORD_SCHEMA, applies_to="encrypted",
    )


def read_statements(covered: Sequence[Assertion], signed_record: bytes) -> Statements:
    """Sort the assertions that a record covers. Raises `Malformed` unless labels come first and particulars last."""
    if not covered or covered[-1].schema != PARTICULARS_SCHEMA:
        raise Malformed("envelope.particulars", "the sealed item has no particulars", hint=_RESEND)
    labels = tuple(_label_of(assertion) for assertion in covered[:-1])
    encrypted = parse_base64(covered[-1].value, where="particulars")
    # Built again, so that nothing stands in an assertion but what is read here.
    if assemble_statements(labels, encrypted) != tuple(assertion.bound_by("") for assertion in covered):
        raise Malformed("envelope.statements", "the assertions of the sealed item are not of the form", hint=_RESEND)
    return Statements(labels, encrypted, signed_record)


def split_record(manifest: Manifest) -> tuple[Enclosure, bytes]:
    """Return what the record of `manifest` covers, and the signed record, which is the last assertion.

    Raises `Malformed` when there is no record or more than one.
    """
    assertions = manifest.assertions
    records = [assertion for assertion in assertions if assertion.schema == RECORD_SCHEMA]
    if len(records) != 1 or records[0] is not assertions[-1]:
        raise Malformed(
            "envelope.record", "the sealed item has no consignment record, or more than one",
            hint="accept only what the partner's node has sealed; ask it to send the item again",
        )
    record = records[0]
    if len(record.value) > CONSIGNMENT_RECORD_LENGTH_MAX or not record.value.isascii():
        raise Malformed("envelope.record-form", "the consignment record is not of the form", hint=_RESEND)
    signed = record.value.encode("ascii")
    if assertion_of_record(signed) != record.bound_by(""):
        raise Malformed("envelope.record-form", "the consignment record is not of the form", hint=_RESEND)
    return Enclosure(manifest.policy, manifest.key_access, assertions[:-1]), signed


def bind_assertion(assertion: Assertion, *, content_key: bytes, aggregate: bytes) -> Assertion:
    """Bind `assertion` to the segments: `aggregate` is all their hashes, one after the other."""
    claims: dict[str, Json] = dict(_expected_claims(assertion, aggregate))
    signed = f"{_HEADER}.{encode_base64url(encode_plain_json(claims))}"
    signature = encode_base64url(hmac_sha256(content_key, signed.encode("ascii")))
    return assertion.bound_by(f"{signed}.{signature}")


def verify_assertion(assertion: Assertion, *, content_key: bytes, aggregate: bytes) -> Assertion:
    """Return `assertion` when its binding fits it and the segments.

    Raises `Malformed` for a header with anything but HS256 in it, `Unverified`
    when the binding is wrong.
    """
    header, dot, rest = assertion.binding.partition(".")
    payload, dot_2, signature = rest.partition(".")
    if not dot or not dot_2:
        raise Malformed("assertion.binding", "the binding of an assertion is not of the form", hint=_RESEND)
    _require_plain_header(header)
    mac = hmac_sha256(content_key, f"{header}.{payload}".encode())
    if not is_equal(parse_base64url(signature, where="binding of an assertion"), mac):
        raise _wrong_binding()
    claims = _parse_json(payload, where="binding of an assertion")
    expected = _expected_claims(assertion, aggregate)
    found = {name: claims.text(name, max_length=MANIFEST_SIZE_BYTES_MAX) for name in expected}
    claims.end()
    if found != expected:
        raise _wrong_binding()
    return assertion


def _expected_claims(assertion: Assertion, aggregate: bytes) -> dict[str, str]:
    digest = hashlib.sha256(encode_plain_json(assertion.encode_unbound())).digest()
    return {"assertionHash": digest.hex(), "assertionSig": encode_base64(aggregate + digest)}


def _require_plain_header(encoded: str) -> None:
    header = _parse_json(encoded, where="header of an assertion")
    header.constant("alg", "HS256")
    if header.has("typ"):
        header.constant("typ", "JWT")
    header.end()


def _parse_json(encoded: str, *, where: str) -> Fields:
    content = parse_base64url(encoded, where=where)
    return Fields(parse_plain_json(content, size_max=MANIFEST_SIZE_BYTES_MAX, where=where), where=where)


def _label_of(assertion: Assertion) -> LabelStatement:
    return LabelStatement(
        id=assertion.id, scope=assertion.scope, format=assertion.format, schema=assertion.schema or "",
        value=assertion.value, applies_to=assertion.applies_to or "",
    )


def _require_labels(labels: Sequence[LabelStatement]) -> None:
    ids = {label.id for label in labels} | {PARTICULARS_ID, RECORD_ID}
    if len(labels) > LABELS_COUNT_MAX or len(ids) != len(labels) + 2:
        raise Malformed(
            "envelope.labels", "the item has too many labels, or two of one name",
            hint="give each label a name of its own",
        )


def _wrong_binding() -> Unverified:
    return Unverified(
        "assertion.wrong", "a label or record of the sealed item is not bound to its content",
        hint="ask the sender to send it again; if it fails again, report it as an incident",
    )
