"""The worked example of docs/spec/log.md: eight leaves, one log, one witness, all from fixed seeds.

Keys, roots, proofs and the two Ed25519 lines were also accepted by independent
programs: transparency-dev/formats (Go), and the Python packages mldsa and scitt-cose.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cordiale.crypto.signatures import Algorithm, PrivateKey
from cordiale.records.log.checkpoint import Checkpoint, Cosigner, LogSigner
from cordiale.records.log.sequencer import FullTile, LogState, append_leaf_hashes
from cordiale.records.log.tiles import LogRows
from cordiale.records.log.tree import HashReader, hash_leaf, hash_node

LEAVES = tuple(
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = tuple(
    bytes.fromhex(one)
    for one in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
)
INCLUSION_5_OF_8 = tuple(
    bytes.fromhex(one)
    for one in (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    )
)
CONSISTENCY_3_TO_8 = tuple(
    bytes.fromhex(one)
    for one in (
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    )
)

ORIGIN = "node-a.example/log"
WITNESS = "node-b.example/witness"
AT = datetime.fromtimestamp(1_800_000_000, UTC)


def key_of(algorithm: Algorithm, byte: int) -> PrivateKey:
    return PrivateKey.from_seed(algorithm, bytes([byte]) * 32)


LOG = LogSigner(ORIGIN, key_of(Algorithm.ED25519, 1), key_of(Algorithm.ML_DSA_44, 2))
COSIGNER = Cosigner(WITNESS, key_of(Algorithm.ED25519, 3), key_of(Algorithm.ML_DSA_44, 4))
CHECKPOINT = Checkpoint(ORIGIN, 8, ROOTS[8])

LOG_LINE = (
    "— node-a.example/log I/du+ySYEIYmMYwLx734Qko6xA+CsAy8ArTWfMdadeIWzhVPplzPhLn3pcHEV1V8jvAH4ZYotB8b"
    "FVwOG6Chjga1FgM=\n"
)
WITNESS_LINE = (
    "— node-b.example/witness TEhrvQAAAABrSdIA7k+PiuGPhEQujn0P4OXBmOawROBBfYUacfvKh25MIK7sF1xGPGOqY874"
    "ebqlOn7i812dSRJyrdf4PoDur47ODA==\n"
)


def entry_of(number: int) -> bytes:
    """A small entry that differs for each number."""
    return f'{{"act":"test","number":{number}}}'.encode()


def root_by_definition(leaf_hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1 word by word, to compare everything else with."""
    if not leaf_hashes:
        return ROOTS[0]
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1
    while split * 2 < len(leaf_hashes):
        split *= 2
    return hash_node(root_by_definition(leaf_hashes[:split]), root_by_definition(leaf_hashes[split:]))


def reader_over(leaf_hashes: Sequence[bytes]) -> HashReader:
    """Read complete subtrees straight from leaf hashes, remembering them."""
    known: dict[tuple[int, int], bytes] = {}

    def hash_at(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hashes[index]
        if (level, index) not in known:
            known[level, index] = hash_node(hash_at(level - 1, 2 * index), hash_at(level - 1, 2 * index + 1))
        return known[level, index]

    return hash_at


class MemoryLog:
    """A log in memory with the rows a store would keep."""

    def __init__(self, entries: Sequence[bytes] = ()) -> None:
        self.entries: list[bytes] = []
        self.leaf_hashes: list[bytes] = []
        self.tiles: dict[tuple[int, int], FullTile] = {}
        self.state = LogState()
        self.append(entries)

    def append(self, entries: Sequence[bytes]) -> None:
        leaf_hashes = [hash_leaf(entry) for entry in entries]
        self.state, tiles = append_leaf_hashes(self.state, leaf_hashes)
        self.entries += entries
        self.leaf_hashes += leaf_hashes
        self.tiles.update({(tile.level, tile.index): tile for tile in tiles})

    def roots(self, level: int, start: int, end: int) -> list[bytes]:
        return [self.tiles[level, index].root for index in range(start, end) if (level, index) in self.tiles]

    @property
    def rows(self) -> LogRows:
        return LogRows(
            lambda start, end: self.entries[start:end],
            lambda start, end: self.leaf_hashes[start:end],
            self.roots,
        )

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(ORIGIN, self.state.size, self.state.root)

    def note(self) -> bytes:
        return LOG.sign(self.checkpoint, signed_at=AT)
