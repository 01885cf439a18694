"""Certificates of return and destruction as they are printed: ours to a partner, and a partner's to us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.records.endings import CERTIFICATE
from cordiale.records.items import COPY, ITEM
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.forms import certificate_form, printed


def show_certificate(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return a certificate by its number, a partner's with the code of its party before it: ``UKR.…``."""
    fields = request.act.fields()
    number, form = fields.text("certificate"), fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "a certificate")
    record = books.get(CERTIFICATE, number.lower())
    if record is None:
        raise missing("certificate", number)
    shown = _shown(registry, books, record)
    if form == "pdf":
        return {**shown, **printed(registry, certificate_form(registry.mode, shown))}
    return shown


def _shown(registry: Registry, books: Books, record: Record) -> dict[str, Any]:
    """Return what a certificate says, with the numbers that its item has on both sides, and no title.

    Persons are the posts they hold: the names of our people stay in our register, and paper is handed over.
    """
    copy, item = books.require(COPY, record["copy"]), books.get(ITEM, record["item"])
    theirs = record["party"] != registry.party
    return {
        "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"), "copy": copy.id, "copy_number": record["copy_number"],
        "done_on": record["done_on"], "ending": record["ending"], "form": copy["form"],
        "from": record["party"], "item": record["item"],
        "legal_basis": record["legal_basis"], "method": record["method"], "mode": registry.mode.value,
        "number": record["number"], "persons": record["persons"], "proof": record["proof"],
        "reference": copy.body.get("reference") or (item["reference"] if item is not None else ""),
        "their_reference": copy.body.get("their_reference", ""),
        "to": registry.party if theirs else item["origin_party"] if item is not None else "",
        "trail": f"{record.log} {record.index}", "witnesses": record["witnesses"],
    }
