"""Checkpoints: what a log claims to be, signed by itself and cosigned by witnesses.

    <origin>
    <size in entries>
    <base64 of the root>

The log signs each checkpoint twice, with Ed25519 (type 01) and ML-DSA-44 (type
06), and Cordiale accepts it only with both. A witness cosigns with Ed25519 (type
04) and ML-DSA-44 (type 06): at that time, this was the largest tree of that log
it had seen, and it continued everything seen before. Sources: C2SP
tlog-checkpoint and tlog-cosignature.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cordiale.crypto.signatures import PrivateKey, PublicKey
from cordiale.errors import Malformed, Unverified
from cordiale.limits import LOG_SIZE_ENTRIES_MAX
from cordiale.records.log.lines import (
    encode_base64,
    parse_decimal,
    parse_hash,
    require_key_name,
    split_lines,
)
from cordiale.records.log.note import (
    NoteKey,
    NoteSignature,
    SignatureType,
    SignedNote,
    parse_note,
)
from cordiale.records.log.tree import HASH_SIZE_BYTES, TreeHead

_SUBTREE_LABEL: Final = b"subtree/v1\n\x00"
_TIME: Final = struct.Struct(">Q")
_LAST_SECOND: Final = int(datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log `origin`: its size in entries and its root. Raises `Malformed` when impossible."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what no checkpoint can say."""
        require_key_name(self.origin)
        if not 0 <= self.size <= LOG_SIZE_ENTRIES_MAX or len(self.root) != HASH_SIZE_BYTES:
            raise Malformed(
                "log.checkpoint-malformed", "the checkpoint of `{origin}` has an impossible size or root",
                hint="ask the partner for it again", origin=self.origin,
            )

    @property
    def head(self) -> TreeHead:
        """Size and root, for the proofs of `tree`."""
        return TreeHead(self.size, self.root)

    @property
    def text(self) -> str:
        """The note text: three lines, each with its LF."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises `Malformed` unless it has exactly the three lines.

    Extension lines are refused: ML-DSA-44 signatures would not cover them.
    """
    lines = split_lines(text)
    if len(lines) != 3:
        raise Malformed(
            "log.checkpoint-lines", "a checkpoint has {count} lines instead of three",
            hint="ask the partner for a checkpoint without additional lines", count=len(lines),
        )
    return Checkpoint(require_key_name(lines[0]), parse_decimal(lines[1]), parse_hash(lines[2]))


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that was verified: whose, and when it says it was made (None: it does not say)."""

    key: NoteKey
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint signed by its log, with every signature that was verified and the note they were on."""

    checkpoint: Checkpoint
    signatures: tuple[VerifiedSignature, ...]
    note: SignedNote


def _message(key: NoteKey, checkpoint: Checkpoint, seconds: int) -> bytes:
    """Return the bytes that `key` signs; `seconds` is POSIX time, 0 for none."""
    if key.type is SignatureType.ED25519:
        return checkpoint.text.encode()
    if key.type is SignatureType.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n{checkpoint.text}".encode()
    name, origin = key.name.encode(), checkpoint.origin.encode()
    return b"".join((
        _SUBTREE_LABEL,
        bytes([len(name)]), name, _TIME.pack(seconds),
        bytes([len(origin)]), origin, _TIME.pack(0), _TIME.pack(checkpoint.size),
        checkpoint.root,
    ))


def _sign(
    key: NoteKey, signing_key: PrivateKey, checkpoint: Checkpoint, at: datetime | None
) -> NoteSignature:
    seconds = 0 if at is None else _seconds_of(at)
    time = b"" if key.type is SignatureType.ED25519 else _TIME.pack(seconds)
    signature = signing_key.sign(_message(key, checkpoint, seconds))
    return NoteSignature(key.name, key.key_id, time + signature)


def _seconds_of(at: datetime) -> int:
    seconds = int(at.timestamp()) if at.tzinfo is not None else 0
    if seconds <= 0:
        raise Malformed(
            "log.time-malformed", "a checkpoint cannot be signed without a proper time in UTC",
            hint="check the clock of the node",
        )
    return seconds


