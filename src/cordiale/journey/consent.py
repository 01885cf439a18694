"""Consent: asked for, answered, withdrawn; one way for everything that only the originators can allow.

A consent is bound to one item, or to a category that the agreement names, and to
act, recipient, purpose and number. A refusal needs no reason, and silence is
none. What is withdrawn counts no more from that moment; what was done under it
before is told, and both sides have to see to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from cordiale.canonical import Fields, encode_instant, parse_instant
from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified, require_allowed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import COPIES_NAMED_COUNT_MAX, ConsentRequest, ConsentTerms, MadeHere
from cordiale.message.bodies.consent_used import ConsentUsed
from cordiale.message.bodies.consent_withdrawn import ConsentWithdrawn
from cordiale.model.agreement import Act
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import ConsentId, ItemId, PartyId, parse_party_id
from cordiale.model.person import Office, Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import list_suspended_reasons, load_index
from cordiale.records.answer import Answer
from cordiale.records.asked_consents import ASKED, answer_duty, enter_request
from cordiale.records.consents import (
    CONSENT,
    CONSENT_USE,
    WITHDRAWN_EARLY,
    consent_body,
    terms_from,
)
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import COPY, ITEM, joint_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.lineage import is_below, root_of
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_from_strangers
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import counted_from, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_day

# What is consented to while an agreement is suspended: it protects, or ends what was provided.
_GOES_ON: Final = frozenset({Act.CHANGE_LEVEL, Act.CRISIS_DESTROY, Act.DESTROY, Act.RECALL, Act.RETURN})


def _terms(fields: Fields) -> ConsentTerms:
    recipient = fields.optional_text("recipient")
    copies = fields.optional_array("copies", max_count=COPIES_NAMED_COUNT_MAX) or []
    if any(not isinstance(one, int) or isinstance(one, bool) for one in copies):
        raise Malformed("consent.numbers", "the copies are not named by their numbers", hint="give numbers such as 1 2")
    return ConsentTerms(
        item=ItemId(fields.text("item")), act=fields.choice("act", Act), purpose=fields.text("purpose"),
        number=fields.optional_integer("number", 1, COPIES_COUNT_MAX) or 1,
        recipient=parse_party_id(recipient) if recipient else None, copies=tuple(sorted({int(str(n)) for n in copies})),
        category=fields.optional_text("category") or "", post=fields.optional_text("post") or "",
    )


def ask_consent(registry: Registry, request: Request) -> Answer:
    """Ask an originator for consent to one act, on one item or in an agreed category; the answer comes from its node.

    For an item of our own it is another originator of it that is asked (`of`). A compelled disclosure names the day
    by which a law forces it: that the originator is told at once is this very message.
    """
    fields = request.act.fields()
    terms = _terms(fields)
    of, agreement = fields.optional_text("of") or "", fields.optional_text("agreement") or ""
    due_on = parse_day(fields.text("due_on")) if fields.has("due_on") else None
    grounds = fields.optional_text("grounds") or ""
    fields.end()
    found = registry.record(ITEM, terms.item)
    log = agreement or (found.body.get("agreement", INTERNAL) if found is not None else INTERNAL)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.PROPOSE_CONSENT))
        party, under = _whom(registry, session, terms, (of, agreement))
        body = ConsentRequest(_as_known(session, terms), due_on, grounds)
        partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=body, agreement=under, version=version_of(session, under),
        ))
        record = enter_request(registry, session, posted.id, body, ("out", party, under))
        _open_clock(registry, session, record)
        return {"act": terms.act.value, "item": terms.item, "request": posted.id}

    hidden = hide_from_strangers(terms.item, run, OfficialAct.PROPOSE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=terms.item)


def _as_known(session: ActSession, terms: ConsentTerms) -> ConsentTerms:
    """Return `terms` under the name that the originator knows: of what was made here, that of its item, and what it is.
    """
    item = session.require(ITEM, terms.item)
    if "root" not in item.body or "agreement" not in item.body:
        return terms
    made = MadeHere(
        ItemId(item.id), Act(item["derivation"]), str(item["reference"]), str(item.body.get("language", "")),
        int(item.body.get("sheets", 0)),
    )
    return replace(terms, item=ItemId(root_of(item)), of=made if not terms.category else None)


def _whom(registry: Registry, session: ActSession, terms: ConsentTerms, said: tuple[str, str]) -> tuple[str, str]:
    """Return which party is asked under which agreement; raises `OutOfOrder` where there is nobody to ask."""
    of, agreement = said
    item = session.require(ITEM, terms.item)
    if "agreement" in item.body and of in ("", item["origin_party"]):
        if terms.category:
            _require_category(registry, session, terms.category, str(item["agreement"]))
        return str(item["origin_party"]), str(item["agreement"])
    if PartyId(of) not in joint_of(item):
        raise OutOfOrder("consent.own-item", "the item is our own and needs no other consent", hint="release it")
    return of, agreement


def _require_category(registry: Registry, books: Books, category: str, agreement: str) -> date:
    """Return the last day a consent for `category` may have; raises `Refused` unless the agreement names it."""
    index = load_index(books.reads, agreement, registry.party)
    profile = index.state.profile
    terms = [one for one in terms_of(index, "consent.category") if one.note == category]
    if profile is None or not terms:
        raise Refused(decision_of("consent", [refusal(
            "consent.category-unknown", "the agreement names no such category, and there is no general consent"
        )]))
    return counted_from(terms[0], books.at.date(), holidays_of(profile, profile.parties))


def _open_clock(registry: Registry, session: ActSession, asked: Record) -> None:
    """Open the clock of a compelled disclosure, at whoever must disclose and at whoever is consulted."""
    if asked["act"] != Act.DISCLOSE:
        return
    open_duty(
        session, _clock(asked.id), what="compelled-disclosure", owner=registry.party, subject=asked["item"],
        due=Due(date.fromisoformat(asked["due_on"]), office=Office.COMPETENT_AUTHORITY),
    )


def _clock(request: str) -> str:
    return f"compelled.{request}"


def take_consent_request(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's request for consent; it waits for an authority of ours."""
    body = arrived.message.body
    if not isinstance(body, ConsentRequest):
        raise Malformed("consent.other", "this is not a request for consent", hint="report this as a defect")
    agreement = arrived.message.agreement
    _require_shared_item(registry, session, body.terms, arrived)
    if body.terms.category:
        _require_category(registry, session, body.terms.category, agreement)
    record = enter_request(registry, session, arrived.message.id, body, ("in", arrived.partner.party, agreement))
    _open_clock(registry, session, record)


