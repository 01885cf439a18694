"""The outage book: what was done on paper, and what of it waits for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.items import ITEM
from cordiale.records.outages import OUTAGE_ENTRY
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.views.authority import require_office, viewer

_VIEWERS: Final = KEEPERS | {Office.HEAD}
_STATES: Final = ("entered", "confirmed")


def list_outages(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what was done on paper, what waits to be confirmed first; an item only to whoever may see it."""
    request.act.fields().end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "the outage book")
    entries = []
    for one in (entry for state in _STATES for entry in books.find(OUTAGE_ENTRY, "state", state)):
        body = {name: value for name, value in one.body.items() if name != "item"}
        item = books.get(ITEM, one["item"]) if "item" in one.body else None
        if item is not None and may_see_item(books, person, item):
            body |= {"about": item["reference"], "item": item.id}
        entries.append({"entry": one.id, **body})
    return {"entries": entries}
