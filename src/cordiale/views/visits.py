"""Visits as the offices see them: who has asked whom, what waits, and by which day to ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from cordiale.message.members import read_day
from cordiale.model.names import parse_party_id
from cordiale.model.person import Office
from cordiale.model.visit import VisitKind, VisitPlan
from cordiale.records.agreements import load_index
from cordiale.records.paging import all_with
from cordiale.records.personal_data import PERSONAL_KINDS
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.records.visit_answers import version_asked
from cordiale.records.visits import VISIT, VISITOR, require_visit, visitors_of
from cordiale.rules.visits import file_by
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part
from cordiale.wire.person_json import parse_level_ref

SEEING: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
"""Offices that see visits and the particulars of visitors."""

_LINE: Final = (
    "agreement", "direction", "first_day", "kind", "last_day", "late", "level", "party", "purpose", "renews", "state",
)
_TOLD: Final = ("conditions", "warning", "evacuation", "programme", "subject", "initiative", "refusal", "sites")


def list_visits(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the visits in one state, those asked for and approved where none is named, the earliest first."""
    fields = request.act.fields()
    state, part = fields.optional_text("state"), read_part(fields)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, SEEING, "the list of visits")
    source = Source("visits", VISIT, "state", (state,) if state else ("asked", "approved"), by="first_day")
    return list_part((books, person), [source], part, lambda _, one: _line(one))


def show_visit(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one visit with its visitors, its amendment that waits, its notices and admissions."""
    fields = request.act.fields()
    visit_id = fields.text("visit")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, SEEING, "the list of visits")
    visit = require_visit(books, visit_id)
    shown = _line(visit) | {name: visit[name] for name in _TOLD if visit.body.get(name)}
    asked = version_asked(visit)
    if asked is not None:
        shown["number"] = asked
    if asked is not None and "pending" in visit.body:
        pending = visit["pending"]
        shown["amendment"] = {
            "first_day": pending["first_day"], "last_day": pending["last_day"],
            "visitors": _visitors(books, pending["visitors"]),
        }
    shown["visitors"] = _visitors(books, visit["visitors"])
    shown["notices"] = [
        {name: one[name] for name in ("first_day", "last_day", "site", "visitors")}
        for one in all_with(books.reads, "visit-notice", "visit", visit_id)
    ]
    shown["admissions"] = [
        {name: one[name] for name in ("at", "site", "state", "visitor")}
        for one in all_with(books.reads, "admission", "visit", visit_id)
    ]
    shown["disclosures"] = [
        {"disclosure": one.id, **{name: one[name] for name in ("at", "item", "level", "manner", "state", "subject")
                                  if name in one.body}}
        for one in all_with(books.reads, "disclosure", "visit", visit_id)
    ]
    return shown


def show_last_day(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the last day to ask `host` for a visit that begins on `first_day`, and the provisions that say so."""
    fields = request.act.fields()
    agreement, host = fields.text("agreement"), parse_party_id(fields.text("host"))
    kind, level = fields.choice("kind", VisitKind), parse_level_ref(fields.text("level"))
    first: date = read_day(fields, "first_day")
    fields.end()
    books, _ = viewer(registry, request)
    index = load_index(books.reads, agreement, registry.party)
    by = file_by(index, VisitPlan(kind, first, first, level, "-", ()), host)
    shown: dict[str, Any] = {"articles": list(by.articles), "first_day": first.isoformat(), "host": host}
    if by.day is not None:
        shown["file_by"] = by.day.isoformat()
    return shown


def _line(visit: Record) -> dict[str, Any]:
    return {"visit": visit.id, **{name: visit[name] for name in _LINE if visit.body.get(name)}}


def _visitors(books: Books, ids: list[str]) -> list[dict[str, Any]]:
    personal = PERSONAL_KINDS[VISITOR].personal
    return [
        {"state": one["state"], "visitor": one.id, **{name: one[name] for name in personal if name in one.body}}
        for one in visitors_of(books, ids)
    ]
