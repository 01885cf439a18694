"""Personal acts: what somebody signs with their own key before the node does it.

    {"act": "release.approve", "at": "2026-11-16T09:00:00Z", "id": "…", "node": "tokyo.jpn",
     "params": {…}, "v": 1}

The signature covers exactly what is asked, of which node, and when; a change of
any of it voids it. The key lives with the person, in a file encrypted under a
passphrase; the node knows only its public half. There is no acting as somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cordiale.canonical import Canonical, Fields, encode_canonical, encode_instant, parse_canonical
from cordiale.crypto.digests import in_groups, sha384
from cordiale.crypto.domains import Purpose, domain, object_type
from cordiale.crypto.jws import parse_object, sign_written, verify_object
from cordiale.crypto.passphrase import Cost, decrypt_with_passphrase, encrypt_with_passphrase
from cordiale.crypto.signatures import SigningPair, VerifyingPair
from cordiale.errors import Malformed, Unverified
from cordiale.limits import CONTROL_BODY_SIZE_BYTES_MAX, IDENTIFIER_LENGTH_MAX, REQUEST_SKEW_SECONDS_MAX
from cordiale.model.mode import Mode

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class PersonalAct:
    """An act somebody has signed. `params` is what the act is about; `signed` the object as it was signed."""

    kind: str
    id: str
    node: str
    at: datetime
    params: dict[str, Any]
    signed: bytes

    def fields(self) -> Fields:
        """Return a strict reader of the parameters."""
        return Fields(self.params, where="request")


def sign_act(act: PersonalAct, key: SigningPair, mode: Mode) -> bytes:
    """Return `act` signed with the person's own `key`; `act.signed` is not looked at."""
    return sign_written(act_payload(act), object_type(Purpose.ACT, mode), [key])


def act_payload(act: PersonalAct) -> Canonical:
    """Return what is signed for in `act`, in its one form; `act.signed` is not looked at."""
    return encode_canonical({
        "act": act.kind, "at": encode_instant(act.at), "id": act.id, "node": act.node, "params": act.params,
        "v": _VERSION,
    })


def deposit_salt(key: SigningPair, act_id: str, *, node: str, mode: Mode) -> bytes:
    """Return the salt (32 bytes) of the commitment to the content of the deposit `act_id` at `node`.

    It is derived from the person's own keys, so a repetition under the same act id has the same salt, and nobody else
    can tell from the commitment whether a content that they guess is the one.
    """
    return key.derive(domain(Purpose.DEPOSIT_SALT, mode), f"{node}\0{act_id}".encode())


def unverified_signer(data: bytes) -> str:
    """Return the key identifier that `data` claims to be signed with, to look the person up.

    Raises `Malformed` when `data` is not a signed object of one person.
    """
    kids = parse_object(data, size_max=CONTROL_BODY_SIZE_BYTES_MAX).kids
    if len(kids) != 2:
        raise Malformed(
            "act.signers", "a personal act is signed by exactly one person", hint="sign it with your own key only"
        )
    return kids[0]


def verify_act(data: bytes, key: VerifyingPair, *, node: str, mode: Mode, now: datetime) -> PersonalAct:
    """Return the act in `data` after verifying that the holder of `key` signed it for `node`, and lately.

    Raises `Unverified` for a wrong signature, another node or a time further from `now` than
    `REQUEST_SKEW_SECONDS_MAX`, and `Malformed` for the form.
    """
    payload = verify_object(data, object_type(Purpose.ACT, mode), [key])
    fields = Fields(parse_canonical(payload, size_max=CONTROL_BODY_SIZE_BYTES_MAX), where="request")
    fields.constant("v", _VERSION)
    params = fields.value("params")
    if not isinstance(params, dict):
        raise Malformed("act.params", "the request has no parameters", hint="use the command line of this version")
    act = PersonalAct(
        fields.text("act"), fields.text("id", max_length=IDENTIFIER_LENGTH_MAX), fields.text("node"),
        fields.instant("at"), params, data,
    )
    fields.end()
    if act.node != node:
        raise Unverified(
            "act.other-node", "this request was signed for the node {node}", hint="sign it for this node", node=act.node
        )
    if abs(now - act.at) > timedelta(seconds=REQUEST_SKEW_SECONDS_MAX):
        raise Unverified(
            "act.stale", "this request was signed too long ago, or the clocks differ",
            hint="check the clock of your machine and repeat the command",
        )
    return act


def key_fingerprint(key: VerifyingPair, mode: Mode) -> str:
    """Return the fingerprint of a person's public keys, for two people to compare: 24 groups of four digits."""
    return in_groups(sha384(domain(Purpose.KEY_FINGERPRINT, mode), encode_canonical(key.encode())))


def seal_person_key(key: SigningPair, passphrase: str, mode: Mode, cost: Cost | None = None) -> bytes:
    """Return the key file of a person: both private keys under `passphrase`."""
    secret = encode_canonical(key.encode_secret())
    purpose = domain(Purpose.PASSPHRASE, mode)
    if cost is None:
        return encrypt_with_passphrase(secret, passphrase, domain=purpose)
    return encrypt_with_passphrase(secret, passphrase, domain=purpose, cost=cost)


def open_person_key(data: bytes, passphrase: str, mode: Mode) -> SigningPair:
    """Return the key in a key file; raises `Unverified` for a wrong passphrase or the other mode."""
    secret = decrypt_with_passphrase(data, passphrase, domain=domain(Purpose.PASSPHRASE, mode))
    return SigningPair.parse_secret(parse_canonical(secret, size_max=4096))
