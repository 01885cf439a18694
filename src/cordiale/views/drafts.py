"""Drafts: their authors see their own, keepers of the register all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cordiale.records.drafts import DRAFT
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import viewer


def list_drafts(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the drafts that are not destroyed, as far as this person may see them."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    found = [
        *books.find(DRAFT, "state", "draft", limit=10_000), *books.find(DRAFT, "state", "issued", limit=10_000)
    ] if person.offices & KEEPERS else [
        one for one in books.find(DRAFT, "author", person.id, limit=10_000) if one["state"] != "destroyed"
    ]
    return {"drafts": [{"draft": one.id, **one.body} for one in found]}
