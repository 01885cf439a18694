"""Inspect: what security experts of an originator are shown of the keeping of its items, and of nothing else.

The package has the originator's own items under one agreement, how each copy
stands, and what proves its end. It names no reader, no holder and no other
party. What is held for named readers, or carries a caveat, stays out of it; how
much was left out is entered here, and not said there.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cordiale.errors import require_allowed
from cordiale.message.members import read_line
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.inspections import INSPECTION, require_experts, stays_out
from cordiale.records.items import ITEM
from cordiale.records.paging import all_with
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.visits import VISIT
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of


def prepare_inspection(registry: Registry, request: Request) -> Answer:
    """Prepare the package for an approved visit of security experts, and enter how much was left out of it."""
    fields = request.act.fields()
    visit_id = fields.text("visit")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.END_VISIT))
        visit = require_experts(session, visit_id)
        counted = {True: 0, False: 0}
        for item in all_with(session.reads, ITEM, "origin_party", visit["party"]):
            if item.body.get("agreement") == visit["agreement"]:
                counted[stays_out(item)] += 1
        session.put(INSPECTION, visit_id, {
            "at": shown_at(session.at), "by": actor.id, "left_out": counted[True], "party": visit["party"],
            "shown": counted[False], "visit": visit_id,
        })
        return {"items": counted[False], "left_out": counted[True], "visit": visit_id}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def enter_check(registry: Registry, request: Request) -> Answer:
    """Enter that our authority has looked at a holder of foreign information; the next time is due by the layers."""
    fields = request.act.fields()
    agreement, holder, finding = fields.text("agreement"), fields.text("holder"), read_line(fields, "finding")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ASK_VISIT))
        index = load_index(session.reads, agreement, registry.party)
        terms, profile = terms_of(index, "authority.inspect", party=registry.party), index.state.profile
        session.put("holder-check", request.act.id, {
            "agreement": agreement, "at": shown_at(session.at), "by": actor.id, "finding": finding, "holder": holder,
        }, expect=0)
        duty = f"check-holder.{agreement}.{holder}"
        discharge(session, duty, request.act.id)
        if not terms or profile is None:
            return {"holder": holder}
        due: date | None = first_day(terms, session.at.date(), holidays_of(profile, (registry.party,)))
        open_duty(session, duty, what="check-holder", owner=registry.party, subject=holder, due=Due(
            due, basis="; ".join(dict.fromkeys(one.article for one in terms)),
        ))
        return {"due": due.isoformat() if due is not None else "", "holder": holder}

    return commit_personal(registry, request, run, log=agreement, subject=holder)
