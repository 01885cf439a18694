"""What is personal in the books: how long it is kept under which articles, and what is proposed to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.erasures import ERASURE_PROPOSAL, say_layers
from cordiale.records.personal_data import require_kind
from cordiale.records.registry import Registry, Request
from cordiale.views.authority import require_office, viewer

_WHO: Final = frozenset({
    Office.REGISTRAR, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY, Office.INSPECTOR,
})


def list_erasures(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the proposals to erase personal data that wait for somebody."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, _WHO, "the list of erasures")
    return {"proposals": [
        {"proposal": one.id, **{name: one[name] for name in ("ids", "kind", "proposed_at", "proposed_by", "reason")}}
        for one in books.find(ERASURE_PROPOSAL, "state", "proposed")
    ]}


def show_retention(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return how long what is personal in one record is kept: what each layer says, and which counts."""
    books, person = viewer(registry, request)
    fields = request.act.fields()
    kind, id = fields.text("records"), fields.text("id")
    fields.end()
    require_office(person, _WHO, "how long personal data is kept")
    return say_layers(registry, books, books.require(require_kind(kind).kind, id))
