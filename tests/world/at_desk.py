"""People at the desk of a node in memory: they enrol passkeys, sign in, and sign acts with what they see."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.crypto.authenticator import SITE, Authenticator
from tests.world.world import Player

from cordiale.crypto.passkey import act_challenge, verify_enrolment
from cordiale.doors.control.acts import ACTS
from cordiale.doors.control.views import VIEWS
from cordiale.model.mode import Mode
from cordiale.operate.invitation_code import make_invitation_code
from cordiale.records.answer import Answer
from cordiale.records.credentials import fingerprint_of, passkey_members
from cordiale.records.enrolling import code_digest, offer
from cordiale.records.record import Record
from cordiale.records.registry import Request
from cordiale.records.signed_in import (
    Asked,
    SentAssertion,
    SignedIn,
    look_request,
    passkey_request,
    payload_of,
    session_request,
)
from cordiale.records.signing_in import sign_in_by_passkey


def give_code(player: Player, person: str, *, by: str = "") -> str:
    """Return a code for `person`, whom `by` has invited, or who has vouched for themselves."""
    code, digest = make_invitation_code(player.registry.mode)
    if by:
        player.act(by, "desk.invite", {"digest": digest, "person": person})
    else:
        player.act(person, "desk.enrol", {"digest": digest})
    return code


def offer_passkey(player: Player, code: str, device: Authenticator) -> Record:
    """Offer the passkey of `device` with a code, as the page of enrolment does."""
    challenge = os.urandom(32)
    passkey = verify_enrolment(device.enrol(challenge), SITE, challenge)
    return offer(player.registry, code_digest(code, player.registry.mode), passkey_members(passkey, SITE.rp_id))


def confirm_credential(player: Player, confirmer: str, credential: Record) -> Answer:
    """Let `confirmer` confirm it, with the fingerprint that they were read."""
    mode: Mode = player.registry.mode
    return player.act(confirmer, "desk.confirm", {
        "credential": credential.id, "fingerprint": fingerprint_of(credential, mode),
    })


def enrolled(player: Player, person: str, confirmer: str, device: Authenticator | None = None) -> Authenticator:
    """Return a device whose passkey counts for `person`."""
    device = device or Authenticator()
    confirm_credential(player, confirmer, offer_passkey(player, give_code(player, person), device))
    return device


def sign_in(player: Player, device: Authenticator) -> SignedIn:
    """Sign in with a device."""
    challenge = os.urandom(32)
    return sign_in_by_passkey(player.registry, device.sign(challenge), SITE, challenge)


def ask(player: Player, signed_in: SignedIn, kind: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask a view."""
    return VIEWS[kind](player.registry, look_request(player.registry, signed_in, kind, params))


def do(player: Player, signed_in: SignedIn, asked: Asked) -> Answer:
    """Do a routine act under the session."""
    return ACTS[asked.kind](player.registry, session_request(player.registry, signed_in, asked))


def signed_request(
    player: Player, signed_in: SignedIn, asked: Asked, device: Authenticator, *, shown: Asked | None = None,
    at: datetime | None = None,
) -> Request:
    """Return what is `asked` with the passkey's signature over what was `shown`, which is the same unless given."""
    at = at or player.registry.now()
    challenge = act_challenge(payload_of(player.registry, shown or asked, at), player.registry.mode)
    return passkey_request(
        player.registry, signed_in, asked, at=at, assertion=SentAssertion(device.sign(challenge), SITE)
    )


def sign_and_do(player: Player, signed_in: SignedIn, asked: Asked, device: Authenticator) -> Answer:
    """Do an act that the passkey signs."""
    return ACTS[asked.kind](player.registry, signed_request(player, signed_in, asked, device))
