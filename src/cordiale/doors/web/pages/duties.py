"""Duties by hand: a day that nobody must forget, and the word that settles what nothing discharges by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.errors import Malformed
from cordiale.model.person import Office
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.codes import WORDS

_KEEPING: Final = OFFICES_FOR[OfficialAct.KEEP_DUTIES] | {Office.DEPUTY_REGISTRAR}


def _offices(_: Visit) -> Sequence[Option]:
    return [(office.value, WORDS.get(office.value, office.value)) for office in Office]


def _due(_: Visit, read: Params) -> Params:
    """Give the day it is due, or the moment where one is entered."""
    day, at = read.get("day"), read.get("moment")
    if (day is None) is (at is None):
        raise Malformed("desk.due", "either a day or a day and time is needed", hint="enter one of the two")
    kept = {name: value for name, value in read.items() if name not in ("day", "moment")}
    return {**kept, "due": day or at}


ADD: Final = Form(
    name="duty-add", act="duty.add", offices=_KEEPING,
    title="Enter what has to be done", button="Enter it", done="Entered; it is due {due}.",
    lead="It stands on Today, for everybody in the office, until it is settled.",
    fields=(
        Field("about", "What has to be done"), Field("day", "Due", kind="day", is_required=False),
        Field("moment", "Or due at this time", kind="moment", is_required=False, hint="In UTC."),
        Field("office", "Office", kind="choice", options=_offices),
        Field("remind_days", "Days before to remind", kind="number", is_required=False),
        Field("repeat_months", "Due again after so many months", kind="number", is_required=False),
        Field("basis", "The article it rests on", is_required=False),
    ),
    params=_due, after=lambda visit, answer, values: "/duties",
)
SETTLE: Final = Form(
    name="duty-settle", act="duty.settle", offices=_KEEPING,
    title="Settle a duty", button="Settle it", done="Settled.",
    lead="For what no act settles by itself. Your word and the proof stay on record.",
    fields=(Field("duty", "Duty", kind="hidden"), Field("proof", "What shows that it was done")),
    after=lambda visit, answer, values: "/duties",
)

PAGES: Final[tuple[Page, ...]] = ()
FORMS: Final = (ADD, SETTLE)
