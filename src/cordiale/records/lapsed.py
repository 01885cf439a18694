"""Approvals and proposals that hold no longer: what was approved was changed, is gone, or was done otherwise.

Each is closed with the reason, so that it waits for nobody. What was approved is not carried out by that: it never was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cordiale.model.agreement import Stage
from cordiale.records.agreements import AGREEMENT, stage_of
from cordiale.records.items import APPROVAL, DESTRUCTION, ITEM
from cordiale.records.labels import label_of
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import binding_of, version_of
from cordiale.records.session import ActSession, Books

LAPSED: Final = "lapsed"
ITEM_GONE: Final = "item-gone"
TERMS_CHANGED: Final = "terms-changed"
AGREEMENT_OVER: Final = "agreement-over"
DONE_OTHERWISE: Final = "done-otherwise"
_LEVEL_PROPOSAL: Final = "level-proposal"
_GONE: Final = frozenset({"ceded", "destroyed", "returned", "void"})


def close_lapsed(registry: Registry) -> int:
    """Close every approval and proposal that waits and holds no longer; return how many were."""
    books, closed = registry.books(), 0
    for kind, state in _WAITING:
        for record in list(books.each(kind, "state", state)):
            if why_lapsed(registry, books, record):
                closed += _close(registry, record)
    return closed


def why_lapsed(registry: Registry, books: Books, record: Record) -> str:
    """Return why what waits in `record` holds no longer, as a code; empty while it holds."""
    item = books.get(ITEM, record["item"])
    if item is None or item["state"] in _GONE:
        return ITEM_GONE
    return next(_ALSO[record.kind](registry, books, record, item), "") if record.kind in _ALSO else ""


def _release(registry: Registry, books: Books, approval: Record, item: Record) -> Iterator[str]:
    """Yield why a release is not carried out any more as it was proposed or authorised.

    A suspension passes; the end of the agreement does not.
    """
    agreement = books.get(AGREEMENT, approval["agreement"])
    between = (registry.party, str(approval["recipient"]))
    if agreement is None or stage_of(agreement, books.at.date(), between) is Stage.TERMINATED:
        yield AGREEMENT_OVER
        return
    binding = binding_of(
        item, recipient=approval["recipient"], purpose=approval["purpose"], agreement=agreement.id,
        version=version_of(books, agreement.id), mode=registry.mode,
    )
    if binding != approval["bound_digest"]:
        yield TERMS_CHANGED


def _change(registry: Registry, books: Books, proposal: Record, item: Record) -> Iterator[str]:
    """Yield that the item stands at the proposed level already, by a change that came otherwise."""
    is_declassified = "declassified_at" in item.body
    if "handle_as" in proposal.body:
        reached = str(label_of(item).handle_as) == proposal["handle_as"]
    elif "to" in proposal.body:
        reached = not is_declassified and str(label_of(item).level) == proposal["to"]
    else:
        reached = is_declassified
    if reached:
        yield DONE_OTHERWISE


_WAITING: Final = (
    (APPROVAL, "waiting"), (APPROVAL, "authorised"), (_LEVEL_PROPOSAL, "proposed"), (DESTRUCTION, "proposed"),
)
_ALSO: Final[Mapping[str, Callable[[Registry, Books, Record, Record], Iterator[str]]]] = {
    APPROVAL: _release, _LEVEL_PROPOSAL: _change,
}


def _close(registry: Registry, record: Record) -> int:
    def run(session: ActSession) -> dict[str, Any]:
        current = session.require(record.kind, record.id)
        why = why_lapsed(registry, session, current) if (record.kind, current["state"]) in _WAITING else ""
        if why:
            session.change(current, lapsed_at=shown_at(session.at), lapsed_for=why, state=LAPSED)
        return {"closed": int(bool(why))}

    answer = registry.ledger.commit(
        Act(registry.fresh_id("lapsed"), "approval.lapsed", "node", INTERNAL, run, record["item"])
    )
    return int(answer.value["closed"])
