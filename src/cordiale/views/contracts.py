"""Classified contracts and the firms that were asked about, as the offices see them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cordiale.records.contracts import CONTRACT, FACILITY
from cordiale.records.items import ITEM
from cordiale.records.paging import all_with
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import may_see_item
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part
from cordiale.views.visits import SEEING

_WHAT: Final = "the list of contracts"
_SOURCES: Final = (
    Source("contracts", CONTRACT, "state", ("notified", "acknowledged")),
    Source("firms", FACILITY, "state", ("asked", "in-process", "held", "not-held")),
)
_FACILITY: Final = (
    "address", "agreement", "controlled", "direction", "facility", "held", "level", "party", "purpose", "state",
    "valid_until",
)
_LINE: Final = ("agreement", "direction", "level", "number", "parent", "party", "query", "state", "title")


class _Of(StrEnum):
    """Which of them are asked for."""

    CONTRACTS = "contracts"
    FIRMS = "firms"


def list_contracts(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the contracts and the questions about firms that are not over, by their identifiers, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one; and `of` contracts alone, or of firms.
    """
    fields = request.act.fields()
    part, of = read_part(fields), fields.optional_choice("of", _Of)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, SEEING, _WHAT)
    sources = [one for one in _SOURCES if of in (None, one.table)]
    return list_part((books, person), sources, part, lambda table, one: (
        {"contract": one.id, **_members(one, _LINE)} if table == "contracts"
        else {"query": one.id, **_members(one, _FACILITY)}
    ))


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
