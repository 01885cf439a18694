"""The map of successors: which party holds the rights of an originator that is not there any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, beside, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_ENTERING: Final = OFFICES_FOR[OfficialAct.SIGN_PROFILE]
_CONFIRMING: Final = OFFICES_FOR[OfficialAct.MEET_PARTNER]
_VIEWERS: Final = _CONFIRMING | {Office.RELEASING_AUTHORITY, Office.REGISTRAR, Office.HEAD, Office.INSPECTOR}
_COLUMNS: Final = (
    Column("former", "From"), Column("successor", "To"), Column("on", "The day", "day"), Column("article", "Article"),
    Column("agreement", "Under the agreement"), Column("proposed_by", "Entered by", "person"),
    Column("confirmed_by", "Confirmed by", "person"),
)

_TOLD: Final = (
    Column("originator", "Originator"), Column("party", "Party"), Column("at", "Received", "when"),
    Column("said", "Text"),
)


def _entries(visit: Visit) -> list[Row]:
    return list(visit.ask("view.successions")["successions"])


def _entry(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    found = (one for one in _entries(visit) if one["succession"] == values.get("succession"))
    return beside("", _COLUMNS, next(found, {}))


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/successions"


_NAMED: Final = Field("succession", "Entry", kind="hidden")
ENTER: Final = Form(
    name="succession-enter", act="succession.enter", offices=_ENTERING,
    title="Enter a successor", button="Enter it", done="Entered; another person confirms it.",
    lead="Which party holds the rights of an originator that is not there any more, as governments have said it.",
    fields=(
        Field("former", "From"), Field("successor", "To"), Field("on", "From the day", kind="day"),
        Field("article", "Article"),
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements, is_required=False),
    ),
    after=_to_list,
)
CONFIRM: Final = Form(
    name="succession-confirm", act="succession.confirm", offices=_CONFIRMING,
    title="Confirm a successor", button="Confirm it", done="{successor} is asked in the place of {former}.",
    lead="You have seen the instrument, and did not enter it yourself.", fields=(_NAMED,), beside=_entry,
    after=_to_list,
)
END: Final = Form(
    name="succession-end", act="succession.end", offices=_CONFIRMING,
    title="Take back a successor", button="Take it back", done="It counts no more.",
    lead="What it consented to counts no more from then on.", fields=(_NAMED, Field("reason", "Reason")), beside=_entry,
    after=_to_list, grave=True,
)


def show_successions(visit: Visit) -> Response:
    """Show the map, what waits for a second person first."""
    rows, end = _entries(visit), Action(END, "succession={succession}")
    return show_sheet(visit, Sheet(title="Successors of originators", actions=(Action(ENTER),), sections=(
        Section([one for one in rows if one["state"] == "proposed"], _COLUMNS, heading="For a second person",
                empty="Nothing waits to be confirmed.", actions=(Action(CONFIRM, "succession={succession}"), end)),
        Section([one for one in rows if one["state"] == "confirmed"], _COLUMNS, heading="Confirmed", actions=(end,)),
        Section([one for one in rows if one["state"] == "ended"], (*_COLUMNS, Column("reason", "Reason")),
                heading="What has ended"),
        Section(list(visit.ask("view.successions")["told"]), _TOLD, heading="Told to us of their items"),
    )))


PAGES: Final = (
    Page("/successions", get=show_successions, offices=_VIEWERS, menu=marked("Successors"),
         group=marked("Together")),
)
FORMS: Final = (ENTER, CONFIRM, END)
