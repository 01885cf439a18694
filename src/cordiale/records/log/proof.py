"""Proof files: that an entry is in the log, checked offline (C2SP tlog-proof, suffix `.tlog-proof`).

    c2sp.org/tlog-proof@v1
    extra <base64>            optional, authenticated by nothing
    index <number>
    <base64 of a hash>        leaf sibling first, none for a log of one entry

    <checkpoint with its signatures>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import (
    LOG_PROOF_EXTRA_SIZE_BYTES_MAX,
    LOG_PROOF_HASHES_COUNT_MAX,
    LOG_PROOF_SIZE_BYTES_MAX,
)
from cordiale.records.log.checkpoint import LogVerifier, VerifiedCheckpoint, require_signed_by
from cordiale.records.log.lines import (
    encode_base64,
    parse_base64,
    parse_decimal,
    parse_hash,
    parse_text,
    split_lines,
)
from cordiale.records.log.note import NoteKey, parse_note
from cordiale.records.log.tree import hash_leaf, verify_inclusion

PROOF_SUFFIX: Final = ".tlog-proof"
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = "index "


@dataclass(frozen=True, slots=True)
class LogProof:
    """A proof as parsed; nothing in it is verified before `verify_proof`.

    `note` is the checkpoint as a signed note. `unverified_extra` is covered by
    no signature and must never be trusted.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: bytes
    unverified_extra: bytes | None = None

    def encode(self) -> bytes:
        """Return the proof file. Raises `Malformed` when its parts fit no proof file."""
        extra = self.unverified_extra
        lines = [
            _HEADER,
            *([] if extra is None else [_EXTRA + encode_base64(extra)]),
            f"{_INDEX}{self.index}",
            *(encode_base64(one) for one in self.hashes),
            "\n",
        ]
        raw = "\n".join(lines).encode() + self.note
        parse_proof(raw)
        return raw


def parse_proof(raw: bytes) -> LogProof:
    """Read a proof file without verifying anything. Raises `Malformed` for any other form."""
    head, divide, note = parse_text(raw, size_bytes_max=LOG_PROOF_SIZE_BYTES_MAX).partition("\n\n")
    lines = split_lines(head + "\n")
    if not divide or lines.pop(0) != _HEADER:
        raise _malformed("does not begin as a proof does")
    extra: bytes | None = None
    if lines and lines[0].startswith(_EXTRA):
        extra = parse_base64(lines.pop(0).removeprefix(_EXTRA))
        if len(extra) > LOG_PROOF_EXTRA_SIZE_BYTES_MAX:
            raise _malformed("carries too much that no signature covers")
    if not lines or not lines[0].startswith(_INDEX):
        raise _malformed("does not say which entry it is for")
    index = parse_decimal(lines.pop(0).removeprefix(_INDEX))
    if len(lines) > LOG_PROOF_HASHES_COUNT_MAX:
        raise _malformed("holds more hashes than any log can ask for")
    parse_note(note.encode())
    return LogProof(index, tuple(parse_hash(line) for line in lines), note.encode(), extra)


def _malformed(what: str) -> Malformed:
    return Malformed(
        "log.proof-malformed", "the proof file {what}",
        hint="check that it was copied unchanged and ask for it again", what=what,
    )


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry shown to be number `index` of the log that `head` speaks for."""

    entry: bytes
    index: int
    head: VerifiedCheckpoint


def verify_proof(
    proof: LogProof, entry: bytes, *, log: LogVerifier, witnesses: Sequence[NoteKey] = ()
) -> ProvenEntry:
    """Return the proven entry.

    The checkpoint must be signed with both keys of `log` and cosigned by every
    key of `witnesses`, and the hashes must lead from `entry` to its root. Raises
    `Malformed` or `Unverified` otherwise. Rules about cosignature times are the
    caller's. Source: C2SP tlog-proof, verifying.
    """
    head = log.verify_with(proof.note, witnesses=witnesses)
    require_signed_by(head.signatures, witnesses)
    verify_inclusion(hash_leaf(entry), proof.index, proof.hashes, head.checkpoint.head)
    return ProvenEntry(entry, proof.index, head)