def verify_signatures(
    checkpoint: Checkpoint, signatures: Iterable[NoteSignature], keys: Iterable[NoteKey]
) -> tuple[VerifiedSignature, ...]:
    """Verify every signature that names one of `keys`, and return those, in the order of the lines.

    Signatures by other keys are passed over, as C2SP signed-note demands. Raises
    `Unverified` as soon as one by a known key is wrong: the whole note is then
    void. Raises `Malformed` when two of `keys` cannot be told apart. Returns an
    empty tuple when no known key has signed; whoever needs one asks `require_signed_by`.
    """
    known: dict[tuple[str, bytes], NoteKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise Malformed(
                "log.keys-ambiguous", "two keys of `{name}` share one key id",
                hint="replace one of the two keys", name=key.name,
            )
    named = ((known.get((one.name, one.key_id)), one) for one in signatures)
    return tuple(_verify_one(checkpoint, key, one.signature) for key, one in named if key is not None)


def _verify_one(checkpoint: Checkpoint, key: NoteKey, blob: bytes) -> VerifiedSignature:
    time_size_bytes = 0 if key.type is SignatureType.ED25519 else _TIME.size
    seconds, signature = int.from_bytes(blob[:time_size_bytes], "big"), blob[time_size_bytes:]
    if seconds > _LAST_SECOND:
        raise _signature_wrong(checkpoint, key)
    try:
        key.public.verify(signature, _message(key, checkpoint, seconds))
    except Unverified as error:
        raise _signature_wrong(checkpoint, key) from error
    return VerifiedSignature(key, datetime.fromtimestamp(seconds, UTC) if seconds else None)


def _signature_wrong(checkpoint: Checkpoint, key: NoteKey) -> Unverified:
    return Unverified(
        "log.signature-wrong", "the signature of `{name}` on the checkpoint of `{origin}` is wrong",
        hint="ask for the checkpoint again; if it fails again, report it to the security authority",
        name=key.name, origin=checkpoint.origin,
    )


def require_signed_by(signatures: Iterable[VerifiedSignature], keys: Iterable[NoteKey]) -> None:
    """Raise `Unverified` unless each of `keys` made one of the verified `signatures`."""
    signers = {one.key for one in signatures}
    for key in keys:
        if key not in signers:
            raise Unverified(
                "log.signature-missing",
                "the checkpoint lacks a signature of `{name}` (type {type})",
                hint="ask for the checkpoint with all its signatures",
                name=key.name, type=f"{key.type:02x}",
            )


@dataclass(frozen=True, slots=True)
class LogVerifier:
    """The public keys of the log `origin`. Both must have signed, always."""

    origin: str
    ed25519: PublicKey
    ml_dsa_44: PublicKey
    keys: tuple[NoteKey, NoteKey] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Name both keys after the origin. Raises `Malformed` for a bad origin or algorithm."""
        object.__setattr__(self, "keys", (
            NoteKey(self.origin, SignatureType.ED25519, self.ed25519),
            NoteKey(self.origin, SignatureType.ML_DSA_44_COSIGNATURE, self.ml_dsa_44),
        ))

    def verify(self, note: bytes) -> Checkpoint:
        """Return the checkpoint that `note` carries.

        Raises `Malformed` when it is no checkpoint, and `Unverified` when it is
        another log's, or a signature of this log is missing or wrong.
        """
        return self.verify_with(note, witnesses=()).checkpoint

    def verify_with(self, note: bytes, *, witnesses: Iterable[NoteKey]) -> VerifiedCheckpoint:
        """Like `verify`, and verify all cosignatures by `witnesses` too.

        That a witness has cosigned at all is not demanded: `require_signed_by` does.
        """
        signed = parse_note(note)
        checkpoint = parse_checkpoint(signed.unverified_text)
        if checkpoint.origin != self.origin:
            raise Unverified(
                "log.origin-other", "this checkpoint is of the log `{found}` and not of `{expected}`",
                hint="ask for the checkpoint of the right log", found=checkpoint.origin, expected=self.origin,
            )
        signatures = verify_signatures(checkpoint, signed.signatures, (*self.keys, *witnesses))
        require_signed_by(signatures, self.keys)
        return VerifiedCheckpoint(checkpoint, signatures, signed)


@dataclass(frozen=True, slots=True)
class LogSigner:
    """The private keys of the log `origin`."""

    origin: str
    ed25519: PrivateKey = field(repr=False)
    ml_dsa_44: PrivateKey = field(repr=False)
    verifier: LogVerifier = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Derive the public half. Raises `Malformed` for a bad origin or algorithm."""
        verifier = LogVerifier(self.origin, self.ed25519.public, self.ml_dsa_44.public)
        object.__setattr__(self, "verifier", verifier)

    def sign(self, checkpoint: Checkpoint, *, signed_at: datetime | None = None) -> bytes:
        """Return the signed note. It must not leave the node before its transaction has committed.

        `signed_at` is an aware time, taken to the second; without it the
        signature makes no statement about time. Raises `Malformed` for the
        checkpoint of another log.
        """
        if checkpoint.origin != self.origin:
            raise Malformed(
                "log.signer-other", "the log `{expected}` cannot sign for the log `{found}`",
                hint="check which log the checkpoint is of", found=checkpoint.origin, expected=self.origin,
            )
        ed25519, ml_dsa_44 = self.verifier.keys
        return SignedNote(checkpoint.text, (
            _sign(ed25519, self.ed25519, checkpoint, None),
            _sign(ml_dsa_44, self.ml_dsa_44, checkpoint, signed_at),
        )).encode()


@dataclass(frozen=True, slots=True)
class Cosigner:
    """The private keys of a witness. Its Ed25519 key signs under no other name: type 04 does not bind it."""

    name: str
    ed25519: PrivateKey = field(repr=False)
    ml_dsa_44: PrivateKey = field(repr=False)
    keys: tuple[NoteKey, NoteKey] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Derive the public half. Raises `Malformed` for a bad name or algorithm."""
        object.__setattr__(self, "keys", (
            NoteKey(self.name, SignatureType.ED25519_COSIGNATURE, self.ed25519.public),
            NoteKey(self.name, SignatureType.ML_DSA_44_COSIGNATURE, self.ml_dsa_44.public),
        ))

    def cosign(self, checkpoint: Checkpoint, *, cosigned_at: datetime) -> tuple[NoteSignature, NoteSignature]:
        """Return both cosignatures, stating `cosigned_at` (an aware time, taken to the second).

        Only for a checkpoint that `witness.check_submission` let pass, and only
        after its record was committed.
        """
        ed25519, ml_dsa_44 = self.keys
        return (
            _sign(ed25519, self.ed25519, checkpoint, cosigned_at),
            _sign(ml_dsa_44, self.ml_dsa_44, checkpoint, cosigned_at),
        )
