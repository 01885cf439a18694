"""Disclosures in an emergency, ours and those that partners told of, with their reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.items import ITEM
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_READERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY, Office.HEAD}


def list_emergencies(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the disclosures in an emergency whose item this person may see, the newest first, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, _READERS, "disclosures in an emergency")

    def shown(_: str, one: Record) -> dict[str, Any] | None:
        item = books.get(ITEM, one["item"])
        if item is None or not (person.offices & KEEPERS or may_see_item(books, person, item)):
            return None
        return {**one.body, "about": item["reference"], "disclosure": one.id}

    source = Source("emergencies", "emergency", by="at", newest_first=True, is_seen=True)
    return list_part((books, person), [source], part, shown)
