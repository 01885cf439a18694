"""The silence on a request of ours: it runs from the day on which the partner's node has the request, until an answer.

What reached nobody is not answered by silence. When it has lasted, a person enters it (`cordiale.journey.silence`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from cordiale.canonical import encode_instant
from cordiale.errors import CordialeError
from cordiale.message.bodies.chase import Chase, DueThing
from cordiale.message.bodies.consent_answer import ConsentAnswer, ConsentOutcome
from cordiale.message.form import Message
from cordiale.model.names import MessageId
from cordiale.records.agreements import AGREEMENT
from cordiale.records.asked_consents import ASKED
from cordiale.records.consents import CONSENT, CONSENT_USE, open_consequence
from cordiale.records.correspondence import Letter, post
from cordiale.records.duties import DUTY, Due, discharge, open_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.records.silence_terms import SilenceEnd, silence_end

SILENT: Final = "silent"
"""The state of a request whose silence was entered as consent; a later answer still counts."""


def silence_duty(request: str) -> str:
    """Return the identifier of the duty to enter that the silence on `request` has lasted."""
    return f"consent-silence.{request}"


def begin_silence(registry: Registry, session: ActSession, request: str, *, taken_on: date) -> None:
    """Plan, once the partner's node has the request, that a person enters the silence on it when it has lasted.

    `taken_on` is the day on which that node says it took it: of its day and ours the later counts.
    """
    asked = session.get(ASKED, request)
    if asked is None or asked["state"] != "asked" or asked["direction"] != "out":
        return
    since = max(session.at.date(), taken_on)
    try:
        end = silence_end(registry, session, asked.body, since)
    except CordialeError:
        # What cannot be counted gives no consent.
        return
    if end is not None and session.get(DUTY, silence_duty(request)) is None:
        over = end.day + timedelta(days=1)
        session.change(
            asked, silence_basis=end.basis, silence_from=over.isoformat(), silence_since=since.isoformat()
        )
        _plan(registry, session, request, SilenceEnd(over, end.basis))


def _plan(registry: Registry, session: ActSession, request: str, counts: SilenceEnd) -> None:
    open_duty(session, silence_duty(request), what="consent-silence", owner=registry.party, subject=request,
              due=Due(None, opens_on=counts.day, basis=counts.basis, is_moved=True))


def silence_counts(registry: Registry, books: Books, asked: Record) -> SilenceEnd | None:
    """Return the day from which silence on a request counts, and by what; None where it never does.

    It is the later of the day that was counted when it began and the one by the rules of today. While one of the two
    suspended the agreement, or levels of it, no silence ran: it begins anew when that one takes any of it up again.
    """
    if "silence_since" not in asked.body:
        return None
    resumed = books.require(AGREEMENT, asked["agreement"]).body.get("resumed_on", {})
    since = max(asked["silence_since"], *(resumed.get(end, "") for end in (registry.party, asked["party"])))
    end = silence_end(registry, books, asked.body, date.fromisoformat(since))
    if end is None:
        return None
    return SilenceEnd(max(end.day + timedelta(days=1), date.fromisoformat(asked["silence_from"])), end.basis)


def ask_once_more(registry: Registry, session: ActSession, duty: Record) -> None:
    """Ask for the answer once more when silence has lasted: what comes after that tells whether one is on its way.

    Where the day has moved meanwhile, it waits for that; where no article says it any more, it ends.
    """
    asked = session.require(ASKED, duty["subject"])
    counts = silence_counts(registry, session, asked)
    if counts is None:
        discharge(session, duty.id, session.act_id)
        return
    if counts.day > session.at.date():
        _plan(registry, session, asked.id, counts)
        return
    partner = require_partner(session.reads, asked["party"], mode=registry.mode, now=session.at).statement
    post(registry, session, Letter(
        partner=partner, agreement=asked["agreement"], version=version_of(session, asked["agreement"]),
        body=Chase(MessageId(asked.id), DueThing.CONSENT_ANSWER, counts.day - timedelta(days=1), 1, counts.basis),
    ))


def note_answer_refused(registry: Registry, session: ActSession, answer: Message) -> None:
    """Let no silence count on a request that was answered, though the answer is refused here; people ask what it said.

    What was done under a silence that counted before is seen to as under a consent that was withdrawn.
    """
    asked = session.get(ASKED, answer.in_reply_to) if answer.type == "consent-answer" else None
    if asked is None or (asked["direction"], asked["party"]) != ("out", answer.sender.party):
        return
    if asked["state"] not in ("asked", SILENT):
        return
    if asked["state"] == SILENT and _end_silent(session, asked):
        open_consequence(registry, session, session.require(CONSENT, asked["silent_under"]))
    session.change(asked, answer_refused=answer.id, state="asked")
    discharge(session, silence_duty(asked.id), answer.id)
    open_duty(session, refused_duty(asked.id), what="consent-answer-refused", owner=registry.party, subject=asked.id,
              due=session.at.date())


def refused_duty(request: str) -> str:
    """Return the duty to learn what the answer to `request` said that was refused here."""
    return f"consent-answer-refused.{request}"


def end_silent_consent(registry: Registry, session: ActSession, asked: Record, answer: ConsentAnswer) -> None:
    """Let an answer take the place of the silence that counted before it; what was done under that is not forgotten.

    Declined, it is as if a consent were withdrawn; granted, what was used is used of the new consent.
    """
    count = _end_silent(session, asked)
    if count and answer.outcome is ConsentOutcome.GRANTED:
        session.put(CONSENT_USE, answer.consent, {"consent": answer.consent, "count": count})
    elif count:
        open_consequence(registry, session, session.require(CONSENT, asked["silent_under"]))


def _end_silent(session: ActSession, asked: Record) -> int:
    """End the consent that silence counted as, and return how often it was used."""
    silent = session.require(CONSENT, asked["silent_under"])
    session.change(silent, withdrawn_at=encode_instant(session.at.replace(microsecond=0)))
    use = session.get(CONSENT_USE, silent.id)
    return int(use["count"]) if use is not None else 0
