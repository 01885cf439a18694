"""ID tokens by themselves: which keys are taken, which algorithms, and the vectors of docs/spec/desk-proofs.md."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from cordiale.canonical import encode_base64url
from cordiale.crypto.id_token import (
    Expected,
    ProviderKey,
    act_nonce,
    parse_provider_keys,
    verify_id_token,
    verify_kept_token,
)
from cordiale.errors import CordialeError, Malformed, Unverified
from cordiale.model.mode import Mode

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
EXPECTED = Expected("https://login.example", "cordiale", "nonce", frozenset(), NOW)
RSA = RSAKey.generate_key(2_048, {"kid": "rsa"})
KEYS: dict[str, Any] = {
    "RS256": RSA, "PS256": RSA, "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "ec"}),
}


def published(*keys: Any, **more: Any) -> bytes:
    return json.dumps({"keys": [{**key.as_dict(private=False), **more} for key in keys]}).encode()


def token(alg: str, key: Any, **wrong: Any) -> str:
    at = int(NOW.timestamp())
    claims = {"aud": "cordiale", "auth_time": at, "exp": at + 60, "iat": at, "iss": EXPECTED.issuer, "nonce": "nonce",
              "sub": "ren", **wrong}
    return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, algorithms=[alg])


@pytest.mark.parametrize("alg", KEYS)
def test_a_token_verifies_under_the_key_that_signed_it_now_and_when_it_has_run_out(alg: str) -> None:
    keys = parse_provider_keys(published(KEYS[alg]))
    verified = verify_id_token(token(alg, KEYS[alg]), keys, EXPECTED, NOW)
    assert verified.subject == "ren"
    kept = ProviderKey("", verified.key.jwk)
    assert kept.thumbprint == verified.key.thumbprint == KEYS[alg].thumbprint()
    assert verify_kept_token(verified.text, kept, EXPECTED) == "ren"
    with pytest.raises(Unverified):
        verify_id_token(verified.text, keys, EXPECTED, NOW + timedelta(hours=1))
    with pytest.raises(Unverified):
        verify_kept_token(verified.text, ProviderKey("", keys[0].jwk), Expected(
            EXPECTED.issuer, "other", "nonce", frozenset(), NOW
        ))


def test_keys_that_are_weak_or_for_something_else_are_passed_over() -> None:
    weak = {**RSA.as_dict(private=False), "n": encode_base64url(bytes([255]) * 128)}
    assert parse_provider_keys(json.dumps({"keys": [weak]}).encode()) == ()
    assert parse_provider_keys(json.dumps({"keys": [{**weak, "n": "%"}]}).encode()) == ()
    assert parse_provider_keys(published(RSA, use="enc")) == ()
    assert parse_provider_keys(published(RSA, key_ops=["encrypt"])) == ()
    assert parse_provider_keys(published(ECKey.generate_key("P-521"))) == ()
    assert parse_provider_keys(b'{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"},7]}') == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"keys":7}', published(*[RSA] * 33), b"[" * 100_000])
def test_what_is_no_key_set_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse_provider_keys(content)


@pytest.mark.parametrize("text", ["", "a.b.c", "....", "ey.ey", "é", "a" * 20_000, "e30.e30.", "bnVsbA.e30.AA", "W10.e30.A"])
def test_what_is_no_token_is_refused_by_name(text: str) -> None:
    with pytest.raises(CordialeError):
        verify_id_token(text, parse_provider_keys(published(RSA)), EXPECTED, NOW)


def test_an_algorithm_of_another_kind_of_key_does_not_verify() -> None:
    keys = parse_provider_keys(published(KEYS["ES256"]))
    signed = token("ES256", KEYS["ES256"])
    header = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImVjIn0"
    with pytest.raises(Unverified):
        verify_id_token(".".join([header, *signed.split(".")[1:]]), keys, EXPECTED, NOW)


def test_the_nonce_of_an_act_is_of_that_act_and_mode() -> None:
    assert act_nonce(b'{"act":"release.approve"}', Mode.REAL) == "bmmYJ3qbFZaswDZoMhRpY3Yeu5emj3ScPXKLVYAQwrc"
    assert act_nonce(b'{"act":"release.approve"}', Mode.EXERCISE) == "NmcHsb-CNy2wWITadPWu2qoQl_GOkz0Roryt5R1TPPA"
