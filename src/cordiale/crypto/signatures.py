"""Signature keys: Ed25519 and ML-DSA, one by one and as the pair of suite 1.

A party signs with a pair, Ed25519 and ML-DSA-65, and both signatures must
verify: the object stands as long as either of the two algorithms does.
ML-DSA-44 is here for the log's cosignatures (C2SP tlog-cosignature) alone.

A private key is its 32-byte seed (RFC 8032, FIPS 204). Signatures are pure, with
an empty context: what separates one purpose from another is the domain inside
the signed bytes (`cordiale.crypto.domains`).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
)

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical
from cordiale.crypto.aead import derive
from cordiale.errors import Malformed, Unverified
from cordiale.limits import SIGNATURES_KEPT_COUNT_MAX

SEED_SIZE_BYTES: Final = 32
_LOADED_KEYS_COUNT_MAX: Final = 4_096

_LoadedPublic = Ed25519PublicKey | MLDSA44PublicKey | MLDSA65PublicKey
_LoadedPrivate = Ed25519PrivateKey | MLDSA44PrivateKey | MLDSA65PrivateKey


class Algorithm(StrEnum):
    """Signature algorithms by their JOSE names (RFC 9864, RFC 9964)."""

    ED25519 = "Ed25519"
    ML_DSA_44 = "ML-DSA-44"
    ML_DSA_65 = "ML-DSA-65"


PUBLIC_KEY_SIZES_BYTES: Final = {
    Algorithm.ED25519: 32, Algorithm.ML_DSA_44: 1_312, Algorithm.ML_DSA_65: 1_952,
}
SIGNATURE_SIZES_BYTES: Final = {
    Algorithm.ED25519: 64, Algorithm.ML_DSA_44: 2_420, Algorithm.ML_DSA_65: 3_309,
}

# Points of small order, canonical or not, with the sign bit cleared. Under such
# a key a signature can be made that fits any message, so its owner could later
# disown what he signed; RFC 8032 leaves the check to us.
_SMALL_ORDER_POINTS: Final = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


@lru_cache(maxsize=_LOADED_KEYS_COUNT_MAX)
def _load_public(algorithm: Algorithm, raw: bytes) -> _LoadedPublic:
    # Expanding an ML-DSA key costs as much as half a verification, and a node
    # meets the same few keys all day.
    if algorithm is Algorithm.ED25519:
        return Ed25519PublicKey.from_public_bytes(raw)
    if algorithm is Algorithm.ML_DSA_44:
        return MLDSA44PublicKey.from_public_bytes(raw)
    return MLDSA65PublicKey.from_public_bytes(raw)


def _load_private(algorithm: Algorithm, seed: bytes) -> _LoadedPrivate:
    if algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(seed)
    if algorithm is Algorithm.ML_DSA_44:
        return MLDSA44PrivateKey.from_seed_bytes(seed)
    return MLDSA65PrivateKey.from_seed_bytes(seed)


@lru_cache(maxsize=_LOADED_KEYS_COUNT_MAX)
def _thumbprint(algorithm: Algorithm, raw: bytes) -> str:
    return encode_base64url(hashlib.sha256(encode_canonical(_jwk(algorithm, raw))).digest())


def _jwk(algorithm: Algorithm, raw: bytes) -> dict[str, str]:
    if algorithm is Algorithm.ED25519:
        return {"crv": "Ed25519", "kty": "OKP", "x": encode_base64url(raw)}
    return {"alg": algorithm.value, "kty": "AKP", "pub": encode_base64url(raw)}


class _Verified:
    """The last signatures that were verified: that one fits is true of its bytes for ever, and found once.

    A signature is named by a digest over key, signature and message together, so that nothing else is ever taken for
    it. What did not fit is not remembered. Whose key it is, and whether that key still counts, is asked elsewhere and
    every time.
    """

    def __init__(self) -> None:
        # Two halves, the older of which is forgotten whole: several threads come here, and none waits for another.
        self._newer: set[bytes] = set()
        self._older: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def __contains__(self, name: bytes) -> bool:
        return name in self._newer or name in self._older

    def add(self, name: bytes) -> None:
        self._newer.add(name)
        if 2 * len(self._newer) >= SIGNATURES_KEPT_COUNT_MAX:
            self._older, self._newer = self._newer, set()


_verified: Final = _Verified()


@dataclass(frozen=True, slots=True, repr=False)
class PublicKey:
    """A public signature key in the raw form of its algorithm.

    Raises `Malformed` when `raw` has the wrong size or, for Ed25519, is a point
    of small order.
    """

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        expected = PUBLIC_KEY_SIZES_BYTES[self.algorithm]
        if len(self.raw) != expected:
            raise Malformed(
                "signature.key-size",
                "a public key of {algorithm} has {expected} bytes and this one has {found}",
                hint="ask for the key again",
                algorithm=self.algorithm.value, expected=expected, found=len(self.raw),
            )
        if self.algorithm is Algorithm.ED25519:
            without_sign = self.raw[:31] + bytes([self.raw[31] & 0x7F])
            if without_sign in _SMALL_ORDER_POINTS:
                raise Malformed(
                    "signature.key-weak",
                    "this public key would let anybody sign in its name",
                    hint="refuse it and ask the other party to make a new key",
                )

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm.value}, kid={self.kid})"

    @property
    def kid(self) -> str:
        """The key's name: its RFC 7638 thumbprint with SHA-256, in base64url."""
        return _thumbprint(self.algorithm, self.raw)

    @property
    def jwk(self) -> dict[str, str]:
        """The required members of its JSON Web Key (RFC 8037 for Ed25519, RFC 9964 for ML-DSA)."""
        return _jwk(self.algorithm, self.raw)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check `signature` over `message`.

        Raises `Unverified` when it does not fit, for whatever reason: a wrong
        size, a wrong key and a changed message are not told apart.
        """
        name = self._name_of(signature, message)
        if name in _verified:
            return
        try:
            _load_public(self.algorithm, self.raw).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise Unverified(
                "signature.wrong",
                "the signature does not fit what was signed",
                hint="ask the sender to send it again; if it fails again, report it as an incident",
            ) from error
        _verified.add(name)

    def _name_of(self, signature: bytes, message: bytes) -> bytes:
        """Return what names this key, `signature` and `message`: each ends where its length says."""
        named = hashlib.sha384(b"%s %d " % (self.algorithm.value.encode(), len(signature)))
        for part in (self.raw, signature, message):
            named.update(part)
        return named.digest()


class PrivateKey:
    """A private signature key. It never shows its seed, and equals any key with the same public key."""

    __slots__ = ("_loaded", "public")

    public: PublicKey

    def __init__(self, algorithm: Algorithm, loaded: _LoadedPrivate) -> None:
        self._loaded = loaded
        self.public = PublicKey(algorithm, loaded.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, algorithm: Algorithm, seed: bytes) -> Self:
        """Make the key of a 32-byte `seed`. Raises `Malformed` for any other size."""
        if len(seed) != SEED_SIZE_BYTES:
            raise Malformed(
                "signature.seed-size",
                "the seed of a private key has {expected} bytes and this one has {found}",
                hint="restore the key from its backup",
                expected=SEED_SIZE_BYTES, found=len(seed),
            )
        return cls(algorithm, _load_private(algorithm, seed))

    @classmethod
    def generate(cls, algorithm: Algorithm) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls.from_seed(algorithm, os.urandom(SEED_SIZE_BYTES))

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm it signs with."""
        return self.public.algorithm

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes; only the vault and what a pair derives ask for them."""
        return self._loaded.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign `message`. ML-DSA signatures are hedged: two over one message differ."""
        return self._loaded.sign(message)

    def __repr__(self) -> str:
        return f"PrivateKey({self.algorithm.value}, kid={self.public.kid})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrivateKey) and self.public == other.public

    def __hash__(self) -> int:
        return hash(self.public)


