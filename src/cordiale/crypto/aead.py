"""AES-256-GCM, HMAC-SHA256, and further keys derived from a content key.

Encrypted bytes always stand as IV (12 bytes), ciphertext, tag (16 bytes), the
layout of TDF segments. A `SegmentCipher` may be used by several threads at
once; the work is done outside the interpreter's lock.

GCM does not commit to its key: somebody who knows the key can make another
ciphertext with the same tag. Where that matters, a digest or a commitment is
compared as well (`cordiale.envelope`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cordiale.errors import Malformed, Unverified

KEY_SIZE_BYTES: Final = 32
IV_SIZE_BYTES: Final = 12
TAG_SIZE_BYTES: Final = 16
OVERHEAD_SIZE_BYTES: Final = IV_SIZE_BYTES + TAG_SIZE_BYTES
_INDEX_SIZE_BYTES: Final = 4

Octets: TypeAlias = bytes | bytearray | memoryview


class SegmentCipher:
    """Encrypts and decrypts segments under one 32-byte key, into buffers the caller keeps.

    An IV is 8 random bytes, the same for all segments of one cipher, and the
    number of the segment: within a cipher none repeats, and between two ciphers
    of one key hardly ever. Raises `Malformed` when `key` has another size. The
    key is never shown.
    """

    __slots__ = ("_aead", "_iv_prefix")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_SIZE_BYTES:
            raise Malformed(
                "aead.key-size", "a content key has {expected} bytes and this one has {found}",
                hint="ask the key officer to grant the key again", expected=KEY_SIZE_BYTES, found=len(key),
            )
        self._aead = AESGCM(key)
        self._iv_prefix = os.urandom(IV_SIZE_BYTES - _INDEX_SIZE_BYTES)

    def encrypt_into(self, plaintext: Octets, target: memoryview, *, index: int) -> int:
        """Write IV, ciphertext and tag to the start of `target` and return how many bytes that is.

        `index` is the number of the segment, never given twice to one cipher;
        `target` is at least 28 bytes longer than `plaintext` and does not
        overlap it.
        """
        size = len(plaintext) + OVERHEAD_SIZE_BYTES
        iv = self._iv_prefix + index.to_bytes(_INDEX_SIZE_BYTES, "big")
        target[:IV_SIZE_BYTES] = iv
        self._aead.encrypt_into(iv, plaintext, None, target[IV_SIZE_BYTES:size])
        return size

    def decrypt_into(self, segment: memoryview, target: memoryview) -> int:
        """Write the plaintext of `segment` to the start of `target` and return its size in bytes.

        Raises `Unverified` when the tag does not fit; `target` then holds zeros,
        never plaintext that was not verified.
        """
        size = len(segment) - OVERHEAD_SIZE_BYTES
        if size < 0:
            raise _wrong_tag()
        plaintext = target[:size]
        try:
            self._aead.decrypt_into(segment[:IV_SIZE_BYTES], segment[IV_SIZE_BYTES:], None, plaintext)
        except InvalidTag as error:
            plaintext[:] = bytes(size)
            raise _wrong_tag() from error
        return size


class Fingerprints:
    """Recognises segments that were seen before, until it is thrown away.

    Each has a key of its own that is never shown or kept (GMAC). Whoever does
    not know it cannot make another segment with the same fingerprint, however
    many keys of the content he has; it costs a tenth of a SHA-256. Neither the
    object nor a fingerprint may leave the place where both are used.
    """

    __slots__ = ("_aead",)

    def __init__(self) -> None:
        self._aead = AESGCM(generate_key())

    def fingerprint(self, segment: Octets, *, index: int) -> bytes:
        """Return the fingerprint, 16 bytes, of segment number `index`."""
        return self._aead.encrypt(index.to_bytes(IV_SIZE_BYTES, "big"), b"", segment)


def _wrong_tag() -> Unverified:
    return Unverified(
        "aead.tag", "the sealed content does not fit its key: it was changed, or the key is another",
        hint="ask the sender to send it again; if it fails again, report it as an incident",
    )


def generate_key() -> bytes:
    """Make a fresh 32-byte key from the operating system's randomness."""
    return os.urandom(KEY_SIZE_BYTES)


def encrypt(key: bytes, plaintext: bytes, *, associated: bytes = b"") -> bytes:
    """Encrypt a short text under a fresh random IV; `associated` is authenticated along with it."""
    iv = os.urandom(IV_SIZE_BYTES)
    return iv + AESGCM(key).encrypt(iv, plaintext, associated)


def decrypt(key: bytes, encrypted: bytes, *, associated: bytes = b"") -> bytes:
    """Undo `encrypt`. Raises `Unverified` when key, text or `associated` do not fit."""
    if len(encrypted) < OVERHEAD_SIZE_BYTES:
        raise _wrong_tag()
    try:
        return AESGCM(key).decrypt(encrypted[:IV_SIZE_BYTES], encrypted[IV_SIZE_BYTES:], associated)
    except InvalidTag as error:
        raise _wrong_tag() from error


def encrypt_once(key: bytes, plaintext: bytes, *, associated: bytes) -> bytes:
    """Encrypt the one text that `key` is for, as ciphertext and tag: the same text gives the same bytes.

    The IV is zero. The caller answers for it that no second text is ever encrypted under this key.
    """
    return AESGCM(key).encrypt(bytes(IV_SIZE_BYTES), plaintext, associated)


def decrypt_once(key: bytes, encrypted: bytes, *, associated: bytes) -> bytes:
    """Undo `encrypt_once`. Raises `Unverified` when key, text or `associated` do not fit."""
    if len(encrypted) < TAG_SIZE_BYTES:
        raise _wrong_tag()
    try:
        return AESGCM(key).decrypt(bytes(IV_SIZE_BYTES), encrypted, associated)
    except InvalidTag as error:
        raise _wrong_tag() from error


def hmac_sha256(key: bytes, message: Octets) -> bytes:
    """Compute HMAC-SHA256 (RFC 2104) of `message`."""
    return hmac.digest(key, message, hashlib.sha256)


def derive(key: bytes, domain: bytes, *, size_bytes: int = KEY_SIZE_BYTES) -> bytes:
    """Derive `size_bytes` from `key` for the purpose of `domain` (HKDF with SHA-384, RFC 5869, no salt).

    With 48 bytes the result is also a commitment to the key: nobody can show
    another key of the same size that gives it.
    """
    return HKDF(SHA384(), size_bytes, None, domain).derive(key)


def is_equal(found: bytes, expected: bytes) -> bool:
    """Compare two values in a time that does not depend on where they differ."""
    return hmac.compare_digest(found, expected)
