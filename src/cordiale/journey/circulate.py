"""Circulate: the head of the addressee grants need-to-know, the registrar carries it out, the holder confirms.

Need-to-know opens nothing alone: at each reading every other condition is
looked at too. Nothing of this ever crosses to the partner.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.items import ITEM, needs_of, view_of
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.access import decide_access
from cordiale.rules.offices import ActDone, OfficialAct


def grant_need(registry: Registry, request: Request) -> Answer:
    """Grant a person need-to-know of an item for a purpose; the head's decision, never for oneself."""
    fields = request.act.fields()
    item_id, person_id, purpose = fields.text("item"), fields.text("person"), fields.text("purpose")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.GRANT_NEED_TO_KNOW, subject=PersonId(person_id))
        require_allowed(office)
        session.require(ITEM, item_id)
        require_person(session, person_id)
        session.put("need", f"{item_id}/{person_id}", {
            "granted_at": shown_at(session.at), "granted_by": actor.id, "item": item_id,
            "person": person_id, "purpose": purpose,
        })
        return {"item": item_id, "person": person_id, "purpose": purpose}

    hidden = hide_from_strangers(item_id, run, OfficialAct.GRANT_NEED_TO_KNOW)
    return commit_personal(registry, request, hidden, subject=item_id)


def withdraw_need(registry: Registry, request: Request) -> Answer:
    """Withdraw a need-to-know; it stops counting at once."""
    fields = request.act.fields()
    item_id, person_id = fields.text("item"), fields.text("person")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.GRANT_NEED_TO_KNOW, subject=PersonId(person_id))
        require_allowed(office)
        need = session.require("need", f"{item_id}/{person_id}")
        session.change(need, withdrawn_at=shown_at(session.at))
        return {"item": item_id, "person": person_id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.GRANT_NEED_TO_KNOW)
    return commit_personal(registry, request, hidden, subject=item_id)


def charge_out(registry: Registry, request: Request) -> Answer:
    """Charge an item out to a person who may have it; the person confirms with their own key."""
    fields = request.act.fields()
    item_id, person_id = fields.text("item"), fields.text("person")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, item_id)
        holder = require_person(session, person_id)
        needs = needs_of(session, person_id, item_id)
        done = tuple(ActDone(need.granted_by, OfficialAct.GRANT_NEED_TO_KNOW) for need in needs)
        office = decide_office_now(session, actor, OfficialAct.CIRCULATE, subject=PersonId(person_id), done=done)
        purpose = needs[0].purpose if needs else ""
        access = decide_access(holder, view_of(registry, session, item), needs=needs, now=session.at, purpose=purpose)
        require_allowed(decision_of("circulate", [*office.reasons, *access.reasons]))
        session.put("custody", f"{item_id}/{person_id}", {
            "charged_at": shown_at(session.at), "charged_by": actor.id,
            "holder": person_id, "item": item_id, "state": "charged-out",
        })
        return {"item": item_id, "person": person_id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.CIRCULATE)
    return commit_personal(registry, request, hidden, subject=item_id)


def confirm_custody(registry: Registry, request: Request) -> Answer:
    """Confirm, as the holder, that an item charged out to oneself was received."""
    return _move_custody(registry, request, "charged-out", "confirmed")


def hand_back(registry: Registry, request: Request) -> Answer:
    """Hand an item back to the registry, as its holder."""
    return _move_custody(registry, request, "confirmed", "back")


def _move_custody(registry: Registry, request: Request, before: str, after: str) -> Answer:
    fields = request.act.fields()
    item_id = fields.text("item")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        custody = session.get("custody", f"{item_id}/{actor.id}")
        if custody is None:
            require_allowed(decision_of("circulate", [
                refusal("circulate.not-holder", "the item was not charged out to you")
            ]))
            raise OutOfOrder("circulate.none", "the item was not charged out", hint="ask the registrar")
        if custody["state"] != before:
            raise OutOfOrder(
                "circulate.state", "the item is not in that state of custody now", hint="look at `cordiale where`"
            )
        session.change(custody, moved_at=shown_at(session.at), state=after)
        return {"item": item_id, "state": after}

    return commit_personal(registry, request, hide_from_strangers(item_id, run), subject=item_id)
