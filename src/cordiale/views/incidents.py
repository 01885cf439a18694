"""Incidents as they are looked at: cases, what they are about, what was told to whom, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office, Person
from cordiale.records.agreements import load_index
from cordiale.records.freezes import FREEZE, IN_FORCE
from cordiale.records.incidents import (
    AFFECTED,
    DRAFT,
    FINAL_REPORT,
    INCIDENT,
    NOTE,
    SHARE,
    notices_of,
    open_cases_about,
)
from cordiale.records.items import ITEM
from cordiale.records.naming import named
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.rules.incident import earliest, may_order_freeze
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_VIEWERS: Final = frozenset({
    Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY, Office.HEAD, Office.INSPECTOR, Office.REGISTRAR,
    Office.DEPUTY_REGISTRAR,
})
_SEE_ALL: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
_ORDERS: Final = ("asked", "frozen", "declined")
_SHOWN: Final = ("kind", "reported_at", "reported_by", "state", "what")


def list_incidents(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the cases in one state (open, concluded, closed), prepared reports, freezes, and orders to freeze.

    A part at a time: at most `count` rows after `after`, the `next` of the part before; or `only` one.
    """
    fields = request.act.fields()
    state, part = fields.optional_text("state") or "open", read_part(fields)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "the list of incidents")
    by_sight = not person.offices & _SEE_ALL
    sources = [
        Source("incidents", INCIDENT, "state", state, items="items"),
        Source("drafts", DRAFT, "state", "open", is_seen=by_sight),
        Source("freezes", FREEZE, "state", IN_FORCE, is_seen=by_sight),
        *(Source("orders", "freeze-order", "state", one, is_seen=by_sight) for one in _ORDERS),
    ]

    def shown(table: str, one: Record) -> dict[str, Any] | None:
        if table == "incidents":
            return {
                "incident": one.id, **{name: one[name] for name in _SHOWN}, "items": _references(books, one["items"]),
            }
        if not _may_see(books, person, one):
            return None
        if table == "freezes":
            return _freeze(books, one)
        return {**one.body, "draft": one.id} if table == "drafts" else {
            **one.body, "item": _reference(books, one["item"]), "order": one.id,
        }

    return list_part((books, person), sources, part, shown)


def _may_see(books: Books, person: Person, about: Record) -> bool:
    """Tell whether a person may know that something concerns an item: who deals with orders does, others by sight."""
    if person.offices & _SEE_ALL:
        return True
    item = books.get(ITEM, str(about.body.get("item", "")))
    return item is not None and may_see_item(books, person, item)


def show_incident(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one case whole for those in office; its reporter sees that it was taken up, and no more."""
    fields = request.act.fields()
    incident_id = fields.text("incident")
    fields.end()
    books, person = viewer(registry, request)
    incident = books.get(INCIDENT, incident_id)
    if incident is None or not (person.offices & _VIEWERS or incident["reported_by"] == person.id):
        raise missing(INCIDENT, incident_id)
    told = {"incident": incident.id, **{name: incident[name] for name in _SHOWN}}
    return told if not person.offices & _VIEWERS else {**told, **_whole(registry, books, incident, person)}


def _whole(registry: Registry, books: Books, incident: Record, person: Person) -> dict[str, Any]:
    names = (
        "third_country", "unknown", "consignment", "copies", "related", "concluded_at", "closed_at", "reopened_for",
    )
    related = sorted({
        one.id for item in incident["items"] for one in open_cases_about(books, item) if one.id != incident.id
    })
    return {
        **{name: incident[name] for name in names if name in incident.body},
        "affected": [_affected(books, one) for one in books.find(AFFECTED, "incident", incident.id)],
        "final": [one.body for one in books.find(FINAL_REPORT, "incident", incident.id)],
        "items": _references(books, incident["items"]),
        "notes": sorted((one.body for one in books.find(NOTE, "incident", incident.id)), key=lambda one: one["at"]),
        "related": related, "reporter": named(books, str(incident["reported_by"])),
        "shares": [_share(registry, books, one) for one in books.find(SHARE, "incident", incident.id)],
    }


def _affected(books: Books, record: Record) -> dict[str, Any]:
    """Return what is affected as it was drawn up, with names beside the identifiers."""
    return {
        **record.body, "holders": [named(books, str(one["holder"])) for one in record["custody"]],
        "read_by": [named(books, str(one["person"])) for one in record["readers"]],
        "reference": _reference(books, record["item"]),
    }


def _share(registry: Registry, books: Books, share: Record) -> dict[str, Any]:
    names = ("agreement", "direction", "final", "final_report", "final_said", "part", "party", "refusal", "report",
             "state", "told_at", "version")
    index = load_index(books.reads, share["agreement"], registry.party)
    shown: dict[str, Any] = {
        **{name: share[name] for name in names if name in share.body}, "items": _references(books, share["items"]),
        "may_order_freeze": list(may_order_freeze(index, share["party"])), "share": share.id,
    }
    if share["direction"] == "out":
        dues = notices_of(registry, books, share)
        end = earliest(due.on for due in dues if due.on is not None)
        shown["due"] = end.isoformat() if end is not None else ""
        shown["articles"] = sorted({article for due in dues for article in due.articles})
        shown["undecided"] = sorted({str(due.reason) for due in dues if due.reason is not None})
    return shown


def _freeze(books: Books, record: Record) -> dict[str, Any]:
    return {**record.body, "item": _reference(books, record["item"]), "freeze": record.id}


def _references(books: Books, items: list[str]) -> list[str]:
    return [_reference(books, one) for one in items]


def _reference(books: Books, item: str) -> str:
    record = books.get(ITEM, item)
    return str(record["reference"]) if record is not None else item

