"""Digests and commitments, each with its domain, and the digest of a large payload.

A domain is followed by one zero byte, then the content: no domain contains a
zero byte and none is the beginning of another, so the two never blur.

Nothing here may be given an unsalted plaintext: whoever guesses a text could
check his guess against the digest. Plaintext is committed to (`commit`) under a
salt of 32 random bytes; what is digested is ciphertext or public.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Final

from cordiale.errors import Malformed, Unverified

SHA384_SIZE_BYTES: Final = 48
SHA256_SIZE_BYTES: Final = 32
SALT_SIZE_BYTES: Final = 32
MAC_KEY_SIZE_BYTES: Final = 32

_GROUP_LENGTH: Final = 4

_Content = bytes | bytearray | memoryview


def sha384(domain: bytes, content: _Content) -> bytes:
    """Return the SHA-384 digest of `content` in `domain`, 48 bytes."""
    state = hashlib.sha384(domain + b"\0")
    state.update(content)
    return state.digest()


def sha256(domain: bytes, content: _Content) -> bytes:
    """Return the SHA-256 digest of `content` in `domain`, 32 bytes."""
    state = hashlib.sha256(domain + b"\0")
    state.update(content)
    return state.digest()


def in_groups(digest: bytes) -> str:
    """Return `digest` as people read it to each other: hexadecimal digits in groups of four."""
    digits = digest.hex()
    return " ".join(digits[start : start + _GROUP_LENGTH] for start in range(0, len(digits), _GROUP_LENGTH))


def make_salt() -> bytes:
    """Return a new salt of 32 random bytes; it is kept as secret as what it covers."""
    return os.urandom(SALT_SIZE_BYTES)


def commit(salt: bytes, content: _Content, domain: bytes) -> bytes:
    """Commit to `content` without showing it; opened later by showing `salt` and `content`.

    Raises `Malformed` unless the salt has 32 bytes: with a salt of free length
    one commitment could be opened in two ways.
    """
    if len(salt) != SALT_SIZE_BYTES:
        raise Malformed(
            "digest.salt-size", "the salt of a commitment has {expected} bytes and this one has {found}",
            hint="ask the sender to send it again", expected=SALT_SIZE_BYTES, found=len(salt),
        )
    state = hashlib.sha384(domain + b"\0" + salt)
    state.update(content)
    return state.digest()


def authenticate(key: bytes, content: _Content, domain: bytes) -> bytes:
    """Return the authentication code of `content` in `domain` under the 32-byte `key`: HMAC-SHA-256 (RFC 2104).

    For what the holder of the key writes down and reads again alone; towards others there are signatures.
    Raises `Malformed` for a key of another size.
    """
    if len(key) != MAC_KEY_SIZE_BYTES:
        raise Malformed(
            "digest.key-size", "the key of an authentication code has {expected} bytes and this one has {found}",
            hint="restore the vault of the node from a backup", expected=MAC_KEY_SIZE_BYTES, found=len(key),
        )
    state = hmac.new(key, domain + b"\0", hashlib.sha256)
    state.update(content)
    return state.digest()


def verify_digest(found: bytes, expected: bytes) -> bytes:
    """Return the digest when both are the same. Raises `Unverified` otherwise.

    The time this takes does not depend on where they differ.
    """
    if not hmac.compare_digest(found, expected):
        raise Unverified(
            "digest.wrong", "the content is not what its digest says",
            hint="ask the sender to send it again; if it fails again, report it as an incident",
        )
    return found


class SegmentedDigest:
    """The digest of a large payload, taken segment by segment.

    SHA-384 over the domain, a zero byte, the SHA-256 digests of the segments in
    their order, and the total length in bytes as 8 bytes, big-endian. Segments
    can be digested in parallel and given as digests; nothing is kept but the
    state. The segmentation is part of what is digested: the same bytes cut
    elsewhere give another digest.
    """

    __slots__ = ("_size_bytes", "_state")

    def __init__(self, domain: bytes) -> None:
        self._state = hashlib.sha384(domain + b"\0")
        self._size_bytes = 0

    def update_segment(self, segment: _Content) -> None:
        """Add the next segment. Raises `Malformed` when it is empty."""
        self.update_digest(hashlib.sha256(segment).digest(), size_bytes=len(segment))

    def update_digest(self, digest: bytes, *, size_bytes: int) -> None:
        """Add the next segment by its plain SHA-256 `digest` and its size.

        Raises `Malformed` for a digest of another size or an empty segment.
        """
        if len(digest) != SHA256_SIZE_BYTES or size_bytes < 1:
            raise Malformed(
                "digest.segment", "a segment is empty or its digest is not one of SHA-256",
                hint="ask the sender to send it again",
            )
        self._state.update(digest)
        self._size_bytes += size_bytes

    def digest(self) -> bytes:
        """Return the digest of all segments so far, 48 bytes."""
        state = self._state.copy()
        state.update(self._size_bytes.to_bytes(8, "big"))
        return state.digest()
