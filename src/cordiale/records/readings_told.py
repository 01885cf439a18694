"""Readings that the layers ask the originator to be told of: noted with the reading, told by the node.

What is told names the copy and the time. Who read stands in the grant, at home. Where the layers give a day by which
it is told, what is read in one day is told together once the day is over.
"""

from __future__ import annotations

from typing import Any, Final

from cordiale.canonical import encode_instant, parse_instant
from cordiale.errors import AllTried
from cordiale.limits import READINGS_TOLD_COUNT_MAX
from cordiale.message.bodies.reading_notice import CopyRead, ReadingNotice
from cordiale.model.agreement import Act as LayerAct
from cordiale.model.agreement import Ruling
from cordiale.model.names import ItemId, PartyId
from cordiale.records.agreements import load_index
from cordiale.records.duties import Due, discharge, due_day, open_duty
from cordiale.records.holdings import HELD_STATES
from cordiale.records.items import COPY
from cordiale.records.labels import label_of
from cordiale.records.ledger import Act
from cordiale.records.lineage import original_number, root_of
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import post_to_originator, require_told
from cordiale.rules.holding import AccessView
from cordiale.rules.layers import Scope

READING_TOLD: Final = "reading-told"
_OPEN: Final = "open"


def note_reading(registry: Registry, session: ActSession, item: Record, view: AccessView, copy: str) -> None:
    """Make it due that the originator is told of this reading of `copy`, where a layer asks for that.

    Without a name it is the copy that is held: a content is one envelope, whichever copy it is opened as.
    """
    if not view.is_foreign or view.read.ruling is not Ruling.WITH_NOTICE:
        return
    root, held = root_of(item), session.get(COPY, copy) if copy else _any_copy(registry, session, item)
    if held is None:
        return
    number = original_number(root, held.id) or int(held["copy_number"])
    reading = {"at": encode_instant(session.at.replace(microsecond=0)), "number": number}
    today, due = session.at.date(), _due(registry, session, item)
    if due.on is not None and due.on > today:
        id = f"{root}/{today.isoformat()}"
        known = session.get(READING_TOLD, id)
        if known is not None and known["state"] == _OPEN and len(known["readings"]) < READINGS_TOLD_COUNT_MAX:
            session.change(known, readings=[*known["readings"], reading])
            return
        if known is None:
            _open(registry, session, (id, root, item), {"day": today.isoformat(), "readings": [reading]}, due)
            return
    _open(registry, session, (session.act_id, root, item), {"readings": [reading]}, due)


def _open(
    registry: Registry, session: ActSession, what: tuple[str, str, Record], said: dict[str, Any], due: Due
) -> None:
    id, root, item = what
    session.put(READING_TOLD, id, {
        **said, "agreement": item["agreement"], "item": root, "party": item["origin_party"], "state": _OPEN,
    }, expect=0)
    open_duty(session, _duty(id), what="tell-reading", owner=registry.party, subject=item.id, due=due)


def _due(registry: Registry, session: ActSession, item: Record) -> Due:
    """Return by when the originator is told: by the deadline of the rule, and today where it has none."""
    today, origin = session.at.date(), PartyId(item["origin_party"])
    scope = Scope(origin, registry.party, label_of(item).level, registry.party)
    day = due_day(load_index(session.reads, item["agreement"], registry.party), LayerAct.READ, scope, today)
    return Due(day if day is not None else today)


def _any_copy(registry: Registry, session: ActSession, item: Record) -> Record | None:
    return next((
        copy for state in HELD_STATES for copy in session.each(COPY, "item/state", f"{item.id} {state}")
        if copy["party"] == registry.party
    ), None)


def _duty(id: str) -> str:
    return f"tell-reading.{id}"


def tell_readings(registry: Registry) -> None:
    """Tell originators of the readings that they are to be told of now.

    One that fails stops none of the others; the first failure is raised when all have been tried.
    """
    tried = AllTried()
    books = registry.books()
    today = books.at.date().isoformat()
    for record in list(books.each(READING_TOLD, "state", _OPEN)):
        if record.body.get("day", "") >= today:
            continue
        with tried.one():
            _tell(registry, record)
    tried.end()


def _tell(registry: Registry, record: Record) -> None:
    # Asked before the act, too: that the partner cannot be written to now is no refusal to be entered.
    require_told(registry, registry.books(), record["party"])

    def run(session: ActSession) -> dict[str, Any]:
        current = session.require(READING_TOLD, record.id)
        if current["state"] != _OPEN:
            return {}
        read = sorted(CopyRead(parse_instant(one["at"]), int(one["number"])) for one in current["readings"])
        notice = ReadingNotice(ItemId(record["item"]), tuple(read))
        posted = post_to_originator(registry, session, (record["party"], record["agreement"]), notice)
        proof = posted.id if posted is not None else session.act_id
        session.change(current, message=proof, state="told", told_at=shown_at(session.at))
        discharge(session, _duty(record.id), proof)
        return {"readings": len(read)}

    registry.ledger.commit(
        Act(registry.fresh_id("reading"), "reading.tell", "node", record["agreement"], run, record["item"])
    )
