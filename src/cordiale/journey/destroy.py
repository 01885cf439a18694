"""Destroy: as many persons as the layers ask, each with their own key; then a certificate to the originator.

One proposes and would carry it out, the others witness. Only the last
signature makes it happen: until then nothing is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.bodies.certificate import Ending
from cordiale.model.agreement import Act
from cordiale.model.decision import Decision, Reason, decision_of
from cordiale.model.person import Person
from cordiale.records.absences import absences_of, decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.endings import End, certify_ended, end_copy
from cordiale.records.folders import require_empty
from cordiale.records.holdings import HELD_STATES, is_held
from cordiale.records.items import COPY, DESTRUCTION, ITEM, marking_of, own_rules, view_of
from cordiale.records.labels import label_of
from cordiale.records.overrides import note_overridden
from cordiale.records.own_ending import end_own_item, erase_own
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers, require_known
from cordiale.records.topology import destroying_reasons
from cordiale.rules.disposal import WAITS_FOR_OTHERS, DisposalRequest, decide_disposal
from cordiale.rules.holding import FROZEN_ITEM
from cordiale.rules.methods import list_method_reasons
from cordiale.rules.offices import OfficialAct


def propose_destruction(registry: Registry, request: Request) -> Answer:
    """Propose to destroy the copies of an item held here; refused at once where no number of persons may."""
    fields = request.act.fields()
    item_id, method = fields.text("item"), fields.text("method")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = require_known(session, actor, session.require(ITEM, item_id), OfficialAct.WITNESS_DESTRUCTION)
        decision = _decide(registry, session, require_empty(session, item), (actor,), method)
        require_allowed(decision_of(decision.act, [r for r in decision.reasons if r.code not in WAITS_FOR_OTHERS]))
        copies = _held_copies(registry, session, item_id)
        waiting = next((one for one in session.find(DESTRUCTION, "item", item_id) if one["state"] == "proposed"), None)
        if waiting is not None:
            raise OutOfOrder(
                "destroy.proposed-already", "the destruction of this item is proposed already, as {proposal}",
                hint="join that proposal, or withdraw it with `cordiale destroy withdraw`", proposal=waiting.id,
            )
        session.put(DESTRUCTION, request.act.id, {
            "copies": [copy.id for copy in copies], "item": item_id, "method": method, "persons": [actor.id],
            "proposed_at": shown_at(session.at), "state": "proposed",
        }, expect=0)
        return {"item": item_id, "proposal": request.act.id, "waits_for": [str(r) for r in decision.reasons]}

    hidden = hide_from_strangers(item_id, run, OfficialAct.WITNESS_DESTRUCTION)
    return commit_personal(registry, request, hidden, subject=item_id)


def witness_destruction(registry: Registry, request: Request) -> Answer:
    """Join a proposed destruction with one's own key; with the last person needed, it is done and certified."""
    fields = request.act.fields()
    proposal_id = fields.text("proposal")
    fields.end()
    found = registry.record(DESTRUCTION, proposal_id)
    known = registry.record(ITEM, found["item"]) if found is not None else None
    log = known.body.get("agreement", "internal") if known is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        proposal = _require_proposed(session, proposal_id)
        item = require_empty(session, session.require(ITEM, proposal["item"]))
        persons = (*(require_person(session, one) for one in proposal["persons"]), actor)
        decision = _decide(registry, session, item, persons, proposal["method"])
        waiting = [r for r in decision.reasons if r.code in WAITS_FOR_OTHERS]
        require_allowed(decision_of(decision.act, [r for r in decision.reasons if r not in waiting]))
        ended = _held_copies(registry, session, item.id)
        if [copy.id for copy in ended] != proposal["copies"]:
            raise OutOfOrder(
                "destroy.other-copies", "other copies of this item are held now than when its destruction was proposed",
                hint="nothing was destroyed; withdraw the proposal with `cordiale destroy withdraw` and propose anew",
            )
        if waiting:
            session.change(proposal, persons=[one.id for one in persons])
            return {"item": item.id, "proposal": proposal_id, "waits_for": [str(r) for r in waiting]}
        end = End(
            Ending.DESTROYED, proposal["method"], persons[:1], persons[1:], "; ".join(decision.consulted) or "-"
        )
        note_overridden(session, decision, subject=item.id)
        numbers = _end_copies(registry, session, item, end)
        session.change(proposal, persons=[one.id for one in persons], state="done")
        return {"certificates": numbers, "item": item.id, "persons": len(persons)}

    subject = found["item"] if found is not None else ""
    hidden = hide_from_strangers(subject, run, OfficialAct.WITNESS_DESTRUCTION)
    answer = commit_personal(registry, request, hidden, log=log, subject=subject)
    # What fails here stands among the duties: it is done when the act is repeated, and by the node itself.
    certify_ended(registry, str(answer.value["item"]))
    if known is not None:
        erase_own(registry, known)
    return answer


