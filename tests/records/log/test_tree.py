"""Roots and proofs equal the definition, and nothing else verifies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scitt_cose import merkle as second
from tests.records.log.example import (
    CONSISTENCY_3_TO_8,
    INCLUSION_5_OF_8,
    LEAVES,
    ROOTS,
    entry_of,
    reader_over,
    root_by_definition,
)

from cordiale.errors import Malformed, OutOfOrder, Unverified
from cordiale.limits import LOG_SIZE_ENTRIES_MAX
from cordiale.records.log.tree import (
    EMPTY_ROOT,
    Frontier,
    TreeHead,
    hash_leaf,
    hash_node,
    parse_frontier,
    prove_consistency,
    prove_inclusion,
    root_of_range,
    split_of,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = [entry_of(number) for number in range(600)]
HASHES = [hash_leaf(entry) for entry in ENTRIES]
READ = reader_over(HASHES)
ALL_SIZES = [*range(1, 70), 255, 256, 257, 511, 512, 513]
HEADS = {size: TreeHead(size, root_by_definition(HASHES[:size])) for size in range(514)}


def inclusion_by_definition(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1 word by word."""
    if len(leaves) == 1:
        return []
    split = split_of(len(leaves))
    if index < split:
        return [*inclusion_by_definition(index, leaves[:split]), root_by_definition(leaves[split:])]
    return [*inclusion_by_definition(index - split, leaves[split:]), root_by_definition(leaves[:split])]


def consistency_by_definition(old_size: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2 word by word (SUBPROOF)."""
    if old_size == len(leaves):
        return [] if whole else [root_by_definition(leaves)]
    split = split_of(len(leaves))
    if old_size <= split:
        return [*consistency_by_definition(old_size, leaves[:split], whole), root_by_definition(leaves[split:])]
    return [
        *consistency_by_definition(old_size - split, leaves[split:], False), root_by_definition(leaves[:split]),
    ]


def mutations(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Every single hash changed, dropped, doubled or shortened, and the whole reversed."""
    changed: list[tuple[bytes, ...]] = [(*proof, bytes(32)), (bytes(32), *proof)]
    for at, one in enumerate(proof):
        flipped = bytes([one[0] ^ 1]) + one[1:]
        changed += [
            (*proof[:at], flipped, *proof[at + 1 :]), (*proof[:at], *proof[at + 1 :]),
            (*proof[:at], one, *proof[at:]), (*proof[:at], one[:-1], *proof[at + 1 :]),
        ]
    if len(set(proof)) > 1:
        changed.append(tuple(reversed(proof)))
    return changed


def test_roots_are_the_known_ones() -> None:
    frontier = Frontier()
    for size, root in enumerate(ROOTS):
        assert frontier.root == root == root_by_definition([hash_leaf(one) for one in LEAVES[:size]])
        if size < 8:
            frontier = frontier.extend([hash_leaf(LEAVES[size])])


def test_worked_proofs_are_the_known_ones() -> None:
    leaf_hashes = [hash_leaf(one) for one in LEAVES]
    read = reader_over(leaf_hashes)
    assert leaf_hashes[5].hex() == "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658"
    assert prove_inclusion(5, 8, read) == INCLUSION_5_OF_8
    assert prove_consistency(3, 8, read) == CONSISTENCY_3_TO_8
    assert verify_inclusion(leaf_hashes[5], 5, INCLUSION_5_OF_8, TreeHead(8, ROOTS[8])) == leaf_hashes[5]
    new = verify_consistency(TreeHead(3, ROOTS[3]), TreeHead(8, ROOTS[8]), CONSISTENCY_3_TO_8)
    assert new == TreeHead(8, ROOTS[8])


def test_frontier_has_the_root_of_the_definition_at_every_size() -> None:
    frontier = Frontier()
    for size in range(514):
        assert (frontier.size, frontier.root) == (size, HEADS[size].root)
        assert parse_frontier(size, frontier.encode()) == frontier
        assert root_of_range(0, size, READ) == frontier.root
        frontier = frontier.extend([HASHES[size]])


def test_appending_leaves_the_old_frontier_as_it_was() -> None:
    before = Frontier().extend(HASHES[:11])
    kept = (before.size, before.hashes, before.root)
    before.extend(HASHES[11:40])
    assert (before.size, before.hashes, before.root) == kept


@given(st.lists(st.integers(0, 40), max_size=12))
def test_batches_make_no_difference(batches: list[int]) -> None:
    frontier = Frontier()
    for count in batches:
        frontier = frontier.extend(HASHES[frontier.size : frontier.size + count])
    assert frontier == Frontier().extend(HASHES[: sum(batches)])


@pytest.mark.parametrize(
    ("size", "raw"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (3, bytes(63)), (2, bytes(64)), (-1, b"")]
)
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_frontier(size, raw)


@pytest.mark.parametrize("size", ALL_SIZES)
def test_every_inclusion_proof_is_the_definition_and_verifies(size: int) -> None:
    for index in range(size):
        proof = prove_inclusion(index, size, READ)
        if size < 70 or index % 37 == 0 or index > size - 4:
            assert list(proof) == inclusion_by_definition(index, HASHES[:size])
        assert verify_inclusion(HASHES[index], index, proof, HEADS[size]) == HASHES[index]


@pytest.mark.parametrize("size", ALL_SIZES)
def test_every_consistency_proof_is_the_definition_and_verifies(size: int) -> None:
    for old_size in range(1, size + 1):
        proof = prove_consistency(old_size, size, READ)
        if size < 70 or old_size % 37 == 0 or old_size > size - 4:
            assert list(proof) == consistency_by_definition(old_size, HASHES[:size])
        assert verify_consistency(HEADS[old_size], HEADS[size], proof) == HEADS[size]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21, 33, 257])
