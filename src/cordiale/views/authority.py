"""Who may look at what. What a person may not see is, to them, not there."""

from __future__ import annotations

from cordiale.errors import Refused
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Office, Person
from cordiale.records.items import find_item
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request, require_person
from cordiale.records.session import Books
from cordiale.records.sight import may_see_item


def viewer(registry: Registry, request: Request) -> tuple[Books, Person]:
    """Return the books and the person who looks, as they stand now; somebody who has left sees nothing."""
    books = registry.books()
    person = require_person(books, request.person.id)
    if person.left_at is not None:
        raise Refused(decision_of("view", [refusal("view.left-service", "this person has left the service")]))
    return books, person


def require_office(person: Person, offices: frozenset[Office], what: str) -> Person:
    """Return `person` when they hold one of `offices`; raises `Refused`."""
    if not person.offices & offices:
        raise Refused(decision_of("view", [refusal(
            "view.office", "{what} is for the offices of {offices}", what=what,
            offices=", ".join(sorted(office.value for office in offices)),
        )]))
    return person


def require_visible(books: Books, person: Person, item_id: str) -> Record:
    """Return an item that `person` may see, by its identifier, our number or theirs; any other is not there."""
    item = find_item(books, item_id)
    if not may_see_item(books, person, item):
        raise missing("item", item_id)
    return item
