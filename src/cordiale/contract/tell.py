"""Tell: a classified contract is notified with its highest level and its list before anything is exchanged for it."""

from __future__ import annotations

from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.limits import CONTRACT_COPIES_COUNT_MAX, CONTRACT_LISTS_COUNT_MAX, CONTRACT_PARTS_COUNT_MAX
from cordiale.message.bodies.contract_answer import ContractAnswer, ContractOutcome
from cordiale.message.bodies.contract_notice import ContractNotice
from cordiale.message.members import NamedPost, optional_line, read_line
from cordiale.model.contract import ContractPart
from cordiale.model.decision import Reason, decision_of
from cordiale.model.names import PartyId, require_made_by
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.contracts import (
    CONTRACT,
    ENDED,
    FACILITY,
    OVER,
    equivalent_of,
    facility_of,
    require_contract,
    require_parent,
    send,
)
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import discharge, open_duty
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.rules.contracts import ContractQuestion, decide_notice
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_level_ref


def tell_contract(registry: Registry, request: Request) -> Answer:
    """Tell the authority of the contractor of a contract, its highest level and its list of classified parts."""
    fields = request.act.fields()
    query, title, parent = fields.text("query"), read_line(fields, "title"), optional_line(fields, "parent")
    level, parts, copies = parse_level_ref(fields.text("level")), _parts(fields), _copies(fields)
    fields.end()
    id = f"{registry.party.lower()}.contract.{request.act.id}"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.KEEP_CONTRACT)
        facility = session.require(FACILITY, query)
        if parent:
            require_parent(session, parent, party=facility["party"], agreement=facility["agreement"])
        notice = ContractNotice(id, 1, title, query, level, parts, copies, NamedPost(actor.name, actor.post), parent)
        reasons = _list_reasons(registry, session, notice, facility)
        require_allowed(decision_of("contract", reasons))
        message = send(registry, session, facility.body, {"body": notice})
        session.put(CONTRACT, id, {
            **_body(notice), "agreement": facility["agreement"], "direction": "out", "message": message,
            "party": facility["party"], "told_at": shown_at(session.at),
        }, expect=0)
        _open_duties(registry, session, session.require(CONTRACT, id))
        return {"contract": id, "number": 1}

    agreement = log_of(registry, FACILITY, query)
    return commit_personal(registry, request, run, log=agreement, subject=id)


def change_list(registry: Registry, request: Request) -> Answer:
    """Tell of a changed list; what is made under it from now on takes its level from the new one."""
    fields = request.act.fields()
    id = fields.text("contract")
    parts, copies = _parts(fields), _copies(fields)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.KEEP_CONTRACT)
        contract = session.require(CONTRACT, id)
        if contract["direction"] != "out" or contract["state"] in OVER:
            raise OutOfOrder("contract.not-ours", "this list is not ours to change, or the contract is over",
                             hint="look at `cordiale contract show`")
        notice = ContractNotice(
            id, contract["number"] + 1, contract["title"], contract["query"], parse_level_ref(contract["level"]),
            parts, copies, NamedPost(actor.name, actor.post), contract.body.get("parent", ""),
        )
        reasons = _list_reasons(registry, session, notice, session.require(FACILITY, contract["query"]))
        require_allowed(decision_of("contract", reasons))
        message = send(registry, session, contract.body, {"body": notice})
        changed = session.change(contract, **_body(notice), message=message, told_at=shown_at(session.at))
        _open_duties(registry, session, changed)
        return {"contract": id, "number": notice.number}

    agreement = log_of(registry, CONTRACT, id)
    return commit_personal(registry, request, run, log=agreement, subject=id)


