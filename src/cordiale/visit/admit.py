"""Admit: at the place itself, on the day itself, and not on yesterday's word."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from cordiale.errors import OutOfOrder, require_allowed
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now, require_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge
from cordiale.records.erasing import look_again
from cordiale.records.paging import all_with
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request, commit_personal, log_of
from cordiale.records.session import ActSession
from cordiale.records.visits import VISIT, VISITOR, plan_of, require_visit, visitor_of
from cordiale.rules.admission import AdmissionQuestion, Announced, decide_admission
from cordiale.rules.offices import OfficialAct

_TOLD: Final = ("conditions", "evacuation", "warning")


def admit(registry: Registry, request: Request) -> Answer:
    """Let a visitor in, today, at one of our places; refused for everybody who is not approved for exactly that."""
    fields = request.act.fields()
    visit_id, visitor_id, site = fields.text("visit"), fields.text("visitor"), fields.text("site")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_office_now(session, actor, OfficialAct.ADMIT_VISITOR)
        visit = require_visit(session, visit_id, direction="in")
        index = load_index(session.reads, visit["agreement"], registry.party, visit["party"])
        decision = decide_admission(_question(session, visit, visitor_id, site), index)
        require_allowed(decision)
        today = session.at.date().isoformat()
        session.put("admission", f"{visitor_id}.{today}", {
            "at": shown_at(session.at), "by": actor.id, "on": today, "site": site, "state": "inside",
            "visit": visit_id, "visitor": visitor_id,
        })
        told: dict[str, Any] = {name: visit[name] for name in _TOLD if name in visit.body}
        return {"level": visit["level"], "site": site, "visit": visit_id, "visitor": visitor_id, **told}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def leave(registry: Registry, request: Request) -> Answer:
    """Enter that a visitor has left the place."""
    fields = request.act.fields()
    visit_id, visitor_id = fields.text("visit"), fields.text("visitor")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.ADMIT_VISITOR))
        require_visit(session, visit_id, direction="in")
        inside = [one for one in all_with(session.reads, "admission", "visit", visit_id)
                  if one["visitor"] == visitor_id and one["state"] == "inside"]
        if not inside:
            raise OutOfOrder("visit.not-inside", "this visitor is not inside", hint="nothing was changed")
        for one in inside:
            session.change(one, left_at=shown_at(session.at), state="left")
            discharge(session, f"stop-access.{one.id}", request.act.id)
        look_again(session, VISITOR, visitor_id, owner=registry.party)
        return {"visit": visit_id, "visitor": visitor_id}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def brief_site(registry: Registry, request: Request) -> Answer:
    """Tell a place of ours the subject, the scope and the highest level of a visit, and enter that it was told."""
    fields = request.act.fields()
    visit_id, site = fields.text("visit"), fields.text("site")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.END_VISIT))
        visit = require_visit(session, visit_id, direction="in")
        names = [one["name"] for one in visit["sites"]]
        if site not in names or visit["state"] != "approved":
            raise OutOfOrder("visit.nothing-to-brief", "this place awaits no approved visit",
                             hint="look at `cordiale visit show`")
        told = {"level": visit["level"], "programme": visit["programme"], "purpose": visit["purpose"], "site": site}
        session.put("site-briefing", f"{visit_id}.{names.index(site) + 1}", {
            **told, "at": shown_at(session.at), "by": actor.id, "visit": visit_id,
        })
        discharge(session, f"brief-site.{visit_id}.{names.index(site) + 1}", request.act.id)
        return {**told, "visit": visit_id}

    agreement = log_of(registry, VISIT, visit_id)
    return commit_personal(registry, request, run, log=agreement, subject=visit_id)


def _question(session: ActSession, visit: Record, visitor_id: str, site: str) -> AdmissionQuestion:
    visitor = session.get(VISITOR, visitor_id)
    if visitor is not None and visitor["visit"] != visit.id:
        visitor = None
    state = visitor["state"] if visitor is not None else ""
    is_listed = visitor_id in visit["visitors"]
    announced = tuple(
        Announced(one["site"], date.fromisoformat(one["first_day"]), date.fromisoformat(one["last_day"]),
                  frozenset(one["visitors"]))
        for one in all_with(session.reads, "visit-notice", "visit", visit.id)
    )
    named = visitor_of(visitor) if visitor is not None and is_listed else None
    return AdmissionQuestion(
        plan_of(visit.body), named, site, session.at.date(),
        is_approved=visit["state"] == "approved" and state == "approved" and is_listed,
        is_suspended=state == "suspended", announced=announced,
    )
