"""The domains of a consignment record's parts: what each digest and derivation was made for.

They have the form of the domains in `cordiale.crypto.domains`, and no purpose
there has the name of a part here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cordiale.crypto.digests import sha384
from cordiale.model.mode import Mode

_VERSION: Final = 1


class Part(StrEnum):
    """What is digested or derived under its own domain."""

    PAYLOAD = "consignment-payload"
    POLICY = "consignment-policy"
    KEY_ACCESS = "consignment-key-access"
    STATEMENTS = "consignment-statements"
    KEY_COMMITMENT = "consignment-key-commitment"
    PARTICULARS = "consignment-particulars"
    SLIP = "consignment-slip"
    SIGNED_RECORD = "consignment-signed-record"


def part_domain(part: Part, mode: Mode) -> bytes:
    """Return the domain of `part` in `mode`, such as ``cordiale-real.consignment-payload/1``."""
    return f"cordiale-{mode.value}.{part.value}/{_VERSION}".encode("ascii")


def digest_part(part: Part, content: bytes, *, mode: Mode) -> bytes:
    """Return the SHA-384 digest of a part that is public or encrypted, 48 bytes."""
    return sha384(part_domain(part, mode), content)
