"""Incident, at home: anyone reports; those in office take the case up, inquire, conclude, and open it again.

What crosses to a partner is in `cordiale.journey.incident_letters`. Whoever reported a case does not conclude it.
"""

from __future__ import annotations

from typing import Any

from cordiale.canonical import Fields
from cordiale.errors import CordialeError, Malformed, OutOfOrder, require_allowed
from cordiale.limits import INCIDENT_COPIES_COUNT_MAX, INCIDENT_ITEMS_COUNT_MAX
from cordiale.model.incident import IncidentKind
from cordiale.model.names import parse_party_id
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.answer import Answer
from cordiale.records.duties import discharge
from cordiale.records.incidents import (
    DRAFT,
    FINAL_REPORT,
    INCIDENT,
    NOTE,
    SHARE,
    Suspicion,
    close_if_settled,
    draw_up_affected,
    enter_shares,
    judged,
    open_incident,
    put_due,
)
from cordiale.records.inquiry import (
    PARTS,
    read_parts,
    reopen,
    require_closing,
    require_incident,
    require_line,
    require_state,
)
from cordiale.records.items import COPY, find_item
from cordiale.records.record import shown_at
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct


def report_incident(registry: Registry, request: Request) -> Answer:
    """Report an incident: anybody who has a key here, with one sentence; suspicion suffices.

    Items are named as the reporter knows them. The answer is the same whether such an item is here or not.
    """
    fields = request.act.fields()
    draft = fields.optional_text("draft")
    suspicion, named = _read_suspicion(fields)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        found = _take_draft(session, actor, draft, suspicion) if draft else _resolved(session, suspicion, named)
        id = registry.fresh_id("incident")
        record = open_incident(registry, session, id, found, reported_by=actor.id)
        if draft:
            session.change(session.require(DRAFT, draft), incident=record.id, state="reported")
            discharge(session, f"report-incident.{draft}", record.id)
        return {"incident": id}

    return commit_personal(registry, request, run)


def _read_suspicion(fields: Fields) -> tuple[Suspicion, tuple[str, ...]]:
    country = fields.optional_text("third_country")
    named = fields.texts("items", max_count=INCIDENT_ITEMS_COUNT_MAX) if fields.has("items") else ()
    what = require_line(fields.optional_text("what") or "-", "what")
    suspicion = Suspicion(
        kind=fields.choice("kind", IncidentKind) if fields.has("kind") else IncidentKind.SUSPECTED,
        what=what,
        copies=fields.texts("copies", max_count=INCIDENT_COPIES_COUNT_MAX) if fields.has("copies") else (),
        consignment=fields.optional_text("consignment") or "",
        third_country=parse_party_id(country) if country else "",
    )
    return suspicion, named


def _resolved(session: ActSession, suspicion: Suspicion, named: tuple[str, ...]) -> Suspicion:
    """Return the suspicion with what the books know of the names; who asks is told nothing of which they know."""
    items: dict[str, None] = {}
    unknown: list[str] = []
    for text in named:
        try:
            items[find_item(session, text).id] = None
        except CordialeError:
            unknown.append(text)
    copies = [copy for copy in (session.get(COPY, one) for one in suspicion.copies) if copy is not None]
    items.update(dict.fromkeys(str(copy["item"]) for copy in copies))
    return Suspicion(
        suspicion.kind, suspicion.what, tuple(items), tuple(copy.id for copy in copies), tuple(unknown),
        suspicion.consignment, suspicion.third_country,
    )


def _take_draft(session: ActSession, actor: Person, draft: str, given: Suspicion) -> Suspicion:
    """Return what a prepared report says, with the sentence of whoever signs it where they wrote one."""
    require_allowed(decide_office_now(session, actor, OfficialAct.NOTIFY_INCIDENT))
    record = session.require(DRAFT, draft)
    if record["state"] != "open":
        raise OutOfOrder("incident.draft-used", "this prepared report was signed before", hint="nothing was changed")
    missing = f"copy {record['copy_number']} of {record['number']} was not found at an inventory"
    what = given.what if given.what != "-" else missing
    return Suspicion(IncidentKind.LOSS, what, (record["item"],), (record["copy"],))


