"""Personal acts: what is derived from a person's key."""

from __future__ import annotations

import hashlib
import hmac

from cordiale.crypto.signatures import SigningPair
from cordiale.message.personal import deposit_salt
from cordiale.model.mode import Mode


def test_the_salt_of_a_deposit_is_that_of_the_specification() -> None:
    # docs/spec/crypto.md, section "Salt of a deposit", recomputed by hand (RFC 5869, one block of SHA-384).
    key = SigningPair.from_seeds(ed25519=bytes(range(32)), ml_dsa_65=bytes(range(32, 64)))
    extracted = hmac.digest(bytes(48), bytes(range(64)), hashlib.sha384)
    info = b"cordiale-real.deposit-salt/1\0tokyo.jpn\0act.0a1b2c"
    expected = hmac.digest(extracted, info + b"\1", hashlib.sha384)[:32]
    assert deposit_salt(key, "act.0a1b2c", node="tokyo.jpn", mode=Mode.REAL) == expected
    assert expected.hex() == "5c5523f3e99667f18f9185e907723ce2a1e84bac6adf4e9cd16bc26bdf05086b"
