"""Our registries as an organisation: what each is, who serves there, how much it holds, and what is on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.finding import UNIT, is_whole
from cordiale.records.items import COPY
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, list_seen
from cordiale.records.topology import SUB_REGISTRY, TRANSFER, open_offices, shown_office
from cordiale.rules.topology import answering
from cordiale.views.authority import require_office, viewer

_VIEWERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY, Office.HEAD}


def list_registries(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every registry of ours with how many copies it answers for.

    And what is on its way between them, as far as this person may see the item. With `names_only`, neither is counted.
    """
    fields = request.act.fields()
    names_only = fields.boolean("names_only") if fields.has("names_only") else False
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "the list of our registries")
    offices = books.every(SUB_REGISTRY)
    if names_only:
        return {"registries": [shown_office(one) for one in offices], "transfers": []}
    # While the index is made nothing is counted, and everything else is shown.
    holds = _count_held(books) if is_whole(books.reads) else None
    registries = [
        shown_office(one) | ({"holds": holds.get(one.id, 0)} if holds is not None else {}) for one in offices
    ]
    moving = books.find(TRANSFER, "state", "under-way")
    seen = {item.id: item for item in list_seen(books, person, [one["item"] for one in moving])}
    return {
        "registries": sorted(registries, key=lambda one: (one["state"] == "closed", one["unit"])),
        "transfers": [
            {"copy_number": books.require(COPY, one["copy"])["copy_number"], "giver": one["giver"],
             "number": seen[one["item"]]["reference"], "receiver": one["receiver"],
             "sent_at": one["sent_at"], "transfer": one["number"]} for one in moving if one["item"] in seen
        ],
    }


def _count_held(books: Books) -> Counter[str]:
    """Return how many copies each open registry answers for; copies without a unit lie at the chief registry."""
    offices = open_offices(books)
    found: Counter[str] = Counter()
    for unit, count in books.reads.tallies(UNIT) if offices else ():
        office = answering(offices, unit)
        if office is not None:
            found[office.id] += count
    return found