def _require_shared_item(registry: Registry, session: ActSession, terms: ConsentTerms, arrived: Arrived) -> None:
    """Raise unless we gave the item to the sender, or we are one of its originators and have it too, or it is theirs.

    Of every other item it is told the same: it learns nothing of what we hold. What it made is of a copy it was given.
    """
    party, item_id = arrived.partner.party, terms.item
    item, of = session.get(ITEM, item_id), terms.of
    is_theirs = item is not None and item["origin_party"] == party
    is_ours = item is not None and item["origin_party"] == registry.party
    is_joint = item is not None and registry.party in joint_of(item)
    there = [one.id for one in session.each(COPY, "item", item_id) if one["party"] == party] if is_ours else []
    is_made = of is None or any(is_below(of.made, one) for one in there)
    if not (is_theirs or is_joint or there) or not is_made:
        raise Unverified(
            "consent.item-not-there", "the partner asks about an item that was never provided to it",
            hint="nothing was entered; tell the security officer",
        )


def answer_consent(registry: Registry, request: Request) -> Answer:
    """Answer a partner's request for consent, granted or declined; an authority's decision, in writing."""
    fields = request.act.fields()
    request_id, outcome = fields.text("request"), fields.choice("outcome", ConsentOutcome)
    until = fields.optional_text("valid_until")
    fields.end()
    end = datetime.combine(parse_day(until), time(23, 59, 59), UTC) if until else None
    found = registry.record(ASKED, request_id)
    log = found["agreement"] if found is not None else INTERNAL

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        asked = session.require(ASKED, request_id)
        require_allowed(decide_office_now(session, actor, OfficialAct.GIVE_CONSENT))
        if asked["direction"] != "in" or asked["state"] != "asked":
            raise OutOfOrder("consent.not-waiting", "this request waits for no answer", hint="look at `consent list`")
        granted = outcome is ConsentOutcome.GRANTED
        require_allowed(decision_of("consent", _list_against(registry, session, asked, end) if granted else []))
        answer = ConsentAnswer(
            consent=ConsentId(registry.fresh_id("consent")), outcome=outcome, terms=terms_from(asked.body),
            given_at=session.at.replace(microsecond=0), valid_until=end if granted else None,
        )
        partner = require_partner(session.reads, asked["party"], mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(
            partner=partner, body=answer, agreement=asked["agreement"],
            version=version_of(session, asked["agreement"]), in_reply_to=request_id,
        ))
        session.change(asked, state=outcome.value)
        session.put(CONSENT, answer.consent, consent_body(
            answer, given_by=registry.party, given_to=asked["party"], asked=asked
        ), expect=0)
        discharge(session, _clock(request_id), answer.consent)
        discharge(session, answer_duty(request_id), answer.consent)
        return {"consent": answer.consent, "item": asked["item"], "outcome": outcome.value}

    subject = found["item"] if found is not None else ""
    return commit_personal(
        registry, request, hide_from_strangers(subject, run, OfficialAct.GIVE_CONSENT), log=log, subject=request_id
    )


