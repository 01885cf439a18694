"""The record sheet: the consignment record of a thing that travels otherwise, with what it covers.

One JSON object, written as RFC 8785 does: the signed record as a text, and
beside it policy, wrapped key and statements in the form they have in a
manifest. It is what a manifest would be without a payload.
"""

from __future__ import annotations

from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.envelope.manifest import parse_key_access, parse_unbound_assertion
from cordiale.envelope.plainjson import encode_plain_json, parse_plain_json
from cordiale.envelope.record import Enclosure
from cordiale.errors import Malformed
from cordiale.limits import (
    ASSERTIONS_COUNT_MAX,
    CONSIGNMENT_RECORD_LENGTH_MAX,
    CONSIGNMENT_SHEET_SIZE_BYTES_MAX,
    POLICY_LENGTH_MAX,
    WRAPPED_KEYS_COUNT_MAX,
)

SHEET_FORM: Final = "cordiale-record-sheet-1"
_RESEND: Final = "ask the sender to send it again"


def encode_sheet(enclosure: Enclosure, signed_record: bytes) -> bytes:
    """Write the sheet. Raises `Malformed` when it would be larger than a reader accepts."""
    key_access: list[Json] = [access.encode() for access in enclosure.key_access]
    statements: list[Json] = [statement.encode_unbound() for statement in enclosure.statements]
    sheet = encode_plain_json({
        "form": SHEET_FORM,
        "record": signed_record.decode("ascii"),
        "policy": enclosure.policy,
        "keyAccess": key_access,
        "statements": statements,
    })
    if len(sheet) > CONSIGNMENT_SHEET_SIZE_BYTES_MAX:
        raise Malformed("sheet.size", "the record is larger than a record may be", hint="send fewer approvals")
    return sheet


def parse_sheet(content: bytes) -> tuple[Enclosure, bytes]:
    """Read what `encode_sheet` wrote: what the record covers, and the signed record, not verified.

    Raises `Malformed` for anything else, any other spelling of it included.
    """
    value = parse_plain_json(content, size_max=CONSIGNMENT_SHEET_SIZE_BYTES_MAX, where="record sheet")
    fields = Fields(value, where="record sheet")
    fields.constant("form", SHEET_FORM)
    signed = fields.text("record", max_length=CONSIGNMENT_RECORD_LENGTH_MAX)
    key_access = fields.objects("keyAccess", max_count=WRAPPED_KEYS_COUNT_MAX)
    statements = fields.objects("statements", max_count=ASSERTIONS_COUNT_MAX)
    enclosure = Enclosure(
        policy=fields.text("policy", max_length=POLICY_LENGTH_MAX),
        key_access=tuple(parse_key_access(access) for access in key_access),
        statements=tuple(parse_unbound_assertion(statement) for statement in statements),
    )
    fields.end()
    if not signed.isascii() or not enclosure.policy.isascii() or not key_access:
        raise Malformed("sheet.form", "the record sheet is not of the form", hint=_RESEND)
    signed_record = signed.encode("ascii")
    if encode_sheet(enclosure, signed_record) != content:
        raise Malformed("sheet.form", "the record sheet is not written in its only form", hint=_RESEND)
    return enclosure, signed_record
