"""What custody, inventories, couriers and the list of people leave to be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cordiale.model.person import Office, Person
from cordiale.records.carriages import CARRIAGE
from cordiale.records.inventories import INVENTORY
from cordiale.records.people_proposals import PROPOSAL
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct

Row = dict[str, Any]


def list_inventories_open(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Inventories that are being counted, and results that wait for a signature."""
    offices = OFFICES_FOR[OfficialAct.COUNT_INVENTORY]
    if not person.offices & offices:
        return
    for state, what in (("open", "count-inventory"), ("counted", "sign-inventory")):
        for one in books.find(INVENTORY, "state", state):
            if any(signed["by"] == person.id for signed in one.body.get("signed", [])):
                continue
            yield {
                "about": one.id, "owner": ", ".join(sorted(offices)), "since": one["opened_at"], "subject": one.id,
                "what": what,
            }


def list_crises_entered(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Destructions in a crisis that one person entered and a second has not confirmed."""
    offices = OFFICES_FOR[OfficialAct.ENTER_CRISIS]
    if not person.offices & offices:
        return
    for one in books.each("crisis", "state", "entered"):
        if one["entered_by"] != person.id:
            yield {
                "about": one.id, "owner": ", ".join(sorted(offices)), "since": one["entered_at"], "subject": one.id,
                "what": "confirm-crisis",
            }


def list_people_proposed(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Changes of who works here that one person proposed and a second has not confirmed, as long as that is open."""
    offices = OFFICES_FOR[OfficialAct.CONFIRM_PEOPLE]
    if not person.offices & offices:
        return
    for one in books.find(PROPOSAL, "state", "open"):
        if one["proposed_by"] != person.id and one["expires_at"] > shown_at(books.at):
            yield {
                "about": one.id, "owner": ", ".join(sorted(offices)), "since": one["proposed_at"], "subject": one.id,
                "what": "confirm-people",
            }


def list_packed(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Parcels that are packed and that nobody has given to a courier or to the post."""
    if not person.offices & KEEPERS:
        return
    for one in books.find(CARRIAGE, "state", "packed"):
        consignment = books.get("consignment", one.id)
        if consignment is None or consignment["state"] not in ("dispatched", "delivered"):
            continue
        yield {
            "about": consignment["number"], "owner": Office.REGISTRAR.value, "since": one["packed_at"],
            "subject": one.id, "what": "hand-over",
        }
