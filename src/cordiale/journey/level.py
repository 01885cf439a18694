"""Change of level: a trigger proposes, the originator confirms. Here: declassification of our own items.

An event or a date never declassifies anything by itself.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.label import TriggerKind
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.items import COPY, ENTRY, ITEM, label_of, require_own
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers, require_known
from cordiale.rules.offices import ActDone, OfficialAct

PROPOSAL = "level-proposal"


def propose_declassification(registry: Registry, request: Request) -> Answer:
    """Propose, because the event named in its label has happened, to declassify an item of ours."""
    fields = request.act.fields()
    item_id, event = fields.text("item"), fields.text("event")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.PROPOSE_LEVEL)
        require_allowed(office)
        known = require_known(session, actor, session.require(ITEM, item_id), OfficialAct.PROPOSE_LEVEL)
        item = require_own(registry, known)
        trigger = label_of(item).trigger
        if trigger is None or (trigger.kind is TriggerKind.EVENT and trigger.event != event):
            raise OutOfOrder(
                "level.no-trigger", "the label of this item names no such event",
                hint="only the originator can change a level without one",
            )
        if trigger.kind is TriggerKind.DATE and trigger.on is not None and session.at.date() < trigger.on:
            raise OutOfOrder(
                "level.too-early", "the label of this item ends on {day}, which has not come", hint="wait for the day",
                day=trigger.on.isoformat(),
            )
        session.put(PROPOSAL, item_id, {
            "event": event, "item": item_id, "proposed_at": shown_at(session.at), "proposed_by": actor.id,
            "state": "proposed",
        })
        return {"event": event, "item": item_id, "state": "proposed"}

    hidden = hide_from_strangers(item_id, run, OfficialAct.PROPOSE_LEVEL)
    return commit_personal(registry, request, hidden, subject=item_id)


def confirm_declassification(registry: Registry, request: Request) -> Answer:
    """Confirm or decline, for the originator, a proposed declassification; copies that left bar it here."""
    fields = request.act.fields()
    item_id = fields.text("item")
    declined = fields.boolean("decline") if fields.has("decline") else False
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        proposal = session.require(PROPOSAL, item_id)
        item = require_own(registry, session.require(ITEM, item_id))
        done = (ActDone(proposal["proposed_by"], OfficialAct.PROPOSE_LEVEL),)
        office = decide_office_now(session, actor, OfficialAct.CONFIRM_LEVEL, done=done)
        require_allowed(office)
        if proposal["state"] != "proposed":
            raise OutOfOrder("level.settled", "this proposal was answered before", hint="nothing was changed")
        away = [copy for copy in session.find(COPY, "item", item_id) if copy["state"] in ("dispatched", "with-partner")]
        if away and not declined:
            raise OutOfOrder(
                "level.copies-away", "{count} copies of this item are with a partner, who must be told first",
                hint="changes of level that cross to a partner are not carried out by this version", count=len(away),
            )
        state = "declined" if declined else "confirmed"
        session.change(proposal, answered_at=shown_at(session.at), answered_by=actor.id, state=state)
        if not declined:
            session.change(item, declassified_at=shown_at(session.at), declassified_by=actor.post)
            session.put(ENTRY, f"declassified.{item_id}", {
                "act": "declassified", "at": shown_at(session.at), "authority": actor.post, "book": "own",
                "event": proposal["event"], "item": item_id, "number": item["reference"],
            }, expect=0)
        return {"item": item_id, "state": state}

    hidden = hide_from_strangers(item_id, run, OfficialAct.CONFIRM_LEVEL)
    return commit_personal(registry, request, hidden, subject=item_id)
