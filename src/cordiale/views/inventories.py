"""Inventories as people read them: which there are, how far one has come, and its result as a page to sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.limits import INVENTORY_LINES_COUNT_MAX
from cordiale.model.person import Office
from cordiale.ports import Reads
from cordiale.records.holdings import NUMBER_SEPARATOR, Holding, holding_of, holdings_of, level_of
from cordiale.records.inventories import (
    CAME,
    EXPORTED,
    INVENTORY,
    LEFT,
    SIGHTING,
    WENT,
    count_expected_sighted,
    differences_of,
    expected_of,
    pages_of,
    result_binding,
    sighting_id,
)
from cordiale.records.inventories_told import TOLD, list_tellings, told_id
from cordiale.records.items import COPY
from cordiale.records.naming import named
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.records.topology import open_offices
from cordiale.rules.inventory import aggregate_levels
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part
from cordiale.views.pages import render_page
from cordiale.wire.scheme_table import load_schemes, schemes_for

_LINES_AT_ONCE: Final = 500
_COUNTERS: Final = KEEPERS | {Office.DEPUTY_REGISTRAR}
_SHOWN: Final = (
    "kind", "state", "book", "levels", "unit", "share", "seed", "custodians", "commit", "expected", "held", "opened_at",
    "closed_at", "previous", "totals", "units", "reason",
)


def list_inventories(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every inventory with its state, the newest first, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, _COUNTERS, "the list of inventories")
    source = Source("inventories", INVENTORY, by="opened_at", newest_first=True)
    return list_part((books, person), [source], part, lambda _, one: _line(one))


def show_count(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return how many copies of an inventory are sighted, without its list: what is asked after each scan."""
    fields = request.act.fields()
    inventory_id = fields.text("inventory")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _COUNTERS, "an inventory")
    inventory = books.require(INVENTORY, inventory_id)
    return {**_line(inventory), "sighted": count_expected_sighted(books.reads, inventory_id)}


def show_inventory(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one inventory: what must be there, what was seen, what differs, and `binding`, which is signed.

    With `unsighted`, of its lines at most so many that are not sighted, in the order of the list.
    """
    fields = request.act.fields()
    inventory_id, form = fields.text("inventory"), fields.optional_text("as") or "rows"
    unsighted = fields.optional_integer("unsighted", 1, INVENTORY_LINES_COUNT_MAX)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _COUNTERS, "an inventory")
    inventory = books.require(INVENTORY, inventory_id)
    differences = differences_of(books, inventory_id)
    shown: dict[str, Any] = {
        **_line(inventory), "differences": [_difference(books, one) for one in differences],
        "lines": _lines(books, inventory, unsighted), "sighted": count_expected_sighted(books.reads, inventory_id),
        "signed": [{"at": one["at"], "by": named(books, one["by"])} for one in inventory.body.get("signed", [])],
        "opened_by": named(books, inventory["opened_by"]),
    }
    if inventory["state"] in ("counted", "signed"):
        units = inventory.body.get("units", {})
        shown |= {
            "registries": [
                {"registry": one.id, **units[one.unit]} for one in open_offices(books) if one.unit in units
            ],
            "came": _sheet(books, inventory_id, CAME), "left": _sheet(books, inventory_id, LEFT),
            "went": _sheet(books, inventory_id, WENT), "closed_by": named(books, inventory["closed_by"]),
            "binding": result_binding(registry.mode, inventory, differences),
        }
    if inventory["state"] == "signed":
        shown["tellings"] = _tellings(registry, books, inventory)
    if form == "html":
        shown["html"] = render_page("inventory.html", {
            **shown, "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"), "mode": registry.mode.value,
            "marked": _aggregate(registry, books, inventory_id), "party": registry.party,
            "title": registry.title,
        })
    return shown


def show_export(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return a list made for one originator: its items, without places, holders, or what was left out."""
    fields = request.act.fields()
    export_id, form = fields.text("export"), fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _COUNTERS, "a list made for an originator")
    export = books.require("inventory-export", export_id)
    copies = [books.require(COPY, str(one)) for page in pages_of(books.reads, export_id, EXPORTED) for one in page]
    held = [(copy, holding_of(books, copy)) for copy in copies]
    levels = aggregate_levels({level_of(one.here) for _, one in held}, schemes_for(registry.mode, load_schemes()))
    shown: dict[str, Any] = {
        "at": export["at"], "export": export_id, "marked": [str(level) for level in levels],
        "originator": export["party"], "party": registry.party, "title": registry.title,
        "lines": [
            {"copy": one.copy_number, "equivalent": one.here, "form": one.form, "level": one.level,
             "number": one.number, "their_number": copy.body.get("their_reference", "")} for copy, one in held
        ],
    }
    if form == "html":
        shown["html"] = render_page("export.html", {**shown, "mode": registry.mode.value})
    return shown


