"""Wrapping a key share for a node: P-384 with ML-KEM-1024, as OpenTDF writes it.

The two key agreements are combined as draft-ietf-lamps-pq-composite-kem says
(MLKEM1024-ECDH-P384, SHA3-256); the result encrypts the share with AES-256-GCM.
All encodings are DER of fixed length, so they are read by position: whatever
has another length or another fixed byte is refused.

    public key    SubjectPublicKeyInfo, BIT STRING = ML-KEM key || point
    private key   PKCS#8, OCTET STRING = ML-KEM seed (d || z) || ECPrivateKey (RFC 5915)
    wrapped share SEQUENCE { [0] ML-KEM ciphertext || point, [1] nonce || ciphertext || tag }

Every failure to unwrap has the same text: which check failed is nobody's
business but ours, and telling would help whoever sends forged ones.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey, MLKEM1024PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cordiale.canonical import encode_base64url
from cordiale.errors import Malformed, Unverified

SHARE_SIZE_BYTES: Final = 32
WRAPPED_SHARE_SIZE_BYTES: Final = 1_735
_MLKEM_KEY_SIZE_BYTES: Final = 1_568
_MLKEM_CIPHERTEXT_SIZE_BYTES: Final = 1_568
_MLKEM_SEED_SIZE_BYTES: Final = 64
_POINT_SIZE_BYTES: Final = 97
_SCALAR_SIZE_BYTES: Final = 48
_PUBLIC_KEY_SIZE_BYTES: Final = _MLKEM_KEY_SIZE_BYTES + _POINT_SIZE_BYTES
_NONCE_SIZE_BYTES: Final = 12

_LABEL: Final = b"MLKEM1024-P384"
_OID_MLKEM1024_P384: Final = bytes.fromhex("300a06082b0601050507063f")  # 1.3.6.1.5.5.7.6.63, no parameters
_SPKI_PREFIX: Final = bytes.fromhex("30820692") + _OID_MLKEM1024_P384 + bytes.fromhex("0382068200")
_PKCS8_PREFIX: Final = bytes.fromhex("308192020100") + _OID_MLKEM1024_P384 + bytes.fromhex("048180")
_EC_PRIVATE_PREFIX: Final = bytes.fromhex("303e0201010430")
_EC_PRIVATE_SUFFIX: Final = bytes.fromhex("a00706052b81040022")  # secp384r1
_WRAPPED_PREFIX: Final = bytes.fromhex("308206c380820681")
_WRAPPED_MIDDLE: Final = bytes.fromhex("813c")

_LOADED_KEYS_COUNT_MAX: Final = 256
_CURVE: Final = SECP384R1()


@lru_cache(maxsize=_LOADED_KEYS_COUNT_MAX)
def _load_public(raw: bytes) -> tuple[MLKEM1024PublicKey, EllipticCurvePublicKey]:
    point = raw[_MLKEM_KEY_SIZE_BYTES:]
    if len(raw) != _PUBLIC_KEY_SIZE_BYTES:
        raise ValueError
    return (
        MLKEM1024PublicKey.from_public_bytes(raw[:_MLKEM_KEY_SIZE_BYTES]),
        EllipticCurvePublicKey.from_encoded_point(_CURVE, point),
    )


def _encode_point(key: EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _combine(mlkem_secret: bytes, ecdh_secret: bytes, ephemeral_point: bytes, static_point: bytes) -> bytes:
    # All parts but the label have fixed lengths, so plain concatenation is unambiguous.
    parts = mlkem_secret + ecdh_secret + ephemeral_point + static_point + _LABEL
    return hashlib.sha3_256(parts).digest()


@dataclass(frozen=True, slots=True, repr=False)
class WrappingPublicKey:
    """A node's public wrapping key: the ML-KEM key and the uncompressed point, 1,665 bytes.

    Raises `Malformed` when `raw` is not such a key.
    """

    raw: bytes

    def __post_init__(self) -> None:
        try:
            _load_public(self.raw)
        except ValueError as error:
            raise Malformed(
                "wrap.key", "this is not a public wrapping key of P-384 with ML-KEM-1024",
                hint="ask for the key again",
            ) from error

    def __repr__(self) -> str:
        return f"WrappingPublicKey(kid={self.kid})"

    @property
    def spki(self) -> bytes:
        """The key as DER SubjectPublicKeyInfo."""
        return _SPKI_PREFIX + self.raw

    @property
    def pem(self) -> str:
        """The key as PEM, the form OpenTDF publishes."""
        body = base64.b64encode(self.spki).decode("ascii")
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])

    @property
    def kid(self) -> str:
        """The key's name: SHA-256 of its SubjectPublicKeyInfo, in base64url."""
        return encode_base64url(hashlib.sha256(self.spki).digest())

    @classmethod
    def parse(cls, spki: bytes) -> Self:
        """Read a DER SubjectPublicKeyInfo. Raises `Malformed` for anything else."""
        if not spki.startswith(_SPKI_PREFIX):
            raise Malformed(
                "wrap.key", "this is not a public wrapping key of P-384 with ML-KEM-1024",
                hint="ask for the key again",
            )
        return cls(spki[len(_SPKI_PREFIX) :])


