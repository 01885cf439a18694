"""Taking a consent back: it counts no more from then on, and what was done under it before is told to both sides."""

from __future__ import annotations

from typing import Any

from cordiale.canonical import encode_instant, parse_instant
from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.consent_used import ConsentUsed
from cordiale.message.bodies.consent_withdrawn import ConsentWithdrawn
from cordiale.model.names import ConsentId, PartyId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.asked_consents import ASKED, tell
from cordiale.records.consents import CONSENT, CONSENT_USE, WITHDRAWN_EARLY, open_consequence
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.ledger import INTERNAL
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.records.silence import SILENT
from cordiale.rules.offices import OfficialAct


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
        body = ConsentWithdrawn(ConsentId(consent_id), at)
        posted = tell(registry, session, consent["given_to"], body, (consent["agreement"], ""))
        consent = session.change(consent, withdrawn_at=encode_instant(at))
        if posted is None:
            _end_own(registry, session, consent)
        else:
            open_duty(
                session, f"consent-used.{consent_id}", what="consent-used", owner=PartyId(consent["given_to"]),
                subject=consent["item"], due=Due(message=posted.id, agreement=consent["agreement"]),
            )
        return {"consent": consent_id, "state": "withdrawn"}

    subject = found["item"] if found is not None else ""
    hidden = hide_from_strangers(subject, run, OfficialAct.GIVE_CONSENT)
    return commit_personal(registry, request, hidden, log=log, subject=consent_id)


def _end_own(registry: Registry, session: ActSession, consent: Record) -> None:
    """See to what we did under a consent that we gave ourselves, in the rights of an originator that we follow."""
    use = session.get(CONSENT_USE, consent.id)
    if use is not None and int(use["count"]) > 0:
        open_consequence(registry, session, consent)


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
        open_consequence(registry, session, consent)
    _say_used(registry, session, arrived, body.consent, count)


def _awaits_answer(session: ActSession, party: PartyId) -> bool:
    """Tell whether an answer of `party` may be under way: without one it speaks of a consent that there is not."""
    asked = (one for state in ("asked", SILENT) for one in session.each(ASKED, "state", state))
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
        open_consequence(registry, session, consent)
