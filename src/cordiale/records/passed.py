"""What passed between us and a partner under an agreement: a partner speaks of that, and of nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cordiale.errors import Unverified
from cordiale.records.correspondence import Arrived
from cordiale.records.items import COPY, ITEM
from cordiale.records.record import open_record
from cordiale.records.rehomings import stands_under
from cordiale.records.session import Books


def require_passed(books: Books, arrived: Arrived, named: Mapping[str, Collection[str]]) -> None:
    """Raise `Unverified` unless each item in `named`, and each copy named of it, passed between us and the sender.

    What is unknown here and what was never provided to the sender is told in the same words.
    """
    party, agreement = arrived.partner.party, arrived.message.agreement
    for item, copies in named.items():
        if not has_passed(books, party, agreement, item) or not all(
            _is_copy(books, party, copy, item) for copy in copies
        ):
            raise Unverified(
                "incident.item-not-passed", "the message names an item that never passed between the two parties "
                "under this agreement", hint="nothing was entered; tell the security officer",
            )


def has_passed(books: Books, party: str, agreement: str, item: str) -> bool:
    """Tell whether `item` came from `party`, or a copy of it went there, under `agreement`; also while it is held."""
    known = books.get(ITEM, item)
    if known is None:
        return _is_held(books, party, agreement, item)
    if known["origin_party"] == party:
        return stands_under(books, known, agreement)
    return any(
        copy["party"] == party and stands_under(books, copy, agreement)
        for copy in books.find(COPY, "item", item)
    )


def _is_held(books: Books, party: str, agreement: str, item: str) -> bool:
    """Tell whether a consignment of `party` that waits to be registered holds `item`."""
    after = ""
    while page := books.reads.find("consignment", "state", "held", after=after):
        for one in map(open_record, page):
            is_theirs = one["party"] == party and one["agreement"] == agreement
            if is_theirs and any(part["item"] == item for part in one["items"]):
                return True
        after = page[-1].id
    return False


def _is_copy(books: Books, party: str, copy: str, item: str) -> bool:
    known = books.get(COPY, copy)
    if known is None:
        return books.get(ITEM, item) is None
    from_them = books.require(ITEM, item)["origin_party"] == party
    return bool(known["item"] == item and (from_them or known["party"] == party))
