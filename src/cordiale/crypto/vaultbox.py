"""Small secrets at rest under the vault key: node keys, salts, content keys.

    version (1 byte) || nonce (12 bytes) || AES-256-GCM ciphertext || tag (16 bytes)

The domain and a context, such as the name of the row a secret belongs to, are
authenticated with it, so that an encrypted secret cannot be moved to another
place. The nonce is random: under one vault key at most 2^32 secrets may be
encrypted, which a node will not reach.
"""

from __future__ import annotations

from typing import Final

from cordiale.crypto.aead import KEY_SIZE_BYTES, OVERHEAD_SIZE_BYTES, decrypt, encrypt, generate_key
from cordiale.errors import Malformed, Unverified
from cordiale.limits import SECRET_SIZE_BYTES_MAX

_VERSION: Final = b"\x01"
_OVERHEAD_SIZE_BYTES: Final = len(_VERSION) + OVERHEAD_SIZE_BYTES


def make_vault_key() -> bytes:
    """Return a new vault key of 32 random bytes."""
    return generate_key()


def _require_key(vault_key: bytes) -> bytes:
    if len(vault_key) != KEY_SIZE_BYTES:
        raise Malformed(
            "vault.key-size", "the vault key has {expected} bytes and this one has {found}",
            hint="check the credential that unlocks the vault",
            expected=KEY_SIZE_BYTES, found=len(vault_key),
        )
    return vault_key


def _bound(domain: bytes, context: bytes) -> bytes:
    return domain + b"\0" + _VERSION + context


def encrypt_secret(vault_key: bytes, secret: bytes, *, domain: bytes, context: bytes) -> bytes:
    """Encrypt `secret` under the 32-byte `vault_key`, bound to `domain` and `context`.

    Raises `Malformed` for a key of another size or a secret that is too large.
    """
    if len(secret) > SECRET_SIZE_BYTES_MAX:
        raise Malformed(
            "vault.size", "a secret has at most {size_max} bytes",
            hint="keep it in a sealed envelope instead", size_max=SECRET_SIZE_BYTES_MAX,
        )
    return _VERSION + encrypt(_require_key(vault_key), secret, associated=_bound(domain, context))


def decrypt_secret(vault_key: bytes, box: bytes, *, domain: bytes, context: bytes) -> bytes:
    """Return the secret that `encrypt_secret` encrypted with the same key, domain and context.

    Raises `Malformed` when `box` is not of the form and `Unverified` when it
    does not open: another key, another place, or changed bytes.
    """
    is_sized = _OVERHEAD_SIZE_BYTES <= len(box) <= SECRET_SIZE_BYTES_MAX + _OVERHEAD_SIZE_BYTES
    if not is_sized or not box.startswith(_VERSION):
        raise Malformed(
            "vault.form", "this is not a secret of this vault", hint="restore it from a backup of the node"
        )
    encrypted = box[len(_VERSION) :]
    try:
        return decrypt(_require_key(vault_key), encrypted, associated=_bound(domain, context))
    except Unverified:
        raise Unverified(
            "vault.refused", "a secret of the vault does not open",
            hint="check that the vault was unlocked with its own credential; otherwise restore a backup",
        ) from None
