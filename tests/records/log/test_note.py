"""A signed note has one spelling; whatever a lenient reader would also take is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.records.log.example import COSIGNER, LOG, LOG_LINE, ORIGIN, WITNESS, key_of

from cordiale.crypto.signatures import Algorithm
from cordiale.errors import Malformed
from cordiale.limits import NOTE_SIZE_BYTES_MAX
from cordiale.records.log.lines import parse_base64, parse_decimal, parse_hash, require_key_name
from cordiale.records.log.note import (
    NoteKey,
    NoteSignature,
    SignatureType,
    SignedNote,
    parse_key,
    parse_note,
    parse_signatures,
)

SIGNATURE = NoteSignature("a.example/log", b"\x01\x02\x03\x04", b"signature")
LINE = SIGNATURE.encode()


def test_worked_key_ids_are_the_known_ones() -> None:
    ids = [key.key_id.hex() for key in (*LOG.verifier.keys, *COSIGNER.keys)]
    assert ids == ["23f76efb", "3c9ec1ce", "4c486bbd", "7152c7c0"]


def test_worked_vkeys_are_the_known_ones_and_read_back() -> None:
    vkeys = [LOG.verifier.keys[0].encode(), COSIGNER.keys[0].encode()]
    assert vkeys == [
        "node-a.example/log+23f76efb+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
        "node-b.example/witness+4c486bbd+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
    ]
    for key in (*LOG.verifier.keys, *COSIGNER.keys):
        assert parse_key(key.encode()) == key


def test_the_vkey_of_the_specification_reads() -> None:
    key = parse_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    assert (key.name, key.type, key.key_id.hex()) == ("example.com/foo", SignatureType.ED25519, "530d903a")


def _vkey(**changed: str) -> str:
    parts = {"name": ORIGIN, "id": "23f76efb", "key": "AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c", **changed}
    return "+".join(parts.values())


@pytest.mark.parametrize(
    "vkey",
    [
        "", "a", "a+b", _vkey(name=""), _vkey(name="other.example/log"), _vkey(name="node-a.example /log"),
        _vkey(id="23F76EFB"), _vkey(id="23f76efc"), _vkey(id="23f76ef"), _vkey(id=""), _vkey(key=""),
        _vkey(key="AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D28="),
        _vkey(key="AoqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"),
        _vkey(key="BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"),
        _vkey() + "\n", _vkey() + "+", " " + _vkey(), _vkey(extra="x"),
    ],
)
def test_a_changed_vkey_is_refused(vkey: str) -> None:
    with pytest.raises(Malformed):
        parse_key(vkey)


def test_a_key_of_another_algorithm_is_refused() -> None:
    with pytest.raises(Malformed):
        NoteKey(WITNESS, SignatureType.ML_DSA_44_COSIGNATURE, key_of(Algorithm.ED25519, 1).public)
    with pytest.raises(Malformed):
        NoteKey(WITNESS, SignatureType.ED25519, key_of(Algorithm.ML_DSA_65, 1).public)


@pytest.mark.parametrize(
    "text", ["one\n", "one\ntwo\n", "\n", "one\n\ntwo\n", "one\n\n", "é\u2028\x7f\u0085\n", "— not one\n"]
)
@pytest.mark.parametrize("count", [1, 2, 16])
def test_notes_read_back(text: str, count: int) -> None:
    signatures = tuple(NoteSignature("a.example", bytes([at]) * 4, b"s") for at in range(count))
    note = SignedNote(text, signatures)
    assert parse_note(note.encode()) == note


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])), st.binary(min_size=1, max_size=99))
def test_any_text_reads_back(text: str, blob: bytes) -> None:
    note = SignedNote(text + "\n", (NoteSignature("n", b"abcd", blob),))
    assert parse_note(note.encode()) == note


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_read_bytes_write_back(raw: bytes) -> None:
    try:
        note = parse_note(raw)
    except Malformed:
        return
    assert note.encode() == raw


def test_seventeen_signatures_are_refused() -> None:
    signatures = tuple(NoteSignature("a.example", bytes([at]) * 4, b"s") for at in range(17))
    with pytest.raises(Malformed) as caught:
        SignedNote("text\n", signatures).encode()
    assert caught.value.code == "log.signatures-count"


def test_an_oversized_note_is_refused() -> None:
    filler = "x" * (NOTE_SIZE_BYTES_MAX - len(LINE.encode()) - 2)
    assert parse_note(_signed(LINE, text=filler + "\n"))
    with pytest.raises(Malformed) as caught:
        parse_note(_signed(LINE, text=filler + "x\n"))
    assert caught.value.code == "log.file-too-large"


def _signed(line: str, *, text: str = "text\n") -> bytes:
    return f"{text}\n{line}".encode()


def _changed(old: str, new: str) -> bytes:
    assert old in LINE
    return _signed(LINE.replace(old, new))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\n\n", b"text\n", b"text\n\n", _signed(LINE, text="text"), _signed(LINE[:-1]),
        _signed(LINE + "\n"), _signed(LINE + "\n\n"), _signed(LINE + "trailing\n"), _signed(LINE + LINE[:-1]),
        f"text\r\n\r\n{LINE}".encode(), _signed(LINE, text="text\r\n"), _signed(LINE[:-1] + "\r\n"),
        _signed(LINE, text="text\x00\n"), _signed(LINE, text="text\t\n"), b"\xff\n\n" + LINE.encode(),
        b"text\xed\xa0\x80\n\n" + LINE.encode(), _signed(" " + LINE), _signed(LINE[:-1] + " \n"),
        _changed("— ", "- "), _changed("— ", "–– "), _changed("— ", "—"), _changed("— ", "—  "),
        _changed("— ", "—\u00a0"), _changed("/log", "+log"), _changed("/log", "\u2028log"),
        _changed("/log", "\u0085"), _changed("/log", "\u3000"), _changed(" ", "\u2028"),
        _signed("— a.example \n"), _signed("— a.example AQIDBA==\n"), _signed("— a.example\n"),
        _signed("—  AQIDBAU=\n"), _signed("— a.example AQIDBAU\n"), _signed("— a.example AQIDBAV=\n"),
        _signed("— a.example AQIDBA-_\n"), _signed("— a.example AQID BAU=\n"),
        _signed("— a.example AQIDBAU=AQIDBAU=\n"),
    ],
)
def test_no_other_spelling_of_a_note_is_read(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_note(raw)


def test_only_line_feeds_divide_lines() -> None:
    for strange in ("\u2028", "\u0085", "\u2029"):
        note = parse_note(f"one{strange}two\n\n{LINE}".encode())
        assert note.unverified_text == f"one{strange}two\n"
        assert note.signatures == (SIGNATURE,)


def test_the_last_empty_line_divides_text_from_signatures() -> None:
    note = parse_note(f"one\n\n{LOG_LINE}\n{LINE}".encode())
    assert note.unverified_text == f"one\n\n{LOG_LINE}"
    assert note.signatures == (SIGNATURE,)


def test_text_that_does_not_end_its_line_is_not_written() -> None:
    with pytest.raises(Malformed):
        SignedNote("text", (SIGNATURE,)).encode()


def test_lines_are_merged_once_and_kept_by_key() -> None:
    key = LOG.verifier.keys[0]
    own = NoteSignature(key.name, key.key_id, b"s")
    note = SignedNote("text\n", (own,)).with_signatures((SIGNATURE, own, SIGNATURE))
    assert note.signatures == (own, SIGNATURE)
    assert note.only_by([key]).signatures == (own,)


@pytest.mark.parametrize(
    "text", ["QR==", "QQ", "QQ=", "QQ===", "Q Q=", "QQ==\n", "QQ==QQ==", "QUJ-", "QUJ_", "=", "é", "Ｑ"]
)
def test_base64_has_one_spelling(text: str) -> None:
    assert parse_base64("QQ==") == b"A"
    with pytest.raises(Malformed):
        parse_base64(text)


@pytest.mark.parametrize("text", ["QQ==", "A" * 44, "A" * 42 + "==", ""])
def test_a_hash_has_32_bytes(text: str) -> None:
    with pytest.raises(Malformed):
        parse_hash(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1_0", "+10", "-1", "-0", " 10", "10 ", "010", "00", "1e3", "1.0", "0x1", "١", "１", "1\n", "\n1",
        "9223372036854775808", "18446744073709551615", "9" * 5_000, "²",
    ],
)
def test_a_decimal_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        parse_decimal(text)


def test_decimals_read_up_to_their_limit() -> None:
    assert [parse_decimal(one) for one in ("0", "7", "10", "9223372036854775807")] == [0, 7, 10, 2**63 - 1]


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a+b", "a\nb", "a\u2003b", "a\x1fb", "a\u0085", "x" * 256, "é" * 128, "\ud800"],
)
def test_a_name_that_would_break_a_line_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        require_key_name(name)


def test_names_up_to_255_bytes_are_taken() -> None:
    for name in ("a", "x" * 255, "é" * 127, "oid/1.3.6.1"):
        assert require_key_name(name) == name


def test_no_signature_lines_at_all_are_refused() -> None:
    with pytest.raises(Malformed):
        parse_signatures("")
