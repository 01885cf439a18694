"""What security experts of an originator may be shown: its own items under one agreement, and not all of them."""

from __future__ import annotations

from typing import Final

from cordiale.errors import OutOfOrder
from cordiale.model.visit import VisitKind
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.session import Books
from cordiale.records.visits import require_visit

INSPECTION: Final = "inspection"


def require_experts(books: Books, visit_id: str) -> Record:
    """Return an approved visit of security experts to us; raises `OutOfOrder` for any other."""
    visit = require_visit(books, visit_id, direction="in")
    if visit["kind"] != VisitKind.SECURITY.value or visit["state"] != "approved":
        raise OutOfOrder("inspect.no-experts", "this is no approved visit of security experts",
                         hint="look at `cordiale visit list`")
    return visit


def stays_out(item: Record) -> bool:
    """Tell whether an item stands in no list that leaves this party: a caveat, or named readers, keep it out."""
    return bool(label_of(item).caveats) or "readers" in item.body