def _require_algorithms(found: tuple[Algorithm, Algorithm]) -> None:
    if found != (Algorithm.ED25519, Algorithm.ML_DSA_65):
        raise Malformed(
            "signature.pair",
            "a pair of keys is one of Ed25519 and one of ML-DSA-65, and this is {first} and {second}",
            hint="check which key was entered where",
            first=found[0].value, second=found[1].value,
        )


@dataclass(frozen=True, slots=True)
class VerifyingPair:
    """The public half of a signer under suite 1: both signatures are required, always.

    `encode` and `parse` use one JSON object with the algorithms as members and
    the raw keys in base64url.
    """

    ed25519: PublicKey
    ml_dsa_65: PublicKey

    def __post_init__(self) -> None:
        _require_algorithms((self.ed25519.algorithm, self.ml_dsa_65.algorithm))

    @property
    def keys(self) -> tuple[PublicKey, PublicKey]:
        """Both keys, Ed25519 first."""
        return (self.ed25519, self.ml_dsa_65)

    @property
    def kids(self) -> tuple[str, str]:
        """The names of both keys, Ed25519 first."""
        return (self.ed25519.kid, self.ml_dsa_65.kid)

    def encode(self) -> dict[str, Json]:
        """Return the pair as a JSON object."""
        return {key.algorithm.value: encode_base64url(key.raw) for key in self.keys}

    @classmethod
    def parse(cls, value: Json) -> Self:
        """Read what `encode` wrote. Raises `Malformed` for anything else."""
        fields = Fields(value, where="pair of public keys")
        pair = cls(
            ed25519=PublicKey(Algorithm.ED25519, fields.bytes_("Ed25519")),
            ml_dsa_65=PublicKey(Algorithm.ML_DSA_65, fields.bytes_("ML-DSA-65")),
        )
        fields.end()
        return pair


