"""Assure: before anything is provided for somebody, their authority assures clearance, need and equal protection."""

from __future__ import annotations

from typing import Any, Final

from cordiale.errors import OutOfOrder, Refused, require_allowed
from cordiale.message.bodies.assurance import Assurance
from cordiale.message.members import NamedPost
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import MessageId, parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, require_shared
from cordiale.records.answer import Answer
from cordiale.records.clearances import TOLD, holds_until
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.inquiry import require_line
from cordiale.records.partners import require_partner
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_level_ref

ASSURANCE: Final = "assurance"


def give_assurance(registry: Registry, request: Request) -> Answer:
    """Assure a partner that one of our people is cleared up to a level, as the register stands, and needs to know.

    The partner is not told who it is. When the clearance ends before its day, the partner is told at once.
    """
    fields = request.act.fields()
    party, agreement, person_id = parse_party_id(fields.text("party")), fields.text("agreement"), fields.text("person")
    level, purpose = parse_level_ref(fields.text("level")), require_line(fields.text("purpose"), "purpose")
    article = require_line(fields.text("article"), "article")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.CONFIRM_CLEARANCE))
        require_shared(session.get(AGREEMENT, agreement), party)
        until = holds_until(registry, session, require_person(session, person_id), level, agreement)
        if until is None:
            raise Refused(decision_of("assure", [refusal(
                "assurance.not-cleared", "this person is not cleared up to that level today", article
            )]))
        name = registry.fresh_id("assurance")
        partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
        posted = post(registry, session, Letter(
            partner=partner, agreement=agreement, version=version_of(session, agreement), body=Assurance(
                name, level, purpose, article, until, NamedPost(actor.name, actor.post),
            ),
        ))
        told = {
            "agreement": agreement, "answer": posted.id, "level": str(level), "party": party, "person": person_id,
            "told_at": shown_at(session.at), "valid_until": until.isoformat(),
        }
        session.put(TOLD, name, {**told, "query": name, "state": "told"}, expect=0)
        return {"assurance": name, "party": party, "valid_until": until.isoformat()}

    return commit_personal(registry, request, run, log=agreement, subject=person_id)


def take_assurance(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter a partner's assurance; it counts until its day, or until the partner withdraws it."""
    body, party = arrived.message.body, arrived.partner.party
    if not isinstance(body, Assurance):
        raise OutOfOrder("assurance.other", "this is not an assurance", hint="report this as a defect")
    session.put(ASSURANCE, f"{party}/{MessageId(body.assurance)}".lower(), {
        "agreement": arrived.message.agreement, "article": body.article, "by": body.by.encode(),
        "level": str(body.level), "party": party, "purpose": body.purpose, "state": "assured",
        "valid_until": body.valid_until.isoformat(),
    }, expect=0)
