"""A checkpoint counts only with both signatures of its log, and each says what it should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from mldsa import ParameterSet, VerificationError, VerificationKey
from tests.records.log.example import (
    AT,
    CHECKPOINT,
    COSIGNER,
    LOG,
    LOG_LINE,
    ORIGIN,
    ROOTS,
    WITNESS,
    WITNESS_LINE,
    key_of,
)

from cordiale.crypto.signatures import Algorithm, PublicKey
from cordiale.errors import Malformed, Unverified
from cordiale.records.log.checkpoint import (
    Checkpoint,
    Cosigner,
    LogSigner,
    LogVerifier,
    parse_checkpoint,
    require_signed_by,
    verify_signatures,
)
from cordiale.records.log.note import NoteKey, NoteSignature, SignatureType, SignedNote, parse_note

NOTE = LOG.sign(CHECKPOINT, signed_at=AT)
COSIGNATURES = COSIGNER.cosign(CHECKPOINT, cosigned_at=AT)
COSIGNED = parse_note(NOTE).with_signatures(COSIGNATURES).encode()

WITNESS_MESSAGE = bytes.fromhex(
    "737562747265652f76310a00"
    "166e6f64652d622e6578616d706c652f7769746e657373"
    "000000006b49d200"
    "126e6f64652d612e6578616d706c652f6c6f67"
    "00000000000000000000000000000008"
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
)


def _second(key: NoteKey, blob: bytes, message: bytes) -> None:
    """Verify an ML-DSA-44 signature with an independent implementation."""
    VerificationKey(key.public.raw, parameters=ParameterSet.ML_DSA_44).verify(blob[8:], message)


def test_the_worked_note_has_the_known_lines() -> None:
    lines = COSIGNED.decode().partition("\n\n")[2].splitlines(keepends=True)
    assert CHECKPOINT.text == "node-a.example/log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    assert (lines[0], lines[2]) == (LOG_LINE, WITNESS_LINE)
    assert [len(line.encode()) for line in lines] == [116, 3_268, 132, 3_272]
    assert len(COSIGNED) == 6_855


def test_worked_public_keys_are_the_known_ones() -> None:
    digests = [sha256(key.public.raw).hexdigest() for key in (LOG.verifier.keys[1], COSIGNER.keys[1])]
    assert digests == [
        "6e66c2c3c57116351798517f8d7c8d86c6ab57e12236799f00b869ae043a2da3",
        "d7e152ccde2ca935ab4a86b70dcf9f0a3a898bbe4892f99b19a4e850f7c716dd",
    ]


def test_a_second_implementation_verifies_the_known_messages() -> None:
    assert len(WITNESS_MESSAGE) == 110
    assert sha256(WITNESS_MESSAGE).hexdigest() == "75eb5cdf2841513743d4fcf2bd03b4bc30b7ce7ebf6da9e379fa769aac201748"
    _second(COSIGNER.keys[1], COSIGNATURES[1].signature, WITNESS_MESSAGE)
    log_message = WITNESS_MESSAGE[:12] + b"\x12" + ORIGIN.encode() + WITNESS_MESSAGE[35:]
    assert len(log_message) == 106
    _second(LOG.verifier.keys[1], parse_note(NOTE).signatures[1].signature, log_message)
    with pytest.raises(VerificationError):
        _second(COSIGNER.keys[1], COSIGNATURES[1].signature, log_message)


def test_a_checkpoint_verifies_and_reads_back() -> None:
    assert LOG.verifier.verify(NOTE) == CHECKPOINT
    assert LOG.verifier.verify(COSIGNED) == CHECKPOINT
    verified = LOG.verifier.verify_with(COSIGNED, witnesses=COSIGNER.keys)
    assert [one.key for one in verified.signatures] == [*LOG.verifier.keys, *COSIGNER.keys]
    assert [one.signed_at for one in verified.signatures] == [None, AT, AT, AT]
    require_signed_by(verified.signatures, COSIGNER.keys)


def test_without_a_time_the_log_states_none() -> None:
    verified = LOG.verifier.verify_with(LOG.sign(CHECKPOINT), witnesses=())
    assert [one.signed_at for one in verified.signatures] == [None, None]


def test_an_empty_log_can_be_signed() -> None:
    empty = Checkpoint(ORIGIN, 0, ROOTS[0])
    assert LOG.verifier.verify(LOG.sign(empty, signed_at=AT)) == empty


@pytest.mark.parametrize("kept", [0, 1])
def test_one_signature_of_the_log_is_not_enough(kept: int) -> None:
    note = parse_note(NOTE)
    alone = SignedNote(note.unverified_text, (note.signatures[kept],)).encode()
    with pytest.raises(Unverified) as caught:
        LOG.verifier.verify(alone)
    assert caught.value.code == "log.signature-missing"


def test_cosignatures_do_not_replace_those_of_the_log() -> None:
    with pytest.raises(Unverified):
        LOG.verifier.verify(SignedNote(CHECKPOINT.text, COSIGNATURES).encode())


def test_no_changed_byte_of_a_checkpoint_verifies() -> None:
    for at in (*range(300), *range(300, len(NOTE), 5)):
        changed = NOTE[:at] + bytes([NOTE[at] ^ 1]) + NOTE[at + 1 :]
        with pytest.raises((Malformed, Unverified)):
            LOG.verifier.verify(changed)


def test_no_shortened_checkpoint_verifies() -> None:
    for end in (*range(0, 200), *range(200, len(NOTE), 97)):
        with pytest.raises((Malformed, Unverified)):
            LOG.verifier.verify(NOTE[:end])


@pytest.mark.parametrize(
    "text",
    [
        CHECKPOINT.text + "extension\n", CHECKPOINT.text.replace("\n8\n", "\n9\n"),
        CHECKPOINT.text.replace("\n8\n", "\n08\n"), CHECKPOINT.text.replace("\n8\n", "\n+8\n"),
        CHECKPOINT.text.replace("\n8\n", "\n8 \n"), CHECKPOINT.text.replace("\n8\n", "\n\n8\n"),
        CHECKPOINT.text.replace("Qyg=", "Qyh="), CHECKPOINT.text.replace("Xcna", "Ycna"),
        CHECKPOINT.text.replace(ORIGIN, "node-a.example/log2"), "\n" + CHECKPOINT.text,
    ],
)
def test_no_other_text_passes_under_the_same_signatures(text: str) -> None:
    with pytest.raises((Malformed, Unverified)):
        LOG.verifier.verify(SignedNote(text, parse_note(NOTE).signatures).encode())


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "a\n8\n", "a\n8\n" + "A" * 43 + "=", CHECKPOINT.text[:-1], CHECKPOINT.text + "\n",
        "\n8\n" + "A" * 43 + "=\n", "a b\n8\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n",
        "a\n8\n" + "A" * 42 + "==\n", "a\n9223372036854775808\n" + "A" * 43 + "=\n", "a\u20288\n" + "A" * 43 + "=\n",
    ],
)
def test_no_other_form_of_a_checkpoint_is_read(text: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(text)


def test_signatures_by_unknown_keys_are_passed_over() -> None:
    strange = NoteSignature("x.example/other", b"\xff" * 4, b"anything")
    same_name = NoteSignature(ORIGIN, b"\xff" * 4, b"anything")
    same_id = NoteSignature("x.example/other", LOG.verifier.keys[0].key_id, b"anything")
    note = parse_note(NOTE).with_signatures((strange, same_name, same_id)).encode()
    assert LOG.verifier.verify(note) == CHECKPOINT


def test_one_wrong_signature_by_a_known_key_condemns_the_note() -> None:
    for at, cosignature in enumerate(COSIGNATURES):
        wrong = NoteSignature(WITNESS, cosignature.key_id, cosignature.signature[:-1] + b"\x00")
        note = parse_note(NOTE).with_signatures((*COSIGNATURES, wrong)).encode()
        assert LOG.verifier.verify(note) == CHECKPOINT
        with pytest.raises(Unverified) as caught:
            LOG.verifier.verify_with(note, witnesses=(COSIGNER.keys[at],))
        assert caught.value.code == "log.signature-wrong"


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("blob", [b"x", b"x" * 7, b"x" * 8, b"\xff" * 8, b"\xff" * 72, bytes(72), bytes(2_428)])
def test_a_cosignature_that_is_none_is_refused(at: int, blob: bytes) -> None:
    key = COSIGNER.keys[at]
    with pytest.raises(Unverified):
        verify_signatures(CHECKPOINT, (NoteSignature(WITNESS, key.key_id, blob),), (key,))


def test_the_stated_time_is_signed() -> None:
    for key, one in zip(COSIGNER.keys, COSIGNATURES, strict=True):
        moved = NoteSignature(one.name, one.key_id, bytes(8) + one.signature[8:])
        with pytest.raises(Unverified):
            verify_signatures(CHECKPOINT, (moved,), (key,))


def test_a_time_that_no_calendar_has_is_refused() -> None:
    for seconds in (253_402_300_800, 2**63 - 1, 2**64 - 1):
        signed = COSIGNER.ed25519.sign(f"cosignature/v1\ntime {seconds}\n{CHECKPOINT.text}".encode())
        line = NoteSignature(WITNESS, COSIGNER.keys[0].key_id, seconds.to_bytes(8, "big") + signed)
        with pytest.raises(Unverified):
            verify_signatures(CHECKPOINT, (line,), COSIGNER.keys)


def test_one_type_does_not_pass_for_another() -> None:
    ed25519 = key_of(Algorithm.ED25519, 1).public
    timestamped = NoteKey(ORIGIN, SignatureType.ED25519_COSIGNATURE, ed25519)
    plain = parse_note(NOTE).signatures[0]
    assert timestamped.key_id != plain.key_id
    for blob in (plain.signature, bytes(8) + plain.signature):
        with pytest.raises(Unverified):
            verify_signatures(CHECKPOINT, (NoteSignature(ORIGIN, timestamped.key_id, blob),), (timestamped,))


def test_an_ml_dsa_cosignature_binds_the_name_of_its_cosigner() -> None:
    other = NoteKey("node-c.example/witness", SignatureType.ML_DSA_44_COSIGNATURE, COSIGNER.keys[1].public)
    renamed = NoteSignature(other.name, other.key_id, COSIGNATURES[1].signature)
    with pytest.raises(Unverified):
        verify_signatures(CHECKPOINT, (renamed,), (other,))


def test_another_log_with_the_same_keys_is_another_log() -> None:
    other = LogSigner("node-a.example/other", LOG.ed25519, LOG.ml_dsa_44)
    with pytest.raises(Unverified) as caught:
        other.verifier.verify(NOTE)
    assert caught.value.code == "log.origin-other"
    with pytest.raises(Malformed):
        other.sign(CHECKPOINT, signed_at=AT)


def test_keys_that_cannot_be_told_apart_are_refused() -> None:
    class Colliding(NoteKey):
        __slots__ = ()

        @property
        def key_id(self) -> bytes:
            return b"same"

    keys = [Colliding(WITNESS, SignatureType.ED25519, key_of(Algorithm.ED25519, byte).public) for byte in (1, 2)]
    with pytest.raises(Malformed):
        verify_signatures(CHECKPOINT, (), keys)


@pytest.mark.parametrize(
    "at", [datetime(2026, 11, 16), datetime(1970, 1, 1, tzinfo=UTC), datetime(1960, 1, 1, tzinfo=UTC)]
)
def test_no_signature_states_an_improper_time(at: datetime) -> None:
    with pytest.raises(Malformed):
        COSIGNER.cosign(CHECKPOINT, cosigned_at=at)
    with pytest.raises(Malformed):
        LOG.sign(CHECKPOINT, signed_at=at)


def test_times_are_taken_to_the_second() -> None:
    cosignatures = COSIGNER.cosign(CHECKPOINT, cosigned_at=AT + timedelta(microseconds=999_999))
    verified = verify_signatures(CHECKPOINT, cosignatures, COSIGNER.keys)
    assert [one.signed_at for one in verified] == [AT, AT]


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 0, ROOTS[0]), ("a b", 0, ROOTS[0]), (ORIGIN, -1, ROOTS[0]), (ORIGIN, 2**63, ROOTS[0]), (ORIGIN, 1, b"")],
)
def test_an_impossible_checkpoint_cannot_be_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(Malformed):
        Checkpoint(origin, size, root)


def test_keys_in_the_wrong_place_are_refused() -> None:
    with pytest.raises(Malformed):
        LogSigner(ORIGIN, LOG.ml_dsa_44, LOG.ed25519)
    with pytest.raises(Malformed):
        Cosigner(WITNESS, LOG.ed25519, key_of(Algorithm.ML_DSA_65, 1))
    with pytest.raises(Malformed):
        LogVerifier(ORIGIN, PublicKey(Algorithm.ML_DSA_44, bytes(1_312)), LOG.ml_dsa_44.public)


def test_no_private_key_shows_in_a_diagnostic_line() -> None:
    for holder in (LOG, COSIGNER):
        for key in (holder.ed25519, holder.ml_dsa_44):
            assert key.seed.hex() not in repr(holder)
            assert repr(key.seed) not in repr(holder)
