"""Purposes: one that has ended is entered, and what was provided for it is to be returned, destroyed or asked about."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import SHORT_TEXT_LENGTH_MAX
from cordiale.message.members import read_line
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge, open_duty
from cordiale.records.purposes import ENDED, PURPOSE_END, RESUMED, has_ended, purpose_end_id
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct


def end_purpose(registry: Registry, request: Request) -> Answer:
    """Enter that a purpose has ended under an agreement: nobody reads for it any more, and what is here is due."""
    return _enter(registry, request, ENDED)


def resume_purpose(registry: Registry, request: Request) -> Answer:
    """Enter that a purpose goes on after all."""
    return _enter(registry, request, RESUMED)


def _enter(registry: Registry, request: Request, state: str) -> Answer:
    fields = request.act.fields()
    agreement, purpose = fields.text("agreement"), read_line(fields, "purpose", max_length=SHORT_TEXT_LENGTH_MAX)
    fields.end()
    id = purpose_end_id(agreement, purpose)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.END_PURPOSE))
        session.require(AGREEMENT, agreement)
        if has_ended(session, agreement, purpose) is (state == ENDED):
            raise OutOfOrder("purpose.so-already", "this was entered before", hint="nothing was changed")
        session.put(PURPOSE_END, id, {
            "agreement": agreement, "at": shown_at(session.at), "by": actor.id, "purpose": purpose, "state": state,
        })
        if state == ENDED:
            open_duty(session, f"purpose-ended.{request.act.id}", what="purpose-ended", owner=registry.party,
                      subject=id, due=None)
        else:
            for duty in session.each("duty", "subject", id):
                discharge(session, duty.id, f"{session.log} {session.index}")
        return {"agreement": agreement, "purpose": purpose, "state": state}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)
