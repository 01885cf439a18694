"""Stamps to print for what is not a file: the same lines that stand on a stamped page, one for each page of a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.limits import STAMP_PAGES_COUNT_MAX
from cordiale.records.items import find_item
from cordiale.records.registry import Registry, Request
from cordiale.records.reproductions import require_held_copy, the_held_copy
from cordiale.records.sight import KEEPERS
from cordiale.records.stamps import compose_stamp
from cordiale.views.authority import require_office, viewer
from cordiale.views.pages import render_page


def show_stamps(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the stamps of a copy that is held here, for each of its pages where their number is known."""
    fields = request.act.fields()
    name, copy_id = fields.text("item"), fields.optional_text("copy")
    pages, form = fields.optional_integer("pages", 1, STAMP_PAGES_COUNT_MAX), fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "stamps")
    item = find_item(books, name)
    copy = require_held_copy(registry, books, copy_id or the_held_copy(registry, books, item.id))
    count = pages or copy.body.get("pages") or item.body.get("sheets")
    stamp = compose_stamp(books, item, copy, registry.mode)
    feet = [f"{stamp.foot} – page {page} of {count}" for page in range(1, count + 1)] if count else [stamp.foot]
    shown: dict[str, Any] = {
        "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"), "copy": copy.id, "item": item.id,
        "reference": item["reference"], "stamps": feet, "top": list(stamp.top),
    }
    if form == "html":
        return {**shown, "html": render_page("stamp.html", shown)}
    return shown