# -- the inquiry ---------------------------------------------------------------------------------------------


def add_to_incident(registry: Registry, request: Request) -> Answer:
    """Note something in the inquiry, for our own eyes, and name further items where there are any.

    The list of what is affected is drawn up anew, as of this moment, beside the earlier versions.
    """
    fields = request.act.fields()
    incident_id, text = fields.text("incident"), require_line(fields.text("note"), "note")
    named = fields.texts("items", max_count=INCIDENT_ITEMS_COUNT_MAX) if fields.has("items") else ()
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        incident = require_incident(session, actor, incident_id, OfficialAct.HANDLE_INCIDENT)
        require_state(incident, "open")
        items = [find_item(session, one).id for one in named]
        incident = session.change(incident, items=list(dict.fromkeys([*incident["items"], *items])))
        draw_up_affected(session, incident)
        enter_shares(registry, session, incident)
        session.put(NOTE, request.act.id, {
            "at": shown_at(session.at), "by": actor.id, "incident": incident_id, "text": text,
        }, expect=0)
        judged(session, incident_id, request.act.id)
        return {"incident": incident_id, "items": incident["items"]}

    return commit_personal(registry, request, run, subject=incident_id)


def conclude_incident(registry: Registry, request: Request) -> Answer:
    """Conclude the inquiry with a final report: facts, extent, remedy, prevention; weaknesses stay at home.

    Who reported the case does not conclude it. A report that was concluded before and opened again gets a new
    version, and the earlier ones are kept.
    """
    fields = request.act.fields()
    incident_id = fields.text("incident")
    parts = read_parts(fields, (*PARTS, "weaknesses"))
    fields.end()
    if not all(parts.get(name) for name in PARTS):
        raise Malformed(
            "incident.final-parts", "a final report says what happened, how far it reaches, what was done and what "
            "will prevent it", hint="give --facts, --extent, --remedy and --prevention",
        )

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        incident = require_closing(session, actor, incident_id)
        require_state(incident, "open")
        version = int(incident.body.get("final", 0)) + 1
        incident = session.change(
            incident, concluded_at=shown_at(session.at), concluded_by=actor.id, final=version, state="concluded",
        )
        session.put(FINAL_REPORT, f"{incident_id}/{version}", {
            **parts, "at": shown_at(session.at), "by": actor.id, "incident": incident_id, "version": version,
        }, expect=0)
        judged(session, incident_id, request.act.id)
        for share in session.find(SHARE, "incident", incident_id):
            # What is told only after the inquiry is due from now on.
            put_due(registry, session, share)
        close_if_settled(session, incident, request.act.id)
        return {"incident": incident_id, "state": session.require(INCIDENT, incident_id)["state"], "version": version}

    return commit_personal(registry, request, run, subject=incident_id)


def reopen_incident(registry: Registry, request: Request) -> Answer:
    """Open a concluded or closed case again; a new final report is owed, and nothing of the old one is lost."""
    fields = request.act.fields()
    incident_id, reason = fields.text("incident"), require_line(fields.text("reason"), "reason")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        incident = require_incident(session, actor, incident_id, OfficialAct.HANDLE_INCIDENT)
        if incident["state"] == "open":
            raise OutOfOrder("incident.open", "this case is open", hint="nothing was changed")
        reopen(registry, session, incident, reason)
        for share in session.find(SHARE, "incident", incident_id):
            was_told = share["direction"] == "out" and "told" in share.body
            if was_told and share["state"] in ("final-sent", "settled"):
                session.change(share, state="told")
        return {"incident": incident_id, "state": "open"}

    return commit_personal(registry, request, run, subject=incident_id)
