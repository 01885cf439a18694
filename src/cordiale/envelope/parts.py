"""The domains of a consignment record's parts.

The record's own domain, a full stop and the part. Each is followed by a zero
byte wherever it is used, so none is the beginning of another.
"""

from __future__ import annotations

from enum import StrEnum

from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.model.mode import Mode


class Part(StrEnum):
    """What is digested or derived under its own domain."""

    PAYLOAD = "payload"
    POLICY = "policy"
    KEY_ACCESS = "key-access"
    STATEMENTS = "statements"
    KEY_COMMITMENT = "key-commitment"
    PARTICULARS = "particulars"


def part_domain(part: Part, mode: Mode) -> bytes:
    """Return the domain of `part` in `mode`."""
    return domain(Purpose.CONSIGNMENT_RECORD, mode) + b"." + part.value.encode("ascii")


def digest_part(part: Part, mode: Mode, content: bytes) -> bytes:
    """Return the SHA-384 digest of a part that is public or encrypted, 48 bytes."""
    return sha384(part_domain(part, mode), content)