class WrappingKey:
    """A node's private wrapping key. It never shows its secrets in text."""

    __slots__ = ("_ec", "_mlkem", "_static_point", "public")

    public: WrappingPublicKey

    def __init__(self, mlkem: MLKEM1024PrivateKey, ec: EllipticCurvePrivateKey) -> None:
        self._mlkem = mlkem
        self._ec = ec
        self._static_point = _encode_point(ec.public_key())
        self.public = WrappingPublicKey(mlkem.public_key().public_bytes_raw() + self._static_point)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(MLKEM1024PrivateKey.generate(), generate_private_key(_CURVE))

    def encode_secret(self) -> bytes:
        """Return the key as DER PKCS#8, for the vault and nowhere else."""
        scalar = self._ec.private_numbers().private_value.to_bytes(_SCALAR_SIZE_BYTES, "big")
        ec_private = _EC_PRIVATE_PREFIX + scalar + _EC_PRIVATE_SUFFIX
        return _PKCS8_PREFIX + self._mlkem.private_bytes_raw() + ec_private

    @classmethod
    def parse_secret(cls, pkcs8: bytes) -> Self:
        """Read what `encode_secret` wrote. Raises `Malformed` for anything else."""
        seed_end = len(_PKCS8_PREFIX) + _MLKEM_SEED_SIZE_BYTES
        scalar_start = seed_end + len(_EC_PRIVATE_PREFIX)
        scalar = pkcs8[scalar_start : scalar_start + _SCALAR_SIZE_BYTES]
        seed = pkcs8[len(_PKCS8_PREFIX) : seed_end]
        fixed = _PKCS8_PREFIX + seed + _EC_PRIVATE_PREFIX + scalar + _EC_PRIVATE_SUFFIX
        try:
            if pkcs8 != fixed:
                raise ValueError
            ec = derive_private_key(int.from_bytes(scalar, "big"), _CURVE)
            return cls(MLKEM1024PrivateKey.from_seed_bytes(seed), ec)
        except ValueError:
            # Nothing is chained here: an inner error could quote the key.
            raise Malformed(
                "wrap.private-key", "this is not a private wrapping key of P-384 with ML-KEM-1024",
                hint="restore the key from its backup",
            ) from None

    def __repr__(self) -> str:
        return f"WrappingKey(kid={self.public.kid})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WrappingKey) and self.public == other.public

    def __hash__(self) -> int:
        return hash(self.public)


