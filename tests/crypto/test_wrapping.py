"""Wrapping of key shares, against the published vectors of the composite KEM."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP384R1, EllipticCurvePublicKey
from hypothesis import given
from hypothesis import strategies as st
from tests.trying import tried

from cordiale.crypto import wrapping
from cordiale.crypto.wrapping import KeyAgreement, Unwrapping, WrappingKey, WrappingPublicKey, unwrap, wrap
from cordiale.errors import Malformed, Unverified

VECTOR = json.loads((Path(__file__).parent / "vectors" / "composite_kem.json").read_text())
KEY = WrappingKey.parse_secret(base64.b64decode(VECTOR["private_key_pkcs8"]))
SHARE = bytes(range(32))
WRAPPED = wrap(KEY.public, SHARE)


def test_the_combiner_agrees_with_the_draft() -> None:
    # lamps-wg/draft-composite-kem, src/kemCombiner_MLKEM1024_ECDH_P384_SHA3_256.md; the same
    # answer stands in opentdf/platform, lib/ocrypto/hybrid_conformance_test.go.
    combined = wrapping._combine(
        bytes.fromhex("c0f87f0c53fa8e2ba192a494694d37d1e3cf99c65e0dc5f69b2cc044b3fb205d"),
        bytes.fromhex(
            "4d52b7ef430382f479603207c0b8f7aa5bc35d8758835007e39a2642ad65e635d674db7a5513889657fb24e4e228a098"
        ),
        bytes.fromhex(
            "0401a5b81dcb51290a0eb142b9032d5a37503164b7a20ac0e3b52dc54f9b0b7c9fdd2699a59563a0b9ad0e54478846fae"
            "ab72b92275e1fbb8b963bcc6e80e30c089fbe4ed8d47ec76951db94aede46e679d5692eeb1d1b150d5b2e6660dc67c469"
        ),
        bytes.fromhex(
            "0468cc4acc5dd85edbcbf25bae7ee7dcacec2968ea7ee57fc91311cb9c47d4a24c3854e5ce3e5d0b309fda493224520f2"
            "870496eb16571108b3deafd72c1df17edc302fbb8b60bae44d93177e6df5278e4667a090a2d59a2076f41d693975e8d19"
        ),
    )
    assert combined.hex() == "eb60f6c80a309ad4158d7b02f2cf8c947faead96ebbd85c3f62a94868ffddca4"


def test_keys_and_shared_secret_agree_with_the_draft() -> None:
    assert KEY.public.raw == base64.b64decode(VECTOR["public_key"])
    assert KEY.encode_secret() == base64.b64decode(VECTOR["private_key_pkcs8"])
    ciphertext = base64.b64decode(VECTOR["ciphertext"])
    point = ciphertext[1_568:]
    ephemeral = EllipticCurvePublicKey.from_encoded_point(SECP384R1(), point)
    secret = wrapping._combine(
        KEY._mlkem.decapsulate(ciphertext[:1_568]), KEY._ec.exchange(ECDH(), ephemeral), point, KEY.public.raw[1_568:]
    )
    assert secret == base64.b64decode(VECTOR["shared_secret"])


def test_the_encodings_are_the_der_that_opentdf_reads() -> None:
    assert len(WRAPPED) == 1_735
    assert WRAPPED[:8].hex() == "308206c380820681" and WRAPPED[1_673:1_675].hex() == "813c"
    assert KEY.public.spki.hex().startswith("30820692300a06082b0601050507063f0382068200")
    assert len(KEY.public.spki) == 1_686
    assert WrappingPublicKey.parse(KEY.public.spki) == KEY.public
    lines = KEY.public.pem.splitlines()
    assert lines[0] == "-----BEGIN PUBLIC KEY-----" and lines[-1] == "-----END PUBLIC KEY-----"
    assert base64.b64decode("".join(lines[1:-1])) == KEY.public.spki


def test_only_the_owner_unwraps() -> None:
    assert unwrap(KEY, WRAPPED) == SHARE
    assert unwrap(WrappingKey.parse_secret(KEY.encode_secret()), WRAPPED) == SHARE
    with pytest.raises(Unverified):
        unwrap(WrappingKey.generate(), WRAPPED)


def test_no_two_wrappings_are_alike() -> None:
    assert wrap(KEY.public, SHARE) != WRAPPED
    agreement = KeyAgreement(KEY.public)
    first, second = agreement.wrap(SHARE), agreement.wrap(SHARE)
    assert first[:1_675] == second[:1_675] and first[1_675:] != second[1_675:]


def test_shares_under_one_agreement_each_stand_alone() -> None:
    agreement, together = KeyAgreement(KEY.public), Unwrapping(KEY)
    shares = [bytes([number]) * 32 for number in range(3)]
    wrapped = [agreement.wrap(share) for share in shares]
    assert [unwrap(KEY, one) for one in wrapped] == shares
    assert [together.unwrap(one) for one in (*wrapped, WRAPPED, *reversed(wrapped))] == [
        *shares, SHARE, *reversed(shares)
    ]


@tried(40)
@given(st.integers(0, 8 * len(WRAPPED) - 1))
def test_no_flipped_bit_unwraps_where_its_agreement_is_known(bit: int) -> None:
    together, forged = Unwrapping(KEY), bytearray(WRAPPED)
    assert together.unwrap(WRAPPED) == SHARE
    forged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unverified, match="the key share could not be unwrapped"):
        together.unwrap(bytes(forged))
    assert together.unwrap(WRAPPED) == SHARE


@tried(40)
@given(st.integers(0, 8 * len(WRAPPED) - 1))
def test_no_flipped_bit_unwraps_and_all_failures_look_alike(bit: int) -> None:
    forged = bytearray(WRAPPED)
    forged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unverified) as caught:
        unwrap(KEY, bytes(forged))
    assert (caught.value.code, str(caught.value)) == ("wrap.refused", "the key share could not be unwrapped")
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


# One position in each part: header, ML-KEM ciphertext, point tag, point, middle, nonce, ciphertext, tag.
@pytest.mark.parametrize("at", [0, 5, 8, 1_575, 1_576, 1_577, 1_672, 1_673, 1_674, 1_675, 1_687, 1_719, 1_734])
def test_every_part_is_covered(at: int) -> None:
    forged = bytearray(WRAPPED)
    forged[at] ^= 0x01
    with pytest.raises(Unverified):
        unwrap(KEY, bytes(forged))


@pytest.mark.parametrize("wrapped", [b"", WRAPPED[:-1], WRAPPED + b"\0", bytes(1_735), WRAPPED[:1_576]])
def test_other_lengths_do_not_unwrap(wrapped: bytes) -> None:
    with pytest.raises(Unverified):
        unwrap(KEY, wrapped)


def test_only_shares_of_32_bytes_are_wrapped() -> None:
    for share in (b"", bytes(31), bytes(33)):
        with pytest.raises(Malformed):
            wrap(KEY.public, share)


def test_public_keys_that_are_none_are_refused() -> None:
    raw = KEY.public.raw
    off_curve = raw[:-1] + bytes([raw[-1] ^ 1])
    compressed = raw[:1_568] + bytes([2 + (raw[-1] & 1)]) + raw[1_569:1_617]
    unreduced = b"\xff" * 384 + raw[384:]
    for other in (raw[:-1], raw + b"\0", b"", off_curve, compressed, unreduced, raw[:1_568] + bytes(97)):
        with pytest.raises(Malformed):
            WrappingPublicKey(other)
    for tag in (0, 1, 2, 3, 5, 6, 7):
        with pytest.raises(Malformed):
            WrappingPublicKey(raw[:1_568] + bytes([tag]) + raw[1_569:])
    for spki in (raw, KEY.public.spki + b"\0", KEY.public.spki[1:], b""):
        with pytest.raises(Malformed):
            WrappingPublicKey.parse(spki)


def test_private_keys_that_are_none_are_refused_without_being_quoted() -> None:
    secret = KEY.encode_secret()
    order = int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)
    zero, too_large = bytes(48), order.to_bytes(48, "big")
    changed = [secret[:92] + scalar + secret[140:] for scalar in (zero, too_large)]
    assert secret[85:92].hex() == "303e0201010430"
    for other in (*changed, secret[:-1], secret + b"\0", b"", secret[:5] + b"\1" + secret[6:]):
        with pytest.raises(Malformed) as caught:
            WrappingKey.parse_secret(other)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_no_text_of_a_wrapping_key_shows_its_secret() -> None:
    assert repr(KEY) == f"WrappingKey(kid={KEY.public.kid})"
    assert WrappingKey.parse_secret(KEY.encode_secret()) == KEY
    assert WrappingKey.generate() != KEY
