"""The witness: when to cosign the checkpoint of a partner's log (C2SP tlog-witness).

    old <size last cosigned>
    <base64 of a hash>        the consistency proof, up to 63 lines

    <checkpoint with the log's own signatures>

`check_submission` is the whole decision and touches nothing. Whoever calls it
reads the record, calls it, stores the record it returns and only then cosigns:
reading and storing are one atomic, durable step, or a slower request could roll
the witness back. The import of a courier's bundle takes the same way as the door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Undecidable, Unverified
from cordiale.limits import LOG_PROOF_HASHES_COUNT_MAX, NOTE_SIZE_BYTES_MAX, WITNESS_REQUEST_SIZE_BYTES_MAX
from cordiale.records.log.checkpoint import (
    Checkpoint,
    LogVerifier,
    VerifiedSignature,
    parse_checkpoint,
    require_signed_by,
    verify_signatures,
)
from cordiale.records.log.lines import (
    encode_base64,
    parse_decimal,
    parse_hash,
    parse_text,
    split_lines,
)
from cordiale.records.log.note import NoteKey, NoteSignature, parse_note, parse_signatures
from cordiale.records.log.tree import EMPTY_ROOT, TreeHead, verify_consistency

SIZE_MEDIA_TYPE: Final = "text/x.tlog.size"
_OLD: Final = "old "

_UNKNOWN_ORIGIN: Final = "witness.origin-unknown"
_CONFLICT: Final = "witness.size-conflict"
INCONSISTENT: Final = "witness.inconsistent"
_UNSIGNED: Final = "witness.unsigned"

_STATUSES: Final[Mapping[str, int]] = MappingProxyType(
    {_UNKNOWN_ORIGIN: 404, _CONFLICT: 409, INCONSISTENT: 422, _UNSIGNED: 403}
)


@dataclass(frozen=True, slots=True)
class Submission:
    """An add-checkpoint request as parsed; nothing in it is verified before `check_submission`."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes
    unverified_checkpoint: Checkpoint

    def encode(self) -> bytes:
        """Return the request body."""
        lines = "".join(f"{encode_base64(one)}\n" for one in self.proof)
        return f"{_OLD}{self.old_size}\n{lines}\n".encode() + self.note


def make_submission(old_size: int, proof: Sequence[bytes], note: bytes, *, log: LogVerifier) -> Submission:
    """Prepare the request for a witness that last cosigned our log at `old_size`.

    Only the log's own signatures go along: some witnesses read no more than 16
    KiB. Raises `Malformed` or `Unverified` when `note` is not the log's checkpoint.
    """
    verified = log.verify_with(note, witnesses=())
    own = verified.note.only_by(log.keys).encode()
    return Submission(old_size, tuple(proof), own, verified.checkpoint)


def parse_submission(raw: bytes) -> Submission:
    """Read an add-checkpoint request without verifying anything. Raises `Malformed` (status 400)."""
    head, divide, note = parse_text(raw, size_bytes_max=WITNESS_REQUEST_SIZE_BYTES_MAX).partition("\n\n")
    lines = head.split("\n")
    if not divide or not lines[0].startswith(_OLD) or len(lines) - 1 > LOG_PROOF_HASHES_COUNT_MAX:
        raise Malformed(
            "witness.request-malformed", "the request to cosign a checkpoint is not of the expected form",
            hint="ask the partner's operator to check its log",
        )
    old_size = parse_decimal(lines[0].removeprefix(_OLD))
    proof = tuple(parse_hash(line) for line in lines[1:])
    checkpoint = parse_checkpoint(parse_note(note.encode()).unverified_text)
    return Submission(old_size, proof, note.encode(), checkpoint)


@dataclass(frozen=True, slots=True)
class WitnessRecord:
    """The newest checkpoint of one log that this witness cosigned, with the log's own signatures."""

    origin: str
    size: int
    root: bytes
    note: bytes

    @property
    def head(self) -> TreeHead:
        """Size and root."""
        return TreeHead(self.size, self.root)

    @property
    def checkpoint(self) -> Checkpoint:
        """What was cosigned, to cosign again."""
        return Checkpoint(self.origin, self.size, self.root)


