"""People by their names, as pages show them, and as an error says who was there first."""

from __future__ import annotations

from cordiale.records.session import Books


def name_of(books: Books, id: str) -> str:
    """Return the name of a person; what is no person here, or was erased, stays as it is written."""
    person = books.get("person", id)
    return str(person.body.get("name", id)) if person is not None else id


def named(books: Books, id: str) -> str:
    """Return the name of a person with the post; what is no person here, or was erased, stays as it is written."""
    person = books.get("person", id)
    if person is None or "name" not in person.body:
        return id
    return f"{person['name']}, {person['post']}"