def test_no_changed_inclusion_proof_verifies(size: int) -> None:
    for index in {0, size // 3, size // 2, size - 1}:
        proof = prove_inclusion(index, size, READ)
        for changed in mutations(proof):
            with pytest.raises(Unverified):
                verify_inclusion(HASHES[index], index, changed, HEADS[size])
        for other in (index + 1, index - 1, size, size + index, -1):
            if other != index:
                with pytest.raises(Unverified):
                    verify_inclusion(HASHES[index], other, proof, HEADS[size])
        for leaf_hash, head in (
            (HASHES[index + 1], HEADS[size]), (HASHES[index][:-1], HEADS[size]),
            (HASHES[index], TreeHead(size, HEADS[size + 1].root)), (HASHES[index], TreeHead(0, EMPTY_ROOT)),
        ):
            with pytest.raises(Unverified):
                verify_inclusion(leaf_hash, index, proof, head)


@pytest.mark.parametrize(
    ("old_size", "size"), [(1, 2), (1, 3), (2, 3), (4, 7), (6, 8), (8, 13), (21, 33), (256, 257), (255, 257)]
)
def test_no_changed_consistency_proof_verifies(old_size: int, size: int) -> None:
    proof = prove_consistency(old_size, size, READ)
    for changed in mutations(proof):
        with pytest.raises(Unverified):
            verify_consistency(HEADS[old_size], HEADS[size], changed)
    wrong = TreeHead(old_size, HEADS[old_size - 1].root)
    forged = TreeHead(size, HEADS[size + 1].root)
    for old, new in ((wrong, HEADS[size]), (HEADS[old_size], forged), (HEADS[size], HEADS[old_size])):
        with pytest.raises(Unverified):
            verify_consistency(old, new, proof)


def test_a_proof_longer_or_shorter_than_its_sizes_ask_is_refused_even_where_the_hashes_fit() -> None:
    with pytest.raises(Unverified):
        verify_inclusion(HASHES[1], 0, HASHES[:1], TreeHead(1, HEADS[2].root))
    with pytest.raises(Unverified):
        verify_inclusion(b"short", 0, (), TreeHead(1, b"short"))
    for old, new, proof in (
        (HEADS[1], TreeHead(4, HEADS[2].root), HASHES[1:2]),
        (TreeHead(3, HEADS[7].root), TreeHead(4, HEADS[8].root), prove_consistency(7, 8, READ)),
        (TreeHead(4, HEADS[4].root), TreeHead(3, HEADS[4].root), ()),
    ):
        with pytest.raises(Unverified):
            verify_consistency(old, new, proof)


def test_the_empty_tree_begins_every_tree_with_an_empty_proof() -> None:
    assert prove_consistency(0, 5, READ) == ()
    assert verify_consistency(HEADS[0], HEADS[5], ()) == HEADS[5]
    assert verify_consistency(HEADS[0], HEADS[0], ()) == HEADS[0]
    for old, new, proof in (
        (HEADS[0], HEADS[5], (HASHES[0],)),
        (TreeHead(0, HASHES[0]), HEADS[5], ()),
        (HEADS[0], TreeHead(0, HASHES[0]), ()),
        (TreeHead(0, HASHES[0]), TreeHead(0, HASHES[0]), ()),
    ):
        with pytest.raises(Unverified):
            verify_consistency(old, new, proof)


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    assert prove_consistency(7, 7, READ) == ()
    assert verify_consistency(HEADS[7], HEADS[7], ()) == HEADS[7]
    with pytest.raises(Unverified):
        verify_consistency(HEADS[7], TreeHead(7, HEADS[8].root), ())
    with pytest.raises(Unverified):
        verify_consistency(HEADS[7], HEADS[7], (HASHES[0],))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, LOG_SIZE_ENTRIES_MAX + 1)])