def check_submission(
    record: WitnessRecord | None, request: Submission, log: LogVerifier | None
) -> WitnessRecord:
    """Return the record to store before cosigning.

    `record` is what was last cosigned for this origin, `log` the keys trusted
    for it; either may be None. A request repeated at the recorded size with the
    same root returns an equal head again, so retries are harmless. Checks in the
    order of C2SP tlog-witness and raises, for `status_of`: `Undecidable` (404)
    for an unknown origin, `Unverified` (403) without both valid signatures,
    `Malformed` (400) when the old size is the larger, `OutOfOrder` (409) when it
    is not the recorded one, `Unverified` (422) when the trees do not fit.
    """
    if log is None or log.origin != request.unverified_checkpoint.origin:
        raise Undecidable(
            _UNKNOWN_ORIGIN, "this witness does not know the log `{origin}`",
            hint="enter the log's keys from the partner's node statement",
            origin=request.unverified_checkpoint.origin,
        )
    checkpoint = _require_signed(request, log)
    if request.old_size > checkpoint.size:
        raise Malformed(
            "witness.old-size-larger", "the log asks to go back from {old_size} entries to {size}",
            hint="ask the partner's operator to check its log",
            old_size=request.old_size, size=checkpoint.size,
        )
    _require_recorded(record, request)
    _require_consistent(record, request, checkpoint)
    own = parse_note(request.note).only_by(log.keys).encode()
    return WitnessRecord(checkpoint.origin, checkpoint.size, checkpoint.root, own)


def _require_signed(request: Submission, log: LogVerifier) -> Checkpoint:
    try:
        return log.verify(request.note)
    except Unverified as error:
        raise Unverified(
            _UNSIGNED, "the checkpoint of `{origin}` does not carry both valid signatures of its log",
            hint="compare the log's keys with the partner's node statement", origin=log.origin,
        ) from error


def _require_recorded(record: WitnessRecord | None, request: Submission) -> None:
    recorded = record.size if record else 0
    if request.old_size != recorded:
        raise OutOfOrder(
            _CONFLICT, "this witness last cosigned the log at {recorded} entries and not at {old_size}",
            hint="send the proof from the size last cosigned",
            recorded=recorded, old_size=request.old_size,
        )


def _require_consistent(record: WitnessRecord | None, request: Submission, checkpoint: Checkpoint) -> None:
    # A record of size 0 has the empty root: it was checked when it was made.
    old = record.head if record else TreeHead(0, EMPTY_ROOT)
    try:
        verify_consistency(old, checkpoint.head, request.proof)
    except Unverified as error:
        raise not_continued(checkpoint.origin) from error


def not_continued(origin: str) -> Unverified:
    """Return what is raised of a validly signed checkpoint that contradicts the one cosigned before."""
    return Unverified(
        INCONSISTENT, "the checkpoint of `{origin}` does not continue the one cosigned before",
        hint="keep both checkpoints: together they prove that the log was rewritten", origin=origin,
    )


def status_of(error: CordialeError) -> int:
    """Return the HTTP status that C2SP tlog-witness gives to an error of this module: 400 unless listed."""
    return _STATUSES.get(error.code, 400)


def is_evidence(error: CordialeError) -> bool:
    """True when the refused checkpoint was validly signed by its log, so that it must be kept."""
    return error.code in (_CONFLICT, INCONSISTENT, "witness.old-size-larger")


def encode_size(size: int) -> bytes:
    """Return the body of a 409 answer: the size last cosigned."""
    return f"{size}\n".encode()


def parse_size(raw: bytes) -> int:
    """Read the body of a 409 answer.

    Raises `Malformed` when it holds no size: that is a suspected fork and never
    a reason to try again.
    """
    lines = split_lines(parse_text(raw, size_bytes_max=32))
    if len(lines) != 1:
        raise Malformed(
            "witness.answer-malformed", "the witness refused without naming the size it last cosigned",
            hint="compare the checkpoints of both sides before anything else is sent",
        )
    return parse_decimal(lines[0])


def encode_answer(cosignatures: Sequence[NoteSignature]) -> bytes:
    """Return the body of a 200 answer: the cosignature lines."""
    return "".join(one.encode() for one in cosignatures).encode()


def verify_answer(
    raw: bytes, checkpoint: Checkpoint, keys: Sequence[NoteKey]
) -> tuple[tuple[NoteSignature, ...], tuple[VerifiedSignature, ...]]:
    """Return the lines of a 200 answer made by `keys`, and what they say.

    Every one of `keys` must have cosigned `checkpoint` and stated a time. Lines
    by other keys are dropped. Raises `Malformed` or `Unverified` otherwise.
    """
    named = {(key.name, key.key_id) for key in keys}
    lines = tuple(
        one for one in parse_signatures(parse_text(raw, size_bytes_max=NOTE_SIZE_BYTES_MAX))
        if (one.name, one.key_id) in named
    )
    verified = verify_signatures(checkpoint, lines, keys)
    require_signed_by((one for one in verified if one.signed_at is not None), keys)
    return lines, verified


def monitor_path(origin: str) -> str:
    """Return where, below its monitoring prefix, a witness serves the newest checkpoint of `origin`."""
    return f"{sha256(origin.encode()).hexdigest()}/checkpoint"
