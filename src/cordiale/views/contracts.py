"""Classified contracts and the firms that were asked about, as the offices see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.records.contracts import CONTRACT, FACILITY
from cordiale.records.items import ITEM
from cordiale.records.paging import all_with
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import may_see_item
from cordiale.views.authority import require_office, viewer
from cordiale.views.visits import SEEING

_WHAT: Final = "the list of contracts"
_GOING_ON: Final = ("notified", "acknowledged")
_ASKED: Final = ("asked", "in-process", "held", "not-held")
_FACILITY: Final = (
    "address", "agreement", "controlled", "direction", "facility", "held", "level", "party", "purpose", "state",
    "valid_until",
)
_LINE: Final = ("agreement", "direction", "level", "number", "parent", "party", "query", "state", "title")


def list_contracts(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the contracts and the questions about firms that are not over, by their identifiers."""
    request.act.fields().end()
    books, person = viewer(registry, request)
    require_office(person, SEEING, _WHAT)
    contracts = [one for state in _GOING_ON for one in all_with(books.reads, CONTRACT, "state", state)]
    firms = [one for state in _ASKED for one in all_with(books.reads, FACILITY, "state", state)]
    contracts.sort(key=lambda one: one.id)
    firms.sort(key=lambda one: one.id)
    return {
        "contracts": [{"contract": one.id, **_members(one, _LINE)} for one in contracts],
        "firms": [{"query": one.id, **_members(one, _FACILITY)} for one in firms],
    }


def show_contract(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one contract with its list, what is below it, and those of its items that the person may see."""
    fields = request.act.fields()
    id = fields.text("contract")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, SEEING, _WHAT)
    contract = books.require(CONTRACT, id)
    return {
        "contract": id, **_members(contract, (*_LINE, "copies")), "parts": contract["parts"],
        "below": [
            {"contract": one.id, "state": one["state"], "title": one["title"]}
            for one in all_with(books.reads, CONTRACT, "parent", id)
        ],
        "items": [
            {"item": one.id, "part": one.body.get("part", ""), "reference": one["reference"], "state": one["state"]}
            for one in all_with(books.reads, ITEM, "contract", id) if may_see_item(books, person, one)
        ],
    }


def _members(record: Record, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in names if record.body.get(name)}
