"""The registries of this party in the books, which of them answers for a copy, and copies on their way between them.

Where no registry is entered there is one, the whole, and nothing is asked. Its
units are those that places are named by, so inventories roll up over registries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import REGISTRIES_COUNT_MAX
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.model.topology import RegistryOffice, RegistryRole
from cordiale.records.holdings import OWN_BOOK, PLACE, is_held
from cordiale.records.items import COPY, view_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.terms_here import terms_here
from cordiale.rules.topology import (
    CentralQuestion,
    answering,
    chief_of,
    list_destroying_reasons,
    list_keeper_reasons,
    list_leaving_reasons,
)
from cordiale.wire.person_json import parse_level_ref

SUB_REGISTRY: Final = "sub-registry"
TRANSFER: Final = "transfer"
APPROVAL_OF_CHIEF: Final = "chief-approval"
TRANSFER_KEPT: Final = "transfer.registries"
_DESTROY_KEPT: Final = "destroy.registries"


def open_offices(books: Books) -> Sequence[RegistryOffice]:
    """Return the registries of ours that are open."""
    found = books.find(SUB_REGISTRY, "state", "open", limit=REGISTRIES_COUNT_MAX + 1)
    return [office_of(record) for record in found]


def office_of(record: Record) -> RegistryOffice:
    """Return the registry in a record."""
    return RegistryOffice(
        record.id, RegistryRole(record["role"]), record["unit"],
        frozenset(map(parse_level_ref, record.body.get("levels", ()))),
        frozenset(map(PersonId, record.body.get("keepers", ()))),
    )


def require_office_open(books: Books, id: str) -> RegistryOffice:
    """Return the open registry `id`; raises `OutOfOrder` for one that is closed or not entered."""
    record = books.require(SUB_REGISTRY, id)
    if record["state"] != "open":
        raise OutOfOrder("topology.closed", "the registry {registry} is closed", registry=id,
                         hint="look at `cordiale registry list`")
    return office_of(record)


def unit_of(books: Books, copy: str) -> str:
    """Return the unit in which a copy lies, empty for the whole registry."""
    place = books.get(PLACE, copy)
    return str(place["unit"]) if place is not None else ""


def held_at(books: Books, copy: str) -> RegistryOffice | None:
    """Return the registry that answers for a copy, None where no registries are entered."""
    offices = open_offices(books)
    return answering(offices, unit_of(books, copy)) if offices else None


def require_keeper(books: Books, person: Person, copy: str) -> None:
    """Raise `Refused` unless `person` serves at the registry that answers for `copy`."""
    require_allowed(decision_of("circulate", list_keeper_reasons(person.id, held_at(books, copy))))


def under_way(books: Books, copy: str) -> Record | None:
    """Return the transfer by which a copy is on its way, None where it is not."""
    return next((one for one in books.find(TRANSFER, "copy", copy) if one["state"] == "under-way"), None)


def list_under_way_reasons(books: Books, copies: Iterable[Record]) -> list[Reason]:
    """Return why copies are not acted on now: they are on their way to another registry of ours."""
    return [
        refusal("topology.under-way", "copy {copy} is on its way to another registry", copy=str(copy["copy_number"]))
        for copy in copies if under_way(books, copy.id) is not None
    ]


def duty_to_tell(agreement: str, registry: str) -> str:
    """Return the identifier of the duty to tell the partners under `agreement` of a registry of ours."""
    return f"tell-registry.{agreement}.{registry}"


def approval_id(item: str, to: str) -> str:
    """Return the name of the approval of the chief registry that `item` goes to `to`, a registry or a party."""
    return f"{item}/{to}"


def is_approved(books: Books, item: str, to: str) -> bool:
    """Tell whether the chief registry has approved that `item` goes to `to`, and it has not gone since."""
    record = books.get(APPROVAL_OF_CHIEF, approval_id(item, to))
    return record is not None and record["state"] == "given"


def use_approval(session: ActSession, item: str, to: str) -> str:
    """Note that an approval was used, and return who gave it; empty where none was given."""
    record = session.get(APPROVAL_OF_CHIEF, approval_id(item, to))
    if record is None or record["state"] != "given":
        return ""
    session.change(record, state="used", used_by=session.act_id)
    return str(record["given_by"])


def move_approval(session: ActSession, item: str, to: str, *, by: str, is_used: bool) -> None:
    """Let the approval that the act `by` used be given again, or be used by it again."""
    record = session.get(APPROVAL_OF_CHIEF, approval_id(item, to))
    if record is None:
        return
    if not is_used and record["state"] == "used" and record.body.get("used_by") == by:
        session.change(record, state="given", used_by=None)
    elif is_used and record["state"] == "given":
        session.change(record, state="used", used_by=by)


def kept_central(registry: Registry, books: Books, item: Record, name: str) -> tuple[str, ...]:
    """Return the provisions by which one registry of ours alone does for this level what the term `name` says."""
    return tuple(dict.fromkeys(
        term.article for term in terms_here(view_of(registry, books, item), name) if term.count == 1
    ))


def leaving_reasons(registry: Registry, books: Books, item: Record, sent: tuple[Person, str]) -> list[Reason]:
    """Return why an item may not leave to a party from the registry that holds it here; `sent` is by whom and to whom.

    The original decides; of a foreign item every copy that is here.
    """
    offices = open_offices(books)
    if not offices:
        return []
    person, to = sent
    copies = [copy for copy in books.find(COPY, "item", item.id) if is_held(copy, registry.party)]
    reasons = list_under_way_reasons(books, copies)
    for copy in copies:
        reasons += list_leaving_reasons(CentralQuestion(
            holder=answering(offices, unit_of(books, copy.id)), chief=chief_of(offices),
            persons=frozenset({person.id}), kept_central=kept_central(registry, books, item, TRANSFER_KEPT),
            is_approved=is_approved(books, item.id, to),
        ))
    return list(dict.fromkeys(reasons))


def destroying_reasons(
    registry: Registry, books: Books, item: Record, persons: Iterable[Person]
) -> list[Reason]:
    """Return why the copies of `item` are not destroyed where they are: kept for the responsible registry."""
    offices = open_offices(books)
    copies = [copy for copy in books.find(COPY, "item", item.id) if is_held(copy, registry.party)]
    kept = kept_central(registry, books, item, _DESTROY_KEPT)
    reasons = list_under_way_reasons(books, copies) if offices else []
    for copy in copies:
        reasons += list_destroying_reasons(CentralQuestion(
            holder=answering(offices, unit_of(books, copy.id)), chief=chief_of(offices),
            persons=frozenset(one.id for one in persons), kept_central=kept,
        ))
    return list(dict.fromkeys(reasons))


def entry_book(item: Record) -> str:
    """Return the book in which an item stands."""
    return str(item["origin_party"]) if "agreement" in item.body else OWN_BOOK


def shown_office(record: Record) -> dict[str, Any]:
    """Return a registry as people see it."""
    names = ("role", "title", "unit", "levels", "keepers", "opened_on", "closed_on", "state")
    return {"registry": record.id, **{name: record[name] for name in names if name in record.body}}
