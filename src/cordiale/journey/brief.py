"""Brief: an officer enters that somebody was briefed, and the person acknowledges it in writing; only then it counts.

Two persons sign, and neither alone. How long a briefing lasts is the term `briefing.refresh`; it lapses by itself, and
access with it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable, require_allowed
from cordiale.model.decision import decision_of, refusal
from cordiale.model.names import PersonId
from cordiale.model.person import Briefing, Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import load_index
from cordiale.records.answer import Answer
from cordiale.records.briefings import BRIEFING
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.people import put_person
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal, require_person
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of
from cordiale.wire.person_json import parse_day

_REMINDED: Final = timedelta(days=30)


def give_briefing(registry: Registry, request: Request) -> Answer:
    """Enter that a person was briefed under an agreement; it opens nothing before the person acknowledges it.

    `until` may shorten what the agreement says, and is needed where no layer says how long a briefing lasts.
    """
    fields = request.act.fields()
    person_id, agreement = fields.text("person"), fields.text("agreement")
    text = fields.optional_text("until")
    wanted = parse_day(text) if text else None
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.BRIEF, subject=PersonId(person_id)))
        briefed = require_person(session, person_id)
        until, basis = _lasts_until(registry, session, agreement, wanted)
        session.put(BRIEFING, request.act.id, {
            "agreement": agreement, "basis": basis, "given_at": shown_at(session.at), "given_by": actor.id,
            "person": person_id, "state": "given", "until": until.isoformat(),
        }, expect=0)
        open_duty(session, f"briefing.{request.act.id}", what="acknowledge-briefing", owner=registry.party,
                  subject=person_id, due=Due(person=person_id, beside=min(briefed.offices, default=None)))
        return {"briefing": request.act.id, "person": person_id, "until": until.isoformat()}

    return commit_personal(registry, request, run, subject=person_id)


def _lasts_until(
    registry: Registry, session: ActSession, agreement: str, wanted: date | None
) -> tuple[date, str]:
    index = load_index(session.reads, agreement, registry.party)
    terms, profile = terms_of(index, "briefing.refresh", party=registry.party), index.state.profile
    today = session.at.date()
    if wanted is not None and wanted < today:
        raise Malformed("briefing.past", "that day is over", hint="give a day that is still to come")
    holidays = holidays_of(profile, profile.parties) if profile is not None else None
    longest = first_day(terms, today, holidays) if holidays is not None else None
    basis = "; ".join(dict.fromkeys(term.article for term in terms))
    days = [day for day in (longest, wanted) if day is not None]
    if not days:
        raise Undecidable(
            "briefing.unsaid", "neither the agreement nor national law says how long a briefing lasts",
            hint="enter the term `briefing.refresh`, or give a day with --until",
        )
    return min(days), basis


def acknowledge_briefing(registry: Registry, request: Request) -> Answer:
    """Acknowledge a briefing in writing, as the person who was briefed; from now on it counts, until its day."""
    fields = request.act.fields()
    briefing_id = fields.text("briefing")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        record = session.get(BRIEFING, briefing_id)
        if record is None or record.body.get("person") != actor.id:
            raise Refused(decision_of("acknowledge-briefing", [refusal(
                "briefing.not-yours", "there is no briefing of this name that was given to you"
            )]))
        if record["state"] != "given":
            raise OutOfOrder("briefing.acknowledged", "this was acknowledged before", hint="nothing was changed")
        until = date.fromisoformat(record["until"])
        made = Briefing(record["agreement"], session.at.date(), until)
        others = tuple(one for one in actor.briefings if one.subject != made.subject or one.valid_until > until)
        put_person(session, replace(actor, briefings=(*others, made)))
        session.change(record, acknowledged_at=shown_at(session.at), state="acknowledged")
        discharge(session, f"briefing.{briefing_id}", request.act.id)
        refresh = f"briefing.refresh.{actor.id}.{record['agreement']}"
        discharge(session, refresh, request.act.id)
        open_duty(
            session, refresh, what="refresh-briefing",
            owner=registry.party, subject=actor.id, due=Due(until, remind_before=_REMINDED, basis=record["basis"]),
        )
        return {"briefing": briefing_id, "until": record["until"]}

    return commit_personal(registry, request, run, subject=briefing_id)
