"""What a partner that is told of an incident is told it is about: what passed between the two, and nothing else."""

from __future__ import annotations

from cordiale.limits import PREDECESSORS_COUNT_MAX
from cordiale.message.bodies.incident_report import AffectedItem
from cordiale.model.names import ConsignmentId, CopyId, ItemId
from cordiale.records.incidents import SHARE, was_let_go
from cordiale.records.items import COPY, ITEM
from cordiale.records.record import Record
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import is_with


def items_for(
    session: ActSession, incident: Record, party: str, agreement: str
) -> dict[str, tuple[AffectedItem, ...]]:
    """Return the items of the case that passed between us and `party`, and no other, with the copies named of each.

    They stand by the originator in whose place the party is told of them, under no name for the rest. What it was
    told of before is named also where no item is left of it.
    """
    named = [session.require(COPY, one) for one in incident.body.get("copies", ())]
    found: dict[str, list[AffectedItem]] = {}
    for share in session.find(SHARE, "incident", incident.id):
        if (share["party"], share["agreement"]) == (party, agreement) and not was_let_go(share):
            found[str(share.body.get("originator", ""))] = []
    for item_id in sorted(incident["items"]):
        item = session.require(ITEM, item_id)
        copies = session.find(COPY, "item", item_id)
        given = [copy for copy in copies if copy["party"] == party and copy.body.get("agreement") == agreement]
        theirs = is_with(session, item, (party, agreement))
        if not theirs and not given:
            continue
        shared = {copy.id for copy in (copies if theirs else given)}
        originator = str(item["origin_party"]) if theirs and item["origin_party"] != party else ""
        found.setdefault(originator, []).append(AffectedItem(ItemId(item_id), tuple(sorted(
            CopyId(copy.id) for copy in named if copy["item"] == item_id and copy.id in shared
        ))))
    return {one: tuple(items) for one, items in (found or {"": []}).items()}


def consignment_for(session: ActSession, incident: Record, party: str) -> ConsignmentId | None:
    """Return the consignment that the case is about where it went between us and `party`, None otherwise."""
    name = incident.body.get("consignment", "")
    record = session.get("consignment", name) if name else None
    return ConsignmentId(name) if record is not None and record["party"] == party else None


def on_their_way(session: ActSession, incident: Record, party: str) -> tuple[str, ...]:
    """Return the messages whose consignments bring the items to `party`: they must be there before the report."""
    on_the_way = {
        str(copy["consignment"]) for item in incident["items"] for copy in session.find(COPY, "item", item)
        if copy["party"] == party and copy["state"] == "dispatched"
    }
    messages = sorted(str(session.require("consignment", one)["message"]) for one in on_the_way)
    return tuple(messages[:PREDECESSORS_COUNT_MAX // 2])
