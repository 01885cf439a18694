"""The register, searched: pages of what a person may see, how many there are, and the searches they keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.canonical import Fields
from cordiale.limits import SEARCH_ROWS_COUNT, SEARCH_ROWS_COUNT_MAX, SEARCH_TOTAL_COUNT_MAX
from cordiale.model.person import Person
from cordiale.records.items import marking_of
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.saved_searches import list_saved
from cordiale.records.searching import Order, PageAsked, Search, find_items, parse_search
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer


def item_line(item: Record) -> dict[str, Any]:
    """Return an item as it stands in a list."""
    label, marking = label_of(item), marking_of(item)
    line: dict[str, Any] = {
        "form": item["form"], "item": item.id, "level": str(label.level), "originator": label.originator,
        "reference": item["reference"], "state": item["state"], "title": item["title"],
    }
    if marking is not None:
        line["equivalent"] = str(marking.level)
        line["their_reference"] = item["their_reference"]
    if "declassified_at" in item.body:
        line["declassified_at"] = item["declassified_at"]
    return line


def search_register(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return a page of the items that this person may see and that answer to what is asked, the newest first.

    `text` is searched for in our number, theirs, title and subject: every word of it must be there, by its beginning;
    Japanese is found by any part. `book`, `partner`, `level`, `state`, `form` and `holder` narrow it, and `from` and
    `until`, the first and the last day of entry; `order` is ``newest`` or ``oldest``. `after` is the `next` of the page
    before, of at most `count` rows. The first page says how many there are in `total`, with `more` where it was not
    counted to the end, and what this person has `saved`.
    """
    fields = request.act.fields()
    books, person = viewer(registry, request)
    search = require_own_hands(person, parse_search(fields))
    after, count = page_asked(fields)
    fields.end()
    counted = 0 if after else SEARCH_TOTAL_COUNT_MAX + 1
    found = find_items(books, person, search, PageAsked(after, count, counted))
    shown: dict[str, Any] = {"next": found.following, "rows": [item_line(item) for item in found.items]}
    if not after:
        shown["saved"] = [{"name": one["name"], "search": one["search"]} for one in list_saved(books, person.id)]
        shown["total"] = {
            "count": min(found.total, SEARCH_TOTAL_COUNT_MAX), "more": found.total > SEARCH_TOTAL_COUNT_MAX,
        }
    return shown


def list_items(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the items that this person may see, in the order of their numbers, a page at a time.

    `after` is the `next` of the page before, of at most `count` items.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    after, count = page_asked(fields)
    fields.end()
    found = find_items(books, person, Search(order=Order.OLDEST), PageAsked(after, count))
    return {"items": [item_line(item) for item in found.items], "next": found.following}


def page_asked(fields: Fields) -> tuple[str, int]:
    """Read which page is asked for: the end of the one before, and how many rows."""
    after = fields.optional_text("after") or ""
    return after, fields.integer("count", 1, SEARCH_ROWS_COUNT_MAX) if fields.has("count") else SEARCH_ROWS_COUNT


def require_own_hands(person: Person, search: Search) -> Search:
    """Return `search`; who has what in hand is asked of others by the keepers of the register alone."""
    if search.filters.get("holder", person.id) != person.id:
        require_office(person, KEEPERS, "what others hold")
    return search