def _end_copies(registry: Registry, session: ActSession, item: Record, end: End) -> list[str]:
    """End what of `item` is held here, and return the numbers of the certificates; for our own item none is owed."""
    if item["origin_party"] == registry.party:
        end_own_item(registry, session, item, end)
        return []
    return [end_copy(registry, session, copy, end) for copy in _held_copies(registry, session, item.id)]


def withdraw_destruction(registry: Registry, request: Request) -> Answer:
    """Withdraw a proposed destruction, as one of those who signed it or as the registrar; nothing is gone."""
    fields = request.act.fields()
    proposal_id = fields.text("proposal")
    fields.end()
    found = registry.record(DESTRUCTION, proposal_id)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        proposal = session.get(DESTRUCTION, proposal_id)
        if proposal is None or actor.id not in proposal["persons"]:
            require_allowed(decide_office_now(session, actor, OfficialAct.DESTROY))
        proposal = _require_proposed(session, proposal_id)
        session.change(proposal, state="withdrawn", withdrawn_at=shown_at(session.at), withdrawn_by=actor.id)
        return {"item": proposal["item"], "proposal": proposal_id}

    subject = found["item"] if found is not None else ""
    return commit_personal(
        registry, request, hide_from_strangers(subject, run, OfficialAct.DESTROY), subject=subject
    )


def _require_proposed(session: ActSession, proposal_id: str) -> Record:
    proposal = session.require(DESTRUCTION, proposal_id)
    if proposal["state"] != "proposed":
        raise OutOfOrder(
            "destroy.settled", "this proposal waits for nobody: it is {state}",
            hint="look at `cordiale where` for the item", state=proposal["state"],
        )
    return proposal


def _held_copies(registry: Registry, session: ActSession, item: str) -> list[Record]:
    """Return the copies of `item` that are held here: what a destruction ends.

    Raises `OutOfOrder` when none is, and `Refused` for an own item, which ends whole, while a copy of it is frozen.
    """
    here = [copy for copy in session.find(COPY, "item", item) if is_held(copy, registry.party)]
    held = [copy for copy in here if copy["state"] in HELD_STATES]
    if any(copy not in held and "agreement" not in copy.body for copy in here):
        require_allowed(decision_of(Act.DESTROY.value, [FROZEN_ITEM]))
    if not held:
        raise OutOfOrder("destroy.no-copy", "no copy of this item is held here", hint="look at `cordiale where`")
    return held


def _decide(
    registry: Registry, session: ActSession, item: Record, persons: tuple[Person, ...], method: str
) -> Decision:
    decision = decide_disposal(DisposalRequest(
        act=Act.DESTROY, item=view_of(registry, session, item), persons=persons, purpose="destroy",
        absences=absences_of(session),
    ), now=session.at)
    against = [
        *destroying_reasons(registry, session, item, persons), *_list_method_reasons(registry, session, item, method),
    ]
    return replace(decision, reasons=(*decision.reasons, *against))


def _list_method_reasons(registry: Registry, session: ActSession, item: Record, method: str) -> Iterator[Reason]:
    """Yield what national law has against destroying each form in which the item is held here by `method`."""
    national, marking = own_rules(registry, session).profile, marking_of(item)
    rows = national.destruction_methods if national is not None else ()
    level = marking.level if marking is not None else label_of(item).level
    held = [copy for copy in session.find(COPY, "item", item.id) if is_held(copy, registry.party)]
    for form in sorted({str(copy.body.get("form", item["form"])) for copy in held}):
        yield from list_method_reasons(method, rows, form=form, level=level)
