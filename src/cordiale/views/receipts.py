"""Receipts as they are printed: on our side what we gave, on the originator's side what we were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.errors import OutOfOrder
from cordiale.records.items import COPY, ITEM
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.consignments import find_consignment
from cordiale.views.forms import printed, receipt_form
from cordiale.views.pages import render_page


def show_receipt(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the receipt of a consignment; no title and no level stand on it (FR-1300 Art. 56)."""
    fields = request.act.fields()
    consignment_id, form = fields.text("consignment"), fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "a receipt")
    record = find_consignment(registry, books, consignment_id)
    if record["state"] not in ("registered", "receipted"):
        raise OutOfOrder(
            "receipt.none", "this consignment has not been receipted", hint="look at `cordiale duties` for the day"
        )
    shown = {
        "agreement": record["agreement"], "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "consignment": record.id, "counted": record["counted"], "from": _sender(registry, record),
        "lines": _lines(books, record), "message_digest": record["digest"], "mode": registry.mode.value,
        "number": record.body.get("number") or record.body.get("their_number", ""),
        "received_at": record["received_at"],
        "registered_at": record.body.get("registered_at", record.body.get("receipted_at", "")),
        "registrar": _registrar(books, record), "remarks": record.body.get("remarks", ""),
        "to": _recipient(registry, record),
        "trail": f"{record.log} {record.index}",
    }
    if form == "html":
        return {**shown, "html": render_page("receipt.html", shown)}
    if form == "pdf":
        return {**shown, **printed(registry, receipt_form(registry.mode, shown))}
    return shown


def _sender(registry: Registry, record: Record) -> str:
    return str(registry.party if record["direction"] == "out" else record["party"])


def _recipient(registry: Registry, record: Record) -> str:
    return str(record["party"] if record["direction"] == "out" else registry.party)


def _lines(books: Books, record: Record) -> list[dict[str, Any]]:
    copies = record.body.get("copies") or [item["copy"] for item in record["items"]]
    lines = []
    for id in copies:
        copy = books.require(COPY, id)
        ours = copy.body.get("reference") or books.require(ITEM, copy["item"])["reference"]
        lines.append({
            "copy_number": copy["copy_number"], "form": copy["form"], "number": ours,
            "their_number": copy.body.get("their_reference", ""),
        })
    return lines


def _registrar(books: Books, record: Record) -> str:
    registrar = record["registrar"]
    if isinstance(registrar, dict):
        return f"{registrar['name']}, {registrar['post']}"
    person = books.require("person", registrar)
    return f"{person['name']}, {person['post']}"
