"""Segments come back only under their key, and never as plaintext that was not verified."""

from __future__ import annotations

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.aead import (
    IV_SIZE_BYTES,
    OVERHEAD_SIZE_BYTES,
    Fingerprints,
    SegmentCipher,
    decrypt,
    derive,
    encrypt,
    generate_key,
    hmac_sha256,
    is_equal,
)
from cordiale.errors import Malformed, Unverified

KEY = bytes(range(32))


def sealed(cipher: SegmentCipher, plaintext: bytes, index: int = 0) -> bytes:
    target = memoryview(bytearray(len(plaintext) + OVERHEAD_SIZE_BYTES + 5))
    size = cipher.encrypt_into(plaintext, target, index=index)
    assert size == len(plaintext) + OVERHEAD_SIZE_BYTES
    return bytes(target[:size])


def opened(cipher: SegmentCipher, segment: bytes) -> bytes:
    target = memoryview(bytearray(max(1, len(segment))))
    size = cipher.decrypt_into(memoryview(segment), target)
    return bytes(target[:size])


@given(plaintext=st.binary(max_size=300), index=st.integers(0, 2**32 - 1))
def test_a_segment_comes_back_under_its_key(plaintext: bytes, index: int) -> None:
    cipher = SegmentCipher(KEY)
    assert opened(SegmentCipher(KEY), sealed(cipher, plaintext, index)) == plaintext


def test_a_segment_is_iv_ciphertext_tag() -> None:
    segment = sealed(SegmentCipher(KEY), b"lantern")
    iv, rest = segment[:IV_SIZE_BYTES], segment[IV_SIZE_BYTES:]
    assert AESGCM(KEY).encrypt(iv, b"lantern", None) == rest


def test_decryption_agrees_with_a_published_vector() -> None:
    # NIST CAVP gcmDecrypt256, Keylen 256, IVlen 96, PTlen 128, AADlen 0, Taglen 128, count 0.
    key = bytes.fromhex("4c8ebfe1444ec1b2d503c6986659af2c94fafe945f72c1e8486a5acfedb8a0f8")
    segment = bytes.fromhex(
        "473360e0ad24889959858995" "d2c78110ac7e8f107c0df0570bd7c90c" "c26a379b6d98ef2852ead8ce83a833a7"
    )
    assert opened(SegmentCipher(key), segment).hex() == "7789b41cb3ee548814ca0b388c10b343"


def test_no_iv_repeats_within_a_cipher_nor_between_two() -> None:
    one, other = SegmentCipher(KEY), SegmentCipher(KEY)
    ivs = {sealed(cipher, b"", index)[:IV_SIZE_BYTES] for cipher in (one, other) for index in range(100)}
    assert len(ivs) == 200


@given(plaintext=st.binary(max_size=60), data=st.data())
def test_a_changed_segment_is_refused_and_leaves_no_plaintext(plaintext: bytes, data: st.DataObject) -> None:
    segment = bytearray(sealed(SegmentCipher(KEY), plaintext))
    at = data.draw(st.integers(0, len(segment) - 1))
    segment[at] ^= data.draw(st.integers(1, 255))
    target = memoryview(bytearray(b"\xaa" * len(segment)))
    with pytest.raises(Unverified):
        SegmentCipher(KEY).decrypt_into(memoryview(segment), target)
    assert bytes(target[: len(plaintext)]) == bytes(len(plaintext))


def test_a_segment_shorter_than_its_frame_is_refused() -> None:
    with pytest.raises(Unverified):
        opened(SegmentCipher(KEY), bytes(OVERHEAD_SIZE_BYTES - 1))


def test_another_key_is_refused() -> None:
    with pytest.raises(Unverified):
        opened(SegmentCipher(bytes(32)), sealed(SegmentCipher(KEY), b"lantern"))


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(Malformed) as caught:
        SegmentCipher(bytes(size))
    assert caught.value.code == "aead.key-size"


def test_one_cipher_serves_several_threads() -> None:
    cipher = SegmentCipher(KEY)
    texts = [bytes([number]) * 20_000 for number in range(64)]
    with ThreadPoolExecutor(4) as pool:
        segments = list(pool.map(lambda pair: sealed(cipher, pair[1], pair[0]), enumerate(texts)))
        assert list(pool.map(lambda segment: opened(cipher, segment), segments)) == texts


@given(plaintext=st.binary(max_size=60), associated=st.binary(max_size=20))
def test_a_short_text_comes_back_with_what_it_belongs_to(plaintext: bytes, associated: bytes) -> None:
    encrypted = encrypt(KEY, plaintext, associated=associated)
    assert decrypt(KEY, encrypted, associated=associated) == plaintext
    with pytest.raises(Unverified):
        decrypt(KEY, encrypted, associated=associated + b"x")


def test_a_short_text_cut_off_is_refused() -> None:
    for size in range(OVERHEAD_SIZE_BYTES + 3):
        with pytest.raises(Unverified):
            decrypt(KEY, encrypt(KEY, b"four")[:size])


def test_hmac_agrees_with_a_published_vector() -> None:
    # RFC 4231, test case 2.
    assert hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_derivation_is_hkdf_by_its_definition() -> None:
    pseudorandom = hmac.digest(bytes(48), KEY, hashlib.sha384)
    expected = hmac.digest(pseudorandom, b"domain\x01", hashlib.sha384)
    assert derive(KEY, b"domain", size_bytes=48) == expected
    assert derive(KEY, b"domain") == expected[:32]


def test_fresh_keys_differ() -> None:
    assert len({generate_key() for _ in range(50)}) == 50


@given(segment=st.binary(max_size=100), at=st.integers(0, 99), index=st.integers(0, 10))
def test_a_fingerprint_is_of_one_segment_at_one_place(segment: bytes, at: int, index: int) -> None:
    fingerprints = Fingerprints()
    found = fingerprints.fingerprint(segment, index=index)
    assert fingerprints.fingerprint(memoryview(segment), index=index) == found
    assert fingerprints.fingerprint(segment, index=index + 1) != found
    assert Fingerprints().fingerprint(segment, index=index) != found
    changed = segment[:at] + b"\x01" + segment[at:]
    assert fingerprints.fingerprint(changed, index=index) != found


def test_equal_is_equal_only_when_every_byte_is() -> None:
    assert is_equal(b"abc", b"abc")
    assert not is_equal(b"abc", b"abd")
    assert not is_equal(b"abc", b"ab")
