"""People by their names, as pages show them, and as an error says who was there first."""

from __future__ import annotations

from typing import Final

from cordiale.records.session import Books

PARTNER_ACTOR: Final = "partner:"
"""Stands before the party where an act is that of a partner's node."""


def name_of(books: Books, id: str) -> str:
    """Return the name of a person, and of a partner that of its party; what else there is stays as it is written."""
    person = books.get("person", id)
    return str(person.body.get("name", id)) if person is not None else id.removeprefix(PARTNER_ACTOR)


def named(books: Books, id: str) -> str:
    """Return the name of a person with the post; what is no person here, or was erased, stays as it is written."""
    person = books.get("person", id)
    if person is None or "name" not in person.body:
        return id.removeprefix(PARTNER_ACTOR)
    return f"{person['name']}, {person['post']}"
