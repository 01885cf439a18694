"""A small secret under a passphrase: the form root keys and backups are kept in.

Argon2id (RFC 9106) makes a key of the passphrase, AES-256-GCM encrypts under
it, and everything else in the form, the domain included, is authenticated with
the secret. What a form asks of memory and time is checked against the limits
before any of it is spent.

The passphrase is brought into NFC first, as RFC 8265 asks: two keyboards may
write the same letter, such as й or が, in different bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.aead import KEY_SIZE_BYTES, decrypt, encrypt
from cordiale.errors import Malformed, Unverified
from cordiale.limits import (
    PASSPHRASE_LANES_COUNT_MAX,
    PASSPHRASE_LENGTH_MAX,
    PASSPHRASE_MEMORY_KIB_MAX,
    PASSPHRASE_PASSES_COUNT_MAX,
    SECRET_SIZE_BYTES_MAX,
)

FORM_SIZE_BYTES_MAX: Final = 2 * SECRET_SIZE_BYTES_MAX
_FORM: Final = "passphrase-secret/1"
_CIPHER: Final = "AES-256-GCM"
_DERIVATION: Final = "Argon2id"
_SALT_SIZE_BYTES: Final = 16
_MEMORY_KIB_PER_LANE_MIN: Final = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """What trying one passphrase costs: memory in KiB, passes over it, parallel lanes.

    Raises `Malformed` beyond the limits, or below the 8 KiB a lane needs.
    """

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if not (
            1 <= self.lanes <= PASSPHRASE_LANES_COUNT_MAX
            and 1 <= self.passes <= PASSPHRASE_PASSES_COUNT_MAX
            and self.lanes * _MEMORY_KIB_PER_LANE_MIN <= self.memory_kib <= PASSPHRASE_MEMORY_KIB_MAX
        ):
            raise Malformed(
                "passphrase.cost", "checking this passphrase would cost more, or less, than is allowed",
                hint="make the file again with the usual settings",
            )


PRODUCTION_COST: Final = Cost()


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    if not 1 <= len(passphrase) <= PASSPHRASE_LENGTH_MAX:
        raise Malformed(
            "passphrase.length", "a passphrase has 1 to {high} characters", hint="choose another passphrase",
            high=PASSPHRASE_LENGTH_MAX,
        )
    try:
        secret = normalize("NFC", passphrase).encode("utf-8")
    except UnicodeEncodeError:
        # Nothing is chained here: the inner error quotes the passphrase.
        raise Malformed(
            "passphrase.characters", "the passphrase contains half of a character",
            hint="type it again",
        ) from None
    # argon2-cffi rather than `cryptography`: Argon2id of the latter with two or
    # more lanes never returned when two threads called it at once (50.0.2).
    return hash_secret_raw(
        secret, salt, cost.passes, cost.memory_kib, cost.lanes, KEY_SIZE_BYTES, Type.ID, ARGON2_VERSION
    )


def _head(cost: Cost, salt: bytes) -> dict[str, Json]:
    return {
        "cipher": _CIPHER,
        "derivation": {
            "algorithm": _DERIVATION, "lanes": cost.lanes, "memory_kib": cost.memory_kib,
            "passes": cost.passes, "salt": encode_base64url(salt),
        },
        "form": _FORM,
    }


def _bound(domain: bytes, head: dict[str, Json]) -> bytes:
    return domain + b"\0" + encode_canonical(head)


def encrypt_with_passphrase(
    secret: bytes, passphrase: str, *, domain: bytes, cost: Cost = PRODUCTION_COST
) -> bytes:
    """Encrypt `secret` under `passphrase` and return the form, canonical JSON.

    `domain` says what kind of secret it is and in which mode. Raises `Malformed`
    when the secret is too large or the passphrase empty or too long.
    """
    if len(secret) > SECRET_SIZE_BYTES_MAX:
        raise Malformed(
            "passphrase.size", "a secret has at most {size_max} bytes", hint="encrypt less in one piece",
            size_max=SECRET_SIZE_BYTES_MAX,
        )
    salt = os.urandom(_SALT_SIZE_BYTES)
    head = _head(cost, salt)
    encrypted = encrypt(_derive(passphrase, salt, cost), secret, associated=_bound(domain, head))
    return encode_canonical({**head, "encrypted": encode_base64url(encrypted)})


def decrypt_with_passphrase(data: bytes, passphrase: str, *, domain: bytes) -> bytes:
    """Return the secret that `encrypt_with_passphrase` encrypted.

    Raises `Malformed` when `data` is not of the form or asks for more than the
    limits allow, and `Unverified` when the passphrase or the domain is another
    or the bytes were changed.
    """
    fields = Fields(parse_canonical(data, size_max=FORM_SIZE_BYTES_MAX), where="secret under a passphrase")
    fields.constant("form", _FORM)
    fields.constant("cipher", _CIPHER)
    derivation = fields.object("derivation")
    derivation.constant("algorithm", _DERIVATION)
    cost = Cost(
        lanes=derivation.integer("lanes", 1, PASSPHRASE_LANES_COUNT_MAX),
        memory_kib=derivation.integer("memory_kib", 1, PASSPHRASE_MEMORY_KIB_MAX),
        passes=derivation.integer("passes", 1, PASSPHRASE_PASSES_COUNT_MAX),
    )
    salt = derivation.bytes_("salt", length=_SALT_SIZE_BYTES)
    encrypted = fields.bytes_("encrypted")
    fields.end()
    key = _derive(passphrase, salt, cost)
    try:
        return decrypt(key, encrypted, associated=_bound(domain, _head(cost, salt)))
    except Unverified:
        raise Unverified(
            "passphrase.wrong", "the passphrase is wrong, or the file was changed",
            hint="try again; if it fails again, use the backup of the file",
        ) from None
