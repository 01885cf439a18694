"""Acts of people who are signed in at the desk: the same requests, with another proof than a key file's signature.

    {"act": "{\"act\":\"register\",\"at\":…,\"id\":…,\"node\":…,\"params\":{…},\"v\":1}",
     "proof": {"means": "passkey", "session": "…", "signed_in_at": "…"}, "v": 1}

What is signed for is the same canonical text whoever signs it (`message.personal`);
the proof says by what the person was known. It is kept with the act, as a key's
signature is, and the entry of the audit trail commits to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cordiale.canonical import encode_canonical, encode_instant
from cordiale.errors import Malformed, Unverified
from cordiale.message.personal import PersonalAct, act_payload
from cordiale.model.mode import Mode
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.registry import ACT_PREFIX, Registry, Request, person_body
from cordiale.rules.signing import is_strong
from cordiale.wire.person_json import parse_person

_VERSION: Final = 1


class Means(StrEnum):
    """By what a person was known when they signed in; a persona exists in exercises only."""

    PASSKEY = "passkey"
    CERTIFICATE = "certificate"
    PROVIDER = "provider"
    PERSONA = "persona"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in. `session` names the session in proofs and is not what the browser holds."""

    person: PersonId
    means: Means
    session: str
    at: datetime


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


def look_request(registry: Registry, signed_in: SignedIn, kind: str, params: Mapping[str, Any]) -> Request:
    """Return the question ``view.…`` as somebody who is signed in asks it; nothing of it is kept."""
    if not kind.startswith("view."):
        raise Malformed("act.unknown", "this node does not know how to do `{kind}`",
                        hint="use a command line of the same version as the node", kind=kind[:60])
    person = require_present(registry, signed_in.person)
    return Request(PersonalAct(kind, "", registry.node, registry.now(), dict(params), b""), person)


def session_request(registry: Registry, signed_in: SignedIn, asked: Asked) -> Request:
    """Return a routine act as the session vouches for it.

    Raises `Unverified` for an act that is signed for by itself; a persona of an exercise may do those too.
    """
    if is_strong(asked.kind) and not (signed_in.means is Means.PERSONA and registry.mode is Mode.EXERCISE):
        raise Unverified(
            "desk.sign-it", "this act is signed for by itself, over what is shown",
            hint="sign it with your passkey, or sign in again at the provider when asked",
        )
    return proved_request(registry, asked, registry.now(), signed_in.person, _session_proof(signed_in))


def _session_proof(signed_in: SignedIn) -> dict[str, Any]:
    return {
        "means": signed_in.means.value, "session": signed_in.session,
        "signed_in_at": encode_instant(signed_in.at.replace(microsecond=0)),
    }


def proved_request(
    registry: Registry, asked: Asked, at: datetime, person_id: str, proof: Mapping[str, Any],
) -> Request:
    """Return the request `asked` by a person, with a proof that the caller has verified."""
    if not asked.id.startswith(ACT_PREFIX):
        raise Malformed(
            "act.id-form", "the act id `{id}` does not begin with `act.`", hint="leave the id to the command line",
            id=asked.id[:60],
        )
    person = require_present(registry, person_id)
    act = PersonalAct(asked.kind, asked.id, registry.node, at, dict(asked.params), b"")
    signed = encode_canonical({"act": act_payload(act).decode(), "proof": dict(proof), "v": _VERSION})
    return Request(PersonalAct(act.kind, act.id, act.node, act.at, act.params, signed), person)
