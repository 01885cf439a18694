"""A proof file proves one entry of one log, and no changed one does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.records.log.example import (
    AT,
    CHECKPOINT,
    COSIGNER,
    INCLUSION_5_OF_8,
    LEAVES,
    LOG,
    MemoryLog,
    entry_of,
    reader_over,
)

from cordiale.errors import Malformed, Unverified
from cordiale.limits import LOG_PROOF_EXTRA_SIZE_BYTES_MAX
from cordiale.records.log.note import parse_note
from cordiale.records.log.proof import LogProof, parse_proof, verify_proof
from cordiale.records.log.tree import prove_inclusion

NOTE = LOG.sign(CHECKPOINT, signed_at=AT)
COSIGNED = parse_note(NOTE).with_signatures(COSIGNER.cosign(CHECKPOINT, cosigned_at=AT)).encode()
PROOF = LogProof(5, INCLUSION_5_OF_8, COSIGNED)
ENTRY = LEAVES[5]


def test_the_worked_proof_verifies() -> None:
    proven = verify_proof(parse_proof(PROOF.encode()), ENTRY, log=LOG.verifier, witnesses=COSIGNER.keys)
    assert (proven.entry, proven.index, proven.head.checkpoint) == (ENTRY, 5, CHECKPOINT)
    assert PROOF.encode().startswith(
        b"c2sp.org/tlog-proof@v1\nindex 5\nvBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=\n"
    )


@pytest.mark.parametrize("size", [1, 2, 257, 1_000])
def test_every_entry_of_a_log_can_be_proved(size: int) -> None:
    log = MemoryLog([entry_of(number) for number in range(size)])
    note, read = log.note(), reader_over(log.leaf_hashes)
    for index in {0, size // 2, size - 1}:
        proof = LogProof(index, prove_inclusion(index, size, read), note)
        assert parse_proof(proof.encode()) == proof
        assert verify_proof(proof, log.entries[index], log=LOG.verifier).index == index


@given(extra=st.one_of(st.none(), st.binary(max_size=100)), index=st.integers(0, 2**63 - 1),
       hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_proof_files_read_back(extra: bytes | None, index: int, hashes: list[bytes]) -> None:
    proof = LogProof(index, tuple(hashes), NOTE, extra)
    assert parse_proof(proof.encode()) == proof


def test_what_no_signature_covers_changes_nothing() -> None:
    proof = LogProof(5, INCLUSION_5_OF_8, COSIGNED, b"anything")
    assert verify_proof(proof, ENTRY, log=LOG.verifier) == verify_proof(PROOF, ENTRY, log=LOG.verifier)


def test_another_entry_index_or_hash_is_not_proved() -> None:
    with pytest.raises(Unverified):
        verify_proof(PROOF, LEAVES[4], log=LOG.verifier)
    for changed in (
        LogProof(4, INCLUSION_5_OF_8, COSIGNED), LogProof(13, INCLUSION_5_OF_8, COSIGNED),
        LogProof(5, INCLUSION_5_OF_8[:-1], COSIGNED), LogProof(5, (*INCLUSION_5_OF_8, bytes(32)), COSIGNED),
        LogProof(5, (bytes(32), *INCLUSION_5_OF_8[1:]), COSIGNED),
    ):
        with pytest.raises(Unverified):
            verify_proof(changed, ENTRY, log=LOG.verifier)


def test_every_demanded_witness_must_have_cosigned() -> None:
    with pytest.raises(Unverified):
        verify_proof(LogProof(5, INCLUSION_5_OF_8, NOTE), ENTRY, log=LOG.verifier, witnesses=COSIGNER.keys)
    half = parse_note(COSIGNED).only_by((*LOG.verifier.keys, COSIGNER.keys[1])).encode()
    assert verify_proof(LogProof(5, INCLUSION_5_OF_8, half), ENTRY, log=LOG.verifier)
    with pytest.raises(Unverified):
        verify_proof(LogProof(5, INCLUSION_5_OF_8, half), ENTRY, log=LOG.verifier, witnesses=COSIGNER.keys)


def test_no_changed_byte_of_a_proof_file_proves_it() -> None:
    raw = LogProof(5, INCLUSION_5_OF_8, NOTE).encode()
    for at in (*range(600), *range(600, len(raw), 11)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises((Malformed, Unverified)):
            verify_proof(parse_proof(changed), ENTRY, log=LOG.verifier)


_HASH = "A" * 43 + "="


@pytest.mark.parametrize(
    "head",
    [
        "", "c2sp.org/tlog-proof@v2\nindex 5\n\n", "index 5\n\n", "c2sp.org/tlog-proof@v1\n\n",
        "c2sp.org/tlog-proof@v1\nindex\n\n", "c2sp.org/tlog-proof@v1\nindex 05\n\n",
        "c2sp.org/tlog-proof@v1\nindex +5\n\n", "c2sp.org/tlog-proof@v1\nindex -5\n\n",
        "c2sp.org/tlog-proof@v1\nindex 5 \n\n", "c2sp.org/tlog-proof@v1\nindex  5\n\n",
        "c2sp.org/tlog-proof@v1\nindex 5\nextra QQ==\n\n", "c2sp.org/tlog-proof@v1\nextra QQ==\n\n",
        "c2sp.org/tlog-proof@v1\nextra QR==\nindex 5\n\n", "c2sp.org/tlog-proof@v1\nextra\nindex 5\n\n",
        "c2sp.org/tlog-proof@v1\nextra QQ==\nextra QQ==\nindex 5\n\n",
        f"c2sp.org/tlog-proof@v1\nindex 5\n{_HASH[:-5]}\n\n", f"c2sp.org/tlog-proof@v1\nindex 5\n {_HASH}\n\n",
        "c2sp.org/tlog-proof@v1\nindex 5\n" + f"{_HASH}\n" * 64 + "\n", "c2sp.org/tlog-proof@v1\nindex 5\n",
        f"c2sp.org/tlog-proof@v1\nindex 5\u2028{_HASH}\n\n", "c2sp.org/tlog-proof@v1\r\nindex 5\n\n",
        "\nc2sp.org/tlog-proof@v1\nindex 5\n\n", "c2sp.org/tlog-proof@v1\n\nindex 5\n\n",
    ],
)
def test_no_other_form_of_a_proof_file_is_read(head: str) -> None:
    with pytest.raises(Malformed):
        parse_proof(head.encode() + NOTE)


def test_a_proof_file_without_a_checkpoint_or_too_large_is_refused() -> None:
    for proof in (
        LogProof(5, INCLUSION_5_OF_8, b""), LogProof(5, INCLUSION_5_OF_8, b"text\n"), LogProof(-1, (), NOTE),
        LogProof(5, (b"short",), NOTE), LogProof(5, (), NOTE, bytes(LOG_PROOF_EXTRA_SIZE_BYTES_MAX + 1)),
        LogProof(5, (), NOTE, bytes(200_000)),
    ):
        with pytest.raises(Malformed):
            proof.encode()