def _aggregate(registry: Registry, books: Books, inventory: str) -> list[str]:
    """Return the levels that the whole list is marked with, the highest of each scheme."""
    levels = {level_of(one.here) for one in holdings_of(books, expected_of(books.reads, inventory))}
    return [str(level) for level in aggregate_levels(levels, schemes_for(registry.mode, load_schemes()))]


def _tellings(registry: Registry, books: Books, inventory: Record) -> list[dict[str, Any]]:
    """Return whom the agreements ask to tell this result, by when, and whether they were told."""
    signed_on = parse_instant(inventory["signed"][-1]["at"]).date()
    return [
        {
            "agreement": one.agreement, "article": one.article, "inventory": inventory.id, "party": one.party,
            "due": one.day.isoformat() if one.day is not None else "",
            "state": "to-tell" if books.get(TOLD, told_id(inventory.id, one.agreement, one.party)) is None else "told",
        }
        for one in list_tellings(registry, books, inventory, signed_on)
    ]


def _line(inventory: Record) -> dict[str, Any]:
    return {"inventory": inventory.id, **{name: inventory[name] for name in _SHOWN if name in inventory.body}}


def _lines(books: Books, inventory: Record, unsighted: int | None) -> list[dict[str, Any]]:
    """Return the lines of the list, unsighted ones first; of a long list the first unsighted ones alone.

    A number that several of the copies bear is told with the copy, as it is entered.
    """
    copies = islice(_looked_at(books, inventory.id, is_whole=unsighted is None), unsighted or INVENTORY_LINES_COUNT_MAX)
    every = [_told_line(books, inventory.id, one) for one in holdings_of(books, copies)]
    several = {number for number, count in Counter(line["number"] for line in every).items() if count > 1}
    for line in every:
        behind = line.pop("behind")
        if line["number"] in several:
            line["number"] = f"{line['number']}{NUMBER_SEPARATOR}{behind}"
    if unsighted is not None or int(inventory["expected"]) > INVENTORY_LINES_COUNT_MAX:
        return [line for line in every if "seen_at" not in line]
    return sorted(every, key=lambda line: ("seen_at" in line, line["number"]))


def _looked_at(books: Books, inventory: str, *, is_whole: bool) -> Iterator[str]:
    """Yield the copies that must be there; unless `is_whole`, those alone that are not sighted."""
    expected = expected_of(books.reads, inventory)
    while some := list(islice(expected, _LINES_AT_ONCE)):
        sightings = {copy: sighting_id(inventory, copy) for copy in some}
        books.reads.look_ahead([(SIGHTING, one) for one in sightings.values()])
        yield from (copy for copy in some if is_whole or books.get(SIGHTING, sightings[copy]) is None)


def _told_line(books: Books, inventory: str, one: Holding) -> dict[str, Any]:
    line: dict[str, Any] = {
        "behind": one.behind, "copy": one.copy_number, "form": one.form, "holders": one.holders, "level": one.level,
        "number": one.number, "place": one.place, "unit": one.unit,
    }
    seen = books.get(SIGHTING, sighting_id(inventory, one.copy))
    if seen is not None:
        line |= {"how": seen["how"], "seen_at": seen["at"], "seen_by": named(books, seen["by"])}
    return {name: value for name, value in line.items() if value != ""}


def _difference(books: Books, one: Record) -> dict[str, Any]:
    names = ("number", "finding", "state", "explanation", "explained_at", "text")
    shown: dict[str, Any] = {name: one[name] for name in names if name in one.body}
    if "explained_by" in one.body:
        shown["explained_by"] = named(books, one["explained_by"])
    return shown


def _sheet(books: Books, inventory: str, part: str) -> list[dict[str, Any]]:
    lines = islice(chain.from_iterable(_pages(books.reads, inventory, part)), INVENTORY_LINES_COUNT_MAX)
    return [{"document": document, "number": number} for _, number, document in lines]


def _pages(reads: Reads, inventory: str, part: str) -> Any:
    return pages_of(reads, inventory, part)

