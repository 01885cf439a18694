"""Signing in at the desk and out again: acts of the node, with by what means and never with a secret.

Whoever is not known, whose credential was withdrawn and whose answer is wrong
are told the same. What a passkey or the provider has signed is kept with the sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cordiale.canonical import encode_base64url, encode_instant, parse_base64url
from cordiale.crypto.id_token import VerifiedToken
from cordiale.crypto.passkey import Assertion, Site, verify_assertion
from cordiale.errors import CordialeError, OutOfOrder, Unverified
from cordiale.limits import DESK_SIGNED_IN_SECONDS_MAX
from cordiale.model.mode import Mode
from cordiale.records.credentials import (
    find_credential,
    kept_key,
    known_by_certificate,
    known_by_provider,
    passkey_of,
)
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.proved import ACTIVE, SIGN_IN, Proved, settle_proof
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.signed_in import SignedIn, require_present
from cordiale.rules.signing import Means

_ACT = "desk.sign-in"


@dataclass(frozen=True, slots=True)
class Known:
    """By what somebody is known who is about to be signed in: verified, with what is kept of the proof."""

    person: str
    means: Means
    proved: Proved = field(default_factory=Proved)
    proof: Mapping[str, Any] = field(default_factory=dict)


def sign_in_by_passkey(registry: Registry, sent: Assertion, site: Site, challenge: bytes) -> SignedIn:
    """Sign in whose passkey has signed `challenge`, 32 random bytes used once; raises `Unverified` for others."""
    credential = _require_active(passkey_of(registry, sent.credential_id))
    try:
        count = verify_assertion(sent, site, challenge, parse_base64url(credential["public_key"]))
    except CordialeError as error:
        raise not_signed_in() from error
    return enter_sign_in(registry, Known(
        credential["person"], Means.PASSKEY, Proved((credential.id,), count=count), {
            "authenticator_data": encode_base64url(sent.authenticator_data), "challenge": encode_base64url(challenge),
            "client_data": encode_base64url(sent.client_data), "passkey": encode_base64url(sent.credential_id),
            "signature": encode_base64url(sent.signature),
        },
    ))


def sign_in_by_certificate(registry: Registry, key_digest: str) -> SignedIn:
    """Sign in whose card has shown the key with this SHA-384 digest (hexadecimal), on a connection that proved it."""
    credential = _require_active(find_credential(registry, known_by_certificate(key_digest)))
    return enter_sign_in(registry, Known(credential["person"], Means.CERTIFICATE, Proved((credential.id,))))


def sign_in_by_provider(registry: Registry, token: VerifiedToken, nonce: str) -> SignedIn:
    """Sign in whose account the provider has vouched for, with a random `nonce`; raises `Unverified` for others."""
    credential = _require_active(find_credential(registry, known_by_provider(token.issuer, token.subject)))
    return enter_sign_in(registry, Known(
        credential["person"], Means.PROVIDER, Proved((credential.id,), provider_key=kept_key(token)),
        {"id_token": token.text, "key": token.key.thumbprint, "nonce": nonce},
    ))


def sign_in_as_persona(registry: Registry, person: str) -> SignedIn:
    """Sign in somebody by name alone; raises `Unverified` outside an exercise."""
    if registry.mode is not Mode.EXERCISE:
        raise not_signed_in()
    return enter_sign_in(registry, Known(person, Means.PERSONA))


def enter_sign_in(registry: Registry, known: Known) -> SignedIn:
    """Enter in the internal log that somebody has signed in, and return them; raises `Unverified` when they may not."""
    session_id = registry.fresh_id("session")
    try:
        person = require_present(registry, known.person)
    except Unverified as error:
        raise not_signed_in() from error

    def run(session: ActSession) -> dict[str, Any]:
        settle_proof(session, _ACT, known.person, known.proved)
        until = session.at + timedelta(seconds=DESK_SIGNED_IN_SECONDS_MAX)
        session.put(SIGN_IN, session_id, {
            "at": shown_at(session.at), "means": known.means.value, "person": known.person,
            "until": encode_instant(until.replace(microsecond=0)),
            **({"credential": known.proved.credentials[0]} if known.proved.credentials else {}),
            **({"proof": dict(known.proof)} if known.proof else {}),
        }, expect=0)
        return {"means": known.means.value}

    answer = registry.ledger.commit(
        Act(registry.fresh_id("sign-in"), _ACT, known.person, INTERNAL, run, known.person)
    )
    return SignedIn(person.id, known.means, session_id, answer.at.replace(microsecond=0))


def sign_out(registry: Registry, signed_in: SignedIn) -> None:
    """Enter that somebody has signed out; raises `OutOfOrder` when they have before."""
    def run(session: ActSession) -> dict[str, Any]:
        record = session.require(SIGN_IN, signed_in.session)
        if "ended_at" in record.body or record["person"] != signed_in.person:
            raise OutOfOrder("desk.signed-out-before", "this sign-in has ended before", hint="sign in again")
        session.change(record, ended_at=shown_at(session.at))
        return {"means": signed_in.means.value}

    registry.ledger.commit(Act(
        registry.fresh_id("sign-out"), "desk.sign-out", signed_in.person, INTERNAL, run, signed_in.person,
    ))


def _require_active(credential: Record | None) -> Record:
    if credential is None or credential["state"] != ACTIVE:
        raise not_signed_in()
    return credential


def not_signed_in() -> Unverified:
    """Return the one error for everybody who is not signed in, whatever the reason."""
    return Unverified(
        "desk.not-known", "this signs nobody in here",
        hint="use a passkey, card or account that was confirmed for you, or ask the security officer",
    )
