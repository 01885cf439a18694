"""What one entry of a log says, as the ledger writes it and the audit reads it again.

    {"act":"register","at":"2026-11-16T09:00:00Z","batch":"…","id":"act.0a1b","records":["…","…"],"v":1}

`records` are the commitments of everything the act wrote, its own first. An act
that wrote more than an entry holds names one digest over them instead. `batch`
stands in the first entry that a batch adds to a log, and in no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cordiale.canonical import INTEGER_MAX, Fields, encode_canonical, parse_canonical
from cordiale.crypto.digests import sha256
from cordiale.errors import Malformed
from cordiale.limits import ENTRY_RECORDS_COUNT_MAX, LOG_ENTRY_SIZE_BYTES_MAX

_VERSION: Final = 1
_HEX_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as read: `commitments` is empty where it names `digest` over `count` of them instead.

    `batch` is the commitment to what was before its batch, empty unless it is the first entry of one.
    """

    act: str
    at: str
    id: str
    count: int
    commitments: tuple[str, ...] = ()
    digest: str = ""
    batch: str = ""


def encode_entry(act: tuple[str, str, str], commitments: Sequence[str], *, batch: str, domain: bytes) -> bytes:
    """Return the bytes of the entry of `act` (kind, time, identifier) that wrote what `commitments` commit to.

    `batch` is empty unless the entry begins a batch; `domain` is that of the digest over many commitments.
    """
    kind, at, id = act
    value: dict[str, Any] = {"act": kind, "at": at, "id": id, "v": _VERSION}
    if len(commitments) <= ENTRY_RECORDS_COUNT_MAX:
        value["records"] = list(commitments)
    else:
        value["records"] = {"count": len(commitments), "digest": digest_of_many(domain, commitments)}
    if batch:
        value["batch"] = batch
    return encode_canonical(value)


def digest_of_many(domain: bytes, commitments: Iterable[str]) -> str:
    """Return the one digest over `commitments` in ascending order, as hexadecimal SHA-256.

    The order is theirs and not that of writing, so that it is found again from the rows alone.
    """
    return sha256(domain, b"".join(map(bytes.fromhex, sorted(commitments)))).hex()


def parse_entry(body: bytes) -> Entry:
    """Read what `encode_entry` wrote; raises `Malformed` for anything else."""
    fields = Fields(parse_canonical(body, size_max=LOG_ENTRY_SIZE_BYTES_MAX), where="log entry")
    act, at, id = fields.text("act"), fields.text("at"), fields.text("id")
    batch = fields.optional_text("batch") or ""
    fields.constant("v", _VERSION)
    if isinstance(fields.value("records"), list):
        listed = fields.texts("records", max_count=ENTRY_RECORDS_COUNT_MAX)
        fields.end()
        return Entry(act, at, id, len(listed), commitments=tuple(map(_hex, listed)), batch=batch)
    many = fields.object("records")
    count = many.integer("count", ENTRY_RECORDS_COUNT_MAX + 1, INTEGER_MAX)
    digest = _hex(many.text("digest"))
    fields.end()
    return Entry(act, at, id, count, digest=digest, batch=batch)


def _hex(text: str) -> str:
    if len(text) != _HEX_LENGTH or set(text) - set("0123456789abcdef"):
        raise Malformed("entry.digest", "a digest in a log entry is not of the form", hint="look at the books")
    return text
