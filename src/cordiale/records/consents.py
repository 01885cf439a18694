"""Consents in the books: what was asked, and what an originator answered."""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import encode_instant, parse_instant
from cordiale.message.bodies.consent_answer import ConsentAnswer
from cordiale.message.bodies.consent_request import ConsentTerms
from cordiale.model.agreement import Act
from cordiale.model.consent import Consent
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.records.record import Record

CONSENT: Final = "consent"


def consent_of(record: Record) -> Consent:
    """Return the consent in `record`."""
    body = record.body
    return Consent(
        id=ConsentId(record.id),
        act=Act(body["act"]),
        item=ItemId(body["item"]),
        given_by=PartyId(body["given_by"]),
        given_to=PartyId(body["given_to"]),
        purpose=body["purpose"],
        given_at=parse_instant(body["given_at"]),
        recipient=PartyId(body["recipient"]) if "recipient" in body else None,
        number=body["number"],
        copies=frozenset(body["copies"]),
        nationalities=frozenset(PartyId(one) for one in body["nationalities"]),
        valid_until=parse_instant(body["valid_until"]) if "valid_until" in body else None,
        withdrawn_at=parse_instant(body["withdrawn_at"]) if "withdrawn_at" in body else None,
    )


def consent_body(answer: ConsentAnswer, *, given_by: str, given_to: str, request: str) -> dict[str, Any]:
    """Return the record of a consent that was answered, granted or declined, to the request `request`."""
    body = {
        **terms_body(answer.terms), "given_at": encode_instant(answer.given_at), "given_by": given_by,
        "given_to": given_to, "outcome": answer.outcome.value, "request": request,
    }
    if answer.valid_until is not None:
        body["valid_until"] = encode_instant(answer.valid_until)
    return body


def terms_body(terms: ConsentTerms) -> dict[str, Any]:
    """Return the members that the terms of a consent have in a record."""
    body: dict[str, Any] = {
        "act": terms.act.value, "copies": list(terms.copies), "item": terms.item,
        "nationalities": sorted(terms.nationalities), "number": terms.number, "purpose": terms.purpose,
    }
    if terms.recipient is not None:
        body["recipient"] = terms.recipient
    return body


def terms_from(body: dict[str, Any]) -> ConsentTerms:
    """Return the terms that `terms_body` wrote."""
    return ConsentTerms(
        item=ItemId(body["item"]), act=Act(body["act"]), purpose=body["purpose"], number=body["number"],
        recipient=PartyId(body["recipient"]) if "recipient" in body else None, copies=tuple(body["copies"]),
        nationalities=tuple(PartyId(one) for one in body["nationalities"]),
    )
