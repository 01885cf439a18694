"""By what the desk knows people: one's own, and everybody's for those who confirm and withdraw them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.credentials import OFFERED, credentials_of, fingerprint_of
from cordiale.records.enrolling import INVITATION
from cordiale.records.proved import CREDENTIAL
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.views.authority import require_office, viewer

_VIEWERS: Final = frozenset({
    Office.SECURITY_OFFICER, Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.HEAD, Office.INSPECTOR,
})
_WHAT: Final = "the list of passkeys, cards and accounts"
_SHOWN: Final[tuple[str, ...]] = (
    "means", "person", "state", "offered_at", "confirmed_at", "confirmed_by", "withdrawn_at", "withdrawn_by",
)


def list_credentials(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one's own credentials, those of a person, or those of everybody that wait to be confirmed (`waiting`)."""
    fields = request.act.fields()
    subject = fields.optional_text("person")
    is_waiting = fields.boolean("waiting") if fields.has("waiting") else False
    fields.end()
    books, person = viewer(registry, request)
    if is_waiting or (subject and subject != person.id):
        require_office(person, _VIEWERS, _WHAT)
    found = books.find(CREDENTIAL, "state", OFFERED) if is_waiting else credentials_of(books, subject or person.id)
    return {"credentials": [_line(one) for one in found]}


def show_credential(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one credential with its fingerprint and who vouched for it: one's own, or anybody's for the officers."""
    fields = request.act.fields()
    credential_id = fields.text("credential")
    fields.end()
    books, person = viewer(registry, request)
    credential = books.get(CREDENTIAL, credential_id)
    if credential is None or credential["person"] != person.id:
        require_office(person, _VIEWERS, _WHAT)
    if credential is None:
        raise missing(CREDENTIAL, credential_id)
    invitation = books.require(INVITATION, credential["invitation"])
    return {
        **_line(credential), "fingerprint": fingerprint_of(credential, registry.mode),
        "vouched_by": invitation["invited_by"],
    }


def _line(credential: Record) -> dict[str, Any]:
    shown = {name: credential[name] for name in _SHOWN if name in credential.body}
    return {"credential": credential.id, **shown}
