"""Heads of a log that somebody kept elsewhere, given back and held against the log as it is now.

A kept head is the signed note as it was printed or exported, or its three lines
alone: origin, size, root. Whoever brings the three lines vouches for them; a
signed note speaks for itself. Either way the log must still begin as it did then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cordiale.errors import CordialeError, OutOfOrder, Unverified
from cordiale.limits import NOTE_SIZE_BYTES_MAX
from cordiale.ports import Reads
from cordiale.records.log.checkpoint import Checkpoint, LogVerifier, parse_checkpoint
from cordiale.records.log.lines import parse_text
from cordiale.records.logs import derive_root


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A kept head that holds: the log has `size` entries now, and still begins as `checkpoint` says."""

    log: str
    checkpoint: Checkpoint
    size: int
    is_signed: bool


def require_kept(reads: Reads, verifier_for: Callable[[str], LogVerifier], content: bytes) -> KeptHead:
    """Return what was kept once the log it is of still begins like that.

    Raises `Malformed` for what is no head, `Unverified` for one that this node did not sign or that the log does not
    continue, and `OutOfOrder` for one of no log here or of a log that has become shorter since.
    """
    text = parse_text(content, size_bytes_max=NOTE_SIZE_BYTES_MAX)
    is_signed = "\n\n" in text
    checkpoint = parse_checkpoint(text.rpartition("\n\n")[0] + "\n" if is_signed else text)
    log = _log_of(reads, verifier_for, checkpoint)
    if is_signed:
        verifier_for(log).verify(content)
    size = reads.log_size(log)
    if checkpoint.size > size:
        raise OutOfOrder(
            "kept.ahead", "the log {log} had {kept} entries when this head was kept, and has {found}: its end is gone",
            hint="keep the head and the books as evidence; restore the newest backup", log=log, kept=checkpoint.size,
            found=size,
        )
    if derive_root(reads, log, checkpoint.size) != checkpoint.root:
        raise Unverified(
            "kept.differs", "the first {kept} entries of the log {log} are not those that this head was kept of",
            hint="keep the head and the books as evidence: the log was written anew", log=log, kept=checkpoint.size,
        )
    return KeptHead(log, checkpoint, size, is_signed)


def _log_of(reads: Reads, verifier_for: Callable[[str], LogVerifier], checkpoint: Checkpoint) -> str:
    for log in reads.logs():
        try:
            if verifier_for(log).origin == checkpoint.origin:
                return log
        except CordialeError:
            continue  # A log of a name that none can have is a finding of its own.
    raise OutOfOrder(
        "kept.no-log", "this node has no log `{origin}`", hint="look at which node the head is of; if it is this one, "
        "the whole log is gone", origin=checkpoint.origin[:120],
    )
