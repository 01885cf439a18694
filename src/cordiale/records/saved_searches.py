"""Searches that a person keeps under a name: their own, seen by nobody else."""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import OutOfOrder
from cordiale.limits import SEARCH_NAME_LENGTH_MAX, SEARCHES_KEPT_COUNT_MAX
from cordiale.model.person import Person
from cordiale.records.answer import Answer
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.searching import parse_search
from cordiale.records.session import ActSession, Books

SAVED: Final = "saved-search"


def save_search(registry: Registry, request: Request) -> Answer:
    """Keep what is asked under `name`, in the place of what was kept under it before."""
    fields = request.act.fields()
    name, search = fields.text("name", max_length=SEARCH_NAME_LENGTH_MAX).strip(), parse_search(fields)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        kept = list_saved(session, actor.id)
        known = next((one for one in kept if one["name"] == name), None)
        if known is None and len(kept) >= SEARCHES_KEPT_COUNT_MAX:
            raise OutOfOrder(
                "search.too-many", "you keep {count} searches already", hint="forget one of them first", count=len(kept)
            )
        id = known.id if known is not None else f"{actor.id}/{session.act_id}"
        session.put(SAVED, id, {"name": name, "person": actor.id, "search": search.to_json(), "state": "kept"})
        return {"name": name}

    return commit_personal(registry, request, run)


def forget_search(registry: Registry, request: Request) -> Answer:
    """Keep the search `name` no longer."""
    fields = request.act.fields()
    name = fields.text("name", max_length=SEARCH_NAME_LENGTH_MAX).strip()
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        for one in list_saved(session, actor.id):
            if one["name"] == name:
                session.put(SAVED, one.id, {"person": actor.id, "state": "forgotten"}, expect=one.version)
                return {"name": name}
        raise OutOfOrder("search.not-kept", "you keep no search of this name", hint="look at `cordiale search --kept`")

    return commit_personal(registry, request, run)


def list_saved(books: Books, person: str) -> list[Record]:
    """Return the searches that `person` keeps, by name."""
    found = books.find(SAVED, "state/person", f"kept {person}", limit=SEARCHES_KEPT_COUNT_MAX)
    return sorted(found, key=lambda one: str(one["name"]))
