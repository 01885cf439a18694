"""Passkeys: what a browser sends is taken only when it was made here, now, for this, by a verified user."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.crypto.authenticator import SITE, UP, UV, Authenticator
from tests.trying import tried

from cordiale.crypto.passkey import (
    Assertion,
    Enrolment,
    act_challenge,
    assertion_options,
    enrolment_options,
    has_gone_on,
    site_at,
    user_handle,
    verify_assertion,
    verify_enrolment,
    verify_kept_assertion,
)
from cordiale.errors import CordialeError, Malformed, Unverified
from cordiale.model.mode import Mode

CHALLENGE = bytes(range(32))
KEYS: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "RS256": rsa.generate_private_key(65_537, 2_048),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_passkey_is_enrolled_and_signs(name: str) -> None:
    device = Authenticator(KEYS[name])
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    assert passkey.credential_id == device.credential_id
    assert verify_assertion(device.sign(CHALLENGE), SITE, CHALLENGE, passkey.public_key) == 0
    assert verify_kept_assertion(device.sign(CHALLENGE), SITE.rp_id, CHALLENGE, passkey.public_key) == 0


WRONG_PAGES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://desk.example.evil:8442"}, "another port": {"origin": "https://desk.example"},
    "another challenge": {"challenge": "AAAA"}, "in a frame": {"crossOrigin": True}, "another type": {"type": "payment"},
    "no text": {"origin": 7}, "no challenge": {"challenge": None},
}


@pytest.mark.parametrize("wrong", WRONG_PAGES.values(), ids=WRONG_PAGES.keys())
def test_nothing_is_taken_from_another_page(wrong: dict[str, Any]) -> None:
    device = Authenticator(KEYS["ES256"])
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    with pytest.raises(Unverified):
        verify_enrolment(device.enrol(CHALLENGE, **wrong), SITE, CHALLENGE)
    with pytest.raises(Unverified):
        verify_assertion(device.sign(CHALLENGE, **wrong), SITE, CHALLENGE, passkey.public_key)


def test_nothing_is_taken_for_another_relying_party_or_without_a_verified_user() -> None:
    device = Authenticator(KEYS["ES256"])
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    elsewhere = replace(SITE, rp_id="example")
    for flags, site in ((UP, SITE), (UV, SITE), (0, SITE), (UP | UV, elsewhere)):
        device.flags = flags
        with pytest.raises(Unverified):
            verify_enrolment(device.enrol(CHALLENGE, site), SITE, CHALLENGE)
        with pytest.raises(Unverified):
            verify_assertion(device.sign(CHALLENGE, site), SITE, CHALLENGE, passkey.public_key)


def test_an_answer_for_enrolment_is_none_for_signing_and_the_other_way_round() -> None:
    device = Authenticator(KEYS["ES256"])
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    signed, enrolled = device.sign(CHALLENGE), device.enrol(CHALLENGE)
    with pytest.raises(Unverified):
        verify_assertion(replace(signed, client_data=enrolled.client_data), SITE, CHALLENGE, passkey.public_key)
    with pytest.raises(Unverified):
        verify_enrolment(replace(enrolled, client_data=signed.client_data), SITE, CHALLENGE)


def test_a_signature_of_another_passkey_or_over_other_bytes_does_not_fit() -> None:
    device, other = Authenticator(KEYS["ES256"]), Authenticator()
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    signed = device.sign(CHALLENGE)
    for forged in (
        other.sign(CHALLENGE), replace(signed, signature=other.sign(CHALLENGE).signature),
        replace(signed, authenticator_data=signed.authenticator_data[:-1] + b"\1"),
    ):
        with pytest.raises(Unverified):
            verify_assertion(forged, SITE, CHALLENGE, passkey.public_key)


WEAK: dict[str, Any] = {
    "P-384": ec.generate_private_key(ec.SECP384R1()), "RSA of 1,024 bits": rsa.generate_private_key(65_537, 1_024),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_key_that_is_weak_or_of_another_kind_is_not_enrolled(name: str) -> None:
    with pytest.raises(Unverified):
        verify_enrolment(Authenticator(WEAK[name]).enrol(CHALLENGE), SITE, CHALLENGE)


def test_an_algorithm_that_was_not_asked_for_is_not_enrolled() -> None:
    device = Authenticator(KEYS["ES256"])
    for wrong in ({**device.cose(), 3: -35}, {**device.cose(), -1: 2}, {1: 7, 3: -48, -1: bytes(1_312)}):
        with pytest.raises(Unverified):
            verify_enrolment(device.enrol(CHALLENGE, public=wrong), SITE, CHALLENGE)


@pytest.mark.parametrize("fmt", ["tpm", "android-safetynet", "fido-u2f", "apple", "invented"])
def test_attestations_that_nobody_asked_for_are_not_even_read(fmt: str) -> None:
    with pytest.raises(Unverified):
        verify_enrolment(Authenticator(KEYS["ES256"]).enrol(CHALLENGE, fmt=fmt), SITE, CHALLENGE)


def test_a_count_goes_on_or_is_never_told() -> None:
    assert has_gone_on(0, 0) and has_gone_on(1, 0) and has_gone_on(8, 7)
    assert not has_gone_on(7, 7) and not has_gone_on(6, 7) and not has_gone_on(0, 1)


def test_the_challenge_of_an_act_is_of_that_act_and_mode() -> None:
    """The vectors of docs/spec/desk-proofs.md."""
    assert act_challenge(b'{"act":"release.approve"}', Mode.REAL).hex() == (
        "3e31ebacd37134da3d109f0c3118ba1a14b851b6303169f8f56b36f9f242af51"
    )
    assert act_challenge(b'{"act":"release.approve"}', Mode.EXERCISE).hex() == (
        "771efffbd03ec85d19a88cc4f32aa970792092ee821e83fdf86623e9b4698638"
    )
    assert user_handle("tokyo.jpn", "registrar", Mode.REAL) != user_handle("tokyo.jpn", "registrar", Mode.EXERCISE)


@pytest.mark.parametrize("origin", [
    "http://desk.example", "https://desk.example/", "https://127.0.0.1:8442", "https://[::1]:8442", "https://", "",
    "https://user@desk.example", "https://desk.example:99999", "https://DESK.example", "javascript:alert(1)",
    "https://desk.example?x", "https://дім.example",
])
def test_passkeys_are_used_only_under_a_name_with_tls(origin: str) -> None:
    with pytest.raises(Malformed):
        site_at(origin)


def test_a_machine_of_ones_own_needs_no_tls() -> None:
    assert site_at("http://localhost:8442").rp_id == "localhost"


def test_a_kept_proof_may_come_from_another_port_and_from_no_other_name() -> None:
    device = Authenticator(KEYS["ES256"])
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    moved = replace(SITE, origin="https://desk.example:9443")
    verify_kept_assertion(device.sign(CHALLENGE, moved), SITE.rp_id, CHALLENGE, passkey.public_key)
    strange = replace(SITE, origin="https://evildesk.example")
    with pytest.raises(Unverified):
        verify_kept_assertion(device.sign(CHALLENGE, strange), SITE.rp_id, CHALLENGE, passkey.public_key)


def test_the_browser_is_asked_for_a_verified_user_and_for_no_attestation() -> None:
    asked = json.loads(enrolment_options(SITE, CHALLENGE, handle=bytes(32), name="registrar", known=[b"k"]))
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert len(asked["excludeCredentials"]) == 1
    signing = json.loads(assertion_options(SITE, CHALLENGE))
    assert (signing["userVerification"], signing["rpId"], signing["allowCredentials"]) == ("required", SITE.rp_id, [])


@tried(40)
@given(st.binary(min_size=1, max_size=200), st.binary(min_size=1, max_size=200), st.binary(min_size=1, max_size=80))
def test_nonsense_is_refused_by_name(first: bytes, second: bytes, third: bytes) -> None:
    passkey = verify_enrolment(Authenticator(KEYS["ES256"]).enrol(CHALLENGE), SITE, CHALLENGE)
    with pytest.raises(CordialeError):
        verify_enrolment(Enrolment(third, first, second), SITE, CHALLENGE)
    with pytest.raises(CordialeError):
        verify_assertion(Assertion(third, first, second, third), SITE, CHALLENGE, passkey.public_key)


@tried(40)
@given(st.data())
def test_no_bit_of_an_answer_can_be_turned(data: st.DataObject) -> None:
    device = Authenticator(KEYS["EdDSA"])
    passkey = verify_enrolment(device.enrol(CHALLENGE), SITE, CHALLENGE)
    signed = device.sign(CHALLENGE)
    name = data.draw(st.sampled_from(["client_data", "authenticator_data", "signature"]))
    part = bytearray(getattr(signed, name))
    part[data.draw(st.integers(0, len(part) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CordialeError):
        verify_assertion(replace(signed, **{name: bytes(part)}), SITE, CHALLENGE, passkey.public_key)
