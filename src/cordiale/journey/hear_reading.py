"""A partner tells that copies of an item of ours were read there: which, and when. By whom is its own affair."""

from __future__ import annotations

from collections import defaultdict

from cordiale.canonical import encode_instant
from cordiale.errors import Malformed, Unverified
from cordiale.message.bodies.reading_notice import ReadingNotice
from cordiale.records.correspondence import Arrived
from cordiale.records.items import ENTRY, ITEM
from cordiale.records.readings_heard import each_given, find_doubt, note_read, owe_look
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession


def take_reading_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter in the register that copies of ours were read at the partner; what does not fit our books is looked at.

    Raises `Unverified` for an item or a copy that was never given to the sender: of both it is told the same.
    """
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, ReadingNotice):
        raise Malformed("reading-notice.other", "this is not a notice of readings", hint="report this as a defect")
    item = session.get(ITEM, body.item)
    given: defaultdict[int, list[Record]] = defaultdict(list)
    for copy in each_given(session, body.item, party) if item is not None else ():
        given[int(copy["copy_number"])].append(copy)
    is_ours = item is not None and item["origin_party"] == registry.party
    if item is None or not is_ours or not {one.number for one in body.readings} <= given.keys():
        raise Unverified(
            "copy.not-with-partner", "the partner speaks of a copy that it does not have",
            hint="nothing was changed; ask the partner which copy it means",
        )
    found = [(one, find_doubt(session, arrived, one, given[one.number])) for one in body.readings]
    for number in {one.number for one, why in found if why is None}:
        last = max(one.at for one, why in found if why is None and one.number == number)
        for copy in given[number]:
            note_read(session, copy, last)
    doubts = [f"{one.number}: {encode_instant(one.at)}: {why.value}" for one, why in found if why is not None]
    if doubts:
        owe_look(registry, session, item.id, party)
    session.put(ENTRY, f"read-there.{arrived.message.id}", {
        "act": "read-there", "at": shown_at(session.at), "book": "dispatch", "item": item.id,
        "number": item["reference"], "party": party,
        "readings": [f"{one.number}: {encode_instant(one.at)}" for one in body.readings],
        **({"doubts": doubts} if doubts else {}),
    }, expect=0)
