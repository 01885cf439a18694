"""Credentials: by what the desk knows a person, and from what state on it does.

    offered ── a second person compares the fingerprint ──> active ──> withdrawn

A passkey and the key on a card are known once and for all: what was withdrawn
never comes back. An account at the provider may be offered to the same person again.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import encode_base64url, encode_canonical, encode_instant, parse_base64url
from cordiale.crypto.digests import in_groups, sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.id_token import VerifiedToken
from cordiale.crypto.passkey import Passkey
from cordiale.errors import OutOfOrder
from cordiale.limits import CREDENTIALS_COUNT_MAX
from cordiale.model.mode import Mode
from cordiale.model.names import PersonId
from cordiale.records.proved import ACTIVE, CREDENTIAL
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.signing import Means

OFFERED: Final = "offered"
WITHDRAWN: Final = "withdrawn"


def known_by_passkey(credential_id: bytes) -> str:
    """Return by what the books know the passkey with this id."""
    return f"{Means.PASSKEY.value} {encode_base64url(credential_id)}"


def known_by_certificate(key_digest: str) -> str:
    """Return by what the books know a card: the SHA-384 digest of its public key, in hexadecimal."""
    return f"{Means.CERTIFICATE.value} {key_digest}"


def known_by_provider(issuer: str, subject: str) -> str:
    """Return by what the books know an account at the provider."""
    return f"{Means.PROVIDER.value} {issuer} {subject}"


def passkey_members(passkey: Passkey, rp_id: str) -> dict[str, Any]:
    """Return what the record of a passkey keeps of it."""
    return {
        "known_by": known_by_passkey(passkey.credential_id), "means": Means.PASSKEY.value,
        "public_key": encode_base64url(passkey.public_key), "rp_id": rp_id, "sign_count": passkey.sign_count,
    }


def account_members(token: VerifiedToken, client: str) -> dict[str, Any]:
    """Return what the record of an account at the provider keeps of it; `client` is what we are called there."""
    return {
        "client": client, "known_by": known_by_provider(token.issuer, token.subject), "means": Means.PROVIDER.value,
    }


def card_members(key_digest: str) -> dict[str, Any]:
    """Return what the record of a card keeps of it."""
    return {"known_by": known_by_certificate(key_digest), "means": Means.CERTIFICATE.value}


def kept_key(token: VerifiedToken) -> tuple[str, str]:
    """Return the name and the bytes of the key that signed `token`, as `Proved` keeps them."""
    return token.key.thumbprint, token.key.jwk


def find_credential(registry: Registry, known_by: str) -> Record | None:
    """Return what counts, or waits, under `known_by`; None when there is nothing, or it was withdrawn."""
    found = [one for one in registry.find(CREDENTIAL, "known_by", known_by) if one["state"] != WITHDRAWN]
    return found[0] if len(found) == 1 else None


def passkey_of(registry: Registry, credential_id: bytes) -> Record | None:
    """Return the record of a passkey by the id the authenticator gave it."""
    return find_credential(registry, known_by_passkey(credential_id))


def credentials_of(books: Books, person: str) -> list[Record]:
    """Return every credential a person has or had, by identifier."""
    return books.find(CREDENTIAL, "person", person)


def passkey_ids(books: Books, person: str, *states: str) -> list[bytes]:
    """Return the ids, as authenticators know them, of a person's passkeys in one of `states`."""
    return [
        parse_base64url(one["known_by"].split(" ")[1]) for one in credentials_of(books, person)
        if one["means"] == Means.PASSKEY.value and one["state"] in states
    ]


def signers_among(books: Books, *, without: str = "") -> frozenset[PersonId]:
    """Return who can sign acts at the desk, with a passkey or by the provider; the credential `without` left out."""
    return frozenset(
        PersonId(one["person"]) for one in books.each(CREDENTIAL, "state", ACTIVE)
        if one["means"] != Means.CERTIFICATE.value and one.id != without
    )


def fingerprint_of(credential: Record, mode: Mode) -> str:
    """Return what the person and whoever confirms compare: 24 groups of four digits.

    It covers whose the credential is and all that it is known by, but not how often it was used.
    """
    named: dict[str, Any] = {
        name: credential[name] for name in ("client", "known_by", "means", "person", "public_key", "rp_id")
        if name in credential.body
    }
    content = encode_canonical({**named, "credential": credential.id})
    return in_groups(sha384(domain(Purpose.CREDENTIAL_FINGERPRINT, mode), content))


def enter_offer(session: ActSession, id: str, person: str, members: dict[str, Any]) -> Record:
    """Enter what a person offers to be known by; it counts for nothing before it is confirmed.

    Raises `OutOfOrder` when it is known already, or when the person has too many.
    """
    same = session.find(CREDENTIAL, "known_by", members["known_by"])
    comes_back = members["means"] == Means.PROVIDER.value
    if any(one["state"] != WITHDRAWN or one["person"] != person or not comes_back for one in same):
        raise OutOfOrder(
            "credential.known", "this passkey, card or account was given to the desk before",
            hint="use another one; one that was withdrawn does not come back",
        )
    held = [one for one in credentials_of(session, person) if one["state"] != WITHDRAWN]
    if len(held) >= CREDENTIALS_COUNT_MAX:
        raise OutOfOrder(
            "credential.too-many", "this person has {count} passkeys, cards and accounts already",
            hint="have those withdrawn that are not used any more", count=len(held),
        )
    return session.put(CREDENTIAL, id, {
        **members, "offered_at": encode_instant(session.at.replace(microsecond=0)), "person": person,
        "state": OFFERED,
    }, expect=0)
