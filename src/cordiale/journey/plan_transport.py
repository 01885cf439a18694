"""Plan a transport: the authorities of both parties agree how freight goes before anything is dispatched by it.

Either of them withdraws at any time; what has left by then is on its way.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.transport_plan import PlanProposal, read_terms
from cordiale.message.bodies.transport_plan_answer import PlanAnswer
from cordiale.message.members import NamedPost
from cordiale.model.decision import decision_of
from cordiale.model.names import PartyId, parse_party_id, require_made_by
from cordiale.model.person import Person
from cordiale.model.plan import PlanOutcome
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import discharge, open_duty
from cordiale.records.partners import require_partner
from cordiale.records.plans import PLAN, duty_to_answer, terms_body
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.rules.provision import list_stage_reasons


def propose_plan(registry: Registry, request: Request) -> Answer:
    """Put a plan to the authority of the other party; it holds once that authority has agreed."""
    fields = request.act.fields()
    agreement, party = fields.text("agreement"), parse_party_id(fields.text("party"))
    terms = read_terms(fields)
    fields.end()
    plan = f"{registry.party.lower()}.plan.{request.act.id}"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        office = decide_office_now(session, actor, OfficialAct.AGREE_PLAN)
        index = load_index(session.reads, agreement, registry.party, party)
        require_allowed(decision_of("plan", [
            *office.reasons, *list_stage_reasons(index.state, session.at.date())
        ]))
        partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=PlanProposal(plan, terms, NamedPost(actor.name, actor.post)), agreement=agreement,
            version=version_of(session, agreement),
        ))
        session.put(PLAN, plan, {
            **terms_body(terms), "agreement": agreement, "digest": posted.digest.hex(), "direction": "out",
            "message": posted.id, "party": party, "proposed_at": shown_at(session.at), "proposed_by": actor.id,
            "state": "proposed",
        }, expect=0)
        open_duty(session, duty_to_answer(plan), what="answer-plan", owner=party, subject=plan, due=terms.first_day)
        return {"plan": plan}

    return commit_personal(registry, request, run, log=agreement, subject=plan)


def take_plan(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a plan that a partner puts to our authority."""
    body = arrived.message.body
    if not isinstance(body, PlanProposal):
        raise OutOfOrder("transport-plan.other", "this is not a transport plan", hint="report this as a defect")
    if session.get(PLAN, require_made_by(arrived.partner.party, body.plan)) is not None:
        raise Unverified("transport-plan.known", "a plan of this identifier was put to us before",
                         hint="ask the partner to put it again under a new one")
    session.put(PLAN, body.plan, {
        **terms_body(body.terms), "agreement": arrived.message.agreement, "authority": body.authority.name,
        "digest": arrived.digest.hex(), "direction": "in", "message": arrived.message.id,
        "party": arrived.partner.party, "proposed_at": shown_at(session.at), "state": "proposed",
    }, expect=0)
    open_duty(session, duty_to_answer(body.plan), what="answer-plan", owner=PartyId(registry.party), subject=body.plan,
              due=body.terms.first_day)


def answer_plan(registry: Registry, request: Request) -> Answer:
    """Agree to a partner's plan or decline it, or withdraw from one that was proposed or agreed."""
    fields = request.act.fields()
    plan, outcome = fields.text("plan"), fields.choice("outcome", PlanOutcome)
    fields.end()
    found = registry.record(PLAN, plan)
    log = found["agreement"] if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.AGREE_PLAN))
        record = session.require(PLAN, plan)
        _require_answerable(record, outcome, by_proposer=record["direction"] == "out")
        partner = require_partner(session.reads, record["party"], mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(
            partner=partner, agreement=log, version=version_of(session, log),
            body=PlanAnswer(plan, bytes.fromhex(record["digest"]), outcome, NamedPost(actor.name, actor.post)),
            in_reply_to=record["message"] if record["direction"] == "in" else "",
        ))
        _settle(session, record, outcome, session.act_id)
        return {"outcome": outcome.value, "plan": plan}

    return commit_personal(registry, request, run, log=log, subject=plan)


def take_plan_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what the partner's authority says of a plan, for exactly the plan as it was put."""
    body = arrived.message.body
    record = session.get(PLAN, body.plan) if isinstance(body, PlanAnswer) else None
    if record is None or not isinstance(body, PlanAnswer) or (record["party"], record["agreement"]) != (
        arrived.partner.party, arrived.message.agreement
    ) or record["digest"] != body.message_digest.hex():
        raise Unverified("transport-plan.other-plan", "the answer is about no plan between us as it was put",
                         hint="nothing was entered; ask the partner which plan it means")
    # A plan that was declined here and taken back there is withdrawn at both.
    if (record["state"], body.outcome) != (PlanOutcome.DECLINED.value, PlanOutcome.WITHDRAWN):
        _require_answerable(record, body.outcome, by_proposer=record["direction"] == "in")
    _settle(session, record, body.outcome, arrived.message.id)


def _require_answerable(record: Record, outcome: PlanOutcome, *, by_proposer: bool) -> None:
    """Raise `OutOfOrder` for an answer to one's own plan, to a settled one, or a withdrawal from none."""
    is_withdrawal = outcome is PlanOutcome.WITHDRAWN
    open_states = ("proposed", PlanOutcome.AGREED.value) if is_withdrawal else ("proposed",)
    if record["state"] not in open_states or (by_proposer and not is_withdrawal):
        raise OutOfOrder(
            "transport-plan.state", "this plan is {state}, and that cannot be said of it now", state=record["state"],
            hint="look at `cordiale carry plans`; whoever proposed a plan withdraws it, the other party answers it",
        )


def _settle(session: ActSession, record: Record, outcome: PlanOutcome, proof: str) -> None:
    if record["state"] == "proposed":
        discharge(session, duty_to_answer(record.id), proof)
    at = shown_at(session.at)
    agreed = at if outcome is PlanOutcome.AGREED else record.body.get("agreed_at")
    session.change(record, agreed_at=agreed, answered_at=at, state=outcome.value)
