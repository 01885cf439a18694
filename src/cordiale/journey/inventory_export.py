"""Export what is held of one originator, and of nobody else, for that originator or its experts.

Items under a caveat that national law keeps out of such lists are left out. The
list itself does not say so, for that would tell of them; our own books do.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import require_allowed
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.holdings import list_held
from cordiale.records.inventories import EXPORTED, cut, put_pages, require_prepared
from cordiale.records.items import COPY, ITEM, own_rules
from cordiale.records.labels import label_of
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, answered_before, commit_personal
from cordiale.records.session import ActSession, Books
from cordiale.rules.inventory import may_be_listed
from cordiale.rules.offices import OfficialAct

EXPORT: Final = "inventory-export"


def export_inventory(registry: Registry, request: Request) -> Answer:
    """List what is held here of one originator; what was left out, and by which provision, is entered at home."""
    fields = request.act.fields()
    party = parse_party_id(fields.text("party"))
    fields.end()
    before = answered_before(registry, request)
    if before is not None:
        return before
    may = decide_office_now(registry.books(), request.person, OfficialAct.COUNT_INVENTORY).is_allowed
    prepared = list_for_originator(registry, registry.books(), party) if may else None

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.COUNT_INVENTORY))
        listed, left_out = require_prepared(prepared)
        session.put(EXPORT, request.act.id, {
            "at": shown_at(session.at), "by": actor.id, "left_out": left_out, "listed": len(listed), "party": party,
        }, expect=0)
        put_pages(session, request.act.id, EXPORTED, cut(listed))
        return {"export": request.act.id, "listed": len(listed)}

    return commit_personal(registry, request, run, subject=request.act.id)


def list_for_originator(registry: Registry, books: Books, party: str) -> tuple[list[str], list[str]]:
    """Return the copies held of `party` that may be listed for it, and those that may not, by identifier."""
    national = own_rules(registry, books).profile
    unlisted = national.unlisted_caveats if national is not None else ()
    listed, left_out = list[str](), list[str]()
    for copy in list_held(books.reads, book=party):
        item = books.require(ITEM, books.require(COPY, copy)["item"])
        (listed if may_be_listed(label_of(item).caveats, unlisted) else left_out).append(copy)
    return listed, left_out
