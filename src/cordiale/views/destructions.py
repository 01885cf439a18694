"""Proposed destructions as the persons see them who join one: what would be gone, how, and who has signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.model.person import Person
from cordiale.records.items import COPY, DESTRUCTION, ITEM
from cordiale.records.lineage import number_of
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, gather_part, read_part
from cordiale.views.search import item_line

_PROPOSED = Source("destructions", DESTRUCTION, "state", "proposed", by="proposed_at", is_seen=True)
_VIEWERS = OFFICES_FOR[OfficialAct.WITNESS_DESTRUCTION] | KEEPERS


def list_destructions(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the destructions that wait for another person, of items that this person may see, the earliest first.

    A part at a time: at most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, _VIEWERS, "the list of destructions")
    found, following = gather_part(
        (books, person), [_PROPOSED], part,
        lambda _, one: one if one["state"] == "proposed" and _may_see(books, person, one) else None,
    )
    proposed = found["destructions"]
    books.reads.look_ahead([("person", str(id)) for one in proposed for id in one["persons"]])
    return {"destructions": [_line(books, person, one) for one in proposed], "next": following}


def show_destruction(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one proposed destruction: the item, the copies that would end, the method, and who has signed."""
    fields = request.act.fields()
    proposal_id = fields.text("proposal")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "a destruction")
    proposal = books.get(DESTRUCTION, proposal_id)
    if proposal is None or not _may_see(books, person, proposal):
        raise missing(DESTRUCTION, proposal_id)
    copies = [number_of(books, books.require(COPY, one)) for one in proposal["copies"]]
    return {**_line(books, person, proposal), "copies": copies}


def _may_see(books: Books, person: Person, proposal: Record) -> bool:
    item = books.get(ITEM, proposal["item"])
    return item is not None and may_see_item(books, person, item)


def _line(books: Books, person: Person, proposal: Record) -> dict[str, Any]:
    persons = [books.require("person", one) for one in proposal["persons"]]
    return {
        **item_line(books.require(ITEM, proposal["item"])), "is_joined": person.id in proposal["persons"],
        "method": proposal["method"], "persons": [f"{one['name']}, {one['post']}" for one in persons],
        "proposal": proposal.id, "proposed_at": proposal["proposed_at"], "state": proposal["state"],
    }
