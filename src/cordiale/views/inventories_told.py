"""Results of inventories that crossed: what we told originators, and what partners told us of our items."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, islice
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.inventories import pages_of
from cordiale.records.inventories_told import DIFFERING, TOLD
from cordiale.records.items import COPY, ITEM
from cordiale.records.naming import named
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_READERS: Final = KEEPERS | {Office.DEPUTY_REGISTRAR, Office.COMPETENT_AUTHORITY}
_SHOWN: Final = (
    "agreement", "article", "as_of", "differs", "direction", "inventory", "left", "party", "present", "signed_at",
    "state", "told_at",
)
_LINES_COUNT_MAX: Final = 2_000


def list_told(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every result that was told, by us or to us, the newest first, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, _READERS, "results of inventories")
    source = Source("told", TOLD, by="told_at", newest_first=True)
    return list_part((books, person), [source], part, lambda _, one: _line(one))


def show_told(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one result that was told; of a partner's, each copy in which it differs from our books."""
    fields = request.act.fields()
    told_id = fields.text("told")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _READERS, "results of inventories")
    told = books.require(TOLD, told_id)
    shown = _line(told)
    if "told_by" in told.body:
        return {**shown, "differences": [], "left_out": len(told["left_out"]), "told_by": named(books, told["told_by"])}
    lines = chain.from_iterable(pages_of(books.reads, told_id, DIFFERING))
    return {**shown, "differences": [_difference(books, told, line) for line in islice(lines, _LINES_COUNT_MAX)]}


def _line(told: Record) -> dict[str, Any]:
    return {"told": told.id, **{name: told[name] for name in _SHOWN if name in told.body}}


def _difference(books: Books, told: Record, line: Any) -> dict[str, Any]:
    """Return a line by our own number; of a copy that is not that partner's nothing but the name it gave."""
    id, what, explanation = line
    copy = books.get(COPY, id)
    is_theirs = copy is not None and copy["party"] == told["party"]
    item = books.get(ITEM, copy["item"]) if copy is not None and is_theirs else None
    shown = {
        "copy": id, "explanation": explanation, "finding": what,
        "number": item["reference"] if item is not None else "",
        "their_number": copy.body.get("their_reference", "") if copy is not None and is_theirs else "",
        "copy_number": str(copy["copy_number"]) if copy is not None and is_theirs else "",
    }
    return {name: value for name, value in shown.items() if value}
