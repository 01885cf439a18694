"""The audit of the logs: each one by itself, and all of them by the chain of batches that binds them.

A log stands by its own entries, tiles and signed heads. That none has lost its
end, that none is missing as a whole, and that a signed head stands wherever a
commit ended, is told by the chain: each batch says what it made of which log,
follows the one before, and is committed to by the next entries of every log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from cordiale.canonical import parse_base64url
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import CordialeError
from cordiale.model.mode import Mode
from cordiale.ports import Reads, StoredBatch, StoredEntry, StoredHead, StoredRecord
from cordiale.records.batches import Grown, Position, bind_before, chain_after, parse_grown
from cordiale.records.cosigning import COSIGNED
from cordiale.records.entry import parse_entry
from cordiale.records.kept_heads import require_kept
from cordiale.records.log.audit import audit_tree
from cordiale.records.log.checkpoint import LogVerifier
from cordiale.records.log.sequencer import FullTile, LogState, append_leaf_hashes
from cordiale.records.record import open_record

_PAGE = 1_000

Note = Callable[[str, str, str], None]


def entries_of(reads: Reads, log: str) -> Iterator[StoredEntry]:
    """Yield every entry of `log`, in order."""
    size = reads.log_size(log)
    for start in range(0, size, _PAGE):
        yield from reads.entries(log, start, min(start + _PAGE, size))


def audit_log(reads: Reads, log: str, verifier_for: Callable[[str], LogVerifier], note: Note) -> StoredHead | None:
    """Derive `log` again from its entries, hold every signed head against it, and return the last; None without one."""
    head = reads.head(log)
    if head is None or head.size != reads.log_size(log):
        note("audit.head-missing", log, "the log has no signed head of its size")
        return None
    try:
        verifier = verifier_for(log)
        checkpoint = verifier.verify(head.note)
        audit_tree(
            (entry.body for entry in entries_of(reads, log)),
            (entry.leaf_hash for entry in entries_of(reads, log)),
            [FullTile(tile.level, tile.index, tile.root, tile.hashes) for tile in reads.tiles(log)],
            checkpoint,
        )
    except CordialeError as error:
        note(error.code, log, str(error))
        return None
    _audit_heads(reads, log, verifier, note)
    return head


def _audit_heads(reads: Reads, log: str, verifier: LogVerifier, note: Note) -> None:
    """Hold every signed head of `log`, and its signatures, against the root that the entries had at its size."""
    state, sizes = LogState(), set(reads.head_sizes(log))
    for entry in entries_of(reads, log):
        state, _ = append_leaf_hashes(state, [entry.leaf_hash])
        head = reads.head(log, state.size) if state.size in sizes else None
        if head is None:
            continue
        try:
            signed = verifier.verify(head.note)
        except CordialeError as error:
            note(error.code, f"{log} {state.size}", str(error))
            continue
        if not head.root == signed.root == state.root or (signed.size, head.origin) != (state.size, signed.origin):
            note("audit.head-differs", f"{log} {state.size}", "a signed head does not match its entries")


def audit_cosigned(reads: Reads, verifier_for: Callable[[str], LogVerifier], note: Note) -> dict[str, bytes]:
    """Hold the heads that partners have cosigned against the logs; return those that hold, by log and party.

    That the partner signed was verified when it answered, and the log binds what was kept: here it is asked whether
    the log still begins like that.
    """
    held: dict[str, bytes] = {}
    for stored in _every_cosigned(reads):
        try:
            kept = open_record(stored).body
            if "note" not in kept:
                continue
            content = parse_base64url(str(kept["note"]))
            require_kept(reads, verifier_for, content)
        except CordialeError as error:
            note(error.code, stored.id.replace("/", " "), str(error))
            continue
        held[stored.id.replace("/", ".")] = content
    return held


def _every_cosigned(reads: Reads) -> Iterator[StoredRecord]:
    after = ""
    while page := reads.every(COSIGNED, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def audit_batches(reads: Reads, mode: Mode, begun: Mapping[str, int], note: Note) -> Position:
    """Follow the chain of batches through the logs and return where it ends.

    `begun` is how many entries of each log say that they begin a batch.
    """
    walk = _Walk(reads, mode, note)
    while page := reads.batches(walk.position.number):
        for batch in page:
            walk.follow(batch)
    for log in sorted({*reads.logs(), *walk.sizes, *begun}):
        if walk.sizes[log] != reads.log_size(log):
            note("audit.log-length", log, "the log does not end where the last commit that added to it ended")
        if not walk.batches[log] == begun.get(log, 0) == len(reads.head_sizes(log)):
            note("audit.batches-differ", log, "the log has not as many signed heads as there were commits to it")
    return walk.position


class _Walk:
    """Where the chain has been followed to."""

    def __init__(self, reads: Reads, mode: Mode, note: Note) -> None:
        self._reads = reads
        self._note = note
        self._chain_domain = domain(Purpose.BATCH_CHAIN, mode)
        self._before_domain = domain(Purpose.BATCH_COMMITMENT, mode)
        self.position = Position()
        self.sizes: Counter[str] = Counter()
        self.batches: Counter[str] = Counter()

    def follow(self, batch: StoredBatch) -> None:
        """Go one batch further; what does not fit is noted, and the next is judged by what stands here."""
        place = f"commit {batch.number}"
        try:
            if batch.number != self.position.number + 1:
                self._note("audit.batch-missing", place, "the commit before this one is missing")
            grown = parse_grown(batch)
            heads = {log: (one.size, self._follow_log(log, one)) for log, one in grown.items()}
            if chain_after(self._chain_domain, self.position, heads).chain != batch.chain:
                self._note("audit.batch-altered", place, "the commit does not follow from the one before and its heads")
        except CordialeError as error:
            self._note(error.code, place, str(error))
        self.position = Position(batch.number, batch.chain)

    def _follow_log(self, log: str, grown: Grown) -> bytes:
        """Look at what a batch says it made of one log, and return the root at its end."""
        first, self.sizes[log] = self.sizes[log], grown.size
        self.batches[log] += 1
        entries = self._reads.entries(log, first, first + 1)
        bound = bind_before(self._before_domain, grown.salt, self.position)
        if not first < grown.size or not entries or parse_entry(entries[0].body).batch != bound:
            self._note("audit.batch-bound", f"{log} {first}", "the entry does not say which commit was before its own")
        head = self._reads.head(log, grown.size)
        if head is None:
            self._note("audit.head-missing", f"{log} {grown.size}", "no signed head stands where a commit ended")
            return bytes(32)
        return head.root
