"""The logs of a node as the ledger grows them: their states in memory, appending, signing each new head.

Signing releases the interpreter's lock, and the store does too: a head is signed while the rows under it are written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.errors import Undecidable
from cordiale.ports import Reads, Store, StoredEntry, StoredHead, StoredTile, UnitOfWork
from cordiale.records.log.checkpoint import Checkpoint, LogSigner
from cordiale.records.log.sequencer import LogState, append_entries, restore_state
from cordiale.records.log.tiles import LogRows, read_tile, tile_hash_reader
from cordiale.records.log.tree import prove_consistency

_SIGNING: Final = ThreadPoolExecutor(1, "head")


@dataclass(frozen=True, slots=True)
class Growth:
    """A log with entries appended in a transaction: its `state` after them, and its head, which is being signed."""

    log: str
    state: LogState
    checkpoint: Checkpoint
    note: Future[bytes]

    def put_head(self, work: UnitOfWork) -> None:
        """Write the head once it is signed; a transaction that ends without this must not commit.

        Raises what signing raised.
        """
        head = StoredHead(self.checkpoint.origin, self.checkpoint.size, self.checkpoint.root, self.note.result())
        work.put_head(self.log, head)


class Logs:
    """Every log of one node; `signer_for` gives the keys of each."""

    def __init__(self, store: Store, signer_for: Callable[[str], LogSigner]) -> None:
        self._store = store
        self._signer_for = signer_for
        self._signers: dict[str, LogSigner] = {}
        self._states: dict[str, LogState] = {}

    def state(self, log: str) -> LogState:
        """Return where `log` stands; raises `Undecidable` when it does not match its own last signed head."""
        return self._states.get(log) or self._restore(log)

    def checkpoint(self, log: str) -> Checkpoint:
        """Return the head of `log` as of the last commit; raises as `state`."""
        state = self.state(log)
        return Checkpoint(self._signer(log).origin, state.size, state.root)

    def append(self, work: UnitOfWork, log: str, pending: Sequence[tuple[str, bytes]], at: datetime) -> Growth:
        """Append entries, each with its act, and begin to sign the head; the state is to `keep` after the commit."""
        state = self.state(log)
        appended = append_entries(state, [entry for _, entry in pending])
        signer = self._signer(log)
        checkpoint = Checkpoint(signer.origin, appended.state.size, appended.state.root)
        note = _SIGNING.submit(signer.sign, checkpoint, signed_at=at)
        work.put_entries([
            StoredEntry(log, index, act_id, leaf_hash, entry)
            for index, leaf_hash, (act_id, entry) in zip(
                appended.indexes, appended.leaf_hashes, pending, strict=True
            )
        ])
        work.put_tiles(log, [StoredTile(t.level, t.index, t.root, t.hashes) for t in appended.tiles])
        work.set_log_size(log, state.size, appended.state.size)
        return Growth(log, appended.state, checkpoint, note)

    def keep(self, following: dict[str, LogState]) -> None:
        """Go on from these states: what led to them is committed."""
        self._states.update(following)

    def _signer(self, log: str) -> LogSigner:
        signer = self._signers.get(log)
        if signer is None:
            signer = self._signers[log] = self._signer_for(log)
        return signer

    def _restore(self, log: str) -> LogState:
        reads = self._store.reads()
        state = _state_at(reads, log, reads.log_size(log))
        head = reads.head(log)
        if (head.size, head.root) != (state.size, state.root) if head is not None else state.size > 0:
            raise Undecidable(
                "log.head-differs", "the log {log} does not match its own last signed head",
                hint="do not serve; run `cordiale audit verify` and restore from a backup", log=log,
            )
        self._states[log] = state
        return state


def derive_root(reads: Reads, log: str, size: int) -> bytes:
    """Return the root that `log` had at `size`, from its rows, whether or not a head was signed there.

    Raises `Unavailable` when rows are missing and `Malformed` when they are not hashes.
    """
    return _state_at(reads, log, size).root


def prove_growth(reads: Reads, log: str, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Return the proof that `log` at `new_size` entries begins with its first `old_size`, from its rows.

    Raises `OutOfOrder` when it never had that many, and `Unavailable` when rows are missing.
    """
    rows = LogRows(
        lambda start, end: (), lambda start, end: reads.leaf_hashes(log, start, end),
        lambda level, start, end: reads.tile_roots(log, level, start, end),
    )
    return prove_consistency(old_size, new_size, tile_hash_reader(new_size, lambda tile: read_tile(tile, rows)))


def _state_at(reads: Reads, log: str, size: int) -> LogState:
    return restore_state(
        size,
        lambda start, end: reads.leaf_hashes(log, start, end),
        lambda level, start, end: reads.tile_roots(log, level, start, end),
    )
