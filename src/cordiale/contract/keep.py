"""Keep: which items belong to a contract, and what becomes of them when it ends."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.bodies.contract_ended import ContractEnded, ContractEnding
from cordiale.model.decision import decision_of
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.contracts import (
    CONTRACT,
    ENDED,
    OVER,
    end_tree,
    list_standing_reasons,
    open_returns,
    require_contract,
    send,
)
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import discharge
from cordiale.records.items import ITEM
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.offices import OfficialAct


def file_item(registry: Registry, request: Request) -> Answer:
    """File a registered foreign item under the contract that it was provided for."""
    fields = request.act.fields()
    contract_id, item_id = fields.text("contract"), fields.text("item")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.REGISTER)
        contract, item = session.require(CONTRACT, contract_id), session.require(ITEM, item_id)
        reasons = [*office.reasons, *list_standing_reasons(registry, session, contract)]
        require_allowed(decision_of("contract", reasons))
        if item.body.get("agreement") != contract["agreement"] or item["state"] != "registered":
            raise OutOfOrder("contract.other-item", "only a registered item of the same agreement is filed here",
                             hint="look at `cordiale item show`")
        if item.body.get("contract", contract_id) != contract_id:
            raise OutOfOrder("contract.filed", "the item belongs to another contract", hint="nothing was changed")
        session.change(item, contract=contract_id)
        return {"contract": contract_id, "item": item_id}

    agreement = log_of(registry, CONTRACT, contract_id)
    hidden = hide_from_strangers(item_id, run, OfficialAct.REGISTER)
    return commit_personal(registry, request, hidden, log=agreement, subject=item_id)


def end_contract(registry: Registry, request: Request) -> Answer:
    """End a contract with everything below it, or a bid that was not awarded; its items go back or are destroyed."""
    fields = request.act.fields()
    id, ending = fields.text("contract"), fields.choice("ending", ContractEnding)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.KEEP_CONTRACT))
        contract = session.require(CONTRACT, id)
        if contract["direction"] != "out" or contract["state"] in OVER:
            raise OutOfOrder("contract.not-ours", "this list is not ours to change, or the contract is over",
                             hint="look at `cordiale contract show`")
        send(registry, session, contract.body, {"body": ContractEnded(id, ending, session.at.date())})
        return {"contract": id, "ending": ending.value, "items": _end(registry, session, contract, ending)}

    agreement = log_of(registry, CONTRACT, id)
    return commit_personal(registry, request, run, log=agreement, subject=id)


def take_contract_ended(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """End the contract here too; each of its items is to be returned or destroyed."""
    body = body_as(arrived, ContractEnded)
    contract = require_contract(
        session, body.contract, party=arrived.partner.party, agreement=arrived.message.agreement
    )
    if contract["direction"] != "in" or contract["state"] in ENDED:
        raise OutOfOrder("contract.over-here", "the contract is over here, or not the sender's to end",
                         hint="nothing was changed")
    _end(registry, session, contract, body.ending)


def _end(registry: Registry, session: ActSession, contract: Record, ending: ContractEnding) -> int:
    ended = end_tree(session, contract, ending.value)
    for one in ended:
        discharge(session, f"answer-contract.{one}", session.act_id)
    return open_returns(registry, session, contract, ended)
