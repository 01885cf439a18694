"""Consent and passing on: nothing goes to a third party without the originator's signed word.

The holder asks; the originator answers, granted or declined, bound to item,
act, recipient and purpose; silence is never consent.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import OutOfOrder, Refused, Unverified, require_allowed
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms
from cordiale.model.agreement import Act
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import ConsentId, ItemId, PartyId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.consents import CONSENT, consent_body, consent_of, terms_body, terms_from
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.items import COPY, ITEM, view_of
from cordiale.records.overrides import note_overridden
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.offices import OfficialAct
from cordiale.rules.pass_on import PassOnRequest, decide_pass_on
from cordiale.wire.person_json import parse_day

ASKED = "consent-request"


def pass_on(registry: Registry, request: Request) -> Answer:
    """Decide whether a foreign item may be passed on to a third party, and enter that it may.

    Refused without the originator's consent bound to item, recipient and purpose. What is entered is the
    permission: the dispatch itself is one under the agreement with the third party.
    """
    fields = request.act.fields()
    item_id, recipient = fields.text("item"), parse_party_id(fields.text("recipient"))
    purpose = fields.text("purpose")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, item_id)
        office = decide_office_now(session, actor, OfficialAct.DISPATCH)
        passing = decide_pass_on(
            PassOnRequest(view_of(registry, session, item), recipient, purpose), now=session.at
        )
        require_allowed(decision_of("pass-on", [*office.reasons, *passing.reasons]))
        note_overridden(session, passing, subject=item_id)
        _require_unused(session, item, recipient, purpose)
        session.put("pass-on", request.act.id, {
            "at": shown_at(session.at), "item": item_id, "purpose": purpose, "recipient": recipient,
        }, expect=0)
        return {"item": item_id, "purpose": purpose, "recipient": recipient}

    return commit_personal(
        registry, request, hide_from_strangers(item_id, run, OfficialAct.DISPATCH), subject=item_id
    )


def _require_unused(session: ActSession, item: Record, recipient: PartyId, purpose: str) -> None:
    """Raise `Refused` when the item was passed on as often as the originator's consents say in all."""
    def is_same(one: Record) -> bool:
        return bool(one["recipient"] == recipient and one["purpose"] == purpose)

    done = sum(1 for one in session.every("pass-on") if one["item"] == item.id and is_same(one))
    granted = sum(
        consent.number for consent in (
            consent_of(one) for one in session.find(CONSENT, "item", item.id) if one["outcome"] == "granted"
        )
        if consent.act is Act.PASS_ON and consent.recipient == recipient and consent.purpose == purpose
        and consent.withdrawn_at is None
        and (consent.valid_until is None or consent.valid_until >= session.at)
    )
    if done >= granted:
        raise Refused(decision_of("pass-on", [refusal(
            "pass-on.used", "the originator's consent covers {granted} passing-on and {done} were entered",
            granted=str(granted), done=str(done),
        )]))


def ask_consent(registry: Registry, request: Request) -> Answer:
    """Ask the originator for consent to one act on one item; the answer comes from its node."""
    fields = request.act.fields()
    terms = _terms(fields)
    fields.end()
    found = registry.record(ITEM, terms.item)
    log = found.body.get("agreement", "internal") if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        item = session.require(ITEM, terms.item)
        require_allowed(decide_office_now(session, actor, OfficialAct.PROPOSE_CONSENT))
        if "agreement" not in item.body:
            raise OutOfOrder("consent.own-item", "the item is our own and needs no other consent", hint="release it")
        partner = require_partner(session.reads, item["origin_party"], mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=ConsentRequest(terms), agreement=item["agreement"],
            version=version_of(session, item["agreement"]),
        ))
        session.put(ASKED, posted.id, {
            **terms_body(terms), "asked_at": shown_at(session.at), "direction": "out", "state": "asked",
            "party": item["origin_party"], "agreement": item["agreement"],
        }, expect=0)
        return {"act": terms.act.value, "item": terms.item, "request": posted.id}

    hidden = hide_from_strangers(terms.item, run, OfficialAct.PROPOSE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=terms.item)


