"""Rows of a search to be taken out of the register: comma-separated, a page at a time, marked as a whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from unicodedata import normalize

from cordiale.errors import OutOfOrder
from cordiale.limits import EXPORT_ROWS_COUNT_MAX
from cordiale.model.label import LevelRef
from cordiale.model.person import Person
from cordiale.records.items import own_rules
from cordiale.records.registry import Registry, Request
from cordiale.records.searching import PageAsked, Search, count_items, find_items, levels_found, parse_search
from cordiale.records.session import Books
from cordiale.rules.inventory import aggregate_levels
from cordiale.views.authority import viewer
from cordiale.views.search import item_line, page_asked, require_own_hands
from cordiale.wire.scheme_table import load_schemes, schemes_for

_COLUMNS: Final = (
    "reference", "their_reference", "originator", "level", "equivalent", "state", "form", "declassified_at", "title",
)
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a formula begins, once the wide forms of these signs, as Japanese is written, are taken for the signs."""


def export_register(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return a page of what `view.search` finds as comma-separated lines, with the marking of all of them together.

    `marked` is the highest level of each scheme among all rows, on every page alike while nothing changes; the first
    page begins with it and the last one ends with it. Items under a caveat that national law keeps out of lists are
    not in it. Raises `OutOfOrder` for more rows than one export has.
    """
    fields = request.act.fields()
    books, person = viewer(registry, request)
    asked = require_own_hands(person, parse_search(fields))
    after, count = page_asked(fields)
    fields.end()
    search = replace(asked, without=_unlisted(registry, books))
    if count_items(books, person, search, limit=EXPORT_ROWS_COUNT_MAX + 1) > EXPORT_ROWS_COUNT_MAX:
        raise OutOfOrder(
            "export.too-many", "more than {count} items answer to this", hint="narrow the search",
            count=EXPORT_ROWS_COUNT_MAX,
        )
    found = find_items(books, person, search, PageAsked(after, count))
    marked = _marking(registry, books, person, search)
    lines: list[list[str]] = [] if after else [["marked", *marked], list(_COLUMNS)]
    lines += [[_plain(line.get(name, "")) for name in _COLUMNS] for line in map(item_line, found.items)]
    if not found.following:
        lines.append(["marked", *marked])
    return {"csv": _written(lines), "marked": marked, "next": found.following, "rows": len(found.items)}


def _unlisted(registry: Registry, books: Books) -> tuple[str, ...]:
    profile = own_rules(registry, books).profile
    return tuple(sorted(f"caveat {tag}={value}" for tag, value, _ in profile.unlisted_caveats)) if profile else ()


def _marking(registry: Registry, books: Books, person: Person, search: Search) -> list[str]:
    schemes = schemes_for(registry.mode, load_schemes())
    known = [LevelRef(id, level) for id, scheme in sorted(schemes.items()) for level in scheme.levels]
    found = set(levels_found(books, person, search, map(str, known)))
    return [str(level) for level in aggregate_levels([one for one in known if str(one) in found], schemes)]


def _plain(text: str) -> str:
    """Return `text` so that no program that opens the list takes it for a formula."""
    return f"'{text}" if normalize("NFKC", text[:1]).startswith(_BEGINS_FORMULA) else text


def _written(lines: list[list[str]]) -> str:
    page = io.StringIO()
    csv.writer(page, lineterminator="\r\n").writerows(lines)
    return page.getvalue()
