"""Measures the log in memory: appending, proving, signing, auditing, and the bytes of a proof.

    python -m bench.log_bench [entries]

Entries have 300 bytes. No disk is involved: what a durable commit costs is the
store's benchmark. Figures are orders of magnitude of the machine they ran on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter

from cordiale.crypto.signatures import Algorithm, PrivateKey
from cordiale.records.log.audit import audit_tree
from cordiale.records.log.checkpoint import Checkpoint, Cosigner, LogSigner
from cordiale.records.log.note import parse_note
from cordiale.records.log.proof import LogProof, parse_proof, verify_proof
from cordiale.records.log.sequencer import Appended, FullTile, LogState, append_entries, restore_state
from cordiale.records.log.tiles import LogRows, Tile, read_tile, tile_hash_reader
from cordiale.records.log.tree import TreeHead, prove_consistency, prove_inclusion, verify_consistency

ENTRY_SIZE_BYTES = 300
BATCHES = (1, 32, 256, 1_024)
REPEATS = 200


def report(what: str, figure: float, unit: str) -> None:
    print(f"{what:<52} {figure:>12,.0f} {unit}")


def rate(count: int, act: Callable[[], object]) -> float:
    """Run `act` once and return how many of its `count` steps it does in a second."""
    began = perf_counter()
    act()
    return count / (perf_counter() - began)


class Store:
    """Rows in lists, as a store would keep them."""

    def __init__(self) -> None:
        self.state = LogState()
        self.entries: list[bytes] = []
        self.leaf_hashes: list[bytes] = []
        self.tiles: dict[tuple[int, int], FullTile] = {}
        self.rows = LogRows(
            lambda start, end: self.entries[start:end],
            lambda start, end: self.leaf_hashes[start:end],
            lambda level, start, end: [self.tiles[level, index].root for index in range(start, end)],
        )

    def keep(self, entries: list[bytes], appended: Appended) -> None:
        self.state = appended.state
        self.entries += entries
        self.leaf_hashes += appended.leaf_hashes
        self.tiles.update({(tile.level, tile.index): tile for tile in appended.tiles})

    def read(self, tile: Tile) -> bytes:
        stored = self.tiles.get((tile.level, tile.index)) if tile.level is not None else None
        return stored.hashes if stored and tile.width == 256 else read_tile(tile, self.rows)


def fill(entries: list[bytes], batch: int) -> Store:
    store = Store()
    for start in range(0, len(entries), batch):
        taken = entries[start : start + batch]
        store.keep(taken, append_entries(store.state, taken))
    return store


def measure_append(entries: list[bytes]) -> Store:
    for batch in BATCHES:
        report(f"append, batches of {batch}", rate(len(entries), lambda size=batch: fill(entries, size)), "entries/s")  # type: ignore[misc]
    store = fill(entries, 256)
    began = perf_counter()
    restore_state(store.state.size, store.rows.leaf_hashes, store.rows.tile_roots)
    report("restart (state from rows)", (perf_counter() - began) * 1e6, "µs")
    return store


def measure_proofs(store: Store) -> None:
    size = store.state.size
    places = [(number * 7_919) % size for number in range(REPEATS)]

    def cold() -> None:
        for index in places:
            prove_inclusion(index, size, tile_hash_reader(size, store.read))

    warm = tile_hash_reader(size, store.read)
    report("inclusion proof, tiles read anew", rate(REPEATS, cold), "/s")
    report("inclusion proof, tiles kept", rate(
        REPEATS, lambda: [prove_inclusion(index, size, warm) for index in places]), "/s")
    report("consistency proof, tiles kept", rate(
        REPEATS, lambda: [prove_consistency(index, size, warm) for index in places]), "/s")
    old = TreeHead(size // 3, fill(store.entries[: size // 3], 256).state.root)
    steps = prove_consistency(old.size, size, warm)
    head = TreeHead(size, store.state.root)
    report("consistency verification", rate(
        REPEATS, lambda: [verify_consistency(old, head, steps) for _ in range(REPEATS)]), "/s")


def measure_signing(store: Store) -> None:
    def key(algorithm: Algorithm) -> PrivateKey:
        return PrivateKey.generate(algorithm)

    log = LogSigner("node-a.example/log", key(Algorithm.ED25519), key(Algorithm.ML_DSA_44))
    witness = Cosigner("node-b.example/witness", key(Algorithm.ED25519), key(Algorithm.ML_DSA_44))
    now = datetime.now(UTC)
    checkpoint = Checkpoint(log.origin, store.state.size, store.state.root)
    note = log.sign(checkpoint, signed_at=now)
    report("checkpoint signing, both algorithms", rate(
        REPEATS, lambda: [log.sign(checkpoint, signed_at=now) for _ in range(REPEATS)]), "/s")
    report("checkpoint verification, both algorithms", rate(
        REPEATS, lambda: [log.verifier.verify(note) for _ in range(REPEATS)]), "/s")
    cosigned = parse_note(note).with_signatures(witness.cosign(checkpoint, cosigned_at=now)).encode()
    index = store.state.size // 3
    hashes = prove_inclusion(index, checkpoint.size, tile_hash_reader(checkpoint.size, store.read))
    raw = LogProof(index, hashes, cosigned).encode()
    report("proof file verification, four signatures", rate(REPEATS, lambda: [
        verify_proof(parse_proof(raw), store.entries[index], log=log.verifier, witnesses=witness.keys)
        for _ in range(REPEATS)
    ]), "/s")
    report("checkpoint, signed", len(note), "bytes")
    report("checkpoint, signed and cosigned", len(cosigned), "bytes")
    report("proof file, signed and cosigned", len(raw), "bytes")
    report("  of these, hashes", len(hashes) * 45, "bytes")
    report("full audit", rate(checkpoint.size, lambda: audit_tree(
        store.entries, store.leaf_hashes, store.tiles.values(), checkpoint)), "entries/s")


def main() -> None:
    """Run all measurements and print them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    entries = [number.to_bytes(8, "big") + bytes(ENTRY_SIZE_BYTES - 8) for number in range(count)]
    print(f"{count:,} entries of {ENTRY_SIZE_BYTES} bytes")
    store = measure_append(entries)
    measure_proofs(store)
    measure_signing(store)


if __name__ == "__main__":
    main()
