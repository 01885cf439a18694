"""What couriers have, and the papers that go with a consignment: covers, the list inside, the slip in three parts.

On the outer cover and on the slip stand neither level nor subject (IGI 1300 Art. 56).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.model.person import Office
from cordiale.records.agreements import load_index
from cordiale.records.carriages import CARRIAGE, items_of
from cordiale.records.items import COPY, ENTRY
from cordiale.records.labels import label_of
from cordiale.records.plans import PLAN
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.consignments import find_consignment, their_number
from cordiale.views.forms import carriage_forms, printed
from cordiale.views.listing import Source, list_part, read_part
from cordiale.views.pages import render_page

_STATES: Final = ("packed", "under-way", "overdue")
"""In the order in which they follow each other: what goes on between two parts is on both, and never on none."""
_PLAN_STATES: Final = ("proposed", "agreed", "declined", "withdrawn")
_PLANNED: Final = (
    "agreement", "party", "direction", "state", "description", "route", "escorts", "contingency", "first_day",
    "last_day", "consignments", "used",
)
_SHOWN: Final = (
    "means", "tracking", "plan", "direction", "state", "party", "agreement", "packages", "seals", "inner_seals",
    "certificate", "courier_name", "courier_post", "departs_at", "expected_at", "overdue_at", "route", "arrived_at",
    "packages_found", "seals_found", "differs", "remarks", "openings", "certificate_back_at", "declaration",
)


def list_carriages(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what is packed, what is under way and what is overdue, of each the one expected first before the others.

    A part at a time: at most `count` after `after`, the `next` of the part before; or `only` one.
    """
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "the list of couriers")
    sources = [Source("carriages", CARRIAGE, "state", state, by="expected_at") for state in _STATES]
    return list_part((books, person), sources, part, lambda _, one: (
        _line(books, one) | {"number": _number(registry, books, one)}
    ))


def list_plans(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the transport plans of both sides, those that wait for an answer first, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS | {Office.COMPETENT_AUTHORITY}, "the list of transport plans")
    sources = [Source("plans", PLAN, "state", state) for state in _PLAN_STATES]
    return list_part((books, person), sources, part, lambda _, one: {
        "plan": one.id, **{name: one[name] for name in _PLANNED if name in one.body},
    })


def show_carriage(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one carriage, as rows or as the pages that are printed for it."""
    fields = request.act.fields()
    name, form = fields.text("consignment"), fields.optional_text("as") or "rows"
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "the papers of a courier")
    consignment = find_consignment(registry, books, name)
    carriage = books.get(CARRIAGE, consignment.id)
    if carriage is None:
        raise OutOfOrder(
            "carriage.none", "no courier has this consignment, and it is not packed",
            hint="enter the seals with `cordiale carry pack`",
        )
    shown = _line(books, carriage)
    if form not in ("html", "pdf"):
        return shown
    if carriage["direction"] != "out":
        raise OutOfOrder(
            "carriage.papers-ours", "papers are printed by the side that sends", hint="look at the receipt instead"
        )
    papers = _papers(registry, books, consignment, carriage)
    if form == "pdf":
        return {**shown, **printed(registry, *carriage_forms(registry.mode, papers))}
    return {**shown, "html": render_page("carriage.html", papers)}


def _number(registry: Registry, books: Books, carriage: Record) -> str:
    """Return the number by which people know a consignment; of one whose slip does not open, its identifier."""
    consignment = books.get("consignment", carriage.id)
    if consignment is None:
        return carriage.id
    return str(consignment.body.get("number") or their_number(registry, consignment) or carriage.id)


def _line(books: Books, carriage: Record) -> dict[str, Any]:
    line = {name: carriage[name] for name in _SHOWN if name in carriage.body} | {"consignment": carriage.id}
    if "courier" in carriage.body:
        courier = books.require("person", carriage["courier"])
        line |= {"courier_name": courier["name"], "courier_post": courier["post"]}
    line["sealed_by"] = len(carriage.body.get("sealed_by", ()))
    return line


def _papers(registry: Registry, books: Books, consignment: Record, carriage: Record) -> dict[str, Any]:
    addressee = _addressee(registry, books, consignment)
    return {
        **_line(books, carriage),
        **{name: consignment[name] for name in ("addressee_alone",) if name in consignment.body},
        "addressee": addressee, "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "behind": consignment.body.get("addressee", ""), "from": registry.title,
        "lines": _lines(books, consignment), "mode": registry.mode.value,
        "number": consignment["number"], "sender": registry.party, "to": consignment["party"],
    }


def _addressee(registry: Registry, books: Books, consignment: Record) -> str:
    """Return the name of the registry it is addressed to: the registry always, a person behind it never outside."""
    entries = [one for one in books.find(ENTRY, "number", consignment["number"]) if one["act"] == "dispatched"]
    id = str(entries[0]["registry"]) if entries else ""
    profile = load_index(books.reads, consignment["agreement"], registry.party).state.profile
    titles = [one.title for one in profile.registries if one.id == id] if profile is not None else []
    return titles[0] if titles else id


def _lines(books: Books, consignment: Record) -> list[dict[str, Any]]:
    """Return the list that lies inside the inner cover."""
    items = items_of(books, consignment)
    copies = [books.require(COPY, copy) for copy in consignment["copies"]]
    return [
        {
            "copy_number": copy["copy_number"], "form": copy["form"], "level": label_of(item).level.name,
            "number": item["reference"], "sheets": item.body.get("sheets", ""),
        }
        for item, copy in zip(items, copies, strict=True)
    ]
