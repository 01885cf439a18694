"""Silence: what a partner has not answered is consent where the agreement says so of the act; a person enters it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from cordiale.errors import require_allowed
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.form import parse_message
from cordiale.message.verification import read_unverified_object
from cordiale.model.decision import Reason, decision_of, refusal
from cordiale.model.names import ConsentId
from cordiale.model.person import Person
from cordiale.records.agreements import list_stopped_reasons, load_index
from cordiale.records.answer import Answer
from cordiale.records.asked_consents import ASKED, answer_duty, require_waiting
from cordiale.records.consents import CONSENT, consent_body, terms_from
from cordiale.records.duties import discharge
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of
from cordiale.records.ledger import INTERNAL
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.silence import SILENT, silence_counts, silence_duty
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import counted_from, terms_of


def enter_silence(registry: Registry, request: Request) -> Answer:
    """Enter that a partner was silent so long that the agreement counts it as consent; an authority's word.

    Raises `Refused` where no article says so of this act, where it has not lasted, where the partner has said no to
    the same before, or where messages of the partner are missing or nothing has come since: the answer may be among
    them. An answer that comes later counts in its place.
    """
    fields = request.act.fields()
    request_id = fields.text("request")
    fields.end()
    found = registry.record(ASKED, request_id)
    log = found["agreement"] if found is not None else INTERNAL

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        asked = require_waiting(session, actor, request_id, direction="out")
        require_allowed(decision_of("consent", _list_against(registry, session, asked)))
        given = ConsentAnswer(
            consent=ConsentId(registry.fresh_id("consent")), outcome=ConsentOutcome.GRANTED,
            terms=terms_from(asked.body), given_at=session.at.replace(microsecond=0),
            valid_until=_until(registry, session, asked),
        )
        session.change(asked, silent_under=given.consent, state=SILENT)
        body = consent_body(given, given_by=asked["party"], given_to=registry.party, asked=asked)
        session.put(CONSENT, given.consent, {**body, "silence": asked["silence_basis"]}, expect=0)
        discharge(session, silence_duty(request_id), given.consent)
        discharge(session, answer_duty(request_id), given.consent)
        return {"consent": given.consent, "item": asked["item"]}

    subject = found["item"] if found is not None else ""
    hidden = hide_from_strangers(subject, run, OfficialAct.GIVE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=request_id)


def _list_against(registry: Registry, session: ActSession, asked: Record) -> list[Reason]:
    """Return why silence is no consent to what was asked; it counts from a day on, once the partner has the request."""
    counts = silence_counts(registry, session, asked)
    if counts is None:
        return [refusal("consent.silence-not-said", "no article says that silence on this is consent")]
    about = label_of(session.require(ITEM, asked["item"]))
    reasons = [*list_stopped_reasons(session, asked["agreement"], (registry.party, asked["party"]), about)]
    if session.at.date() < counts.day:
        reasons.append(refusal(
            "consent.silence-lasts", "silence on this counts from {day} on, and not before", counts.basis,
            day=counts.day.isoformat(),
        ))
    else:
        reasons += _list_unheard(registry, session, asked, counts.day)
    if _is_answer_refused(session, asked):
        reasons.append(refusal(
            "consent.silence-answered", "the partner has answered this before, and its answer was refused here"
        ))
    if _is_said_no(session, asked):
        reasons.append(refusal(
            "consent.silence-after-no", "the partner has declined this before, or taken it back, and must say yes"
        ))
    return reasons


def _is_said_no(session: ActSession, asked: Record) -> bool:
    """Tell whether the partner has declined the same, or taken it back: silence never puts its word aside."""
    return any(
        (one["given_by"], one["act"], one.body.get("recipient"))
        == (asked["party"], asked["act"], asked.body.get("recipient"))
        and "silence" not in one.body and (one["outcome"] == ConsentOutcome.DECLINED or "withdrawn_at" in one.body)
        for one in session.each(CONSENT, "item", asked["item"])
    )


def _is_answer_refused(session: ActSession, asked: Record) -> bool:
    """Tell whether an answer to this, or to the same that was asked before, was refused here: it may have been no."""
    return any(
        "answer_refused" in one.body and one["state"] == "asked"
        and (one["party"], one["act"], one.body.get("recipient"))
        == (asked["party"], asked["act"], asked.body.get("recipient"))
        for one in session.each(ASKED, "item", asked["item"])
    )


def _list_unheard(registry: Registry, session: ActSession, asked: Record, counts_from: date) -> Iterator[Reason]:
    """Yield why an answer may be on its way: a number is missing, or the last was sent before the silence had lasted.

    The sender's own signed time tells: our clock, a link that is down, a bag on the road make no silence.
    """
    partner = require_partner(session.reads, asked["party"], mode=registry.mode, now=session.at).statement
    numbers = sorted(session.reads.inbox_numbers(partner.node, asked["agreement"]))
    if numbers != list(range(1, len(numbers) + 1)):
        yield refusal(
            "consent.silence-missing", "messages of the partner have not come, and the answer may be among them"
        )
        return
    last = session.reads.inbox_by_number(partner.node, asked["agreement"], len(numbers))
    sent = parse_message(read_unverified_object(last.message).unverified_payload).sent_at if last is not None else None
    if sent is None or sent.date() < counts_from:
        yield refusal(
            "consent.silence-unheard", "nothing has come from the partner since, and the answer may be on its way"
        )


def _until(registry: Registry, session: ActSession, asked: Record) -> datetime | None:
    """Return the end that the agreement sets to such a consent, None where it sets none."""
    index = load_index(session.reads, asked["agreement"], registry.party)
    terms = terms_of(index, "consent.lifetime", party=asked["party"])
    days = [counted_from(one, session.at.date(), index.holidays) for one in terms]
    return datetime.combine(min(days), time(23, 59, 59), UTC) if days else None
