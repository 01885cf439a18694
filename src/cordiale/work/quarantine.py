"""Quarantine: what came and does not verify is kept, for a person to look at, and never taken."""

from __future__ import annotations

from cordiale.canonical import encode_base64url
from cordiale.errors import CordialeError
from cordiale.limits import QUARANTINE_SIZE_BYTES_MAX
from cordiale.records.record import shown_at
from cordiale.records.session import ActSession

QUARANTINE = "quarantine"


def quarantine(session: ActSession, *, party: str, data: bytes, digest: bytes, error: CordialeError) -> None:
    """Keep `data` with the reason it was not taken; of a very large one, its beginning."""
    session.put(QUARANTINE, digest.hex()[:64], {
        "at": shown_at(session.at), "beginning": encode_base64url(data[:QUARANTINE_SIZE_BYTES_MAX]),
        "code": error.code, "digest": digest.hex(), "family": error.family, "party": party, "size_bytes": len(data),
    })
