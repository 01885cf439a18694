"""What custody and inventories leave to be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cordiale.model.person import Person
from cordiale.records.inventories import INVENTORY
from cordiale.records.registry import Registry
from cordiale.records.session import Books
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
    for one in books.find("crisis", "state", "entered"):
        if one["entered_by"] != person.id:
            yield {
                "about": one.id, "owner": ", ".join(sorted(offices)), "since": one["entered_at"], "subject": one.id,
                "what": "confirm-crisis",
            }
