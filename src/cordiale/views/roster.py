"""The roster of a facility: who is cleared and authorised there today, and what was asked and told of clearances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import Refused
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Office, Person
from cordiale.records.agreements import load_index
from cordiale.records.briefings import BRIEFING
from cordiale.records.clearances import QUERY, TOLD
from cordiale.records.naming import name_of
from cordiale.records.personal_data import ERASED
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, person_of
from cordiale.rules.terms import terms_of
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, list_part, read_part

_VIEWERS: Final = frozenset({Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY, Office.INSPECTOR, Office.HEAD})
_CALLED: Final = {"queries": "query", "told": "told"}
_QUERY_STATES: Final = ("asked", "in-process", "cleared", "not-cleared", "withdrawn")


def show_roster(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the cleared persons of a unit, or of all, today.

    With `for_agreement` it is the extract for the other authority: names, posts and levels only, and only where the
    agreement demands one (`roster.extract`). Raises `Refused` where it does not.
    """
    fields = request.act.fields()
    unit, agreement = fields.optional_text("unit"), fields.optional_text("for_agreement")
    fields.end()
    books, viewing = viewer(registry, request)
    require_office(viewing, _VIEWERS, "the roster")
    articles = _demanded(registry, request, agreement) if agreement else []
    people = (person_of(record) for record in books.every("person"))
    rows = [
        _line(person, books.at.date().isoformat(), is_extract=bool(agreement)) for person in people
        if person.left_at is None and unit in (None, person.unit)
    ]
    return {"articles": articles, "at": books.at.date().isoformat(), "party": registry.party,
            "persons": [row for row in rows if row["cleared"]], "unit": unit or ""}


def _demanded(registry: Registry, request: Request, agreement: str) -> list[str]:
    require_office(request.person, frozenset({Office.COMPETENT_AUTHORITY}), "the extract of the roster")
    terms = terms_of(load_index(registry.reads(), agreement, registry.party), "roster.extract", party=registry.party)
    if not any(term.count for term in terms):
        raise Refused(decision_of("roster", [refusal(
            "roster.not-demanded", "neither the agreement nor national law demands an extract of the roster"
        )]))
    return sorted({term.article for term in terms})


def _line(person: Person, today: str, *, is_extract: bool) -> dict[str, Any]:
    cleared = sorted(
        f"{one.level} until {one.valid_until}" for one in person.clearances
        if one.withdrawn_at is None and one.valid_from.isoformat() <= today <= one.valid_until.isoformat()
    )
    line: dict[str, Any] = {"cleared": cleared, "name": person.name, "post": person.post, "unit": person.unit}
    if is_extract:
        return line
    briefed = sorted(
        f"{one.subject or 'national'} until {one.valid_until}" for one in person.briefings
        if one.valid_from.isoformat() <= today <= one.valid_until.isoformat()
    )
    offices = sorted(office.value for office in person.offices)
    return {**line, "briefed": briefed, "functions": sorted(person.functions), "offices": offices, "person": person.id}


def list_clearances(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what was asked of clearances, either way, what partners were told of ours, and briefings that wait.

    At most `count` rows after `after`, the `next` of the part before; or `only` one.
    """
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    books, person = viewer(registry, request)
    sees = bool(person.offices & _VIEWERS)

    def shown(table: str, one: Record) -> dict[str, Any] | None:
        if table == "briefings" and (sees or one.body.get("person") == person.id):
            return {**one.body, "briefing": one.id, "name": name_of(books, one.body.get("person", ERASED))}
        return {**one.body, _CALLED[table]: one.id} if table != "briefings" else None

    sources = [Source("briefings", BRIEFING, "state", "given")]
    if sees:
        sources += [Source("queries", QUERY, "state", state) for state in _QUERY_STATES]
        sources.append(Source("told", TOLD, "state", "told"))
    return {"queries": [], "told": []} | list_part((books, person), sources, part, shown)
