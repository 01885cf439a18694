"""People, partners and agreements as they are listed and shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cordiale.message.trust.root import fingerprint
from cordiale.model.person import Office
from cordiale.records.agreements import AGREEMENT, is_profile_signed, stage_of
from cordiale.records.partners import PARTNER, open_partner, own_statement
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, person_body
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_OFFICERS = frozenset({
    Office.SECURITY_OFFICER, Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.HEAD, Office.INSPECTOR,
    Office.ADMINISTRATOR,
})


def list_people(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the people of this node, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, _OFFICERS, "the list of people")
    return list_part((books, person), [Source("people", "person")], part, lambda _, one: _person_line(one))


def show_person(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one person: oneself, or anybody for the officers who need to know."""
    fields = request.act.fields()
    subject = fields.text("person")
    fields.end()
    books, person = viewer(registry, request)
    if subject != person.id:
        require_office(person, _OFFICERS, "another person's record")
    body = dict(person_body(books.require("person", subject)))
    body.pop("keys", None)
    return {"person": body}


def _person_line(record: Record) -> dict[str, Any]:
    return {
        "has_key": bool(record["keys"]), "id": record.id, "name": record["name"], "offices": record["offices"],
        "post": record["post"], "unit": record["unit"],
    }


def list_partners(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return our own fingerprint and every partner with its node, statement and state."""
    books, _ = viewer(registry, request)
    request.act.fields().end()
    own = own_statement(books.reads, registry.mode)
    rows = []
    for record in books.every(PARTNER):
        partner = open_partner(record, registry.mode)
        statement = partner.statement
        rows.append({
            "confirmed": partner.is_confirmed, "endpoints": list(statement.endpoints),
            "expires": statement.expires_at.date().isoformat(), "fingerprint": fingerprint(partner.root),
            "node": statement.node, "party": statement.party, "version": statement.version,
        })
    return {"own_fingerprint": fingerprint(own.root), "partners": rows, "party": registry.party}


def list_agreements(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the agreements this node knows, and how far each has come."""
    books, _ = viewer(registry, request)
    request.act.fields().end()
    return {"agreements": [_agreement_line(record, books.at.date()) for record in books.every(AGREEMENT)]}


def show_agreement(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one agreement with its text, profile, signatures, findings of readiness and approved links."""
    fields = request.act.fields()
    agreement = fields.text("agreement")
    fields.end()
    books, _ = viewer(registry, request)
    record = books.require(AGREEMENT, agreement)
    return {
        **_agreement_line(record, books.at.date()), "links": record["links"], "notes": record["notes"],
        "profile": record["profile"], "readiness": record["readiness"], "text": record["text"], **_proposed(record),
    }


def _proposed(record: Record) -> dict[str, Any]:
    """Return the newer version that waits for signatures, nothing where there is none."""
    proposed = record.body.get("proposed")
    if proposed is None:
        return {}
    return {"proposed": {
        "profile": proposed["profile"], "signed_by": sorted(proposed["signatures"]), "text": proposed["text"],
        "version": proposed["profile"]["version"],
    }}


def _agreement_line(record: Record, on: date) -> dict[str, Any]:
    kept = ("in_force_on", "ended_on")
    return {
        "agreement": record.id, "parties": record["parties"], "profile_signed": is_profile_signed(record.body),
        "signed_by": sorted(record["signatures"]), "stage": stage_of(record, on).value,
        "version": record["profile"]["version"], **{name: record[name] for name in kept if name in record.body},
    }
