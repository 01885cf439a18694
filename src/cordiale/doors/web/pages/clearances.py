"""Clearances between authorities: asked, answered, assured; briefings given and acknowledged; who is cleared today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_CONFIRMING: Final = OFFICES_FOR[OfficialAct.CONFIRM_CLEARANCE]
_BRIEFING: Final = OFFICES_FOR[OfficialAct.BRIEF]
_COMPETENT: Final = frozenset({Office.COMPETENT_AUTHORITY})
_VIEWERS: Final = _CONFIRMING | {Office.INSPECTOR, Office.HEAD}


def _cleared(visit: Visit) -> Sequence[Option]:
    """Return the people who are cleared today."""
    return [(one["person"], f"{one['name']}, {one['post']}") for one in visit.ask("view.roster")["persons"]]


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/clearances"


_QUERY: Final = (
    Column("name", "Full name"), Column("born_on", "Born", "day"), Column("level", "Level"),
    Column("purpose", "Purpose"), Column("party", "Party"), Column("agreement", "Under the agreement"),
    Column("asked_at", "Asked", "when"), Column("state", "State", "word"), Column("valid_until", "Until", "day"),
)
_GIVEN: Final = (
    Column("name", "Person"), Column("agreement", "Under the agreement"), Column("until", "Until", "day"),
    Column("basis", "Provision"),
)


def _question(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    rows = visit.ask("view.clearances", only=values.get("query"))["queries"] if values.get("query") else ()
    return beside("", _QUERY, next(iter(rows), {}))


def _own_briefing(visit: Visit, values: Values) -> Row:
    """Return the briefing that is named, or the first that waits for the person who is here."""
    rows = visit.ask("view.clearances", only=values.get("briefing") or None)["briefings"]
    return next((row for row in rows if row.get("person") == visit.person.id), {})


def _briefing(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _GIVEN, _own_briefing(visit, values))


def _named(visit: Visit, values: Values) -> Mapping[str, str]:
    return {"briefing": str(_own_briefing(visit, values).get("briefing", ""))}


def _without_subject(_: Visit, read: Params) -> Params:
    return {name: value for name, value in read.items() if name != "subject"}


_PURPOSE: Final = Field("purpose", "Purpose")
_AGREEMENT: Final = Field("agreement", "Under the agreement", kind="choice", options=choices.agreements)
_LEVEL: Final = Field("level", "Level", kind="choice", options=choices.levels)

ASK: Final = Form(
    name="clearance-ask", act="clearance.ask", offices=_CONFIRMING,
    title="Ask whether somebody is cleared", button="Ask", done="{party} is asked.",
    lead="A person of the partner's own; the level in the words of the party that cleared them.",
    fields=(
        Field("name", "Full name"), _LEVEL, Field("party", "To", kind="choice", options=choices.partners), _AGREEMENT,
        _PURPOSE, Field("born_on", "Day of birth", kind="day", is_required=False, hint="Where it is needed."),
    ),
    after=_to_list,
)
ANSWER: Final = Form(
    name="clearance-answer", act="clearance.answer", offices=_CONFIRMING,
    title="Answer a question about a clearance", button="Sign the answer", done="Answered.",
    lead="With a person the register says whether, and until when. Without one the answer is no, or in process.",
    fields=(
        Field("query", "Question", kind="hidden"),
        Field("person", "Person", kind="choice", options=_cleared, is_required=False),
        Field("in_process", "The clearance is in process", kind="yes", is_required=False),
    ),
    beside=_question, after=_to_list,
)
ASSURE: Final = Form(
    name="clearance-assure", act="clearance.assure", offices=_CONFIRMING,
    title="Assure a partner without a name", button="Sign the assurance", done="{party} is told.",
    lead="That somebody is cleared and needs to know; the partner is told no name.",
    fields=(
        Field("person", "Person", kind="choice", options=_cleared), _LEVEL,
        Field("party", "To", kind="choice", options=choices.partners), _AGREEMENT, _PURPOSE,
        Field("article", "Provision"),
    ),
    after=_to_list,
)
BRIEF: Final = Form(
    name="briefing-give", act="briefing.give", offices=_BRIEFING,
    title="Enter a briefing", button="Sign it", done="Entered; it counts once it is acknowledged.",
    lead="It opens nothing before the person who was briefed has acknowledged it.",
    fields=(
        Field("person", "Person", kind="choice", options=choices.people), _AGREEMENT,
        Field("until", "The last day it counts", kind="day", is_required=False),
    ),
    after=_to_list,
)
ACKNOWLEDGE: Final = Form(
    name="briefing-acknowledge", act="briefing.acknowledge",
    title="Acknowledge that you were briefed", button="I was briefed", done="Acknowledged; it counts until {until}.",
    lead="From now on the briefing counts under this agreement, until its day.",
    fields=(
        Field("subject", "Person", kind="hidden", is_required=False), Field("briefing", "Briefing", kind="hidden"),
    ),
    params=_without_subject, prefill=_named, beside=_briefing, after=_to_list,
)


def show_clearances(visit: Visit) -> Response:
    """Show what was asked and told of clearances, and the briefings that wait."""
    found, mine = visit.ask("view.clearances", **asked_part(visit)), visit.person.id
    is_officer = bool(visit.person.offices & _VIEWERS)
    return show_sheet(visit, Sheet(
        title="Clearances and briefings", actions=(Action(ASK), Action(ASSURE), Action(BRIEF)),
        next=following(visit, found),
        links=(("/roster", marked("Who is cleared today")),) if is_officer else (),
        sections=(
            Section(found["briefings"], _GIVEN, heading="Briefings that wait", empty="No briefing waits.", actions=(
                Action(ACKNOWLEDGE, "briefing={briefing}", lambda row: bool(row["person"] == mine)),
            )),
            Section(found["queries"], (*_QUERY, Column("direction", "Direction", "word")), heading="Questions",
                    actions=(Action(ANSWER, "query={query}", _waits),)),
            Section(found["told"], (
                Column("person", "Person"), Column("party", "Party"), Column("level", "Level"),
                Column("valid_until", "Until", "day"),
            ), heading="What partners were told"),
        ),
    ))


def _waits(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] == "asked")


_ROSTER: Final = (
    Column("name", "Full name"), Column("post", "Post"), Column("unit", "Unit"), Column("cleared", "Cleared", "dated"),
    Column("briefed", "Briefed", "dated"), Column("offices", "Offices", "word"),
)


def show_roster(visit: Visit) -> Response:
    """Show who is cleared and briefed today."""
    found = visit.ask("view.roster")
    links = tuple(
        (f"/roster/{id}", marked("Extract for the other authority")) for id, _ in choices.agreements(visit)
    ) if visit.person.offices & _COMPETENT else ()
    return _roster_page(visit, found, _ROSTER, links)


def show_extract(visit: Visit) -> Response:
    """Show the extract for the other authority, where the agreement demands one."""
    return _roster_page(visit, visit.ask("view.roster", for_agreement=visit.named["agreement"]), _ROSTER[:4], ())


def _roster_page(visit: Visit, found: Row, columns: tuple[Column, ...], links: tuple[tuple[str, str], ...]) -> Response:
    return show_sheet(visit, Sheet(
        title="Who is cleared today", links=links, about=found,
        facts=(Column("at", "As of", "day"), Column("articles", "Provision")),
        sections=(Section([_said(visit, one) for one in found["persons"]], columns, empty="Nobody is cleared."),),
    ))


def _said(visit: Visit, row: Row) -> Row:
    """Return a line of the roster with its terms in the language of the visit."""
    terms = {
        name: [visit.say("{what} until {day}", what=what, day=day) for what, _, day in
               (str(one).rpartition(" until ") for one in row[name])]
        for name in ("cleared", "briefed") if name in row
    }
    return {**row, **terms}


PAGES: Final = (
    Page("/clearances", get=show_clearances, menu=marked("Clearances"), group=marked("Security")),
    Page("/roster", get=show_roster, offices=_VIEWERS),
    Page("/roster/{agreement}", get=show_extract, offices=_COMPETENT),
)
FORMS: Final = (ASK, ANSWER, ASSURE, BRIEF, ACKNOWLEDGE)
