"""Acts of people who are signed in at the desk: the same requests, with another proof than a key file's signature.

What is signed for is the same canonical text whoever signs it (`message.personal`);
the proof says by what the person was known. It is kept with the act, as a key's
signature is, and the entry of the audit trail commits to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cordiale.canonical import encode_instant, parse_base64url, parse_instant
from cordiale.crypto.id_token import Expected, VerifiedToken, act_nonce, verify_kept_token
from cordiale.crypto.passkey import Assertion, Site, act_challenge, verify_assertion
from cordiale.errors import Malformed, Unverified
from cordiale.limits import SIGNING_SECONDS_MAX
from cordiale.message.personal import PersonalAct, act_payload
from cordiale.model.mode import Mode
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.credentials import find_credential, kept_key, known_by_provider, passkey_of
from cordiale.records.proofs import PasskeySigned, ProviderSigned, SessionProof, Signed, encode_proof
from cordiale.records.proved import CREDENTIAL, SIGN_IN, Proved, is_active_of
from cordiale.records.registry import ACT_PREFIX, Registry, Request, person_body
from cordiale.rules.signing import Means, is_strong
from cordiale.wire.person_json import parse_person


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in. `session` names the session in proofs and is not what the browser holds."""

    person: PersonId
    means: Means
    session: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SentAssertion:
    """What a browser sent for an act, and the site whose page it was."""

    sent: Assertion
    site: Site


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody who is signed in asks: the kind of the act, its id, and what it is about."""

    kind: str
    id: str
    params: Mapping[str, Any]


def require_present(registry: Registry, person_id: str) -> Person:
    """Return a person who is in service; raises `Unverified` for anybody else."""
    record = registry.record("person", person_id)
    if record is None:
        raise Unverified("desk.unknown-person", "nobody at this node is known by that", hint="ask the security officer")
    person = parse_person(person_body(record))
    if person.left_at is not None:
        raise Unverified("person.left", "this person has left the service", hint="ask the security officer")
    return person


def require_here(registry: Registry, signed_in: SignedIn) -> Person:
    """Return the person who is signed in, while the sign-in and what it rests on still count; raises `Unverified`.

    A credential that is withdrawn ends what was begun with it at once, whatever a session remembers.
    """
    registry.reads().look_ahead([("person", signed_in.person), (SIGN_IN, signed_in.session)])
    person = require_present(registry, signed_in.person)
    if signed_in.means is Means.PERSONA:
        if registry.mode is not Mode.EXERCISE:
            raise nobody_here()
        return person
    record = registry.record(SIGN_IN, signed_in.session)
    if record is None or (record["person"], record["means"]) != (person.id, signed_in.means.value):
        raise nobody_here()
    credential = registry.record(CREDENTIAL, record["credential"])
    is_over = "ended_at" in record.body or registry.now() >= parse_instant(record["until"])
    if is_over or credential is None or not is_active_of(credential, person.id):
        raise nobody_here()
    return person


def nobody_here() -> Unverified:
    """Return the error for a request of nobody who is signed in, or not any more."""
    return Unverified("desk.not-signed-in", "nobody is signed in here", hint="sign in")


def look_request(registry: Registry, signed_in: SignedIn, kind: str, params: Mapping[str, Any]) -> Request:
    """Return the question ``view.…`` as somebody who is signed in asks it; nothing of it is kept."""
    if not kind.startswith("view."):
        raise Malformed("act.unknown", "this node does not know how to do `{kind}`",
                        hint="use a command line of the same version as the node", kind=kind[:60])
    person = require_here(registry, signed_in)
    return Request(PersonalAct(kind, "", registry.node, registry.now(), dict(params), b""), person)


def session_request(registry: Registry, signed_in: SignedIn, asked: Asked) -> Request:
    """Return a routine act as the session vouches for it.

    Raises `Unverified` for an act that is signed for by itself; a persona of an exercise may do those too.
    """
    if is_strong(asked.kind) and signed_in.means is not Means.PERSONA:
        raise Unverified(
            "desk.sign-it", "this act is signed for by itself, over what is shown",
            hint="sign it with your passkey, or sign in again at the provider when asked",
        )
    return proved_request(registry, signed_in, asked, at=registry.now())


def passkey_request(
    registry: Registry, signed_in: SignedIn, asked: Asked, *, at: datetime, assertion: SentAssertion,
) -> Request:
    """Return an act that the person's passkey has signed, as it was shown at `at`.

    Raises `Unverified` when the page was shown too long ago, when the passkey is not one of theirs that counts, or
    when it has signed anything else than this act.
    """
    require_fresh(registry, at)
    credential = passkey_of(registry, assertion.sent.credential_id)
    if credential is None or not is_active_of(credential, signed_in.person):
        raise Unverified(
            "desk.other-passkey", "this passkey is none of yours that counts",
            hint="sign with a passkey that was enrolled and confirmed for you",
        )
    payload = payload_of(registry, asked, at)
    count = verify_assertion(
        assertion.sent, assertion.site, act_challenge(payload, registry.mode),
        parse_base64url(credential["public_key"]),
    )
    signed = PasskeySigned(credential.id, assertion.sent)
    request = proved_request(registry, signed_in, asked, at=at, signed=signed)
    proved = request.proved or Proved()
    return replace(request, proved=replace(proved, credentials=(credential.id, *proved.credentials), count=count))


def provider_request(
    registry: Registry, signed_in: SignedIn, asked: Asked, *, at: datetime, token: VerifiedToken,
) -> Request:
    """Return an act that the provider vouches for: the person signed in anew for it, as it was shown at `at`.

    `token` was verified for the nonce of exactly this act (`provider_nonce`) and for a sign-in since `at`. Raises
    `Unverified` when the page was shown too long ago, or the account is not one of the person's that counts.
    """
    require_fresh(registry, at)
    credential = find_credential(registry, known_by_provider(token.issuer, token.subject))
    if credential is None or not is_active_of(credential, signed_in.person):
        raise Unverified(
            "desk.other-account", "this account at the provider is none of yours that counts",
            hint="sign in at the provider with the account that was enrolled and confirmed for you",
        )
    signed = ProviderSigned(credential.id, token.text, token.key.thumbprint)
    # What the token was verified for is asked once more, here, where it becomes the proof.
    verify_kept_token(token.text, token.key, Expected(
        token.issuer, credential["client"], provider_nonce(registry, asked, at), since=at,
    ))
    request = proved_request(registry, signed_in, asked, at=at, signed=signed)
    proved = request.proved or Proved()
    return replace(request, proved=replace(
        proved, credentials=(credential.id, *proved.credentials), provider_key=kept_key(token),
    ))


def provider_nonce(registry: Registry, asked: Asked, at: datetime) -> str:
    """Return the nonce with which the provider vouches for what is asked, as it is shown at `at`."""
    return act_nonce(payload_of(registry, asked, at), registry.mode)


def require_fresh(registry: Registry, at: datetime) -> None:
    """Raise `Unverified` when what was shown at `at` was shown too long ago to be signed now, or is still to come."""
    age = registry.now() - at
    if not timedelta(0) <= age <= timedelta(seconds=SIGNING_SECONDS_MAX) or at.microsecond:
        raise Unverified(
            "desk.stale", "what you signed was shown too long ago", hint="look at it again, and sign what you see"
        )


def payload_of(registry: Registry, asked: Asked, at: datetime) -> bytes:
    """Return the canonical text of what is asked as it is shown at `at`: what a passkey or the provider signs."""
    return act_payload(PersonalAct(asked.kind, asked.id, registry.node, at, dict(asked.params), b""))


def proved_request(
    registry: Registry, signed_in: SignedIn, asked: Asked, *, at: datetime, signed: Signed | None = None,
) -> Request:
    """Return the request for what is `asked`, with the session and what the caller has verified as its proof."""
    if not asked.id.startswith(ACT_PREFIX):
        raise Malformed(
            "act.id-form", "the act id `{id}` does not begin with `act.`", hint="leave the id to the command line",
            id=asked.id[:60],
        )
    person = require_here(registry, signed_in)
    session = SessionProof(signed_in.means, signed_in.session, encode_instant(signed_in.at.replace(microsecond=0)))
    proof = encode_proof(payload_of(registry, asked, at), session, signed)
    proved = None
    if signed_in.means is not Means.PERSONA:
        sign_in = registry.record(SIGN_IN, signed_in.session)
        proved = Proved((sign_in["credential"],) if sign_in is not None else (), signed_in.session)
    return Request(PersonalAct(asked.kind, asked.id, registry.node, at, dict(asked.params), proof), person, proved)
