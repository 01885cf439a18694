"""Tell: authorities tell each other of changed law or authority and of disputes, and answer what they were told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cordiale.errors import Malformed, require_allowed
from cordiale.message.bodies.accord_notice import AccordNotice, NoticeKind
from cordiale.model.names import PartyId
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.accord_notices import await_answer, enter_notice, owes_answer
from cordiale.records.agreements import AGREEMENT, require_shared
from cordiale.records.answer import Answer
from cordiale.records.answer_days import answer_day
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.duties import DUTY, Due, discharge
from cordiale.records.partners import require_partner
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.wire.person_json import parse_day

_TELLS: Final = {NoticeKind.LAW_CHANGED: "tell-law-change", NoticeKind.AUTHORITY_CHANGED: "tell-authority"}


def give_notice(registry: Registry, request: Request) -> Answer:
    """Tell the other parties to an agreement what `kind` says, or answer what one of them told."""
    fields = request.act.fields()
    agreement, day = fields.text("agreement"), parse_day(fields.text("on"))
    body = AccordNotice(
        notice=registry.fresh_id("n"), kind=fields.choice("kind", NoticeKind), effective_on=day,
        article=fields.text("article"), text=fields.text("text"), about=fields.optional_text("about") or "",
    )
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        record = session.require(AGREEMENT, agreement)
        enter_notice(session, agreement, registry.party, body)
        for party in record["parties"]:
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                posted = post(registry, session, Letter(
                    partner=partner, body=body, agreement=agreement, version=record["profile"]["version"],
                ))
                if owes_answer(body):
                    due = _settled_by(registry, session, agreement, (body, PartyId(party)))
                    await_answer(session, body, PartyId(party), replace(due, agreement=agreement, message=posted.id))
        _discharge_told(session, agreement, body)
        return {"notice": body.notice}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def _discharge_told(session: ActSession, agreement: str, body: AccordNotice) -> None:
    """Discharge every duty to tell under `agreement` what this notice tells: a change of our law or of an authority."""
    for duty in session.find(DUTY, "subject", agreement):
        if duty["what"] == _TELLS.get(body.kind):
            discharge(session, duty.id, body.notice)


def take_notice(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what a partner's authority tells; our own has to acknowledge it."""
    body = arrived.message.body
    if not isinstance(body, AccordNotice):
        raise Malformed("notice.other", "this is not a notice", hint="report this as a defect")
    require_shared(session.get(AGREEMENT, arrived.message.agreement), arrived.partner.party)
    enter_notice(session, arrived.message.agreement, arrived.partner.party, body)
    if owes_answer(body):
        due = _settled_by(registry, session, arrived.message.agreement, (body, registry.party))
        day = due.on or max(session.at.date(), body.effective_on)
        await_answer(session, body, registry.party, replace(due, on=day, basis=due.basis or body.article))


def _settled_by(
    registry: Registry, session: ActSession, agreement: str, what: tuple[AccordNotice, PartyId]
) -> Due:
    """Return by when a party answers a dispute, as the layers say it; no day for anything else."""
    body, owner = what
    if body.kind is not NoticeKind.DISPUTE:
        return Due()
    day, basis = answer_day(registry, session, agreement, ("dispute.answer", owner))
    return Due(day, basis=basis if day is not None else "")
