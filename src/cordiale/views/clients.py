"""Machine clients: one's own, and everybody's for those who enter, confirm and withdraw them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.model.person import Office
from cordiale.records.client_standing import CLIENT
from cordiale.records.clients import shown_client
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.views.authority import viewer

_VIEWERS: Final = frozenset({
    Office.SECURITY_OFFICER, Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.HEAD, Office.INSPECTOR,
})
_SHOWN: Final = (
    "state", "proposed_at", "proposed_by", "confirmed_at", "confirmed_by", "withdrawn_at", "withdrawn_by",
)


def list_clients(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every machine client to the officers, and to anybody else those that act for them."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    found = books.every(CLIENT) if person.offices & _VIEWERS else books.find(CLIENT, "person", person.id)
    return {"clients": [_line(one, registry) for one in found]}


def _line(client: Record, registry: Registry) -> dict[str, Any]:
    shown: dict[str, Any] = {name: client[name] for name in _SHOWN if name in client.body}
    return {**shown_client(client, registry.mode), **shown}
