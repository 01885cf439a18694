"""Consent: asked for, answered, withdrawn; one way for everything that only the originators can allow.

A consent is bound to one item, or to a category that the agreement names, and to
act, recipient, purpose and number. A refusal needs no reason; silence counts only
where an article says so of the act. What is withdrawn counts no more from that moment; what was done under it
before is told, and both sides have to see to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified, require_allowed
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.bodies.consent_request import COPIES_NAMED_COUNT_MAX, ConsentRequest, ConsentTerms, MadeHere
from cordiale.model.agreement import Act
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import ConsentId, ItemId, PartyId, parse_party_id
from cordiale.model.person import Office, Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import list_stopped_reasons, load_index
from cordiale.records.answer import Answer
from cordiale.records.asked_consents import (
    ASKED,
    answer_duty,
    enter_request,
    note_told,
    put_request,
    require_waiting,
    tell,
    whom_to_ask,
)
from cordiale.records.consents import (
    CONSENT,
    WITHDRAWN_EARLY,
    consent_body,
    level_borne,
    terms_from,
)
from cordiale.records.correspondence import Arrived
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.items import COPY, ITEM, joint_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.lineage import is_below, root_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession, Books
from cordiale.records.sight import hide_from_strangers
from cordiale.records.silence import SILENT, end_silent_consent, refused_duty, silence_duty
from cordiale.records.successions import rights_of
from cordiale.rules.consent import GOES_ON
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import counted_from, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_day


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
        whom, former = _whom(registry, session, terms, (of, agreement))
        asked_for = PartyId(former) if former != whom[0] else None
        body = ConsentRequest(_as_known(session, terms), due_on, grounds, asked_for)
        record = session.change(put_request(registry, session, body, whom), asked_by=actor.id)
        if terms.act is Act.DISCLOSE:
            note_told(session, terms.item, former, record.id)
        _open_clock(registry, session, record)
        return {"act": terms.act.value, "item": terms.item, "request": record.id}

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


def _whom(
    registry: Registry, session: ActSession, terms: ConsentTerms, said: tuple[str, str]
) -> tuple[tuple[str, str], str]:
    """Return which party is asked under which agreement, and whose right it is; an originator may have been replaced.

    Raises `OutOfOrder` where there is nobody to ask.
    """
    of, agreement = said
    item = session.require(ITEM, terms.item)
    if "agreement" in item.body and of in ("", item["origin_party"]):
        whom = whom_to_ask(session, item)
        if terms.category:
            _require_category(registry, session, terms.category, whom[1])
        return whom, str(item["origin_party"])
    if PartyId(of) not in joint_of(item):
        raise OutOfOrder("consent.own-item", "the item is our own and needs no other consent", hint="release it")
    holder = rights_of(session, of)
    return ((of, agreement) if holder is None else (holder.party, holder.agreement or agreement)), of


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
    _require_shared_item(registry, session, body, arrived)
    if body.terms.category:
        _require_category(registry, session, body.terms.category, agreement)
    record = enter_request(registry, session, arrived.message.id, body, ("in", arrived.partner.party, agreement))
    _open_clock(registry, session, record)


def _require_shared_item(registry: Registry, session: ActSession, body: ConsentRequest, arrived: Arrived) -> None:
    """Raise unless we gave the item to the sender, or we are one of its originators and have it too, or it is theirs.

    Of every other item it is told the same: it learns nothing of what we hold. What it made is of a copy it was given.
    An item of an originator whose rights are ours may never have been here; who asks has it from that one.
    """
    party, item_id = arrived.partner.party, body.terms.item
    if body.originator is not None:
        holder = rights_of(session, body.originator)
        if holder is None or holder.party != registry.party:
            raise _not_there()
        return
    item, of = session.get(ITEM, item_id), body.terms.of
    is_theirs = item is not None and item["origin_party"] == party
    is_ours = item is not None and item["origin_party"] == registry.party
    is_joint = item is not None and registry.party in joint_of(item)
    there = [one.id for one in session.each(COPY, "item", item_id) if one["party"] == party] if is_ours else []
    is_made = of is None or any(is_below(of.made, one) for one in there)
    if not (is_theirs or is_joint or there) or not is_made:
        raise _not_there()


def _not_there() -> Unverified:
    return Unverified(
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
        asked = require_waiting(session, actor, request_id, direction="in")
        granted = outcome is ConsentOutcome.GRANTED
        require_allowed(decision_of("consent", _list_against(registry, session, asked, end) if granted else []))
        answer = ConsentAnswer(
            consent=ConsentId(registry.fresh_id("consent")), outcome=outcome, terms=terms_from(asked.body),
            given_at=session.at.replace(microsecond=0), valid_until=end if granted else None,
        )
        tell(registry, session, asked["party"], answer, (asked["agreement"], request_id))
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
    against = _list_end_reasons(registry, session, asked, end)
    if Act(asked["act"]) in GOES_ON:
        return against
    return [*list_stopped_reasons(
        session, asked["agreement"], (registry.party, asked["party"]), level_borne(session.get(ITEM, asked["item"]))
    ), *against]


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
    if asked["state"] not in ("asked", SILENT):
        raise OutOfOrder("consent.answered", "this request was answered before", hint="nothing was changed")
    if asked["state"] == SILENT:
        end_silent_consent(registry, session, asked, body)
    session.change(asked, state=body.outcome.value)
    discharge(session, answer_duty(asked.id), arrived.message.id)
    for duty in (silence_duty(asked.id), refused_duty(asked.id)):
        discharge(session, duty, arrived.message.id)
    given = consent_body(body, given_by=arrived.partner.party, given_to=registry.party, asked=asked)
    early = session.get(WITHDRAWN_EARLY, body.consent)
    if early is not None and early["party"] == arrived.partner.party:
        given |= {"withdrawn_at": early["withdrawn_at"]}
    session.put(CONSENT, body.consent, given, expect=0)
