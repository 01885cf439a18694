"""A partner tells that copies of an item of ours were read there: which, and when. By whom is its own affair."""

from __future__ import annotations

from cordiale.canonical import encode_instant
from cordiale.errors import Malformed, Unverified
from cordiale.message.bodies.reading_notice import ReadingNotice
from cordiale.records.correspondence import Arrived
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession


def take_reading_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter in the register that copies of ours were read at the partner; it asks for nothing.

    Raises `Unverified` for an item or a copy that was never given to the sender: of both it is told the same.
    """
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, ReadingNotice):
        raise Malformed("reading-notice.other", "this is not a notice of readings", hint="report this as a defect")
    item = session.get(ITEM, body.item)
    given = {
        int(copy["copy_number"]) for copy in session.each(COPY, "item", body.item) if copy["party"] == party
    } if item is not None and item["origin_party"] == registry.party else set()
    if item is None or not {one.number for one in body.readings} <= given:
        raise Unverified(
            "copy.not-with-partner", "the partner speaks of a copy that it does not have",
            hint="nothing was changed; ask the partner which copy it means",
        )
    session.put(ENTRY, f"read-there.{arrived.message.id}", {
        "act": "read-there", "at": shown_at(session.at), "book": "dispatch", "item": item.id,
        "number": item["reference"], "party": party,
        "readings": [f"{one.number}: {encode_instant(one.at)}" for one in body.readings],
    }, expect=0)