@dataclass(frozen=True, slots=True)
class SigningPair:
    """The private half of a signer under suite 1."""

    ed25519: PrivateKey
    ml_dsa_65: PrivateKey

    def __post_init__(self) -> None:
        _require_algorithms((self.ed25519.algorithm, self.ml_dsa_65.algorithm))

    @classmethod
    def generate(cls) -> Self:
        """Make a new pair from the operating system's randomness."""
        return cls(PrivateKey.generate(Algorithm.ED25519), PrivateKey.generate(Algorithm.ML_DSA_65))

    @classmethod
    def from_seeds(cls, *, ed25519: bytes, ml_dsa_65: bytes) -> Self:
        """Make the pair of two 32-byte seeds. Raises `Malformed` for any other size."""
        return cls(
            PrivateKey.from_seed(Algorithm.ED25519, ed25519),
            PrivateKey.from_seed(Algorithm.ML_DSA_65, ml_dsa_65),
        )

    @property
    def keys(self) -> tuple[PrivateKey, PrivateKey]:
        """Both keys, Ed25519 first."""
        return (self.ed25519, self.ml_dsa_65)

    @property
    def public(self) -> VerifyingPair:
        """The half to publish."""
        return VerifyingPair(self.ed25519.public, self.ml_dsa_65.public)

    def derive(self, domain: bytes, context: bytes) -> bytes:
        """Derive 32 bytes that only the holder of this pair can make, the same ones each time.

        HKDF with SHA-384 (RFC 5869) of both seeds, Ed25519 first, for `domain`, a zero byte and `context`.
        """
        return derive(self.ed25519.seed + self.ml_dsa_65.seed, domain + b"\0" + context)

    def encode_secret(self) -> dict[str, Json]:
        """Return the seeds as a JSON object, for the vault and nowhere else."""
        return {key.algorithm.value: encode_base64url(key.seed) for key in self.keys}

    @classmethod
    def parse_secret(cls, value: Json) -> Self:
        """Read what `encode_secret` wrote. Raises `Malformed` for anything else."""
        fields = Fields(value, where="pair of private keys")
        pair = cls.from_seeds(ed25519=fields.bytes_("Ed25519"), ml_dsa_65=fields.bytes_("ML-DSA-65"))
        fields.end()
        return pair
