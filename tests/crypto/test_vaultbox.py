"""Secrets in the vault open only with their key, in their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.vaultbox import decrypt_secret, encrypt_secret, make_vault_key
from cordiale.errors import Malformed, Unverified
from cordiale.limits import SECRET_SIZE_BYTES_MAX

KEY = make_vault_key()
DOMAIN = b"cordiale-real.vault/1"
BOX = encrypt_secret(KEY, b"secret", domain=DOMAIN, context=b"registry-key")


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_a_secret_is_read_back(secret: bytes, context: bytes) -> None:
    box = encrypt_secret(KEY, secret, domain=DOMAIN, context=context)
    assert decrypt_secret(KEY, box, domain=DOMAIN, context=context) == secret


@given(st.integers(8, 8 * len(BOX) - 1))
def test_no_flipped_bit_opens(bit: int) -> None:
    forged = bytearray(BOX)
    forged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unverified):
        decrypt_secret(KEY, bytes(forged), domain=DOMAIN, context=b"registry-key")


def test_a_secret_opens_only_with_its_key_and_in_its_place() -> None:
    for key, domain, context in [
        (make_vault_key(), DOMAIN, b"registry-key"),
        (KEY, b"cordiale-exercise.vault/1", b"registry-key"),
        (KEY, DOMAIN, b"log-key"),
    ]:
        with pytest.raises(Unverified) as caught:
            decrypt_secret(key, BOX, domain=domain, context=context)
        assert caught.value.code == "vault.refused"


def test_what_is_not_of_the_form_is_malformed() -> None:
    for box in (b"", BOX[:28], b"\2" + BOX[1:], BOX + bytes(SECRET_SIZE_BYTES_MAX)):
        with pytest.raises(Malformed):
            decrypt_secret(KEY, box, domain=DOMAIN, context=b"")
    with pytest.raises(Malformed):
        encrypt_secret(bytes(16), b"", domain=DOMAIN, context=b"")
    with pytest.raises(Malformed):
        encrypt_secret(KEY, bytes(SECRET_SIZE_BYTES_MAX + 1), domain=DOMAIN, context=b"")
