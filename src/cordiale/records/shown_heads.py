"""Heads of logs as messages show them, and the signed notes they stand for.

A message leaves out of a note what it says anyway, origin, size and root, and
shows the signatures; the note is made of them again, byte for byte.
"""

from __future__ import annotations

from cordiale.errors import CordialeError, Unverified
from cordiale.message.members import LogHead
from cordiale.ports import StoredHead
from cordiale.records.log.checkpoint import Checkpoint, LogVerifier
from cordiale.records.log.note import KEY_ID_SIZE_BYTES, NoteSignature, SignedNote, parse_note


def show_head(stored: StoredHead) -> LogHead:
    """Return the head in `stored` as a message shows it, with the signatures of the log itself."""
    lines = parse_note(stored.note).signatures
    signatures = tuple(one.key_id + one.signature for one in lines if one.name == stored.origin)
    return LogHead(stored.origin, stored.size, stored.root, signatures)


def keep_head(head: LogHead) -> StoredHead:
    """Return `head` with the note that its signatures make; raises `Malformed` when they make none.

    Whether the log has signed it is said by `require_signed`.
    """
    note = SignedNote(Checkpoint(head.origin, head.size, head.root).text, tuple(
        NoteSignature(head.origin, one[:KEY_ID_SIZE_BYTES], one[KEY_ID_SIZE_BYTES:]) for one in head.signatures
    ))
    return StoredHead(head.origin, head.size, head.root, note.encode())


def require_signed(verifier: LogVerifier, head: LogHead) -> StoredHead:
    """Return `head` with its note once the log has signed it; raises `Unverified` otherwise."""
    try:
        kept = keep_head(head)
        verifier.verify(kept.note)
    except CordialeError as error:
        raise Unverified(
            "log.head-unproved", "the head of {origin} at size {size} is not shown with the signatures of that log",
            hint="nothing was taken of it; ask the partner what its node has seen", origin=head.origin, size=head.size,
        ) from error
    return kept