def take_consent_request(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's request for consent; it waits for an authority of ours."""
    body = arrived.message.body
    if not isinstance(body, ConsentRequest):
        raise OutOfOrder("consent.other", "this is not a request for consent", hint="report this as a defect")
    # Of every item that was not provided to the partner it is told the same: it learns nothing of what we hold.
    item = session.get(ITEM, body.terms.item)
    is_ours = item is not None and item["origin_party"] == registry.party
    provided = [one for one in session.find(COPY, "item", body.terms.item) if one["party"] == arrived.partner.party]
    if not is_ours or not provided:
        raise Unverified(
            "consent.item-not-there", "the partner asks about an item that was never provided to it",
            hint="nothing was entered; tell the security officer",
        )
    session.put(ASKED, arrived.message.id, {
        **terms_body(body.terms), "agreement": arrived.message.agreement, "asked_at": shown_at(session.at),
        "direction": "in", "party": arrived.partner.party, "state": "asked",
    }, expect=0)


def answer_consent(registry: Registry, request: Request) -> Answer:
    """Answer a partner's request for consent, granted or declined; an authority's decision, in writing."""
    fields = request.act.fields()
    request_id, outcome = fields.text("request"), fields.choice("outcome", ConsentOutcome)
    until = fields.optional_text("valid_until")
    fields.end()
    end = datetime.combine(parse_day(until), time(23, 59, 59), UTC) if until else None
    found = registry.record(ASKED, request_id)
    log = found["agreement"] if found is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        asked = session.require(ASKED, request_id)
        require_allowed(decide_office_now(session, actor, OfficialAct.GIVE_CONSENT))
        if asked["direction"] != "in" or asked["state"] != "asked":
            raise OutOfOrder("consent.not-waiting", "this request waits for no answer", hint="look at `consent list`")
        answer = ConsentAnswer(
            consent=ConsentId(registry.fresh_id("consent")), outcome=outcome, terms=terms_from(asked.body),
            given_at=session.at.replace(microsecond=0),
            valid_until=end if outcome is ConsentOutcome.GRANTED else None,
        )
        partner = require_partner(session.reads, asked["party"], mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(
            partner=partner, body=answer, agreement=asked["agreement"],
            version=version_of(session, asked["agreement"]), in_reply_to=request_id,
        ))
        session.change(asked, state=outcome.value)
        session.put(CONSENT, answer.consent, consent_body(
            answer, given_by=registry.party, given_to=asked["party"], request=request_id
        ), expect=0)
        return {"consent": answer.consent, "item": asked["item"], "outcome": outcome.value}

    hidden = hide_from_strangers(found["item"] if found is not None else "", run, OfficialAct.GIVE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=request_id)


def take_consent_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter the originator's answer; it counts only as an answer to exactly what we asked."""
    body = arrived.message.body
    if not isinstance(body, ConsentAnswer):
        raise OutOfOrder("consent.other", "this is not an answer to a request", hint="report this as a defect")
    asked = session.require(ASKED, arrived.message.in_reply_to)
    if asked["direction"] != "out" or asked["party"] != arrived.partner.party or terms_from(asked.body) != body.terms:
        raise Refused(decision_of("consent", [refusal(
            "consent.other-terms", "the answer is not to what we asked, or not by whom we asked"
        )]))
    if asked["state"] != "asked":
        raise OutOfOrder("consent.answered", "this request was answered before", hint="nothing was changed")
    session.change(asked, state=body.outcome.value)
    session.put(CONSENT, body.consent, consent_body(
        body, given_by=arrived.partner.party, given_to=registry.party, request=arrived.message.in_reply_to
    ), expect=0)


def _terms(fields: Fields) -> ConsentTerms:
    recipient = fields.optional_text("recipient")
    return ConsentTerms(
        item=ItemId(fields.text("item")), act=fields.choice("act", Act), purpose=fields.text("purpose"),
        number=fields.optional_integer("number", 1, 10_000) or 1,
        recipient=parse_party_id(recipient) if recipient else None,
    )
