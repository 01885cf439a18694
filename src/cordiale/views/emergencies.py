"""Disclosures in an emergency, ours and those that partners told of, with their reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.items import ITEM
from cordiale.records.paging import all_of
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS, may_see_item, with_items
from cordiale.views.authority import require_office, viewer

_READERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY, Office.HEAD}


def list_emergencies(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every disclosure in an emergency whose item this person may see, the newest first."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, _READERS, "disclosures in an emergency")
    rows = []
    for one in with_items(books, person, all_of(books.reads, "emergency")):
        item = books.get(ITEM, one["item"])
        if item is not None and (person.offices & KEEPERS or may_see_item(books, person, item)):
            rows.append({**one.body, "about": item["reference"], "disclosure": one.id})
    return {"emergencies": sorted(rows, key=lambda row: str(row["at"]), reverse=True)}
