"""Proposals about people, as the second person looks at them before confirming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.crypto.signatures import VerifyingPair
from cordiale.message.personal import key_fingerprint
from cordiale.model.mode import Mode
from cordiale.model.person import Office
from cordiale.records.people_proposals import PROPOSAL, Change, changed_since, changes_of, look_ahead_to, standing_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, person_body
from cordiale.records.session import Books
from cordiale.views.authority import require_office, viewer
from cordiale.wire.person_json import person_json

_VIEWERS: Final = frozenset({
    Office.SECURITY_OFFICER, Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.HEAD, Office.INSPECTOR,
})


def list_proposals(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the proposals about people that nobody has confirmed or withdrawn, and how each stands now."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, _VIEWERS, "the list of proposals about people")
    found = books.find(PROPOSAL, "state", "open")
    look_ahead_to(books, found)
    return {"proposals": [_line(books, one) for one in found]}


def show_proposal(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one proposal: what it would change about whom, and the digest that a confirmation signs."""
    fields = request.act.fields()
    proposal_id = fields.text("proposal")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, _VIEWERS, "a proposal about people")
    proposal = books.require(PROPOSAL, proposal_id)
    changes = changes_of(books, proposal_id)
    stale = changed_since(books, changes) if proposal["state"] == "open" else frozenset()
    return {
        **_line(books, proposal), "binding": proposal["binding"], "changed_since": sorted(stale),
        "changes": [_change(books, one, registry.mode) for one in changes],
    }


def _line(books: Books, proposal: Record) -> dict[str, Any]:
    kept = ("expires_at", "persons", "proposed_at", "proposed_by")
    return {**{name: proposal[name] for name in kept}, "proposal": proposal.id, "state": standing_of(books, proposal)}


def _change(books: Books, change: Change, mode: Mode) -> dict[str, Any]:
    """Return what would be otherwise about one person: each member as it is and as proposed, keys by fingerprint."""
    record = books.get("person", change.person.id)
    before = _shown(person_body(record), mode) if record is not None else {}
    after = _shown(person_json(change.person), mode)
    differing = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {
        "is_new": record is None, "name": change.person.name, "person": change.person.id,
        "members": [
            {"after": after.get(name, []), "before": before.get(name, []), "member": name} for name in differing
        ],
    }


def _shown(body: Mapping[str, Any], mode: Mode) -> dict[str, list[str]]:
    """Return the members of a person's record, each as the texts in which people read it."""
    shown = {name: _texts(value) for name, value in body.items() if name not in ("id", "keys")}
    shown["key"] = [key_fingerprint(VerifyingPair.parse(body["keys"]), mode)] if body["keys"] else []
    return {name: texts for name, texts in shown.items() if texts}


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        return [str(value)]
    return sorted(one if isinstance(one, str) else _dated(one) for one in value)


def _dated(one: Mapping[str, Any]) -> str:
    """Return a clearance or a briefing in a line."""
    words = [str(one.get("level") or one["subject"]), f"{one['from']} – {one['until']}"]
    if "authority" in one:
        words.append(str(one["authority"]))
    if "withdrawn_at" in one:
        words.append(f"withdrawn {one['withdrawn_at']}")
    return ", ".join(words)
