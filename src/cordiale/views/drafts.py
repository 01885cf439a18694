"""Drafts: who works on one sees it, keepers of the register see all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.records.drafts import DRAFT, workers_of
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import viewer

_KEPT: Final = frozenset({"deposit_digest", "envelope", "leaving"})
"""Where its content lies is for the node."""


def list_drafts(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the drafts that are not destroyed, as far as this person may see them."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    keeps = bool(person.offices & KEEPERS)
    found = [
        *books.find(DRAFT, "state", "draft", limit=10_000), *books.find(DRAFT, "state", "issued", limit=10_000)
    ] if keeps else [
        one for one in (*books.find(DRAFT, "author", person.id, limit=10_000),
                        *books.find(DRAFT, "workers", person.id, limit=10_000)) if one["state"] != "destroyed"
    ]
    return {"drafts": [
        {"draft": one.id, **{name: one.body[name] for name in one.body if name not in _KEPT},
         "has_content": "envelope" in one.body, "edition": one.body.get("edition", 0),
         "is_mine": one["author"] == person.id, "works": person.id in workers_of(one)}
        for one in found
    ]}
