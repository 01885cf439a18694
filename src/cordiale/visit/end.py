"""End: a visit is cancelled, or visitors are suspended because something of them no longer stands. At once."""

from __future__ import annotations

from typing import Any

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.limits import VISITORS_COUNT_MAX
from cordiale.message.bodies.visit_ended import VisitEnded, VisitEnding
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, body_as
from cordiale.records.duties import open_duty
from cordiale.records.paging import all_with
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.visits import VISIT, close_for, end_visit, require_shared_visit, require_visit
from cordiale.rules.offices import OfficialAct


def end(registry: Registry, request: Request) -> Answer:
    """Cancel a visit or suspend it, for the visitors named or for all; either side may, and gives no reason."""
    fields = request.act.fields()
    visit_id, ending = fields.text("visit"), fields.choice("ending", VisitEnding)
    visitors = fields.texts("visitors", max_count=VISITORS_COUNT_MAX) if fields.has("visitors") else ()
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.END_VISIT))
        visit = require_visit(session, visit_id)
        touched = end_visit(registry, session, visit, sorted(set(visitors)), ending=ending)
        if not touched and session.require(VISIT, visit_id)["state"] == visit["state"]:
            raise OutOfOrder("visit.nobody-left", "nobody of these is still to come",
                             hint="look at `cordiale visit show`")
        return {"ending": ending.value, "visit": visit_id, "visitors": touched}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def take_visit_ended(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter that visitors are not to be admitted any more; whoever of them is inside is to be led out."""
    body = body_as(arrived, VisitEnded)
    visit = require_shared_visit(session, body.visit, arrived.partner.party, agreement=arrived.message.agreement)
    touched = set(close_for(registry, session, visit, list(body.visitors), ending=body.ending))
    today = session.at.date().isoformat()
    inside = [one for one in all_with(session.reads, "admission", "visit", visit.id)
              if one["visitor"] in touched and one["on"] == today and one["state"] == "inside"]
    for admission in inside:
        open_duty(session, f"stop-access.{admission.id}", what="stop-access", owner=registry.party, subject=visit.id,
                  due=session.at.date())
