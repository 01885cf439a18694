"""The Merkle tree of the log: hashing, the frontier, proofs and their verification.

The tree is that of RFC 6962 over SHA-256. A log of any length is appended to
from its *frontier* alone, the roots of its largest complete subtrees, one for
each set bit of the size. A frontier is a value: a commit that failed is undone
by keeping the old one.

Proofs are built from complete subtrees, read through a `HashReader`;
`tiles.tile_hash_reader` makes one from tiles. Both verifications follow
RFC 9162 and need nothing but their arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cordiale.errors import Malformed, OutOfOrder, Unverified
from cordiale.limits import LOG_SIZE_ENTRIES_MAX

HASH_SIZE_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

HashReader = Callable[[int, int], bytes]
"""`(level, index)` to the root over entries `[index * 2**level, (index + 1) * 2**level)`."""


def hash_leaf(entry: bytes) -> bytes:
    """Return the leaf hash of an entry (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two subtrees (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the largest complete subtrees of a tree of `size` entries, largest first.

    Raises `Malformed` unless there is exactly one hash for each set bit of `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier that no tree of this size can have."""
        if not 0 <= self.size <= LOG_SIZE_ENTRIES_MAX:
            raise Malformed("log.size-out-of-range", "a log cannot hold {size} entries", size=self.size)
        if len(self.hashes) != self.size.bit_count() or any(
            len(one) != HASH_SIZE_BYTES for one in self.hashes
        ):
            raise Malformed(
                "log.frontier-malformed",
                "the stored frontier of the log does not fit its size of {size} entries",
                hint="run the audit of the log and restore it from the partner's copy",
                size=self.size,
            )

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        return fold_right(self.hashes) if self.hashes else EMPTY_ROOT

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Return the frontier after appending `leaf_hashes` in order."""
        stack, size = list(self.hashes), self.size
        for leaf_hash in leaf_hashes:
            push_leaf(stack, size, leaf_hash)
            size += 1
        return Frontier(size, tuple(stack))

    def encode(self) -> bytes:
        """Return the hashes one after another, largest subtree first."""
        return b"".join(self.hashes)


def parse_frontier(size: int, raw: bytes) -> Frontier:
    """Read what `Frontier.encode` wrote for a tree of `size` entries.

    Raises `Malformed` when the bytes do not fit the size.
    """
    cut = range(0, len(raw), HASH_SIZE_BYTES)
    return Frontier(size, tuple(raw[start : start + HASH_SIZE_BYTES] for start in cut))


def push_leaf(stack: list[bytes], size: int, leaf_hash: bytes) -> list[bytes]:
    """Append one leaf to `stack`, the frontier of a tree of `size` entries, in place.

    Returns the roots of the subtrees that this leaf completed, by rising level:
    the first is the leaf itself, the second covers two entries, and so on.
    """
    completed = [leaf_hash]
    node = leaf_hash
    while size & 1:
        node = hash_node(stack.pop(), node)
        completed.append(node)
        size >>= 1
    stack.append(node)
    return completed


def fold_right(hashes: Sequence[bytes]) -> bytes:
    """Join complete subtrees, given largest first, into the root of the tree they make up."""
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = hash_node(left, node)
    return node


def root_of_complete(hashes: Sequence[bytes]) -> bytes:
    """Return the root over `hashes`, whose number is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [hash_node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def complete_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield `(level, index)` of the complete subtrees that make up entries `[start, end)`, largest first.

    `start` must be a multiple of the largest power of two not above
    `end - start`, as it is for every subtree of an RFC 6962 tree.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def root_of_range(start: int, end: int, read_hash: HashReader) -> bytes:
    """Return the root over entries `[start, end)`, the empty root when there are none."""
    hashes = [read_hash(level, index) for level, index in complete_subtrees(start, end)]
    return fold_right(hashes) if hashes else EMPTY_ROOT


def split_of(size: int) -> int:
    """Return the largest power of two smaller than `size`, itself at least 2 (RFC 6962 section 2.1)."""
    return 1 << ((size - 1).bit_length() - 1)


def prove_inclusion(index: int, size: int, read_hash: HashReader) -> tuple[bytes, ...]:
    """Return the audit path of entry `index` in the tree of `size` entries, leaf sibling first.

    Raises `OutOfOrder` when the entry is not in that tree. Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= index < size <= LOG_SIZE_ENTRIES_MAX:
        raise OutOfOrder(
            "log.entry-not-covered",
            "entry {index} is not among the first {size} entries of the log",
            hint="wait until a checkpoint covers the entry",
            index=index, size=size,
        )
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            path.append(root_of_range(middle, end, read_hash))
            end = middle
        else:
            path.append(root_of_range(start, middle, read_hash))
            start = middle
    return tuple(reversed(path))


def prove_consistency(old_size: int, new_size: int, read_hash: HashReader) -> tuple[bytes, ...]:
    """Return the proof that the tree of `old_size` entries is the beginning of that of `new_size`.

    The proof is empty when `old_size` is 0 or equals `new_size`. Raises
    `OutOfOrder` when the old tree is the larger. Source: RFC 6962 section 2.1.2.
    """
    if not 0 <= old_size <= new_size <= LOG_SIZE_ENTRIES_MAX:
        raise OutOfOrder(
            "log.proof-backwards",
            "a log of {new_size} entries cannot continue one of {old_size}",
            hint="compare the checkpoints of both sides",
            old_size=old_size, new_size=new_size,
        )
    if old_size in (0, new_size):
        return ()
    path: list[bytes] = []
    start, end, whole = 0, new_size, True
    while end != old_size:
        middle = start + split_of(end - start)
        if old_size <= middle:
            path.append(root_of_range(middle, end, read_hash))
            end = middle
        else:
            path.append(root_of_range(start, middle, read_hash))
            start, whole = middle, False
    if not whole:
        path.append(root_of_range(start, end, read_hash))
    return tuple(reversed(path))


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The size in entries and the root of one tree."""

    size: int
    root: bytes


def verify_inclusion(
    leaf_hash: bytes, index: int, proof: Sequence[bytes], head: TreeHead
) -> bytes:
    """Return `leaf_hash` once `proof` shows that it is entry `index` of the tree `head`.

    Raises `Unverified` otherwise. Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < head.size or len(leaf_hash) != HASH_SIZE_BYTES:
        raise _inclusion_refused(index)
    at, last, node = index, head.size - 1, leaf_hash
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_SIZE_BYTES:
            raise _inclusion_refused(index)
        if at & 1 or at == last:
            node = hash_node(sibling, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = hash_node(node, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or node != head.root:
        raise _inclusion_refused(index)
    return leaf_hash


def _inclusion_refused(index: int) -> Unverified:
    return Unverified(
        "log.inclusion-unproved",
        "the proof does not show that this is entry {index} of the log",
        hint="ask the partner for the proof again; if it fails again, report it to the security authority",
        index=index,
    )


def verify_consistency(old: TreeHead, new: TreeHead, proof: Sequence[bytes]) -> TreeHead:
    """Return `new` once `proof` shows that the tree `old` is its beginning.

    Raises `Unverified` otherwise. The empty tree is the beginning of every tree
    and asks for an empty proof. Source: RFC 9162 section 2.1.4.2.
    """
    if not 0 <= old.size <= new.size or any(len(one) != HASH_SIZE_BYTES for one in proof):
        raise _consistency_refused(old, new)
    if old.size in (0, new.size):
        start = TreeHead(0, EMPTY_ROOT) if old.size == 0 else new
        if proof or old != start or (new.size == 0 and new.root != EMPTY_ROOT):
            raise _consistency_refused(old, new)
        return new
    path = list(proof)
    if old.size.bit_count() == 1:
        path.insert(0, old.root)
    if not path or _fold_consistency(old.size, new.size, path) != (old.root, new.root):
        raise _consistency_refused(old, new)
    return new


def _fold_consistency(old_size: int, new_size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Fold a consistency path into both roots; None when its length does not fit the sizes."""
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            old_node, new_node = hash_node(sibling, old_node), hash_node(sibling, new_node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new_node = hash_node(new_node, sibling)
        at, last = at >> 1, last >> 1
    return (old_node, new_node) if last == 0 else None


def _consistency_refused(old: TreeHead, new: TreeHead) -> Unverified:
    return Unverified(
        "log.consistency-unproved",
        "the proof does not show that the log of {new_size} entries continues the one of {old_size}",
        hint="keep both checkpoints as evidence and report it to the security authority",
        old_size=old.size, new_size=new.size,
    )
