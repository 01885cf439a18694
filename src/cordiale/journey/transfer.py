"""Transfer: a copy passes from one registry of ours to another, and both hands sign.

Until the other registry has received it, whoever sent it answers for it, and
nobody gives it out, destroys it or sends it on. Some levels pass only with the
approval of the chief registry, for one item and one way.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.agreement import Term
from cordiale.model.decision import Reason, decision_of
from cordiale.model.person import Person
from cordiale.model.topology import RegistryOffice
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge, open_duty
from cordiale.records.folders import require_empty
from cordiale.records.holdings import CUSTODY, IN_HAND, PLACE, holding_of, level_of, require_copy
from cordiale.records.items import ENTRY, ITEM, facts_of, find_item, view_of
from cordiale.records.partners import PARTNER
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.topology import (
    APPROVAL_OF_CHIEF,
    SUB_REGISTRY,
    TRANSFER,
    TRANSFER_KEPT,
    approval_id,
    entry_book,
    held_at,
    is_approved,
    kept_central,
    list_under_way_reasons,
    open_offices,
    require_office_open,
    use_approval,
)
from cordiale.rules.holding import list_standing_reasons
from cordiale.rules.offices import ActDone, OfficialAct
from cordiale.rules.terms import first_day
from cordiale.rules.terms_here import holidays_here, terms_here
from cordiale.rules.topology import ACT, TransferQuestion, chief_of, list_keeper_reasons, list_transfer_reasons


def approve_transfer(registry: Registry, request: Request) -> Answer:
    """Approve in writing, for the chief registry, that an item goes to a registry of ours or to a party, once."""
    fields = request.act.fields()
    name, to, text = fields.text("item"), fields.text("to"), fields.text("text")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.APPROVE_TRANSFER)
        chief = chief_of(open_offices(session))
        if chief is None:
            raise OutOfOrder("topology.none", "no chief registry is entered here", hint="open it with `registry open`")
        require_allowed(decision_of(ACT, list_keeper_reasons(actor.id, chief)))
        item = find_item(session, name)
        if session.get(PARTNER, to) is None:
            require_office_open(session, to)
        if is_approved(session, item.id, to):
            # Whoever gave it stays who gave it: that is held against whoever sends.
            raise OutOfOrder(
                "topology.approved-already", "it is approved already that {item} goes to {to}",
                hint="it counts until the item has gone", item=item["reference"], to=to,
            )
        session.put(APPROVAL_OF_CHIEF, approval_id(item.id, to), {
            "given_at": shown_at(session.at), "given_by": actor.id, "item": item.id, "state": "given", "text": text,
            "to": to,
        })
        return {"item": item.id, "to": to}

    return commit_personal(registry, request, run, subject=name)


def send_copy(registry: Registry, request: Request) -> Answer:
    """Send a copy to another registry of ours; it answers for it once one of its keepers has received it."""
    fields = request.act.fields()
    name, to = fields.text("copy"), fields.text("to")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.TRANSFER)
        copy = require_copy(session, name, registry.party)
        giver, receiver = held_at(session, copy.id), require_office_open(session, to)
        if giver is None:
            raise OutOfOrder("topology.none", "no chief registry is entered here", hint="open it with `registry open`")
        item = require_empty(session, session.require(ITEM, copy["item"]))
        require_allowed(decision_of(ACT, _list_reasons(registry, session, actor, (item, copy, giver, receiver))))
        _require_at_registry(session, copy)
        approved_by = use_approval(session, item.id, to)
        number = f"{registry.party}-TRF-{session.at.year}-{session.take_number('transfer'):04d}"
        session.put(TRANSFER, number.lower(), {
            "copy": copy.id, "giver": giver.id, "item": item.id, "number": number, "receiver": receiver.id,
            "sent_at": shown_at(session.at), "sent_by": actor.id, "state": "under-way",
            **({"approved_by": approved_by} if approved_by else {}),
        }, expect=0)
        view = view_of(registry, session, item)
        confirmed: tuple[Term, ...] = terms_here(view, "handover.confirm")
        open_duty(session, _duty(number), what="receive-transfer", owner=registry.party, subject=number,
                  due=first_day(confirmed, session.at.date(), holidays_here(view)))
        return {"copy": copy.id, "to": to, "transfer": number}

    return commit_personal(registry, request, run, subject=name)


def _list_reasons(
    registry: Registry, session: ActSession, actor: Person,
    what: tuple[Record, Record, RegistryOffice, RegistryOffice],
) -> list[Reason]:
    item, copy, giver, receiver = what
    approval = session.get(APPROVAL_OF_CHIEF, approval_id(item.id, receiver.id))
    done = (ActDone(approval["given_by"], OfficialAct.APPROVE_TRANSFER),) if approval is not None else ()
    question = TransferQuestion(
        giver, receiver, level_of(holding_of(session, copy).here),
        kept_central(registry, session, item, TRANSFER_KEPT), is_approved(session, item.id, receiver.id),
    )
    return [
        *decide_office_now(session, actor, OfficialAct.TRANSFER, done=done).reasons,
        *list_keeper_reasons(actor.id, giver), *list_transfer_reasons(question),
        *list_under_way_reasons(session, [copy]), *list_standing_reasons(facts_of(registry, session, item).standing),
    ]


def _require_at_registry(session: ActSession, copy: Record) -> None:
    for custody in session.find(CUSTODY, "item", copy["item"]):
        if custody["state"] in IN_HAND and custody.body.get("copy", copy.id) == copy.id:
            raise OutOfOrder(
                "circulate.in-hand", "somebody has this copy in hand", hint="have it handed back, or handed over"
            )


def receive_copy(registry: Registry, request: Request) -> Answer:
    """Receive a copy at the registry it was sent to, as a keeper of that registry and never as who sent it."""
    fields = request.act.fields()
    number, place = fields.text("transfer"), fields.text("place")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        transfer, receiver = _require_under_way(session, number, actor)
        copy, item = session.require("copy", transfer["copy"]), session.require(ITEM, transfer["item"])
        session.put(PLACE, copy.id, {
            "at": shown_at(session.at), "by": actor.id, "copy": copy.id, "item": item.id, "place": place,
            "unit": receiver.unit,
        })
        session.change(transfer, received_at=shown_at(session.at), received_by=actor.id, state="received")
        giver = session.require(SUB_REGISTRY, transfer["giver"])
        sender = require_person(session, transfer["sent_by"])
        session.put(ENTRY, f"transfer.{number.lower()}", {
            "act": "transferred", "at": shown_at(session.at), "book": entry_book(item), "copy": copy.id,
            "copy_number": copy["copy_number"], "from_registry": giver["title"], "item": item.id, "number": number,
            "persons": [sender.post], "to_registry": session.require(SUB_REGISTRY, receiver.id)["title"],
            "witnesses": [actor.post],
        }, expect=0)
        discharge(session, _duty(number), number)
        return {"copy": copy.id, "registry": receiver.id, "transfer": number}

    return commit_personal(registry, request, run, subject=number)


def decline_copy(registry: Registry, request: Request) -> Answer:
    """Say, at the registry it was sent to, that a copy was not received; whoever sent it still answers for it."""
    fields = request.act.fields()
    number, reason = fields.text("transfer"), fields.text("reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        transfer, _ = _require_under_way(session, number, actor)
        session.change(transfer, declined_at=shown_at(session.at), declined_by=actor.id, reason=reason,
                       state="declined")
        discharge(session, _duty(number), session.act_id)
        return {"copy": transfer["copy"], "transfer": number}

    return commit_personal(registry, request, run, subject=number)


def _require_under_way(session: ActSession, number: str, actor: Person) -> tuple[Record, RegistryOffice]:
    require_office_now(session, actor, OfficialAct.RECEIVE_TRANSFER)
    transfer = session.require(TRANSFER, number.lower())
    if transfer["state"] != "under-way":
        raise OutOfOrder("transfer.settled", "this transfer is {state}", state=transfer["state"],
                         hint="look at `cordiale where`")
    receiver = require_office_open(session, transfer["receiver"])
    done = (ActDone(transfer["sent_by"], OfficialAct.TRANSFER),)
    office = decide_office_now(session, actor, OfficialAct.RECEIVE_TRANSFER, done=done)
    require_allowed(decision_of(ACT, [*office.reasons, *list_keeper_reasons(actor.id, receiver)]))
    return transfer, receiver


def _duty(number: str) -> str:
    return f"receive-transfer.{number.lower()}"
