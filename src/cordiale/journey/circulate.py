"""Circulate: the head of the addressee grants need-to-know, the registrar carries it out, the holder confirms.

Need-to-know opens nothing alone: at each reading every other condition is
looked at too. Nothing of this ever crosses to the partner.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Refused, require_allowed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge
from cordiale.records.erasing import look_again
from cordiale.records.folders import parts_in
from cordiale.records.holdings import (
    CUSTODY,
    IN_HAND,
    PLACE,
    duty_back,
    duty_recover,
    free_copy,
    owe_back,
    require_copy,
)
from cordiale.records.items import ITEM, needs_of, view_of
from cordiale.records.joined import Joint, joined_with, open_joined
from cordiale.records.readings_told import note_reading
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.releases import people_of
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.topology import list_under_way_reasons, open_offices, require_keeper, unit_of
from cordiale.rules.access import decide_access
from cordiale.rules.inventory import is_unit
from cordiale.rules.joined import ANY_NUMBER, CIRCULATE, without_joined
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.rules.topology import answering
from cordiale.wire.person_json import parse_day


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
    """Charge an item out to a person who may have it; the person confirms with their own key.

    `copy` says which copy, where several are here; `until` is the day by which it is back, which becomes a duty.
    """
    fields = request.act.fields()
    item_id, person_id = fields.text("item"), fields.text("person")
    number, until = fields.optional_integer("copy", 0, COPIES_COUNT_MAX), fields.optional_text("until")
    fields.end()
    day = parse_day(until) if until else None

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, item_id)
        holder = require_person(session, person_id)
        joined = _joined(registry, session, item, holder)
        needs = needs_of(session, person_id, item_id)
        done = tuple(ActDone(need.granted_by, OfficialAct.GRANT_NEED_TO_KNOW) for need in needs)
        office = decide_office_now(session, actor, OfficialAct.CIRCULATE, subject=PersonId(person_id), done=done)
        require_allowed(decision_of("circulate", [
            *office.reasons, *without_joined(_access_reasons(registry, session, item, holder), 1 + len(joined)),
        ]))
        copy = free_copy(registry, session, item, number)
        if copy is not None:
            require_keeper(session, actor, copy.id)
            require_allowed(decision_of("circulate", list_under_way_reasons(session, [copy])))
        session.put(CUSTODY, f"{item_id}/{person_id}", {
            "charged_at": shown_at(session.at), "charged_by": actor.id,
            "holder": person_id, "item": item_id, "state": "charged-out", **joined_with(session, joined),
            **({"copy": copy.id} if copy is not None else {}),
            **({"until": day.isoformat()} if day is not None else {}),
        })
        if day is not None:
            owe_back(registry, session, f"{item_id}/{person_id}", day)
        return {"item": item_id, "person": person_id}

    hidden = hide_from_strangers(item_id, run, OfficialAct.CIRCULATE)
    return commit_personal(registry, request, hidden, subject=item_id)


def confirm_custody(registry: Registry, request: Request) -> Answer:
    """Confirm, as the holder, that an item charged out or handed over to oneself was received.

    With a hand-over the giver is answerable until this moment and no longer.
    """
    return _move_custody(registry, request, ("charged-out", "offered"), "confirmed")


def hand_back(registry: Registry, request: Request) -> Answer:
    """Hand an item back to the registry, as its holder; with `person`, take it back from one who has left."""
    if request.act.fields().has("person"):
        return _take_back(registry, request)
    return _move_custody(registry, request, ("confirmed",), "back")


def _take_back(registry: Registry, request: Request) -> Answer:
    fields = request.act.fields()
    item_id, person_id = fields.text("item"), fields.text("person")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.CIRCULATE, subject=PersonId(person_id)))
        holder = require_person(session, person_id)
        if holder.left_at is None:
            raise _not_holder()
        custody = _require_custody(session, item_id, holder, ("charged-out", "confirmed"))
        session.change(custody, moved_at=shown_at(session.at), state="back", taken_by=actor.id)
        _bring_back(session, custody.id)
        look_again(session, "person", holder.id, owner=registry.party)
        return {"item": item_id, "state": "back"}

    hidden = hide_from_strangers(item_id, run, OfficialAct.CIRCULATE)
    return commit_personal(registry, request, hidden, subject=item_id)


def decline_custody(registry: Registry, request: Request) -> Answer:
    """Decline what is handed over to oneself; it stays with whoever offered it."""
    return _move_custody(registry, request, ("offered",), "declined")


def hand_over(registry: Registry, request: Request) -> Answer:
    """Hand an item over to another person inside the house, who may have it and confirms it (NO-VSF § 43)."""
    fields = request.act.fields()
    item_id, person_id = fields.text("item"), fields.text("person")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        custody = _require_custody(session, item_id, actor, ("confirmed",))
        item, receiver = session.require(ITEM, item_id), require_person(session, person_id)
        if receiver.id == actor.id:
            raise Malformed("hand-over.oneself", "nobody hands over to themselves", hint="name another person")
        joined = _joined(registry, session, item, receiver)
        _require_may_have(registry, session, item, receiver, len(joined))
        offered = [one for one in session.find(CUSTODY, "item", item_id) if one.body.get("from") == actor.id]
        if any(one["state"] == "offered" for one in offered):
            raise OutOfOrder(
                "hand-over.waits", "a hand-over of this item waits for the other person already",
                hint="wait for them to confirm or decline",
            )
        known = session.get(CUSTODY, f"{item_id}/{person_id}")
        if known is not None and known["state"] in IN_HAND:
            raise OutOfOrder("hand-over.holds", "this person has the item already", hint="look at `cordiale where`")
        session.put(CUSTODY, f"{item_id}/{person_id}", {
            "charged_at": shown_at(session.at), "charged_by": actor.id, "from": actor.id, "holder": person_id,
            "item": item_id, "state": "offered", **joined_with(session, joined),
            **{name: custody[name] for name in ("copy", "until") if name in custody.body},
        })
        return {"item": item_id, "person": person_id}

    return commit_personal(registry, request, hide_from_strangers(item_id, run), subject=item_id)


def _require_may_have(registry: Registry, session: ActSession, item: Record, person: Person, joined: int) -> None:
    reasons = without_joined(_access_reasons(registry, session, item, person), 1 + joined)
    require_allowed(decision_of("circulate", reasons))


def _joined(registry: Registry, session: ActSession, item: Record, holder: Person) -> list[Record]:
    """Return who has joined that `holder` has the item, and may have each thing in it as well."""
    needs = needs_of(session, holder.id, item.id)
    joint = Joint(CIRCULATE, item.id, holder.id, {"purpose": needs[0].purpose if needs else ""})
    found = {str(one["person"]): one for one in open_joined(registry, session, joint)}
    return [found[person] for person in _may_have_too(registry, session, item, found)]


def _may_have_too(registry: Registry, session: ActSession, item: Record, persons: Iterable[str]) -> list[str]:
    """Return those of `persons` against whom nothing stands but that it takes several."""
    return [
        person.id for person in people_of(session, persons)
        if not without_joined(_access_reasons(registry, session, item, person), ANY_NUMBER)
    ]


def _access_reasons(registry: Registry, session: ActSession, item: Record, person: Person) -> list[Reason]:
    """Return why `person` may not have the item: a folder goes to nobody who may not have each thing in it."""
    reasons: dict[Reason, None] = {}
    for id in (item.id, *sorted({str(one["item"]) for one in parts_in(session, item.id)})):
        needs = needs_of(session, person.id, id)
        view = view_of(registry, session, session.require(ITEM, id))
        purpose = needs[0].purpose if needs else ""
        reasons |= dict.fromkeys(decide_access(person, view, needs=needs, now=session.at, purpose=purpose).reasons)
    return list(reasons)


def _require_custody(session: ActSession, item_id: str, actor: Person, before: tuple[str, ...]) -> Record:
    custody = session.get(CUSTODY, f"{item_id}/{actor.id}")
    if custody is None:
        raise _not_holder()
    if custody["state"] not in before:
        raise OutOfOrder(
            "circulate.state", "the item is not in that state of custody now", hint="look at `cordiale where`"
        )
    return custody


def _not_holder() -> Refused:
    return Refused(decision_of("circulate", [
        refusal("circulate.not-holder", "the item was not charged out to you")
    ]))


def _move_custody(registry: Registry, request: Request, before: tuple[str, ...], after: str) -> Answer:
    fields = request.act.fields()
    item_id = fields.text("item")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        custody = _require_custody(session, item_id, actor, before)
        if after == "confirmed" and "from" in custody.body:
            _take_over(registry, session, custody, actor)
        session.change(custody, moved_at=shown_at(session.at), state=after)
        if after == "confirmed" and "copy" in custody.body:
            # Nobody counts how often a thing in hand is looked at: that somebody has it is told.
            item = session.require(ITEM, item_id)
            note_reading(registry, session, item, view_of(registry, session, item), custody["copy"])
        if after == "back":
            _bring_back(session, custody.id)
        return {"item": item_id, "state": after}

    return commit_personal(registry, request, hide_from_strangers(item_id, run), subject=item_id)


def _take_over(registry: Registry, session: ActSession, custody: Record, actor: Person) -> None:
    """End the giver's custody with the receiver's confirmation; what the receiver needs is looked at once more."""
    item = session.require(ITEM, custody["item"])
    joined = _may_have_too(registry, session, item, custody.body.get("joined_by", ()))
    _require_may_have(registry, session, item, actor, len(joined))
    giver = session.require(CUSTODY, f"{custody['item']}/{custody['from']}")
    if giver["state"] != "confirmed":
        raise OutOfOrder(
            "hand-over.giver-gone", "the person who hands over does not have the item any more",
            hint="ask the registrar",
        )
    session.change(giver, moved_at=shown_at(session.at), state="handed-over", to=actor.id)
    _bring_back(session, giver.id)
    if "until" in custody.body:
        owe_back(registry, session, custody.id, parse_day(custody["until"]))


def _bring_back(session: ActSession, custody: str) -> None:
    """Note that what was in `custody` is out of these hands: neither brought nor fetched back any more."""
    for duty in (duty_back(custody), duty_recover(custody)):
        discharge(session, duty, session.act_id)


def _require_same_registry(session: ActSession, copy: Record, unit: str) -> None:
    """Raise `OutOfOrder` where another registry of ours answers for `unit` than for the copy now."""
    offices = open_offices(session)
    if answering(offices, unit) != answering(offices, unit_of(session, copy.id)):
        raise OutOfOrder(
            "place.other-registry", "another registry answers for this unit",
            hint="transfer the copy with `cordiale registry transfer`, and have it received there",
        )


def put_in_place(registry: Registry, request: Request) -> Answer:
    """Enter in which unit and place (a room, a safe) a copy lies; the place it had before stays on record."""
    fields = request.act.fields()
    name, unit, place = fields.text("copy"), fields.optional_text("unit") or "", fields.text("place")
    fields.end()
    if not is_unit(unit):
        raise Malformed(
            "place.unit", "`{unit}` is no name of a unit", hint="write it from the whole to the part: east/vault",
            unit=unit[:60],
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.CIRCULATE))
        copy = require_copy(session, name, registry.party)
        require_keeper(session, actor, copy.id)
        require_allowed(decision_of("circulate", list_under_way_reasons(session, [copy])))
        _require_same_registry(session, copy, unit)
        session.put(PLACE, copy.id, {
            "at": shown_at(session.at), "by": actor.id, "copy": copy.id, "item": copy["item"], "place": place,
            "unit": unit,
        })
        return {"copy": copy.id, "place": place, "unit": unit}

    return commit_personal(registry, request, run, subject=name)
