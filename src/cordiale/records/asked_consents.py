"""Requests for consent in the books, and the duty to answer each: at the party that is asked, and at the one that asks.

What is not answered stays due, and is asked for again: silence is no consent, but where an article says so of the act
(`cordiale.records.silence`).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.message.bodies.consent_answer import ConsentAnswer
from cordiale.message.bodies.consent_request import ConsentRequest
from cordiale.message.bodies.consent_withdrawn import ConsentWithdrawn
from cordiale.model.names import PartyId
from cordiale.model.person import Office, Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer_days import answer_day
from cordiale.records.consents import terms_body
from cordiale.records.correspondence import Letter, Posted, post
from cordiale.records.duties import DUTY, Due, discharge, open_duty
from cordiale.records.partners import require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession, Books
from cordiale.records.silence_terms import silence_end
from cordiale.records.successions import rights_of
from cordiale.rules.offices import ActDone, OfficialAct

ASKED: Final = "consent-request"


def require_waiting(session: ActSession, actor: Person, request: str, *, direction: str) -> Record:
    """Return `request`, sent in `direction`, when it waits for an answer that `actor` may give; never who proposed it.

    Raises `Refused` and `Undecidable` as the office is decided, and `OutOfOrder` where it waits for none.
    """
    asked = session.require(ASKED, request)
    done = (ActDone(asked["asked_by"], OfficialAct.PROPOSE_CONSENT),) if "asked_by" in asked.body else ()
    require_allowed(decide_office_now(session, actor, OfficialAct.GIVE_CONSENT, done=done))
    if asked["direction"] != direction or asked["state"] != "asked":
        raise OutOfOrder("consent.not-waiting", "this request waits for no answer", hint="look at `consent list`")
    return asked


def answer_duty(request: str) -> str:
    """Return the identifier of the duty to answer `request`, of whoever was asked."""
    return f"consent-answer.{request}"


def compelled_duty(act: str, originator: str) -> str:
    """Return the identifier of the duty to tell `originator` that a law may force a disclosure, entered by `act`."""
    return f"tell-compelled.{act}.{originator}"


def note_told(session: ActSession, item: str, originator: str, proof: str) -> None:
    """Discharge every duty to tell `originator` that a law may force a disclosure of `item`: it is asked now."""
    for duty in session.each(DUTY, "subject", item):
        if duty["what"] == "tell-compelled" and duty.id.endswith(f".{originator}"):
            discharge(session, duty.id, proof)


def whom_to_ask(books: Books, item: Record) -> tuple[str, str]:
    """Return the party that can consent for a foreign `item`, and the agreement it is asked under.

    That is its originator, or whoever holds the rights of that one today.
    """
    holder = rights_of(books, item["origin_party"])
    if holder is None:
        return str(item["origin_party"]), str(item["agreement"])
    return holder.party, holder.agreement or str(item["agreement"])


def put_request(registry: Registry, session: ActSession, body: ConsentRequest, whom: tuple[str, str]) -> Record:
    """Ask the party of `whom` under its agreement, and enter it; where that is ourselves, our authority is asked."""
    party, agreement = whom
    if party == registry.party:
        return enter_request(registry, session, registry.fresh_id("asked"), body, ("in", party, agreement))
    partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
    posted = post(registry, session, Letter(
        partner=partner, body=body, agreement=agreement, version=version_of(session, agreement),
    ))
    return enter_request(registry, session, posted.id, body, ("out", party, agreement))


def enter_request(
    registry: Registry, session: ActSession, id: str, body: ConsentRequest, whence: tuple[str, str, str]
) -> Record:
    """Enter a request for consent that left or came (`whence`: ``out`` or ``in``, party, agreement); its answer is due.

    It is due by the term `consent.answer`, by the day of a disclosure that a law forces, and before silence counts.
    """
    direction, party, agreement = whence
    occasion: dict[str, Any] = {"due_on": body.due_on.isoformat()} if body.due_on is not None else {}
    occasion |= {"grounds": body.grounds} if body.grounds else {}
    occasion |= {"originator": body.originator} if body.originator is not None else {}
    asked = session.put(ASKED, id, {
        **terms_body(body.terms), "agreement": agreement, "asked_at": shown_at(session.at), "direction": direction,
        "party": party, "state": "asked", **occasion,
    }, expect=0)
    is_ours = direction == "in"
    owner = registry.party if is_ours else PartyId(party)
    day, basis = answer_day(registry, session, agreement, ("consent.answer", owner))
    silent = silence_end(registry, session, asked.body, session.at.date()) if is_ours else None
    days: list[date] = [one for one in (day, body.due_on, silent.day if silent else None) if one is not None]
    basis = "; ".join(one for one in (basis, silent.basis if silent else "") if one)
    open_duty(
        session, answer_duty(id), what="answer-consent" if is_ours else "consent-answer", owner=owner, subject=id,
        due=Due(
            min(days, default=None), basis=basis, agreement=agreement, message="" if is_ours else id,
            beside=Office.RELEASING_AUTHORITY if is_ours else None,
        ),
    )
    return asked


def tell(
    registry: Registry, session: ActSession, party: str, body: ConsentAnswer | ConsentWithdrawn, where: tuple[str, str]
) -> Posted | None:
    """Tell `party` under the agreement of `where`, in reply to its second; nobody is told what concerns us alone."""
    if party == registry.party:
        return None
    agreement, reply = where
    partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
    return post(registry, session, Letter(
        partner=partner, body=body, agreement=agreement, version=version_of(session, agreement), in_reply_to=reply,
    ))
