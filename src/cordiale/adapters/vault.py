"""The file vault: the vault key under a credential, the node's keys under the vault key.

The credential comes from the service manager or over a file descriptor; never
from an environment variable or an argument, where others on the machine can
read it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cordiale.adapters.durable import write_durably
from cordiale.canonical import Fields, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.passphrase import Cost, decrypt_with_passphrase, encrypt_with_passphrase
from cordiale.crypto.vaultbox import make_vault_key
from cordiale.errors import Unavailable, Unverified
from cordiale.limits import VAULT_SIZE_BYTES_MAX
from cordiale.model.mode import Mode
from cordiale.records.keyring import NodeKeys, open_node_keys, seal_node_keys

_VERSION: Final = 1


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "vault.unavailable", "the vault could not be read or written: {detail}",
        hint="check the home of the node and its disk", detail=os.strerror(error.errno or 0),
    )


def create_vault(path: Path, credential: str, keys: NodeKeys, mode: Mode, cost: Cost | None = None) -> None:
    """Make a new vault at `path` that holds `keys`; an existing one is never overwritten."""
    vault_key = make_vault_key()
    locked = _lock(vault_key, credential, mode, cost)
    write_durably(path, _encode(locked, seal_node_keys(keys, vault_key, mode), mode), exclusive=True)


def open_vault(path: Path, credential: str, mode: Mode) -> NodeKeys:
    """Return the keys in the vault at `path`, its first set in use.

    Raises `Unverified` for a wrong credential, naming no more than that, and `Unavailable` for the disk.
    """
    locked, sealed = _read(path, mode)
    return open_node_keys(sealed, _unlock(locked, credential, mode), mode)


def change_vault(path: Path, credential: str, mode: Mode, change: Callable[[NodeKeys], NodeKeys]) -> NodeKeys:
    """Put what `change` makes of the keys in the vault in their place, whole or not at all; return it.

    Raises as `open_vault`, and what `change` raises.
    """
    locked, sealed = _read(path, mode)
    vault_key = _unlock(locked, credential, mode)
    keys = change(open_node_keys(sealed, vault_key, mode))
    write_durably(path, _encode(locked, seal_node_keys(keys, vault_key, mode), mode))
    return keys


def change_credential(path: Path, credential: str, following: str, mode: Mode, cost: Cost | None = None) -> None:
    """Let the vault at `path` be opened by the credential `following` and no longer by `credential`.

    Copies of the vault that were made before are still opened by the former one. Raises as `open_vault`.
    """
    locked, sealed = _read(path, mode)
    write_durably(path, _encode(_lock(_unlock(locked, credential, mode), following, mode, cost), sealed, mode))


def _lock(vault_key: bytes, credential: str, mode: Mode, cost: Cost | None) -> bytes:
    purpose = domain(Purpose.PASSPHRASE, mode)
    if cost is None:
        return encrypt_with_passphrase(vault_key, credential, domain=purpose)
    return encrypt_with_passphrase(vault_key, credential, domain=purpose, cost=cost)


def _encode(locked: bytes, sealed: bytes, mode: Mode) -> bytes:
    return encode_canonical({
        "key": encode_base64url(locked), "keys": encode_base64url(sealed), "mode": mode.value, "v": _VERSION,
    })


def _read(path: Path, mode: Mode) -> tuple[bytes, bytes]:
    """Return the locked vault key and the sealed keys in the vault at `path`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unavailable(error) from error
    fields = Fields(parse_canonical(content, size_max=2 * VAULT_SIZE_BYTES_MAX), where="vault")
    fields.constant("v", _VERSION)
    if fields.choice("mode", Mode) is not mode:
        raise Unverified(
            "vault.other-mode", "this vault was made for the other mode", hint="exercise and real never mix"
        )
    locked, sealed = fields.bytes_("key"), fields.bytes_("keys")
    fields.end()
    return locked, sealed


def _unlock(locked: bytes, credential: str, mode: Mode) -> bytes:
    try:
        return decrypt_with_passphrase(locked, credential, domain=domain(Purpose.PASSPHRASE, mode))
    except Unverified as error:
        raise Unverified(
            "vault.credential", "the credential does not open the vault of this node",
            hint="check which credential the service manager hands over; nothing was changed",
        ) from error
