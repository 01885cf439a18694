"""Disclosures in an emergency, ours and those that partners told of, with their reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit, require_found
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_DISCLOSING: Final = OFFICES_FOR[OfficialAct.DISCLOSE_IN_EMERGENCY]
_SEEING: Final = KEEPERS | {Office.COMPETENT_AUTHORITY, Office.HEAD}
_STATEMENTS: Final = (
    Column("what", "What was disclosed"), Column("to_whom", "Who learned of it"), Column("how", "How"),
    Column("why", "Why it could not wait"), Column("where", "Where it is now"),
    Column("debriefed", "How they were told what they owe"),
)
_FACTS: Final = (
    Column("about", "Item", link="/items/{item}"), Column("direction", "Direction", "word"), Column("party", "Party"),
    Column("at", "When it was", "when"), Column("count", "Persons"), Column("circumstances", "What had happened"),
    Column("state", "State", "word"), Column("report_by", "To be reported by", "when"),
)


def _rows(visit: Visit, only: str = "") -> list[Row]:
    return list(visit.ask("view.emergencies", only=only)["emergencies"])


def _one(visit: Visit, values: Values) -> Row:
    """Return the disclosure that is named, or the one of ours about the item that a duty names."""
    id, item = values.get("disclosure"), values.get("subject")
    return next((
        row for row in _rows(visit, id) if id or (row["item"] == item and _is_owed(row))
    ), {})


def _is_owed(row: Row) -> bool:
    return bool(row["direction"] == "out" and row["state"] == "told")


def _disclosure(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _FACTS, _one(visit, values))


def _named(visit: Visit, values: Values) -> Mapping[str, str]:
    return {"disclosure": str(_one(visit, values).get("disclosure", ""))}


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


def _without_subject(_: Visit, read: Params) -> Params:
    return {name: value for name, value in read.items() if name != "subject"}


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/emergencies"


DISCLOSE: Final = Form(
    name="emergency-disclose", act="emergency.disclose", offices=_DISCLOSING,
    title="Disclose in an emergency", button="Sign it", done="The originator is told; report it.",
    lead="To persons who are not cleared, where an article allows it. Nothing is opened by this.",
    fields=(
        choices.ITEM, Field("count", "How many persons learn of it", kind="number"),
        Field("circumstances", "What had happened", hint="The originator is told."),
    ),
    beside=_item, after=_to_list, grave=True,
)
REPORT: Final = Form(
    name="emergency-report", act="emergency.report", offices=_DISCLOSING, keeps=True,
    title="Report a disclosure in an emergency", button="Sign and send it", done="The originator is told.",
    lead="Name posts and bodies, not persons: each line goes to the originator as it is.",
    fields=(
        Field("subject", "Item", kind="hidden", is_required=False), Field("disclosure", "Disclosure", kind="hidden"),
        Field("what", "What was disclosed"), Field("to_whom", "Who learned of it"), Field("how", "How"),
        Field("why", "Why it could not wait"), Field("where", "Where it is now"),
        Field("debriefed", "How they were told what they owe"),
    ),
    params=_without_subject, prefill=_named, beside=_disclosure, after=_to_list,
)


def show_emergencies(visit: Visit) -> Response:
    """Show every disclosure in an emergency whose item the person may see."""
    found = visit.ask("view.emergencies", **asked_part(visit))
    return show_sheet(visit, Sheet(title="Disclosures in an emergency", next=following(visit, found), sections=(
        Section(found["emergencies"], (Column("disclosure", "Disclosure", link="/emergencies/{disclosure}"), *_FACTS),
                empty="Nothing was disclosed.", actions=(Action(REPORT, "disclosure={disclosure}", _is_owed),)),
    )))


def show_emergency(visit: Visit) -> Response:
    """Show one disclosure with its report."""
    id = visit.named["disclosure"]
    row = require_found(next(iter(_rows(visit, id)), None), marked("the disclosure"))
    reported = row.get("report", {})
    return show_sheet(visit, Sheet(
        title="A disclosure in an emergency", facts=_FACTS, about=row,
        actions=(Action(REPORT, f"disclosure={id}"),) if _is_owed(row) else (),
        sections=(Section(({**reported},) if reported else (), (
            Column("at", "Reported", "when"), *_STATEMENTS,
        ), heading="The report"),),
    ))


PAGES: Final = (
    Page("/emergencies", get=show_emergencies, offices=_SEEING, menu=marked("Disclosures in an emergency"),
         group=marked("Security")),
    Page("/emergencies/{disclosure}", get=show_emergency, offices=_SEEING),
)
FORMS: Final = (DISCLOSE, REPORT)
