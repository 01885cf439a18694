"""A witness cosigns only what continues what it cosigned before, and answers as specified."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.records.log.example import (
    AT,
    COSIGNER,
    LOG,
    ORIGIN,
    ROOTS,
    MemoryLog,
    entry_of,
    reader_over,
)

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Undecidable, Unverified
from cordiale.records.log.checkpoint import Checkpoint, LogSigner
from cordiale.records.log.note import NoteSignature, SignedNote, parse_note
from cordiale.records.log.tree import prove_consistency
from cordiale.records.log.witness import (
    Submission,
    WitnessRecord,
    check_submission,
    encode_answer,
    encode_size,
    is_evidence,
    make_submission,
    monitor_path,
    parse_size,
    parse_submission,
    status_of,
    verify_answer,
)

ENTRIES = [entry_of(number) for number in range(300)]
GROWN = MemoryLog(ENTRIES)
READ = reader_over(GROWN.leaf_hashes)
NOTES = {size: MemoryLog(ENTRIES[:size]).note() for size in (0, 1, 7, 8, 100, 256, 300)}
FORKED = MemoryLog([*ENTRIES[:99], b"rewritten", *ENTRIES[100:]])


def submit(old_size: int, size: int) -> Submission:
    return make_submission(old_size, prove_consistency(old_size, size, READ), NOTES[size], log=LOG.verifier)


def recorded(size: int) -> WitnessRecord:
    return check_submission(None, submit(0, size), LOG.verifier)


def refused(record: WitnessRecord | None, request: Submission, status: int) -> CordialeError:
    with pytest.raises(CordialeError) as caught:
        check_submission(record, request, LOG.verifier)
    assert status_of(caught.value) == status
    return caught.value


def test_a_log_is_followed_as_it_grows() -> None:
    record = None
    for old_size, size in ((0, 0), (0, 1), (1, 8), (8, 8), (8, 100), (100, 300)):
        record = check_submission(record, submit(old_size, size), LOG.verifier)
        assert (record.origin, record.size, record.note) == (ORIGIN, size, submit(old_size, size).note)
        assert LOG.verifier.verify(record.note) == record.checkpoint


def test_a_first_submission_may_be_of_any_size() -> None:
    for size in NOTES:
        assert check_submission(None, submit(0, size), LOG.verifier).size == size


def test_repeating_a_request_at_the_recorded_size_is_harmless() -> None:
    record = recorded(100)
    assert check_submission(record, submit(100, 100), LOG.verifier).head == record.head


def test_an_unknown_origin_is_404() -> None:
    for log in (None, LogSigner("node-c.example/log", LOG.ed25519, LOG.ml_dsa_44).verifier):
        with pytest.raises(Undecidable) as caught:
            check_submission(None, submit(0, 8), log)
        assert status_of(caught.value) == 404
        assert not is_evidence(caught.value)


def test_missing_or_wrong_signatures_are_403() -> None:
    note = parse_note(NOTES[8])
    first, second = note.signatures
    wrong = NoteSignature(first.name, first.key_id, first.signature[:-1] + b"\x00")
    for signatures in ((first,), (second,), (wrong, second), (first, second, wrong),
                       (NoteSignature(ORIGIN, b"\x00" * 4, b"x"),)):
        request = replace(submit(0, 8), note=SignedNote(note.unverified_text, signatures).encode())
        error = refused(None, request, 403)
        assert isinstance(error, Unverified)
        assert not is_evidence(error)


def test_an_old_size_above_the_new_one_is_400() -> None:
    error = refused(recorded(100), replace(submit(8, 8), old_size=9), 400)
    assert isinstance(error, Malformed)
    assert is_evidence(error)


@pytest.mark.parametrize(("record_size", "old_size"), [(None, 8), (8, 0), (8, 7), (100, 8)])
def test_another_old_size_than_recorded_is_409_and_names_the_size(record_size: int | None, old_size: int) -> None:
    record = None if record_size is None else recorded(record_size)
    error = refused(record, submit(old_size, 256), 409)
    assert isinstance(error, OutOfOrder)
    assert error.fields["recorded"] == (record_size or 0)
    assert is_evidence(error)


def test_going_back_is_409_even_with_valid_signatures() -> None:
    refused(recorded(100), submit(0, 8), 409)
    refused(recorded(100), submit(8, 8), 409)


@pytest.mark.parametrize("old_size", [1, 7, 8, 100, 256])
def test_a_proof_that_does_not_verify_is_422(old_size: int) -> None:
    request = submit(old_size, 300)
    for proof in ((), request.proof[:-1], (*request.proof, bytes(32)), (bytes(32), *request.proof[1:])):
        error = refused(recorded(old_size), replace(request, proof=proof), 422)
        assert is_evidence(error)


def test_a_proof_for_old_size_zero_is_422() -> None:
    refused(None, replace(submit(0, 8), proof=(bytes(32),)), 422)


def test_the_same_size_with_another_root_is_422() -> None:
    note = LOG.sign(Checkpoint(ORIGIN, 100, ROOTS[3]), signed_at=AT)
    refused(recorded(100), make_submission(100, (), note, log=LOG.verifier), 422)
    refused(recorded(100), replace(submit(100, 100), proof=(bytes(32),)), 422)


def test_an_empty_log_with_another_root_is_422() -> None:
    note = LOG.sign(Checkpoint(ORIGIN, 0, ROOTS[3]), signed_at=AT)
    for record in (None, recorded(0)):
        refused(record, make_submission(0, (), note, log=LOG.verifier), 422)


def test_a_rewritten_log_is_never_cosigned() -> None:
    proof = prove_consistency(100, 300, reader_over(FORKED.leaf_hashes))
    request = make_submission(100, proof, FORKED.note(), log=LOG.verifier)
    refused(recorded(100), request, 422)


@given(first=st.sampled_from(sorted(NOTES)), second=st.sampled_from(sorted(NOTES)))
def test_the_record_never_shrinks(first: int, second: int) -> None:
    record = recorded(first)
    try:
        following = check_submission(record, submit(min(first, second), second), LOG.verifier)
    except CordialeError:
        assert second < first
    else:
        assert following.size == second >= first


def test_only_the_logs_own_signatures_are_sent_and_kept() -> None:
    cosigned = parse_note(NOTES[8]).with_signatures(COSIGNER.cosign(recorded(8).checkpoint, cosigned_at=AT)).encode()
    request = make_submission(0, (), cosigned, log=LOG.verifier)
    assert request.note == NOTES[8]
    assert len(request.encode()) < 4_096
    loud = replace(request, note=cosigned)
    assert check_submission(None, loud, LOG.verifier).note == NOTES[8]


def test_a_log_sends_no_checkpoint_but_its_own() -> None:
    other = LogSigner("node-c.example/log", LOG.ed25519, LOG.ml_dsa_44)
    with pytest.raises(Unverified):
        make_submission(0, (), NOTES[8], log=other.verifier)


def test_requests_read_back() -> None:
    for old_size, size in ((0, 0), (0, 300), (7, 300), (100, 100)):
        request = submit(old_size, size)
        assert parse_submission(request.encode()) == request


@pytest.mark.parametrize(
    "head",
    [
        b"", b"\n", b"old 0\n", b"old 00\n\n", b"old +0\n\n", b"old -1\n\n", b"old\n\n", b"old  0\n\n", b"old 0 \n\n",
        b"Old 0\n\n", b"old 0\r\n\r\n", b"old 0\r\n\n", b"new 0\n\n", b"old 9223372036854775808\n\n",
        b"old 8\nAAAA\n\n", b"old 8\n" + b"A" * 42 + b"B=\n\n", b"old 8\n\n\n", b"old 8\nold 8\n\n",
        b"old 8\n" + (b"A" * 43 + b"=\n") * 64 + b"\n", b"old 8\xe2\x80\xa8\n\n",
    ],
)
def test_no_other_form_of_a_request_is_read(head: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse_submission(head + NOTES[8])
    assert status_of(caught.value) == 400


def test_a_request_with_63_hashes_is_read_and_an_oversized_one_is_not() -> None:
    head = b"old 8\n" + (b"A" * 43 + b"=\n") * 63 + b"\n"
    assert len(parse_submission(head + NOTES[8]).proof) == 63
    with pytest.raises(Malformed):
        parse_submission(head + b"x" * 70_000)
    with pytest.raises(Malformed):
        parse_submission(b"old 8\n\n")


def test_the_answer_carries_both_cosignatures_with_their_time() -> None:
    record = recorded(8)
    answer = encode_answer(COSIGNER.cosign(record.checkpoint, cosigned_at=AT))
    lines, verified = verify_answer(answer, record.checkpoint, COSIGNER.keys)
    assert [(one.key, one.signed_at) for one in verified] == [(key, AT) for key in COSIGNER.keys]
    note = parse_note(NOTES[8]).with_signatures(lines).encode()
    assert len(LOG.verifier.verify_with(note, witnesses=COSIGNER.keys).signatures) == 4


def test_an_answer_for_another_checkpoint_or_by_half_the_keys_is_refused() -> None:
    record = recorded(8)
    cosignatures = COSIGNER.cosign(record.checkpoint, cosigned_at=AT)
    for lines, checkpoint in (
        (cosignatures, recorded(7).checkpoint), (cosignatures[:1], record.checkpoint),
        (cosignatures[1:], record.checkpoint),
    ):
        with pytest.raises(Unverified):
            verify_answer(encode_answer(lines), checkpoint, COSIGNER.keys)
    for raw in (b"", b"\n", encode_answer(cosignatures)[:-1], encode_answer(cosignatures) + b"\n", b"\xff\n"):
        with pytest.raises(Malformed):
            verify_answer(raw, record.checkpoint, COSIGNER.keys)


def test_an_answer_without_a_time_is_refused() -> None:
    untimed = LogSigner("node-b.example/witness", COSIGNER.ed25519, COSIGNER.ml_dsa_44)
    checkpoint = Checkpoint("node-b.example/witness", 8, ROOTS[8])
    line = parse_note(untimed.sign(checkpoint)).signatures[1]
    with pytest.raises(Unverified):
        verify_answer(encode_answer([line]), checkpoint, [COSIGNER.keys[1]])


def test_lines_by_strangers_are_dropped_from_an_answer() -> None:
    record = recorded(8)
    strange = NoteSignature("x.example", b"\xff" * 4, b"anything")
    answer = encode_answer((strange, *COSIGNER.cosign(record.checkpoint, cosigned_at=AT)))
    lines, _ = verify_answer(answer, record.checkpoint, COSIGNER.keys)
    assert strange not in lines


def test_sizes_of_a_refusal_read_back() -> None:
    for size in (0, 1, 70_001):
        assert parse_size(encode_size(size)) == size


@pytest.mark.parametrize("raw", [b"", b"\n", b"8", b"8\n\n", b" 8\n", b"08\n", b"8\r\n", b"8\n9\n", b"x" * 99])
def test_a_refusal_without_a_size_is_a_suspected_fork(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_size(raw)


def test_the_read_back_path_is_the_known_one() -> None:
    assert monitor_path(ORIGIN) == "1a94b9612cb2dd3c8c855065030b96490b5bf99c6a2796b59285a968e1325ef0/checkpoint"