def test_no_proof_is_made_beyond_the_tree(index: int, size: int) -> None:
    with pytest.raises(OutOfOrder):
        prove_inclusion(index, size, READ)


@pytest.mark.parametrize(("old_size", "size"), [(6, 5), (-1, 5), (1, LOG_SIZE_ENTRIES_MAX + 1)])
def test_no_proof_is_made_backwards(old_size: int, size: int) -> None:
    with pytest.raises(OutOfOrder):
        prove_consistency(old_size, size, READ)


def test_huge_trees_need_at_most_63_hashes() -> None:
    reads = 0

    def read(level: int, index: int) -> bytes:
        nonlocal reads
        reads += 1
        return hash_node(level.to_bytes(1, "big"), index.to_bytes(8, "big"))

    size = LOG_SIZE_ENTRIES_MAX
    assert len(prove_inclusion(size // 3, size, read)) <= 63
    assert len(prove_consistency(size // 3, size, read)) <= 63
    assert reads < 10_000


@given(size=st.integers(1, 120), data=st.data())
def test_a_second_implementation_agrees(size: int, data: st.DataObject) -> None:
    entries = [entry.hex() for entry in ENTRIES[:size]]
    index = data.draw(st.integers(0, size - 1))
    old_size = data.draw(st.integers(1, size))
    root, old_root = second.merkle_root(entries), second.merkle_root(entries[:old_size])
    assert (root, old_root) == (HEADS[size].root.hex(), HEADS[old_size].root.hex())
    inclusion = [one.hex() for one in prove_inclusion(index, size, READ)]
    assert inclusion == second.inclusion_proof(entries, index)
    assert second.verify_inclusion(entries[index], index, size, inclusion, root)
    consistency = [one.hex() for one in prove_consistency(old_size, size, READ)]
    assert second.verify_consistency(old_root, root, old_size, size, consistency)


@given(size=st.integers(2, 60), data=st.data())
def test_a_second_implementation_refuses_the_same(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    old_size, claimed = data.draw(st.integers(1, size)), data.draw(st.integers(1, size))
    proof, steps = prove_inclusion(index, size, READ), prove_consistency(old_size, size, READ)
    ours = _holds(lambda: verify_inclusion(HASHES[other], other, proof, HEADS[size]))
    theirs = second.verify_inclusion(
        ENTRIES[other].hex(), other, size, [one.hex() for one in proof], HEADS[size].root.hex()
    )
    assert ours == theirs == (index == other)
    ours = _holds(lambda: verify_consistency(HEADS[claimed], HEADS[size], steps))
    theirs = second.verify_consistency(
        HEADS[claimed].root.hex(), HEADS[size].root.hex(), claimed, size, [one.hex() for one in steps]
    )
    assert ours == theirs == (old_size == claimed)


def _holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except Unverified:
        return False
    return True
