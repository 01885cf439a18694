"""Secrets under a passphrase, and the bounds on what a foreign file may cost us."""

from __future__ import annotations

import json

import pytest

from cordiale.canonical import encode_canonical
from cordiale.crypto.passphrase import (
    PRODUCTION_COST,
    Cost,
    decrypt_with_passphrase,
    encrypt_with_passphrase,
)
from cordiale.errors import Malformed, Unverified
from cordiale.limits import PASSPHRASE_LENGTH_MAX, PASSPHRASE_MEMORY_KIB_MAX, SECRET_SIZE_BYTES_MAX

DOMAIN = b"cordiale-real.passphrase/1"
CHEAP = Cost(memory_kib=16, passes=1, lanes=1)
FORM = encrypt_with_passphrase(b"secret", "пароль", domain=DOMAIN, cost=CHEAP)


def changed(**derivation: object) -> bytes:
    form = json.loads(FORM)
    form["derivation"] |= derivation
    return encode_canonical(form)


def test_a_secret_is_read_back_with_its_passphrase_only() -> None:
    assert decrypt_with_passphrase(FORM, "пароль", domain=DOMAIN) == b"secret"
    for passphrase, domain in [("Пароль", DOMAIN), ("пароль ", DOMAIN), ("пароль", b"cordiale-exercise.passphrase/1")]:
        with pytest.raises(Unverified) as caught:
            decrypt_with_passphrase(FORM, passphrase, domain=domain)
        assert caught.value.code == "passphrase.wrong"


def test_a_letter_typed_on_another_keyboard_is_the_same_letter() -> None:
    form = encrypt_with_passphrase(b"secret", "й が", domain=DOMAIN, cost=CHEAP)
    assert decrypt_with_passphrase(form, "и\u0306 か\u3099", domain=DOMAIN) == b"secret"


def test_changed_parameters_do_not_open() -> None:
    for form in (changed(passes=2), changed(memory_kib=17), changed(salt="A" * 22)):
        with pytest.raises(Unverified):
            decrypt_with_passphrase(form, "пароль", domain=DOMAIN)


@pytest.mark.parametrize(
    "derivation",
    [
        {"memory_kib": PASSPHRASE_MEMORY_KIB_MAX + 1},
        {"memory_kib": 7},
        {"memory_kib": 0},
        {"passes": 0},
        {"passes": 10_000},
        {"lanes": 0},
        {"lanes": 1_000},
        {"lanes": 3},
        {"salt": ""},
        {"salt": "AAAA"},
        {"algorithm": "Argon2i"},
        {"secret": 1},
        {"passes": True},
    ],
)
def test_a_file_that_would_cost_too_much_is_refused_before_anything_is_spent(derivation: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        decrypt_with_passphrase(changed(**derivation), "пароль", domain=DOMAIN)


def test_other_forms_are_refused() -> None:
    form = json.loads(FORM)
    for other in ({**form, "form": "passphrase-secret/2"}, {**form, "cipher": "AES-128-GCM"}, {**form, "hint": "x"}):
        with pytest.raises(Malformed):
            decrypt_with_passphrase(encode_canonical(other), "пароль", domain=DOMAIN)
    with pytest.raises(Malformed):
        decrypt_with_passphrase(FORM + b"\n", "пароль", domain=DOMAIN)
    short = encode_canonical({**form, "encrypted": "AAAA"})
    with pytest.raises(Unverified):
        decrypt_with_passphrase(short, "пароль", domain=DOMAIN)


@pytest.mark.parametrize("passphrase", ["", "a" * (PASSPHRASE_LENGTH_MAX + 1), "a\ud800"])
def test_passphrases_that_are_none_are_refused_without_being_quoted(passphrase: str) -> None:
    with pytest.raises(Malformed) as caught:
        encrypt_with_passphrase(b"secret", passphrase, domain=DOMAIN, cost=CHEAP)
    assert caught.value.__cause__ is None


def test_large_secrets_are_refused() -> None:
    with pytest.raises(Malformed):
        encrypt_with_passphrase(bytes(SECRET_SIZE_BYTES_MAX + 1), "a", domain=DOMAIN, cost=CHEAP)
    form = encrypt_with_passphrase(bytes(SECRET_SIZE_BYTES_MAX), "a", domain=DOMAIN, cost=CHEAP)
    assert len(decrypt_with_passphrase(form, "a", domain=DOMAIN)) == SECRET_SIZE_BYTES_MAX


def test_the_vector_of_the_specification() -> None:
    # docs/spec/crypto.md, section "Secrets under a passphrase"; 64 MiB, so once is enough.
    form = (
        b'{"cipher":"AES-256-GCM","derivation":{"algorithm":"Argon2id","lanes":4,"memory_kib":65536,"passes":3,'
        b'"salt":"AuUntkHlQ8M6UhaboAM-xg"},"encrypted":"RZpCkDBH0tbnjbD-2NcdZVFb2r2XRIaJJuVIvzDVT8A1Uw",'
        b'"form":"passphrase-secret/1"}'
    )
    assert decrypt_with_passphrase(form, "correct horse", domain=DOMAIN) == b"secret"


def test_production_costs_what_rfc_9106_recommends_where_memory_is_limited() -> None:
    # RFC 9106 section 4, second recommended option.
    assert Cost(memory_kib=65_536, passes=3, lanes=4) == PRODUCTION_COST
