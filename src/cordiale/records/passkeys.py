"""Passkeys at the desk of one node: what a browser is asked, and what becomes of its answer.

What a browser sends comes as the texts of a form, each the base64url of one
part of its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordiale.canonical import parse_base64url
from cordiale.crypto.passkey import (
    Assertion,
    Enrolment,
    act_challenge,
    assertion_options,
    enrolment_options,
    site_at,
    user_handle,
    verify_enrolment,
)
from cordiale.errors import Malformed
from cordiale.limits import PASSKEY_PART_SIZE_BYTES_MAX
from cordiale.records.credentials import OFFERED, passkey_ids, passkey_members
from cordiale.records.enrolling import find_invitation, offer, shown_offer
from cordiale.records.proved import ACTIVE
from cordiale.records.registry import Registry, Request
from cordiale.records.signed_in import Asked, SentAssertion, SignedIn, passkey_request, payload_of
from cordiale.records.signing_in import sign_in_by_passkey


class Passkeys:
    """The passkeys of a desk whose pages stand at `origin`; raises `Malformed` where no browser would use one."""

    def __init__(self, registry: Registry, origin: str) -> None:
        self._registry = registry
        self._site = site_at(origin, registry.title)

    # -- signing in -----------------------------------------------------------------------------------------

    def ask_sign_in(self, challenge: bytes) -> str:
        """Return what a browser is asked, as JSON; whose passkey it is, the browser's owner decides."""
        return assertion_options(self._site, challenge)

    def sign_in(self, sent: Mapping[str, str], challenge: bytes) -> SignedIn:
        """Sign in whose passkey has answered; raises `Unverified` for anybody else."""
        return sign_in_by_passkey(self._registry, _assertion(sent), self._site, challenge)

    # -- enrolling ------------------------------------------------------------------------------------------

    def ask_enrolment(self, digest: str, challenge: bytes) -> str:
        """Return what a browser is asked for a new passkey of whoever has the code with this `digest`."""
        books = self._registry.books()
        person = find_invitation(books, digest)["person"]
        return enrolment_options(
            self._site, challenge, handle=user_handle(self._registry.node, person, self._registry.mode), name=person,
            known=passkey_ids(books, person, OFFERED, ACTIVE),
        )

    def enrol(self, digest: str, sent: Mapping[str, str], challenge: bytes) -> Mapping[str, Any]:
        """Enter a new passkey as offered; return its name and the fingerprint to be read to whoever confirms it."""
        enrolment = Enrolment(_part(sent, "passkey"), _part(sent, "client_data"), _part(sent, "attestation"))
        passkey = verify_enrolment(enrolment, self._site, challenge)
        return shown_offer(self._registry, offer(self._registry, digest, passkey_members(passkey, self._site.rp_id)))

    # -- signing acts ---------------------------------------------------------------------------------------

    def ask_signature(self, signed_in: SignedIn, asked: Asked, at: datetime) -> str:
        """Return what a browser is asked for the act as it is shown at `at`; empty when the person has no passkey."""
        known = passkey_ids(self._registry.books(), signed_in.person, ACTIVE)
        challenge = act_challenge(payload_of(self._registry, asked, at), self._registry.mode)
        return assertion_options(self._site, challenge, known) if known else ""

    def request(self, signed_in: SignedIn, asked: Asked, at: datetime, sent: Mapping[str, str]) -> Request:
        """Return the act as the passkey has signed it; raises as `passkey_request`."""
        return passkey_request(
            self._registry, signed_in, asked, at=at, assertion=SentAssertion(_assertion(sent), self._site)
        )


def _assertion(sent: Mapping[str, str]) -> Assertion:
    return Assertion(*(_part(sent, name) for name in ("passkey", "client_data", "authenticator_data", "signature")))


def _part(sent: Mapping[str, str], name: str) -> bytes:
    text = sent.get(name, "")
    if not 0 < len(text) <= 2 * PASSKEY_PART_SIZE_BYTES_MAX:
        raise Malformed(
            "passkey.size", "what the browser sent is not of the size of a passkey's answer",
            hint="load the page again and repeat it",
        )
    return parse_base64url(text, where="passkey")
