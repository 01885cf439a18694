"""How an own item ends in the books: nobody is owed a certificate, and the entry stands in our own book."""

from __future__ import annotations

from cordiale.errors import OutOfOrder
from cordiale.records.endings import End
from cordiale.records.holdings import is_held
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.level_copies import leave_unmarked
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession


def end_own_item(registry: Registry, session: ActSession, item: Record, end: End) -> None:
    """End our own item, which is held here, and enter the end in our own book.

    Copies that partners hold live on and are accounted for as before. Those still under way are waited for, because
    what was sealed for the partner would have to be sealed again if it were lost. The envelope is no longer named by
    the item: `erase_own`, or the next sweep after a crash, removes it. Raises `OutOfOrder`.
    """
    copies = session.find(COPY, "item", item.id)
    under_way = [copy for copy in copies if copy["state"] == "dispatched"]
    if under_way:
        raise OutOfOrder(
            "destroy.copies-under-way", "{count} copies of this item are on their way to a partner",
            hint="wait for the receipt", count=len(under_way),
        )
    for copy in copies:
        if is_held(copy, registry.party):
            leave_unmarked(session, session.change(copy, ended_at=shown_at(session.at), state=end.ending.value))
    session.change(item, envelope=None, state=end.ending.value)
    # The act is named otherwise than the end of a foreign copy, which takes the number of a certificate.
    session.put(ENTRY, f"own-{end.ending.value}.{item.id}", {
        "act": f"own-{end.ending.value}", "at": shown_at(session.at), "book": "own", "item": item.id,
        "legal_basis": end.legal_basis, "method": end.method, "number": item["reference"],
        "persons": [person.post for person in end.persons], "witnesses": [person.post for person in end.witnesses],
    }, expect=0)


def end_own_copies(
    registry: Registry, session: ActSession, item: Record, end: End, copies: frozenset[str]
) -> None:
    """End the `copies` of our own item that are held here; with the last one of them the item ends. Raises as above."""
    held = [copy for copy in session.each(COPY, "item", item.id) if is_held(copy, registry.party)]
    if {copy.id for copy in held} <= copies:
        end_own_item(registry, session, item, end)
        return
    for copy in held:
        if copy.id in copies:
            leave_unmarked(session, session.change(copy, ended_at=shown_at(session.at), state=end.ending.value))
            session.put(ENTRY, f"own-{end.ending.value}.{copy.id}", {
                "act": f"own-{end.ending.value}", "at": shown_at(session.at), "book": "own", "copy": copy.id,
                "item": item.id, "legal_basis": end.legal_basis, "method": end.method, "number": item["reference"],
                "persons": [person.post for person in end.persons],
            }, expect=0)


def erase_own(registry: Registry, item: Record) -> None:
    """Remove the envelope that `item` named before it ended, unless it has not ended."""
    now = registry.record(ITEM, item.id)
    name = item.body.get("envelope")
    if name is not None and now is not None and "envelope" not in now.body:
        registry.objects.remove(name)
