"""Requests for return, ours and a partner's, and what was answered on each copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.items import ITEM
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.returns import RETURN_REQUEST
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_READERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY, Office.RELEASING_AUTHORITY}


def list_returns(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the requests for return whose item this person may see, the newest first, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one; of one `item` where it is named.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part, item = read_part(fields), fields.optional_text("item") or ""
    fields.end()
    require_office(person, _READERS, "requests for return")

    def shown(_: str, one: Record) -> dict[str, Any] | None:
        item = books.get(ITEM, one["item"])
        if item is None or not (person.offices & KEEPERS or may_see_item(books, person, item)):
            return None
        return {**one.body, "about": item["reference"], "request": one.id}

    source = Source("requests", RETURN_REQUEST, "item" if item else "", item, by="asked_at", newest_first=True)
    return list_part((books, person), [source], part, shown)
