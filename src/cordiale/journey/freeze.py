"""Freeze: the security officer stops everything with an item at once; at a partner it is asked for, or ordered.

Whether a partner must obey is what the agreement says (`incident.freeze-right`); where it says nothing the partner
decides. Lifting opens again what was shut, and so is not for whoever reported the case.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.freeze import Freeze, FreezeAnswer, FreezeDemand, FreezeOutcome
from cordiale.model.decision import decision_of
from cordiale.model.names import ItemId, PartyId, is_made_by, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, Posted, post
from cordiale.records.duties import discharge, open_duty
from cordiale.records.endings import ENDED
from cordiale.records.freezes import FREEZE, IN_FORCE, following, freeze, frozen_above, is_frozen_itself, lift
from cordiale.records.incidents import INCIDENT, judged, open_cases_about
from cordiale.records.inquiry import require_closing, require_line
from cordiale.records.items import COPY, ITEM, find_item, require_own
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.records.tell_originator import Thread, answer_order
from cordiale.rules.holding import FROZEN_ITEM
from cordiale.rules.incident import may_order_freeze
from cordiale.rules.offices import OfficialAct

ORDER = "freeze-order"


def freeze_item(registry: Registry, request: Request) -> Answer:
    """Freeze an item, or one copy, held here; from this act on nobody reads, dispatches or reproduces it."""
    fields = request.act.fields()
    named, reason = fields.text("item"), require_line(fields.text("reason"), "reason")
    copy, incident = fields.optional_text("copy") or "", fields.optional_text("incident") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.HANDLE_INCIDENT))
        item = find_item(session, named)
        if copy and session.require(COPY, copy)["item"] != item.id:
            raise OutOfOrder("freeze.other-copy", "this copy is of another item", hint="look at `cordiale where`")
        case = session.require(INCIDENT, incident).id if incident else _case_of(session, item.id)
        freeze(session, item.id, copy=copy, by=actor.id, reason=reason, **({"incident": case} if case else {}))
        if case:
            judged(session, case, request.act.id)
        return {"incident": case, "item": item.id, "state": "frozen"}

    return commit_personal(registry, request, run, subject=named)


def _case_of(session: ActSession, item: str) -> str:
    """Return the one open case about `item`, empty where there is none or more than one."""
    cases = open_cases_about(session, item)
    return cases[0].id if len(cases) == 1 else ""


def lift_freeze(registry: Registry, request: Request) -> Answer:
    """Lift a freeze; not for whoever reported the case it belongs to."""
    fields = request.act.fields()
    named, reason = fields.text("item"), require_line(fields.text("reason"), "reason")
    copy = fields.optional_text("copy") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.CLOSE_INCIDENT))
        item = find_item(session, named)
        record = session.get(FREEZE, copy or item.id)
        if record is None or record["state"] != IN_FORCE:
            raise OutOfOrder("freeze.none", "this is not frozen", hint="look at `cordiale incident list`")
        if "under" in record.body or (not copy and frozen_above(session, item.id)):
            require_allowed(decision_of("lift", [FROZEN_ITEM]))
        _require_lifting(session, actor, record)
        lift(session, record, lifted_by=actor.id, lifted_for=reason)
        _answer_lifted(registry, session, record)
        return {"item": item.id, "state": session.require(ITEM, item.id)["state"]}

    return commit_personal(registry, request, run, subject=named)


def _require_lifting(session: ActSession, actor: Person, record: Record) -> None:
    """Raise `Refused` unless `actor` may close every case that the freeze in `record` and what follows it rest on."""
    require_allowed(decide_office_now(session, actor, OfficialAct.CLOSE_INCIDENT))
    items = (record["item"], *(one["item"] for one in following(session, record)))
    open_cases = {case.id for item in items for case in open_cases_about(session, item)}
    for case in sorted({str(record.body.get("incident", "")), *open_cases} - {""}):
        require_closing(session, actor, case)


def order_freeze(registry: Registry, request: Request) -> Answer:
    """Send a partner the order to freeze an item of ours that is with it, or to lift that again."""
    fields = request.act.fields()
    named, party = fields.text("item"), parse_party_id(fields.text("party"))
    demand = fields.choice("demand", FreezeDemand)
    reason = require_line(fields.text("reason"), "reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = OfficialAct.NOTIFY_INCIDENT if demand is FreezeDemand.FREEZE else OfficialAct.CLOSE_INCIDENT
        require_allowed(decide_office_now(session, actor, office))
        item = require_own(registry, find_item(session, named))
        if demand is FreezeDemand.LIFT:
            for case in open_cases_about(session, item.id):
                require_closing(session, actor, case.id)
        there = [
            copy for copy in session.find(COPY, "item", item.id)
            if copy["party"] == party and copy["state"] in ("dispatched", "with-partner")
        ]
        if not there:
            raise OutOfOrder(
                "freeze.none-there", "no copy of this item is with {party}", hint="look at `cordiale where`",
                party=party,
            )
        for agreement in sorted({str(copy["agreement"]) for copy in there}):
            _order(registry, session, Freeze(ItemId(item.id), demand, reason), (party, agreement))
        return {"demand": demand.value, "item": item.id, "party": party}

    return commit_personal(registry, request, run, subject=named)


def _order(registry: Registry, session: ActSession, body: Freeze, where: tuple[PartyId, str]) -> Posted:
    party, agreement = where
    partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
    posted = post(registry, session, Letter(
        partner=partner, body=body, agreement=agreement, version=version_of(session, agreement),
    ))
    session.put(ORDER, posted.id, {
        "agreement": agreement, "demand": body.demand.value, "direction": "out", "item": body.item, "party": party,
        "reason": body.reason, "state": "asked",
    }, expect=0)
    open_duty(
        session, f"freeze.{posted.id}", what="answer-freeze", owner=party, subject=body.item, due=session.at.date(),
    )
    return posted


def answer_freeze(registry: Registry, request: Request) -> Answer:
    """Answer a partner who asked us to freeze or to lift: done, or declined."""
    fields = request.act.fields()
    order_id, declined = fields.text("order"), fields.boolean("decline") if fields.has("decline") else False
    fields.end()
    log = log_of(registry, ORDER, order_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.HANDLE_INCIDENT))
        order = session.require(ORDER, order_id)
        if order["direction"] != "in" or order["state"] != "asked":
            raise OutOfOrder("freeze.answered", "this order waits for no answer", hint="nothing was changed")
        if declined:
            outcome = FreezeOutcome.DECLINED
        elif order["demand"] == FreezeDemand.FREEZE.value:
            outcome = _obey(session, order, actor.id)
        else:
            outcome = _lift_for(session, order, actor)
        _send_answer(registry, session, order, outcome)
        return {"item": order["item"], "outcome": outcome.value, "party": order["party"]}

    return commit_personal(registry, request, run, log=log, subject=order_id)


def _obey(session: ActSession, order: Record, by: str) -> FreezeOutcome:
    """Freeze an item as its originator asks; what is frozen already stays so."""
    if not is_frozen_itself(session.get(FREEZE, order["item"])):
        freeze(session, order["item"], by=by, reason=order["reason"], asked_by=order["party"])
    return FreezeOutcome.FROZEN


def _lift_for(session: ActSession, order: Record, actor: Person) -> FreezeOutcome:
    """Lift what the partner had asked to be frozen, where `actor` may; a freeze on any other ground is not lifted."""
    require_allowed(decide_office_now(session, actor, OfficialAct.CLOSE_INCIDENT))
    known = session.get(FREEZE, order["item"])
    if known is None or known["state"] != IN_FORCE:
        return FreezeOutcome.LIFTED
    if known.body.get("asked_by") != order["party"] or frozen_above(session, order["item"]):
        return FreezeOutcome.DECLINED
    _require_lifting(session, actor, known)
    lift(session, known, lifted_by=actor.id, lifted_for=order["reason"])
    return FreezeOutcome.LIFTED


def _send_answer(registry: Registry, session: ActSession, order: Record, outcome: FreezeOutcome) -> None:
    answer_order(
        registry, session, (order["party"], order["agreement"], order["item"]),
        FreezeAnswer(ItemId(order["item"]), outcome), thread=Thread(in_reply_to=order.id),
    )
    session.change(order, answered_at=shown_at(session.at), state=outcome.value)
    discharge(session, f"freeze.{order.id}", outcome.value)


def _answer_lifted(registry: Registry, session: ActSession, record: Record) -> None:
    """Tell the partner at whose request an item was frozen that it no longer is; one copy of it is not the item."""
    if "copy" in record.body:
        return
    for order in session.find(ORDER, "item", record["item"]):
        asked = order["direction"] == "in" and order["demand"] == FreezeDemand.FREEZE.value
        if asked and order["state"] == FreezeOutcome.FROZEN.value:
            _send_answer(registry, session, order, FreezeOutcome.LIFTED)


def take_freeze(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter an originator's order: obeyed at once where the agreement gives the right, else for the officer to answer.

    An order to freeze is about the sender's own item, here or not: it overtakes the consignment that brings the item,
    and whether there is any such item here is not told by taking it. What it says of the law is not asked: our own
    books say it. The newest order counts: one that says the contrary and still waits is answered as declined.
    """
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, Freeze):
        raise OutOfOrder("freeze.other", "this is not an order to freeze", hint="report this as a defect")
    item = session.get(ITEM, body.item)
    if not is_made_by(party, body.item) or (item is not None and item["origin_party"] != party):
        raise Unverified(
            "freeze.not-theirs", "only the originator orders an item to be frozen", hint="nothing was changed",
        )
    for earlier in session.each(ORDER, "item", body.item):
        if (earlier["direction"], earlier["state"]) == ("in", "asked") and earlier["demand"] != body.demand.value:
            _send_answer(registry, session, earlier, FreezeOutcome.DECLINED)
    order = session.put(ORDER, arrived.message.id, {
        "agreement": arrived.message.agreement, "demand": body.demand.value, "direction": "in", "item": body.item,
        "party": party, "reason": body.reason, "state": "asked",
    }, expect=0)
    right = may_order_freeze(load_index(session.reads, arrived.message.agreement, registry.party), registry.party)
    is_here = item is None or item["state"] not in ENDED
    if right and is_here and body.demand is FreezeDemand.FREEZE:
        _send_answer(registry, session, order, _obey(session, order, f"partner:{party}"))
        return
    open_duty(
        session, f"freeze.{order.id}", what="answer-freeze", owner=registry.party, subject=order.id,
        due=session.at.date(),
    )


def take_freeze_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner did about an order of ours."""
    body = arrived.message.body
    if not isinstance(body, FreezeAnswer):
        raise OutOfOrder("freeze.other", "this is not an answer to an order", hint="report this as a defect")
    order = session.get(ORDER, arrived.message.in_reply_to)
    if order is None or order["direction"] != "out" or (order["party"], order["item"]) != (
        arrived.partner.party, body.item
    ):
        raise Unverified(
            "freeze.no-order", "this answers no order that was given", hint="nothing was changed",
        )
    session.change(order, answered_at=shown_at(session.at), state=body.outcome.value)
    discharge(session, f"freeze.{order.id}", arrived.message.id)