class KeyAgreement:
    """What was agreed once with the owner of `public`, by a fresh key of our own: several shares are wrapped under it.

    Each share stands alone: whoever has one has all there is to unwrap it. Nonces are random, so that one agreement is
    for the shares of one act and not for more than a few thousand.
    """

    __slots__ = ("_cipher", "_head", "public")

    def __init__(self, public: WrappingPublicKey) -> None:
        self.public = public
        mlkem, static = _load_public(public.raw)
        mlkem_secret, mlkem_ciphertext = mlkem.encapsulate()
        ephemeral = generate_private_key(_CURVE)
        ephemeral_point = _encode_point(ephemeral.public_key())
        ecdh_secret = ephemeral.exchange(ECDH(), static)
        wrap_key = _combine(mlkem_secret, ecdh_secret, ephemeral_point, public.raw[_MLKEM_KEY_SIZE_BYTES:])
        self._cipher = AESGCM(wrap_key)
        self._head = _WRAPPED_PREFIX + mlkem_ciphertext + ephemeral_point + _WRAPPED_MIDDLE

    def wrap(self, share: bytes) -> bytes:
        """Encrypt a 32-byte key `share`, 1,735 bytes of DER. Raises `Malformed` when the share has another size."""
        if len(share) != SHARE_SIZE_BYTES:
            raise Malformed(
                "wrap.share-size", "a key share has {expected} bytes and this one has {found}",
                hint="report this as a defect", expected=SHARE_SIZE_BYTES, found=len(share),
            )
        nonce = os.urandom(_NONCE_SIZE_BYTES)
        return self._head + nonce + self._cipher.encrypt(nonce, share, None)


def wrap(public: WrappingPublicKey, share: bytes) -> bytes:
    """Encrypt one key `share` for the owner of `public`, as `KeyAgreement.wrap` does."""
    return KeyAgreement(public).wrap(share)


class Unwrapping:
    """Unwraps key shares for one private key: of those under one agreement, the agreement is worked out once.

    It holds what was agreed, so it lasts no longer than the act that needs the shares.
    """

    __slots__ = ("_agreed", "_private")

    def __init__(self, private: WrappingKey) -> None:
        self._private = private
        self._agreed: dict[bytes, AESGCM] = {}

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the 32-byte key share in `wrapped`.

        Raises `Unverified`, always with the same text, when it cannot be had.
        """
        sealed_start = len(_WRAPPED_PREFIX) + _MLKEM_CIPHERTEXT_SIZE_BYTES + _POINT_SIZE_BYTES + len(_WRAPPED_MIDDLE)
        nonce_end = sealed_start + _NONCE_SIZE_BYTES
        head = wrapped[:sealed_start]
        try:
            if (
                len(wrapped) != WRAPPED_SHARE_SIZE_BYTES
                or not head.startswith(_WRAPPED_PREFIX)
                or not head.endswith(_WRAPPED_MIDDLE)
            ):
                raise ValueError
            cipher = self._agreed.get(head)
            if cipher is None:
                cipher = self._agreed[head] = AESGCM(_agreed_key(self._private, head))
            return cipher.decrypt(wrapped[sealed_start:nonce_end], wrapped[nonce_end:], None)
        except (InvalidTag, ValueError):
            raise Unverified(
                "wrap.refused", "the key share could not be unwrapped",
                hint="check that it was wrapped for this node and ask the sender to send it again",
            ) from None


def _agreed_key(private: WrappingKey, head: bytes) -> bytes:
    """Return the key that was agreed on with `private` as `head` says. Raises `ValueError` for a point that is none."""
    mlkem_start, mlkem_end = len(_WRAPPED_PREFIX), len(_WRAPPED_PREFIX) + _MLKEM_CIPHERTEXT_SIZE_BYTES
    point = head[mlkem_end : mlkem_end + _POINT_SIZE_BYTES]
    ephemeral = EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    mlkem_secret = private._mlkem.decapsulate(head[mlkem_start:mlkem_end])
    ecdh_secret = private._ec.exchange(ECDH(), ephemeral)
    return _combine(mlkem_secret, ecdh_secret, point, private._static_point)


def unwrap(private: WrappingKey, wrapped: bytes) -> bytes:
    """Return the one key share in `wrapped`, as `Unwrapping.unwrap` does."""
    return Unwrapping(private).unwrap(wrapped)
