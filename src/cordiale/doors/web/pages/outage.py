"""The outage book: what was done on paper while the node was down, entered by one and confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web.forms import Field, Form, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, beside, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_COLUMNS: Final = (
    Column("number", "Number"), Column("done_at", "Done", "when"), Column("what", "What was done"),
    Column("paper", "Sheet"), Column("about", "Item", link="/items/{item}"), Column("entered_at", "Entered", "when"),
    Column("entered_by", "Entered by", "person"), Column("confirmed_at", "Confirmed", "when"),
    Column("confirmed_by", "Confirmed by", "person"),
)


def _entries(visit: Visit) -> list[Row]:
    return list(visit.ask("view.outages")["entries"])


def _entry(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _COLUMNS, next((one for one in _entries(visit) if one["entry"] == values.get("entry")), {}))


def _by_identifier(visit: Visit, read: Params) -> Params:
    """Name the item as the act names it; people write its number."""
    named = {"item": str(visit.ask("view.item", item=read["item"])["item"])} if "item" in read else {}
    return {**read, **named}


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/outage"


ENTER: Final = Form(
    name="outage-enter", act="outage.enter", offices=_REGISTRY,
    title="Enter what was done on paper", button="Enter it", done="Entered; another person confirms it.",
    lead="It stands in the outage book once a second person has confirmed it.",
    fields=(
        Field("done_at", "Done", kind="moment", hint="In UTC."), Field("what", "What was done", kind="text"),
        Field("paper", "Sheet", hint="The sheet on which it was noted."),
        Field("item", "Item", is_required=False, hint="Its number."),
    ),
    params=_by_identifier, after=_to_list,
)
CONFIRM: Final = Form(
    name="outage-confirm", act="outage.confirm", offices=OFFICES_FOR[OfficialAct.CONFIRM_OUTAGE],
    title="Confirm what was done on paper", button="Confirm it", done="It stands in the outage book as {number}.",
    lead="You have seen the paper, and did not enter it yourself.",
    fields=(Field("entry", "Entry", kind="hidden"),), beside=_entry, after=_to_list,
)


def show_outage(visit: Visit) -> Response:
    """Show what was done on paper, what waits for a second person first."""
    rows = _entries(visit)
    return show_sheet(visit, Sheet(title="Outage book", actions=(Action(ENTER),), sections=(
        Section([one for one in rows if one["state"] == "entered"], _COLUMNS, heading="For a second person",
                empty="Nothing waits to be confirmed.", actions=(Action(CONFIRM, "entry={entry}"),)),
        Section([one for one in rows if one["state"] != "entered"], _COLUMNS, heading="Confirmed"),
    )))


PAGES: Final = (
    Page("/outage", get=show_outage, offices=KEEPERS | {Office.HEAD}, menu=marked("Outage book"),
         group=marked("Registry")),
)
FORMS: Final = (ENTER, CONFIRM)
