"""Transport plans: put to the authority of the other party, and agreed, declined or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import (
    Action,
    Column,
    Row,
    Section,
    Sheet,
    asked_part,
    beside,
    following,
    show_sheet,
)
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct

_AGREEING: Final = OFFICES_FOR[OfficialAct.AGREE_PLAN]
_COLUMNS: Final = (
    Column("description", "What goes"), Column("agreement", "Under the agreement"), Column("party", "Party"),
    Column("direction", "Direction", "word"), Column("state", "State", "word"),
    Column("route", "Route"), Column("escorts", "Escorts"), Column("contingency", "If it cannot go on"),
    Column("first_day", "First day", "day"), Column("last_day", "Last day", "day"),
    Column("consignments", "Consignments"), Column("used", "Used"),
    Column("plan", "Transport plan", "code"),
)


def _plan(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    rows: Sequence[Row] = visit.ask("view.plans", only=values.get("plan"))["plans"]
    return beside("", _COLUMNS, next((one for one in rows if one["plan"] == values.get("plan")), {}))


def _outcomes(_: Visit) -> Sequence[Option]:
    return [("agreed", "agreed"), ("declined", "declined"), ("withdrawn", "withdrawn")]


PROPOSE: Final = Form(
    name="plan-propose", act="plan.propose", offices=_AGREEING,
    title="Propose a transport plan", button="Propose it", done="The authority of the other party is asked.",
    lead="Freight leaves only under a plan to which both authorities have agreed.",
    fields=(
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements),
        Field("party", "Party", kind="choice", options=choices.partners),
        Field("description", "What goes", hint="Without level or subject."),
        Field("route", "Route", hint="And where it is handed over."), Field("escorts", "Escorts"),
        Field("contingency", "If it cannot go on"), Field("first_day", "First day", kind="day"),
        Field("last_day", "Last day", kind="day"), Field("consignments", "Consignments", kind="number"),
    ),
    after=lambda visit, answer, values: "/plans",
)
ANSWER: Final = Form(
    name="plan-answer", act="plan.answer", offices=_AGREEING,
    title="Answer a transport plan", button="Answer", done="Answered.",
    lead="The other authority is told. Freight under this plan travels only when both have agreed to it.",
    fields=(
        Field("plan", "Transport plan", kind="hidden"), Field("outcome", "Answer", kind="choice", options=_outcomes),
    ),
    beside=_plan, after=lambda visit, answer, values: "/plans",
)


def show_plans(visit: Visit) -> Response:
    """Show the transport plans of both sides."""
    found = visit.ask("view.plans", **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Transport plans", actions=(Action(PROPOSE),), next=following(visit, found), sections=(
            Section(found["plans"], _COLUMNS, empty="There is no transport plan.", actions=(
                Action(ANSWER, "plan={plan}", lambda row: row["state"] in ("proposed", "agreed")),
            )),
        ),
    ))


PAGES: Final = (Page("/plans", get=show_plans, offices=KEEPERS | {Office.COMPETENT_AUTHORITY}),)
FORMS: Final = (PROPOSE, ANSWER)
