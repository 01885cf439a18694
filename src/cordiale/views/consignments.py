"""Consignments as those who count see them: what waits, its number on the courier's paper, and what should be in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import CordialeError
from cordiale.model.person import Office
from cordiale.records.addressees import addressed, is_closed, shown_title
from cordiale.records.descriptions import described_by
from cordiale.records.opening import Opened, open_held, slip_number
from cordiale.records.paging import all_with
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

CONSIGNMENT: Final = "consignment"
_COUNTERS: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_SHOWN: Final = (
    "agreement", "direction", "kind", "number", "their_number", "party", "state", "received_at", "dispatched_at",
    "delivered_at", "registered_at", "receipted_at", "receipt_due", "link", "counted", "remarks", "refusal",
    "addressee", "addressee_alone", "withdrawal",
)


def list_inbox(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the consignments that are held here and wait to be counted and registered, a part at a time.

    At most `count` after `after`, the `next` of the part before; the part in the order they came.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, KEEPERS, "the list of what has arrived")
    found = list_part((books, person), [Source("consignments", CONSIGNMENT, "state", "held")], part, lambda _, one: (
        _line(registry, one) if one["direction"] == "in" else None
    ))
    return _in_order(found)


def held_consignments(books: Books) -> list[Record]:
    """Return the consignments that came and are not registered, the oldest first."""
    held = [one for one in all_with(books.reads, CONSIGNMENT, "state", "held") if one["direction"] == "in"]
    return sorted(held, key=lambda one: (one["received_at"], one.id))


def list_consignments(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every consignment, in and out, with its state, a part at a time: the part in the order they left or came.

    At most `count` after `after`, the `next` of the part before; or `only` one, or the one of a `number`, ours or
    theirs.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part, number = read_part(fields), fields.optional_text("number")
    fields.end()
    require_office(person, KEEPERS, "the list of consignments")
    if number:
        named = _named(registry, books, number)
        return {"consignments": [_line(registry, one) for one in named if len(named) == 1], "next": ""}
    found = list_part((books, person), [Source("consignments", CONSIGNMENT)], part, lambda _, one: _line(registry, one))
    return _in_order(found)


def _in_order(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"consignments": sorted(found["consignments"], key=lambda one: (_began(one), one["consignment"]))}


def _began(row: Mapping[str, Any]) -> str:
    return str(row.get("received_at" if row["direction"] == "in" else "dispatched_at", ""))


def find_consignment(registry: Registry, books: Books, name: str) -> Record:
    """Return the consignment that `name` names: its identifier, our number, or the sender's on the paper.

    Raises `OutOfOrder` when there is none, or more than one.
    """
    known = books.get(CONSIGNMENT, name)
    if known is not None:
        return known
    found = _named(registry, books, name)
    if len(found) != 1:
        raise missing(CONSIGNMENT, name)
    return found[0]


def _named(registry: Registry, books: Books, number: str) -> list[Record]:
    # The sender's number of what is held lies in its slip; of what was registered it stands in the books.
    return books.find(CONSIGNMENT, "number", number) or [
        *(one for one in books.find(CONSIGNMENT, "their_number", number) if one["direction"] == "in"),
        *(one for one in held_consignments(books) if "slip" in one.body and their_number(registry, one) == number),
    ]


def show_consignment(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what should be in a consignment that is held here, for whoever counts it; no content is opened.

    Raises `Unverified` when a part of it is not what the partner signed.
    """
    fields = request.act.fields()
    name = fields.text("consignment")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _COUNTERS, "what is in a consignment")
    record = find_consignment(registry, books, name)
    shown = {**_line(registry, record), "items": []}
    if record["direction"] == "in" and record["state"] == "held":
        shown["items"] = [_item_line(one) for one in open_held(registry, record, whole=False)]
    return shown


def _item_line(one: Opened) -> dict[str, Any]:
    particulars = one.particulars
    line: dict[str, Any] = {
        "copies_total": one.held["copies_total"], "copy_number": one.held["copy_number"], "form": one.held["form"],
        "level": str(particulars.level), "purpose": particulars.purpose,
        "their_reference": particulars.register_number, "title": shown_title(particulars),
        **addressed(particulars.addressee),
        **described_by(particulars.description, closed=is_closed(particulars)),
    }
    if particulars.sheets is not None:
        line["sheets"] = particulars.sheets
    return line


def their_number(registry: Registry, record: Record) -> str:
    """Return the sender's number of a consignment, empty where none is to be had."""
    try:
        return slip_number(registry, record)
    except CordialeError:
        # One slip that does not open must not hide the others; who counts this consignment is told why.
        return ""


def _line(registry: Registry, record: Record) -> dict[str, Any]:
    things: list[Any] = record.body.get("items") or record.body.get("copies") or []
    line: dict[str, Any] = {
        "consignment": record.id, "count": len(things),
        **{name: record[name] for name in _SHOWN if name in record.body},
    }
    number = their_number(registry, record)
    if number:
        line["their_number"] = number
    return line
