"""Reproductions as people see them: what the registry is asked for, and what is assigned and not finished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.model.person import Person
from cordiale.records.items import ITEM
from cordiale.records.naming import named
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry, Request
from cordiale.records.reproductions import ASKED_REPRODUCTION, REPRODUCTION, task_binding
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.views.authority import viewer
from cordiale.views.listing import Source, gather_part, read_part
from cordiale.views.search import item_line

_TASK = (
    "act", "assigned_at", "copy", "device", "form", "language", "maker", "medium", "number", "portions", "purpose",
    "state",
)
_WAITING = ("asked", "assigned")
_ASKED = ("act", "asked_at", "language", "number", "purpose", "state")


def list_reproductions(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what was asked for and is not assigned, and what is assigned and not finished: one's own, keepers all.

    A part at a time: at most `count` after `after`, the `next` of the part before; or `only` one; of one `item` where
    it is named.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part, item = read_part(fields), fields.optional_text("item") or ""
    fields.end()
    keeps = bool(person.offices & KEEPERS)

    def seen(table: str, one: Record) -> Record | None:
        persons = (one["asked_by"],) if table == "asked" else (one["maker"], *one["witnesses"])
        return one if one["state"] in _WAITING and (keeps or person.id in persons) else None

    found, following = gather_part((books, person), _sources(person, item), part, seen)
    books.reads.look_ahead([
        *(("person", one["asked_by"]) for one in found["asked"]),
        *(("person", id) for one in found["tasks"] for id in (one["maker"], *one["witnesses"])),
    ])
    return {
        "asked": [_asked(books, one) for one in found["asked"]],
        "tasks": [_task(books, person, one) for one in found["tasks"]], "next": following,
    }


def _sources(person: Person, item: str) -> list[Source]:
    """Return where the tasks are that `person` sees: of one item, of all, or their own."""
    if item:
        return [Source("asked", ASKED_REPRODUCTION, "item", item), Source("tasks", REPRODUCTION, "item", item)]
    if person.offices & KEEPERS:
        return [
            Source("asked", ASKED_REPRODUCTION, "state", "asked"), Source("tasks", REPRODUCTION, "state", "assigned"),
        ]
    return [
        Source("asked", ASKED_REPRODUCTION, "state/asked_by", f"asked {person.id}"),
        Source("tasks", REPRODUCTION, "state/maker", f"assigned {person.id}"),
        Source("tasks", REPRODUCTION, "state/witnesses", f"assigned {person.id}"),
    ]


def show_reproduction(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one task, to its maker, to keepers, and to whoever may see the item and might join it.

    `binding` is what whoever joins signs for.
    """
    fields = request.act.fields()
    task_id = fields.text("task")
    fields.end()
    books, person = viewer(registry, request)
    task = books.get(REPRODUCTION, task_id)
    item = books.get(ITEM, task["item"]) if task is not None else None
    if task is None or item is None or not (person.id == task["maker"] or may_see_item(books, person, item)):
        raise missing(REPRODUCTION, task_id)
    recipients = [named(books, one) for one in task["recipients"]]
    return {
        **_task(books, person, task), "assigned_by": named(books, task["assigned_by"]),
        "binding": task_binding(registry.mode, books, task),
        "is_urgent": task["is_urgent"], "level": item_line(item)["level"], "recipients": recipients,
    }


def _asked(books: Books, one: Record) -> dict[str, Any]:
    return {
        **_about(books, one), **{name: one[name] for name in _ASKED if one.body.get(name)},
        "asked_by": named(books, one["asked_by"]), "request": one.id,
    }


def _task(books: Books, person: Person, one: Record) -> dict[str, Any]:
    return {
        **_about(books, one), **{name: one[name] for name in _TASK if one.body.get(name)},
        "is_mine": one["maker"] == person.id, "made_by": named(books, one["maker"]), "task": one.id,
        "witnesses": [named(books, each) for each in one["witnesses"]],
    }


def _about(books: Books, one: Record) -> dict[str, Any]:
    return {"item": one["item"], "reference": books.require(ITEM, one["item"])["reference"]}

