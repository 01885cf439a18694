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
from cordiale.model.names import MessageId
from cordiale.records.asked_consents import ASKED
from cordiale.records.consents import CONSENT, CONSENT_USE, open_consequence
from cordiale.records.correspondence import Letter, post
from cordiale.records.duties import DUTY, Due, open_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.records.silence_terms import silence_end

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
    try:
        end = silence_end(registry, session, asked.body, max(session.at.date(), taken_on))
    except CordialeError:
        # What cannot be counted gives no consent.
        return
    if end is not None and session.get(DUTY, silence_duty(request)) is None:
        over = end.day + timedelta(days=1)
        session.change(asked, silence_basis=end.basis, silence_from=over.isoformat())
        open_duty(session, silence_duty(request), what="consent-silence", owner=registry.party, subject=request,
                  due=Due(None, opens_on=over, basis=end.basis))


def ask_once_more(registry: Registry, session: ActSession, duty: Record) -> None:
    """Ask for the answer once more when silence has lasted: what comes after that tells whether one is on its way."""
    asked = session.require(ASKED, duty["subject"])
    partner = require_partner(session.reads, asked["party"], mode=registry.mode, now=session.at).statement
    over = date.fromisoformat(asked["silence_from"])
    post(registry, session, Letter(
        partner=partner, agreement=asked["agreement"], version=version_of(session, asked["agreement"]),
        body=Chase(MessageId(asked.id), DueThing.CONSENT_ANSWER, over - timedelta(days=1), 1, asked["silence_basis"]),
    ))


def end_silent_consent(registry: Registry, session: ActSession, asked: Record, answer: ConsentAnswer) -> None:
    """Let an answer take the place of the silence that counted before it; what was done under that is not forgotten.

    Declined, it is as if a consent were withdrawn; granted, what was used is used of the new consent.
    """
    silent = session.require(CONSENT, asked["silent_under"])
    session.change(silent, withdrawn_at=encode_instant(session.at.replace(microsecond=0)))
    use = session.get(CONSENT_USE, silent.id)
    count = int(use["count"]) if use is not None else 0
    if count and answer.outcome is ConsentOutcome.GRANTED:
        session.put(CONSENT_USE, answer.consent, {"consent": answer.consent, "count": count})
    elif count:
        open_consequence(registry, session, silent)