def _list_against(registry: Registry, session: ActSession, asked: Record, end: datetime | None) -> list[Reason]:
    """Return why what was `asked` may not be granted until `end`."""
    is_new = Act(asked["act"]) not in _GOES_ON
    suspended = list_suspended_reasons(session, asked["agreement"]) if is_new else ()
    return [*suspended, *_list_end_reasons(registry, session, asked, end)]


def _list_end_reasons(registry: Registry, books: Books, asked: Record, end: datetime | None) -> list[Reason]:
    """Return why a consent may not last until `end` (None: until withdrawn), under the terms of its agreement."""
    index = load_index(books.reads, asked["agreement"], registry.party)
    profile = index.state.profile
    days: list[date] = []
    if "category" in asked.body:
        days.append(_require_category(registry, books, asked["category"], asked["agreement"]))
    if profile is not None:
        holidays = holidays_of(profile, profile.parties)
        days += [
            counted_from(one, books.at.date(), holidays)
            for one in terms_of(index, "consent.lifetime", party=registry.party)
        ]
    latest = min(days, default=None)
    if latest is None or (end is not None and end.date() <= latest):
        return []
    return [refusal("consent.too-long", "such a consent ends on {day} at the latest", day=latest.isoformat())]


def take_consent_answer(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter the originator's answer; it counts only as an answer to exactly what we asked, and only the first."""
    body = arrived.message.body
    if not isinstance(body, ConsentAnswer):
        raise Malformed("consent.other", "this is not an answer to a request", hint="report this as a defect")
    asked = session.get(ASKED, arrived.message.in_reply_to)
    is_asked = asked is not None and asked["direction"] == "out" and asked["party"] == arrived.partner.party
    if asked is None or not is_asked or terms_from(asked.body) != body.terms:
        raise Refused(decision_of("consent", [refusal(
            "consent.other-terms", "the answer is not to what we asked, or not by whom we asked"
        )]))
    if asked["state"] != "asked":
        raise OutOfOrder("consent.answered", "this request was answered before", hint="nothing was changed")
    session.change(asked, state=body.outcome.value)
    discharge(session, answer_duty(asked.id), arrived.message.id)
    given = consent_body(body, given_by=arrived.partner.party, given_to=registry.party, asked=asked)
    early = session.get(WITHDRAWN_EARLY, body.consent)
    if early is not None and early["party"] == arrived.partner.party:
        given |= {"withdrawn_at": early["withdrawn_at"]}
    session.put(CONSENT, body.consent, given, expect=0)


def withdraw_consent(registry: Registry, request: Request) -> Answer:
    """Take back a consent of ours: it counts no more, and the partner says how often it was used before."""
    fields = request.act.fields()
    consent_id = fields.text("consent")
    fields.end()
    found = registry.record(CONSENT, consent_id)
    log = found.body.get("agreement", INTERNAL) if found is not None else INTERNAL

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        consent = session.require(CONSENT, consent_id)
        require_allowed(decide_office_now(session, actor, OfficialAct.GIVE_CONSENT))
        is_standing = consent["outcome"] == "granted" and "withdrawn_at" not in consent.body
        if consent["given_by"] != registry.party or not is_standing:
            raise OutOfOrder(
                "consent.not-standing", "this is no consent of ours that stands", hint="look at `consent list`"
            )
        at = session.at.replace(microsecond=0)
        partner = require_partner(session.reads, consent["given_to"], mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, body=ConsentWithdrawn(ConsentId(consent_id), at), agreement=consent["agreement"],
            version=version_of(session, consent["agreement"]),
        ))
        session.change(consent, withdrawn_at=encode_instant(at))
        open_duty(
            session, f"consent-used.{consent_id}", what="consent-used", owner=PartyId(consent["given_to"]),
            subject=consent["item"],
            due=Due(message=posted.id, agreement=consent["agreement"]),
        )
        return {"consent": consent_id, "state": "withdrawn"}

    subject = found["item"] if found is not None else ""
    hidden = hide_from_strangers(subject, run, OfficialAct.GIVE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=consent_id)


