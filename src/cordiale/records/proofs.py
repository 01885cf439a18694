"""What is kept as the proof of a personal act, read again: a key file's signature, or what somebody signed in gave.

    {"act": "{…}", "proof": {"means": "passkey", "session": "…", "signed": {…}, "signed_in_at": "…"}, "v": 1}

`signed` is there when the act was signed for by itself (docs/spec/desk-proofs.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from cordiale.canonical import Fields, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.passkey import Assertion
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import CordialeError, Malformed
from cordiale.limits import CONTROL_BODY_SIZE_BYTES_MAX, ID_TOKEN_SIZE_BYTES_MAX, PASSKEY_PART_SIZE_BYTES_MAX
from cordiale.message.personal import unverified_signer
from cordiale.model.mode import Mode
from cordiale.model.person import Person
from cordiale.records.proved import CREDENTIAL, is_active_of
from cordiale.records.session import Books
from cordiale.rules.signing import Means

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class SessionProof:
    """That a person was signed in: by what means, in which session, since when (as written)."""

    means: Means
    session: str
    signed_in_at: str


@dataclass(frozen=True, slots=True)
class PasskeySigned:
    """That the passkey `credential` has signed the act."""

    credential: str
    assertion: Assertion

    def members(self) -> dict[str, Any]:
        """Return what is kept of it."""
        sent = self.assertion
        return {
            "authenticator_data": encode_base64url(sent.authenticator_data), "by": Means.PASSKEY.value,
            "client_data": encode_base64url(sent.client_data), "credential": self.credential,
            "passkey": encode_base64url(sent.credential_id), "signature": encode_base64url(sent.signature),
        }


@dataclass(frozen=True, slots=True)
class ProviderSigned:
    """That the provider has signed, with the key `key`, that the person of `credential` signed in for this act."""

    credential: str
    id_token: str
    key: str

    def members(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "by": Means.PROVIDER.value, "credential": self.credential, "id_token": self.id_token, "key": self.key,
        }


Signed: TypeAlias = PasskeySigned | ProviderSigned


@dataclass(frozen=True, slots=True)
class KeyProof:
    """An act that was signed with a key file; `kid` names the key and is not verified."""

    kid: str


@dataclass(frozen=True, slots=True)
class DeskProof:
    """An act of somebody signed in: its canonical text, the session, and what signed it by itself, if anything."""

    payload: bytes
    session: SessionProof
    signed: Signed | None


def encode_proof(payload: bytes, session: SessionProof, signed: Signed | None) -> bytes:
    """Return what is kept with an act of somebody signed in, in its one form."""
    proof = {"means": session.means.value, "session": session.session, "signed_in_at": session.signed_in_at}
    if signed is not None:
        proof["signed"] = signed.members()  # type: ignore[assignment]
    return encode_canonical({"act": payload.decode(), "proof": proof, "v": _VERSION})


def parse_proof(text: str) -> KeyProof | DeskProof:
    """Return the kept proof `text` as read; nothing is verified. Raises `Malformed` when it is of neither form."""
    data = text.encode()
    value = parse_canonical(data, size_max=CONTROL_BODY_SIZE_BYTES_MAX)
    if isinstance(value, dict) and "signatures" in value:
        return KeyProof(unverified_signer(data))
    fields = Fields(value, where="proof")
    fields.constant("v", _VERSION)
    payload, proof = fields.text("act", max_length=CONTROL_BODY_SIZE_BYTES_MAX).encode(), fields.object("proof")
    session = SessionProof(proof.choice("means", Means), proof.text("session"), proof.text("signed_in_at"))
    signed = _parse_signed(proof.object("signed")) if proof.has("signed") else None
    proof.end()
    fields.end()
    return DeskProof(payload, session, signed)


def _parse_signed(fields: Fields) -> Signed:
    by, credential = fields.choice("by", Means), fields.text("credential")
    signed: Signed
    if by is Means.PASSKEY:
        parts = {name: fields.bytes_(name) for name in ("passkey", "client_data", "authenticator_data", "signature")}
        if max(map(len, parts.values())) > PASSKEY_PART_SIZE_BYTES_MAX:
            raise _no_proof()
        signed = PasskeySigned(credential, Assertion(*parts.values()))
    elif by is Means.PROVIDER:
        signed = ProviderSigned(
            credential, fields.text("id_token", max_length=ID_TOKEN_SIZE_BYTES_MAX), fields.text("key"),
        )
    else:
        raise _no_proof()
    fields.end()
    return signed


def _no_proof() -> Malformed:
    return Malformed("proof.form", "this is no proof of an act", hint="run `cordiale audit verify`")


def has_signed(books: Books, person: Person, act_id: str, mode: Mode) -> bool:
    """Tell whether the act `act_id` was signed by `person` with what still counts as theirs; what is unclear is no."""
    record = books.get("signed-act", act_id)
    if record is None or record.body.get("person") != person.id or "signed" not in record.body:
        return False
    try:
        proof = parse_proof(str(record["signed"]))
    except CordialeError:
        return False
    if isinstance(proof, KeyProof):
        return bool(person.keys) and proof.kid in VerifyingPair.parse(dict(person.keys)).kids
    if proof.signed is None:
        return proof.session.means is Means.PERSONA and mode is Mode.EXERCISE
    credential = books.get(CREDENTIAL, proof.signed.credential)
    return credential is not None and is_active_of(credential, person.id)
