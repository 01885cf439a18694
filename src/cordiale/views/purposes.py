"""What was provided for one purpose and is still here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.records.holdings import is_held
from cordiale.records.items import COPY, ITEM
from cordiale.records.purposes import has_ended
from cordiale.records.record import open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer

_COPIES_LOOKED_AT: Final = 500


def list_for_purpose(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return copies held here under an agreement for one purpose, some at a time; `next` is where to go on from."""
    books, person = viewer(registry, request)
    fields = request.act.fields()
    agreement, purpose = fields.text("agreement"), fields.text("purpose")
    after = fields.optional_text("after") or ""
    fields.end()
    require_office(person, KEEPERS, "purposes")
    page = books.reads.find(COPY, "agreement", agreement, after=after, limit=_COPIES_LOOKED_AT)
    copies = [copy for copy in map(open_record, page) if is_held(copy, registry.party)]
    rows = []
    for copy in copies:
        item = books.require(ITEM, copy["item"])
        if purpose in item.body.get("purposes", ()):
            others = sorted(set(item["purposes"]) - {purpose})
            rows.append({
                "copy": copy.id, "item": item.id, "number": copy.body.get("reference", item["reference"]),
                "others": [one for one in others if not has_ended(books, agreement, one)], "state": copy["state"],
            })
    return {
        "copies": rows, "ended": has_ended(books, agreement, purpose),
        "next": page[-1].id if len(page) == _COPIES_LOOKED_AT else "",
    }
