"""The chain of batches: every commit of the books follows the one before, so that the logs of a node bind each other.

A batch is what one commit wrote. Its *chain value* covers the value before it
and the heads of all logs it added to; whoever knows the last value knows them
all. The first entry that a batch adds to a log commits to the value before it,
under a salt of its own: the entries of one log are shown to a partner, and must
tell nothing of how long the others are. The salts stay in our own books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cordiale.canonical import INTEGER_MAX, Fields, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.digests import SALT_SIZE_BYTES, commit, sha256
from cordiale.errors import Malformed
from cordiale.limits import BATCH_SIZE_BYTES_MAX
from cordiale.ports import Reads, StoredBatch

CHAIN_SIZE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Position:
    """How far the books have come: the number of their last batch and its chain value. Zero: nothing was written."""

    number: int = 0
    chain: bytes = bytes(CHAIN_SIZE_BYTES)


@dataclass(frozen=True, slots=True)
class Grown:
    """What a batch made of one log: its size at the end, and the salt under which its first new entry is bound."""

    size: int
    salt: bytes


def position_of(reads: Reads) -> Position:
    """Return how far the books behind `reads` have come."""
    last = reads.last_batch()
    return Position(last.number, last.chain) if last is not None else Position()


def chain_after(domain: bytes, before: Position, heads: Mapping[str, tuple[int, bytes]]) -> Position:
    """Return the position after the batch that made `heads` (size and root, by log) of the logs it added to.

    `domain` is that of the chain.
    """
    number = before.number + 1
    content = encode_canonical({"batch": number, "heads": {
        log: {"root": encode_base64url(root), "size": size} for log, (size, root) in heads.items()
    }})
    return Position(number, sha256(domain, before.chain + content))


def bind_before(domain: bytes, salt: bytes, before: Position) -> str:
    """Return the commitment to the chain value `before`, in base64url, for the first entry of a batch in a log."""
    return encode_base64url(commit(salt, before.chain, domain))


def encode_grown(grown: Mapping[str, Grown]) -> bytes:
    """Return what a batch made of the logs it added to, as it lies in the books."""
    return encode_canonical({
        log: {"salt": encode_base64url(one.salt), "size": one.size} for log, one in grown.items()
    })


def parse_grown(batch: StoredBatch) -> dict[str, Grown]:
    """Read what `encode_grown` wrote; raises `Malformed`."""
    value: Any = parse_canonical(batch.logs, size_max=BATCH_SIZE_BYTES_MAX)
    if not isinstance(value, dict) or not value:
        raise Malformed(
            "batch.form", "the note of a commit is not of the form", hint="run `cordiale audit verify`"
        )
    fields = Fields(value, where="batch")
    grown = {log: _parse_one(fields.object(log)) for log in value}
    fields.end()
    return grown


def _parse_one(fields: Fields) -> Grown:
    return Grown(fields.integer("size", 1, INTEGER_MAX), fields.bytes_("salt", length=SALT_SIZE_BYTES))
