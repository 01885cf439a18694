"""Drafts: who works on one sees it, keepers of the register see all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Person
from cordiale.records.drafts import DRAFT, workers_of, workers_shown
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import viewer
from cordiale.views.listing import Source, list_part, read_part

_KEPT: Final = frozenset({"deposit_digest", "envelope", "leaving", "named"})
"""Where its content lies is for the node; whom its author named is shown instead of who of them is there."""


def list_drafts(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the drafts that are not destroyed, as far as this person may see them, a part at a time.

    At most `count` after `after`, the `next` of the part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    asked = (
        ("state", "draft"), ("state", "issued")
    ) if person.offices & KEEPERS else (("author", person.id), ("workers", person.id))
    sources = [Source("drafts", DRAFT, field, value) for field, value in asked]
    return list_part((books, person), sources, part, lambda _, one: (
        _line(one, person) if one["state"] != "destroyed" else None
    ))


def _line(draft: Record, person: Person) -> dict[str, Any]:
    body, is_mine = draft.body, draft["author"] == person.id
    workers = workers_shown(draft)
    works = person.id in workers_of(draft)
    # What is proposed of it is for those who join it.
    hidden = _KEPT if works else _KEPT | {"label"}
    return {
        "draft": draft.id, **{name: body[name] for name in body if name not in hidden},
        **({"workers": workers} if workers else {}),
        "has_content": "envelope" in body, "edition": body.get("edition", 0), "is_mine": is_mine, "works": works,
    }
