"""What proves an act of somebody who is signed in, and whether it still does at the moment the act is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.crypto.passkey import has_gone_on
from cordiale.errors import Refused
from cordiale.model.decision import decision_of, refusal
from cordiale.records.record import Record
from cordiale.records.session import ActSession, Books

CREDENTIAL: Final = "credential"
SIGN_IN: Final = "sign-in"
ACTIVE: Final = "active"


@dataclass(frozen=True, slots=True)
class Proved:
    """By what an act is proved: the credentials that stood behind it, and the sign-in it was done under.

    `count` is how often the passkey that signed says it was used, None where no passkey has signed; it belongs to
    the first of `credentials`. `provider_key` is the public key (JWK) that a provider's token was signed with.
    """

    credentials: tuple[str, ...] = ()
    sign_in: str = ""
    count: int | None = None
    provider_key: tuple[str, str] | None = None


def settle_proof(session: ActSession, kind: str, person: str, proved: Proved) -> None:
    """Write what the proof of the act `kind` leaves behind, once everything it rests on stands at this moment.

    Raises `Refused` when a credential or the sign-in has ended meanwhile, or when a passkey's count did not go on.
    """
    found = [session.get(CREDENTIAL, id) for id in proved.credentials]
    if not all(one is not None and is_active_of(one, person) for one in found) or not _is_open(session, person, proved):
        raise Refused(decision_of(kind, [refusal(
            "person.changed", "this person's key or post was withdrawn a moment ago"
        )]))
    if proved.count is not None and found[0] is not None:
        note_count(session, kind, found[0], proved.count)
    if proved.provider_key is not None:
        note_provider_key(session, *proved.provider_key)


def is_active_of(credential: Record, person: str) -> bool:
    """Tell whether a credential counts now, and is this person's."""
    return bool(credential["state"] == ACTIVE and credential["person"] == person)


def _is_open(books: Books, person: str, proved: Proved) -> bool:
    if not proved.sign_in:
        return True
    record = books.get(SIGN_IN, proved.sign_in)
    return record is not None and record["person"] == person and "ended_at" not in record.body


def note_count(session: ActSession, kind: str, credential: Record, count: int) -> None:
    """Note how often a passkey was used; raises `Refused` for a count that did not go on, which a copy's would do."""
    if not has_gone_on(count, credential["sign_count"]):
        raise Refused(decision_of(kind, [refusal(
            "credential.count", "this passkey counts its uses otherwise than before, as a copy of it would; have it "
            "withdrawn and report it",
        )]))
    if count != credential["sign_count"]:
        session.change(credential, sign_count=count)


def note_provider_key(session: ActSession, thumbprint: str, jwk: str) -> None:
    """Keep a public key of the provider, so that what it signed verifies when the provider has forgotten it."""
    if session.get("provider-key", thumbprint) is None:
        session.put("provider-key", thumbprint, {"jwk": jwk}, expect=0)