def take_contract_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a contract of a firm of ours, or a changed list; it waits to be acknowledged in writing."""
    body, party, agreement = body_as(arrived, ContractNotice), arrived.partner.party, arrived.message.agreement
    known, facility = session.get(CONTRACT, body.contract), session.get(FACILITY, body.query)
    # A changed list may cross the word that the clearance has ended: it is entered, and people see to both.
    state = "held" if known is None or facility is None else facility["state"]
    if facility is None or (facility["direction"], facility["party"], facility["state"]) != ("in", party, state):
        raise Unverified("contract.no-such-assurance", "the notice rests on no assurance of ours",
                         hint="nothing was entered; ask the partner to ask about the firm first")
    require_made_by(party, body.contract)
    if known is not None:
        known = require_contract(session, body.contract, party=party, agreement=agreement)
    elif body.parent:
        require_parent(session, body.parent, party=party, agreement=agreement)
    # The list that was declined here may be the one before: an answer to an older list counts for nothing there.
    if known is not None and (
        body.number <= known["number"] or known["direction"] != "in" or known["state"] in ENDED
    ):
        raise OutOfOrder("contract.list-order", "this list does not follow the one that is here",
                         hint="nothing was entered")
    entered = session.put(CONTRACT, body.contract, {
        **_body(body), "agreement": agreement, "direction": "in", "message": arrived.message.id, "party": party,
        "told_at": shown_at(session.at), "told_by": body.authority.encode(),
    })
    _open_duties(registry, session, entered)


def answer_contract(registry: Registry, request: Request) -> Answer:
    """Acknowledge a list in writing, or decline it; the version that the authority has seen."""
    fields = request.act.fields()
    id, number = fields.text("contract"), fields.integer("number", 1, CONTRACT_LISTS_COUNT_MAX)
    outcome = fields.choice("outcome", ContractOutcome)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ACKNOWLEDGE_CONTRACT))
        contract = session.require(CONTRACT, id)
        if contract["direction"] != "in" or contract["state"] != "notified" or contract["number"] != number:
            raise OutOfOrder("contract.answered", "this list waits for no answer",
                             hint="look at `cordiale contract show`")
        send(registry, session, contract.body, {
            "body": ContractAnswer(id, number, outcome, NamedPost(actor.name, actor.post)),
            "in_reply_to": contract["message"],
        })
        session.change(contract, answered_at=shown_at(session.at), state=outcome.value)
        discharge(session, f"answer-contract.{id}", request.act.id)
        return {"contract": id, "number": number, "outcome": outcome.value}

    agreement = log_of(registry, CONTRACT, id)
    return commit_personal(registry, request, run, log=agreement, subject=id)


def take_contract_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that a list was acknowledged or declined; an answer to an older list counts for nothing."""
    body = body_as(arrived, ContractAnswer)
    contract = require_contract(
        session, body.contract, party=arrived.partner.party, agreement=arrived.message.agreement
    )
    if (contract["direction"], contract["state"], contract["number"], contract["message"]) != (
        "out", "notified", body.number, arrived.message.in_reply_to
    ):
        raise OutOfOrder("contract.answered", "this list waits for no answer", hint="nothing was changed")
    session.change(contract, answered_at=shown_at(session.at), state=body.outcome.value,
                   acknowledged_by=body.authority.encode())
    discharge(session, f"answer-contract.{contract.id}", arrived.message.id)


def _list_reasons(registry: Registry, session: ActSession, notice: ContractNotice, facility: Record) -> list[Reason]:
    index = load_index(session.reads, facility["agreement"], registry.party, facility["party"])
    contractor = PartyId(facility["party"])
    above = parse_level_ref(session.require(CONTRACT, notice.parent)["level"]) if notice.parent else None
    return list(decide_notice(ContractQuestion(
        registry.party, contractor, notice.level,
        equivalent_of(index, notice.level, (registry.party, contractor), session), notice.parts, notice.copies,
        facility_of(facility, contractor), session.at.date(), above,
    ), index).reasons)


def _body(notice: ContractNotice) -> dict[str, Any]:
    body: dict[str, Any] = {
        "copies": notice.copies, "level": str(notice.level), "number": notice.number,
        "parts": [{"level": str(one.level), "reference": one.reference} for one in notice.parts],
        "query": notice.query, "state": "notified", "title": notice.title,
    }
    if notice.parent:
        body["parent"] = notice.parent
    return body


def _open_duties(registry: Registry, session: ActSession, contract: Record) -> None:
    """The list waits to be acknowledged; and a copy is due at our own authority where national law says so."""
    owner = PartyId(contract["party"] if contract["direction"] == "out" else registry.party)
    open_duty(session, f"answer-contract.{contract.id}", what="answer-contract", owner=owner, subject=contract.id,
              due=None)
    index = load_index(session.reads, contract["agreement"], registry.party)
    terms, profile = terms_of(index, "contract.copy", party=registry.party), index.state.profile
    if terms and profile is not None:
        due = first_day(terms, session.at.date(), holidays_of(profile, (registry.party,)))
        open_duty(session, f"copy-contract.{contract.id}.{contract['number']}", what="copy-contract",
                  owner=registry.party, subject=contract.id, due=due)


def _parts(fields: Fields) -> tuple[ContractPart, ...]:
    return tuple(
        ContractPart(read_line(one, "reference"), parse_level_ref(one.text("level")))
        for one in fields.objects("parts", max_count=CONTRACT_PARTS_COUNT_MAX)
    )


def _copies(fields: Fields) -> int:
    return fields.integer("copies", 1, CONTRACT_COPIES_COUNT_MAX) if fields.has("copies") else 1
