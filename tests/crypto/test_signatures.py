"""Signature keys, checked against published vectors and an independent verifier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mldsa import VerificationError, VerificationKey
from tests.trying import tried

from cordiale.canonical import encode_base64url, encode_canonical, parse_base64url, parse_canonical
from cordiale.crypto import signatures
from cordiale.crypto.signatures import (
    PUBLIC_KEY_SIZES_BYTES,
    SIGNATURE_SIZES_BYTES,
    Algorithm,
    PrivateKey,
    PublicKey,
    SigningPair,
    VerifyingPair,
)
from cordiale.errors import Malformed, Unverified

SEED = bytes(range(32))
PAIR = SigningPair.from_seeds(ed25519=SEED, ml_dsa_65=SEED)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_only_the_signed_message_verifies(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)
    signature = key.sign(b"message")
    key.public.verify(signature, b"message")
    assert len(signature) == SIGNATURE_SIZES_BYTES[algorithm]
    other = PrivateKey.generate(algorithm)
    for wrong_key, wrong_signature, wrong_message in [
        (key, signature, b"massage"),
        (key, signature, b""),
        (key, signature[:-1], b"message"),
        (key, signature + b"\0", b"message"),
        (key, b"", b"message"),
        (other, signature, b"message"),
    ]:
        with pytest.raises(Unverified) as caught:
            wrong_key.public.verify(wrong_signature, wrong_message)
        assert caught.value.code == "signature.wrong"


@tried(30)
@given(st.sampled_from(Algorithm), st.data())
def test_no_flipped_bit_verifies(algorithm: Algorithm, draw: st.DataObject) -> None:
    key = PrivateKey.from_seed(algorithm, SEED)
    signature = bytearray(key.sign(b"message"))
    bit = draw.draw(st.integers(0, 8 * len(signature) - 1))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unverified):
        key.public.verify(bytes(signature), b"message")


def test_ed25519_agrees_with_rfc_8032() -> None:
    # RFC 8032 section 7.1, TEST 1.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = PrivateKey.from_seed(Algorithm.ED25519, seed)
    assert key.public.raw.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


@pytest.mark.parametrize("algorithm", [Algorithm.ML_DSA_44, Algorithm.ML_DSA_65])
def test_an_independent_verifier_accepts_our_ml_dsa(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)
    foreign = VerificationKey(key.public.raw)
    foreign.verify(key.sign(b"message"), b"message")
    with pytest.raises(VerificationError):
        foreign.verify(key.sign(b"message"), b"massage")


def test_thumbprints_agree_with_the_rfcs() -> None:
    # RFC 8037 appendix A.3 (Ed25519); RFC 9964, the all-zero seed of ML-DSA-44.
    seed = parse_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
    assert PrivateKey.from_seed(Algorithm.ED25519, seed).public.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    zero = PrivateKey.from_seed(Algorithm.ML_DSA_44, bytes(32)).public
    assert zero.kid == "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"
    assert list(zero.jwk) == ["alg", "kty", "pub"]


@pytest.mark.parametrize("algorithm", Algorithm)
def test_keys_of_another_size_are_refused(algorithm: Algorithm) -> None:
    size = PUBLIC_KEY_SIZES_BYTES[algorithm]
    for raw in (bytes(size - 1), bytes(size + 1), b""):
        with pytest.raises(Malformed):
            PublicKey(algorithm, raw)
    for seed in (bytes(31), bytes(33)):
        with pytest.raises(Malformed):
            PrivateKey.from_seed(algorithm, seed)


def small_order_points() -> list[bytes]:
    """Every 32-byte spelling of a point of Edwards25519 whose order divides 8."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    # The y of the points of order 8 solves d*y^4 + 2*y^2 - 1 = 0; of the others, y is 1, -1 or 0.
    root = pow(d + 1, (p + 3) // 8, p)
    if (root * root - d - 1) % p:
        root = root * pow(2, (p - 1) // 4, p) % p
    ys = {0, 1, p - 1}
    for square in ((root - 1) * pow(d, -1, p) % p, (-root - 1) * pow(d, -1, p) % p):
        y = pow(square, (p + 3) // 8, p)
        if (y * y - square) % p:
            y = y * pow(2, (p - 1) // 4, p) % p
        if not (y * y - square) % p:
            ys |= {y, p - y}
    ys |= {y + p for y in ys if y + p < 2**255}
    return [(y | sign << 255).to_bytes(32, "little") for y in ys for sign in (0, 1)]


def test_keys_under_which_anybody_could_sign_are_refused() -> None:
    points = small_order_points()
    assert len(points) == 14
    for point in points:
        with pytest.raises(Malformed) as caught:
            PublicKey(Algorithm.ED25519, point)
        assert caught.value.code == "signature.key-weak"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_no_text_of_a_private_key_shows_its_seed(algorithm: Algorithm) -> None:
    key = PrivateKey.from_seed(algorithm, SEED)
    assert key.seed == SEED
    for text in (repr(key), str(key), repr(PAIR), f"{key}", repr(key.public)):
        assert SEED.hex() not in text and encode_base64url(SEED) not in text and repr(SEED)[2:-1] not in text
        assert "kid=" in text


def test_keys_are_equal_by_their_public_half() -> None:
    again = PrivateKey.from_seed(Algorithm.ED25519, SEED)
    assert again == PAIR.ed25519 and hash(again) == hash(PAIR.ed25519)
    assert PrivateKey.generate(Algorithm.ED25519) != again


def test_pairs_are_read_back_through_json() -> None:
    data = encode_canonical(PAIR.public.encode())
    assert VerifyingPair.parse(parse_canonical(data, size_max=9_999)) == PAIR.public
    secret = encode_canonical(PAIR.encode_secret())
    assert SigningPair.parse_secret(parse_canonical(secret, size_max=9_999)) == PAIR
    assert PAIR.public.kids == (PAIR.ed25519.public.kid, PAIR.ml_dsa_65.public.kid)


def test_pairs_with_anything_more_or_less_are_refused() -> None:
    encoded = PAIR.public.encode()
    for value in (
        {**encoded, "ML-DSA-44": "AA"},
        {"Ed25519": encoded["Ed25519"]},
        {**encoded, "Ed25519": str(encoded["Ed25519"]) + "="},
        {**encoded, "Ed25519": encoded["ML-DSA-65"]},
        [],
    ):
        with pytest.raises(Malformed):
            VerifyingPair.parse(value)  # type: ignore[arg-type]


def test_a_pair_is_never_two_keys_of_one_kind() -> None:
    with pytest.raises(Malformed):
        VerifyingPair(PAIR.ed25519.public, PAIR.ed25519.public)
    with pytest.raises(Malformed):
        SigningPair(PAIR.ml_dsa_65, PAIR.ed25519)
    with pytest.raises(Malformed):
        VerifyingPair(PAIR.ed25519.public, PrivateKey.generate(Algorithm.ML_DSA_44).public)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_signature_that_verified_proves_nothing_of_other_bytes(algorithm: Algorithm) -> None:
    key, other = PrivateKey.generate(algorithm), PrivateKey.generate(algorithm)
    signature = key.sign(b"message")
    for _ in range(2):
        key.public.verify(signature, b"message")
        # The same bytes in a row, divided elsewhere between signature and message.
        for wrong_key, wrong_signature, message in [
            (other, signature, b"message"),
            (key, signature + b"m", b"essage"),
            (key, signature[:-1], signature[-1:] + b"message"),
            (key, signature, b"message."),
        ]:
            with pytest.raises(Unverified):
                wrong_key.public.verify(wrong_signature, message)


def test_what_did_not_verify_is_looked_at_anew_and_what_is_remembered_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = signatures._Verified()
    monkeypatch.setattr(signatures, "_verified", kept)
    monkeypatch.setattr(signatures, "SIGNATURES_KEPT_COUNT_MAX", 3)
    key = PrivateKey.generate(Algorithm.ED25519)
    messages = [b"%d" % number for number in range(5)]
    for message in messages:
        with pytest.raises(Unverified):
            key.public.verify(key.sign(message), message + b".")
    assert len(kept) == 0
    for message in messages:
        key.public.verify(key.sign(message), message)
        assert len(kept) <= 3
    assert len(kept) == 3
