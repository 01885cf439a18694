"""The inspection package, page by page: how an originator's own items stand here, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.canonical import encode_canonical
from cordiale.errors import OutOfOrder
from cordiale.limits import INSPECTION_PAGE_ITEMS_MAX
from cordiale.records.inspections import INSPECTION, require_experts, stays_out
from cordiale.records.inventories import SIGHTING, previous_of, sighting_id
from cordiale.records.items import COPY, ITEM, marking_of
from cordiale.records.labels import label_of
from cordiale.records.paging import all_with
from cordiale.records.record import Record, open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.views.authority import require_office, viewer
from cordiale.views.visits import SEEING

_OF_A_COPY: Final = ("copy_number", "ended_at", "state")


def show_inspection(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return a page of the package as the items stand now, those after the item `after`; `next` says where to go on.

    Raises `OutOfOrder` before it was prepared.
    """
    fields = request.act.fields()
    visit_id, after = fields.text("visit"), fields.optional_text("after") or ""
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, SEEING, "the inspection package")
    visit = require_experts(books, visit_id)
    if books.get(INSPECTION, visit_id) is None:
        raise OutOfOrder("inspect.not-prepared", "no package was prepared for this visit",
                         hint="prepare it with `cordiale visit prepare-inspection`")
    page = books.reads.find(ITEM, "origin_party", visit["party"], after=after, limit=INSPECTION_PAGE_ITEMS_MAX)
    items = [one for one in map(open_record, page) if one.body.get("agreement") == visit["agreement"]]
    scopes = [
        encode_canonical({"book": book, "levels": [], "unit": ""}).decode() for book in (visit["party"], "")
    ]
    inventories = [one for one in (previous_of(books.reads, scope) for scope in scopes) if one]
    return {
        "agreement": visit["agreement"], "originator": visit["party"],
        "items": [_shown(books, one, inventories) for one in items if not stays_out(one)],
        "next": page[-1].id if len(page) == INSPECTION_PAGE_ITEMS_MAX else "",
    }


def _shown(books: Books, item: Record, inventories: list[str]) -> dict[str, Any]:
    marking = marking_of(item)
    shown: dict[str, Any] = {
        "copies": [_copy(books, copy, inventories) for copy in all_with(books.reads, COPY, "item", item.id)],
        "form": item["form"], "item": item.id, "level": str(label_of(item).level), "number": item["their_reference"],
        "state": item["state"],
    }
    if marking is not None:
        shown["equivalent"] = str(marking.level)
    return shown


def _copy(books: Books, copy: Record, inventories: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {name: copy[name] for name in _OF_A_COPY if name in copy.body}
    certificates = [one.id for one in all_with(books.reads, "certificate", "copy", copy.id)]
    if certificates:
        shown["certificates"] = certificates
    for inventory in inventories:
        seen = books.get(SIGHTING, sighting_id(inventory, copy.id))
        if seen is not None:
            return shown | {"counted_at": seen["at"]}
    return shown