def take_consent_withdrawn(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Let a consent end here at once, and say how often it was used before; what was is for a person to see to."""
    body = arrived.message.body
    if not isinstance(body, ConsentWithdrawn):
        raise Malformed("consent.other", "this is not a withdrawal", hint="report this as a defect")
    at = encode_instant(min(body.withdrawn_at, session.at.replace(microsecond=0)))
    if session.get(CONSENT, body.consent) is None and _awaits_answer(session, arrived.partner.party):
        # It came before the consent that it ends: that will be entered as withdrawn.
        session.put(WITHDRAWN_EARLY, body.consent, {"party": arrived.partner.party, "withdrawn_at": at})
        _say_used(registry, session, arrived, body.consent, 0)
        return
    consent = _require_given(session, body.consent, by=arrived.partner.party, to=registry.party)
    if "withdrawn_at" not in consent.body:
        consent = session.change(consent, withdrawn_at=at)
    use = session.get(CONSENT_USE, consent.id)
    count = max(0, int(use["count"])) if use is not None else 0
    if count:
        _open_consequence(registry, session, consent)
    _say_used(registry, session, arrived, body.consent, count)


def _awaits_answer(session: ActSession, party: PartyId) -> bool:
    """Tell whether an answer of `party` may be under way: without one it speaks of a consent that there is not."""
    asked = session.each(ASKED, "state", "asked")
    return any(one["direction"] == "out" and one["party"] == party for one in asked)


def _say_used(registry: Registry, session: ActSession, arrived: Arrived, consent: ConsentId, count: int) -> None:
    post(registry, session, Letter(
        partner=arrived.partner, body=ConsentUsed(consent, count, session.at.replace(microsecond=0)),
        agreement=arrived.message.agreement, version=arrived.message.agreement_version,
    ))


def _require_given(session: ActSession, id: str, *, by: str, to: str) -> Record:
    consent = session.get(CONSENT, id)
    if consent is None or (consent["given_by"], consent["given_to"], consent["outcome"]) != (by, to, "granted"):
        raise Unverified(
            "consent.not-given", "the partner speaks of a consent that was not given between it and this party",
            hint="nothing was changed; tell the security officer",
        )
    return consent


def _open_consequence(registry: Registry, session: ActSession, consent: Record) -> None:
    """Make it due that a person sees to what was done under a consent before it was withdrawn."""
    open_duty(
        session, f"consent-consequence.{consent.id}", what="consent-consequence", owner=registry.party,
        subject=consent["item"], due=session.at.date(),
    )


def take_consent_used(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter how often a consent of ours was used before its withdrawal arrived."""
    body = arrived.message.body
    if not isinstance(body, ConsentUsed):
        raise Malformed("consent.other", "this does not answer a withdrawal", hint="report this as a defect")
    consent = _require_given(session, body.consent, by=registry.party, to=arrived.partner.party)
    if "withdrawn_at" not in consent.body or body.taken_at < parse_instant(consent["withdrawn_at"]):
        raise OutOfOrder("consent.not-withdrawn", "this consent was not withdrawn then", hint="nothing was changed")
    session.put(CONSENT_USE, consent.id, {"consent": consent.id, "count": body.count})
    discharge(session, f"consent-used.{consent.id}", arrived.message.id)
    if body.count:
        _open_consequence(registry, session, consent)
