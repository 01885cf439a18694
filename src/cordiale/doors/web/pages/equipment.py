"""Devices and media: what is set aside, the highest level it has had, and how it ended."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_KEEPING: Final = OFFICES_FOR[OfficialAct.KEEP_EQUIPMENT] | {Office.DEPUTY_REGISTRAR}


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/equipment"


DEVICE: Final = Form(
    name="device-register", act="device.register", offices=_KEEPING,
    title="Set a device aside", button="Set it aside", done="{device} is set aside for {level}.",
    lead="Copies up to this level may be made on it, and of none above.",
    fields=(
        Field("device", "Name", hint="A short one, such as printer-3."), Field("kind", "What it is"),
        Field("level", "Highest level", kind="choice", options=choices.own_levels),
    ),
    after=_to_list,
)
DEVICE_END: Final = Form(
    name="device-withdraw", act="device.withdraw", offices=_KEEPING,
    title="Take a device out of use", button="Take it out of use", done="{device} is out of use.",
    lead="Nothing is made on it any more. Say what became of what stayed in it.",
    fields=(
        Field("device", "Name", kind="hidden"),
        Field("method", "What became of what stayed in it"),
    ),
    after=_to_list, grave=True,
)
MEDIUM: Final = Form(
    name="medium-register", act="medium.register", offices=_KEEPING,
    title="Register a medium", button="Register it", done="{medium} is registered.",
    lead="Before anything is written on it.",
    fields=(Field("medium", "Name", hint="A short one, such as backup-a."), Field("kind", "What it is")),
    after=_to_list,
)
MEDIUM_END: Final = Form(
    name="medium-end", act="medium.end", offices=_KEEPING,
    title="Enter that a medium was destroyed", button="Enter it", done="{medium} is destroyed.",
    lead="Nothing else ends the level of a medium.",
    fields=(Field("medium", "Name", kind="hidden"), Field("method", "How it is destroyed")),
    after=_to_list, grave=True,
)


def _in_use(row: Row) -> bool:
    return bool(row["state"] == "in-use")


def show_equipment(visit: Visit) -> Response:
    """Show devices, media and backups."""
    found = visit.ask("view.equipment", **asked_part(visit))
    held, state = Column("held", "Highest so far"), Column("state", "State", "word")
    actions = (Action(DEVICE), Action(MEDIUM))
    return show_sheet(visit, Sheet(title="Devices and media", actions=actions, next=following(visit, found), sections=(
        Section(found["devices"], (
            Column("device", "Name"), Column("kind", "What it is"), Column("level", "Highest level"), held, state,
        ), heading="Devices", empty="No device is set aside.", actions=(
            Action(DEVICE_END, "device={device}", _in_use),
        )),
        Section(found["media"], (Column("medium", "Name"), Column("kind", "What it is"), held, state),
                heading="Media", empty="No medium is registered.", actions=(
                    Action(MEDIUM_END, "medium={medium}", _in_use),
                )),
        Section(found["backups"], (
            Column("begun_at", "Begun", "when"), Column("made_at", "Whole since", "when"),
            Column("medium", "Medium"), Column("levels", "Highest so far"), Column("envelopes", "Envelopes"),
        ), heading="Backups", empty="No backup was made."),
    )))


PAGES: Final = (
    Page("/equipment", get=show_equipment, offices=KEEPERS, menu=marked("Devices and media"),
         group=marked("Security")),
)
FORMS: Final = (DEVICE, DEVICE_END, MEDIUM, MEDIUM_END)
