"""Folders: what lies in them, what they have to bear at the least, and what is put in and taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params, show_form, take_question
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_KEEPING: Final = OFFICES_FOR[OfficialAct.KEEP_FOLDERS]


def _schemes(visit: Visit) -> Sequence[Option]:
    known = dict.fromkeys(level.partition(":")[0] for level, _ in choices.own_levels(visit))
    return [(one, one) for one in known]


_FLOOR: Final = (
    Column("floor", "At the least"), Column("caveats", "Caveats"), Column("release_to", "Released to"),
    Column("unclear", "Not clear"),
)
_FACTS: Final = (
    Column("number", "Folder", link="/items/{folder}"), Column("level", "Level"), *_FLOOR,
    Column("uncovered", "Not covered"),
)
_PARTS: Final = (
    Column("number", "Number"), Column("level", "Level"), Column("here", "Level here"),
    Column("state", "State", "word"),
)


def _folder(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    shown = visit.ask("view.folder", folder=values.get("item")) if values.get("item") else {}
    return beside("", _FACTS, shown, Section(shown.get("parts", ()), _PARTS, heading="What lies in it"))


def _to_folder(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/folders/{answer.value['folder']}"


def _in_folder(_: Visit, read: Params) -> Params:
    """Name the item a folder."""
    return {"folder": read.pop("item"), **read}


_NUMBERS: Final = Field("numbers", "Copies", kind="lines", hint="Their numbers, one a line.")

ADD: Final = Form(
    name="folder-add", act="folder.add", offices=_KEEPING,
    title="Put copies into this folder", button="Put them in", done="Parts in the folder: {count}.",
    lead="They go where the folder goes. A folder stands no lower than any of its parts.",
    fields=(choices.ITEM, _NUMBERS), params=_in_folder, beside=_folder, after=_to_folder,
)
TAKE_OUT: Final = Form(
    name="folder-take-out", act="folder.take-out", offices=_KEEPING,
    title="Take copies out of this folder", button="Take them out", done="Parts in the folder: {count}.",
    lead="They stand by themselves again. The folder keeps its level.",
    fields=(choices.ITEM, _NUMBERS, Field("reason", "Reason")), params=_in_folder, beside=_folder, after=_to_folder,
)
FLOOR: Final = Form(
    name="folder-floor", act="view.folder-floor", offices=KEEPERS,
    title="What a folder has to bear", button="Look", done="",
    fields=(_NUMBERS, Field("scheme", "Scheme", kind="choice", options=_schemes)),
)


def show_folders(visit: Visit) -> Response:
    """Show the folders in which something lies, a page at a time."""
    found = visit.ask("view.folders", **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Folders", lead="A folder is a paper of ours; things are put into it on its own page.",
        links=(("/do/folder-floor", FLOOR.title),), next=following(visit, found),
        sections=(Section(found["folders"], (
            Column("number", "Folder", link="/folders/{folder}"), Column("level", "Level"), Column("parts", "Parts"),
        ), empty="Nothing lies in a folder."),),
    ))


def show_folder(visit: Visit) -> Response:
    """Show what lies in one folder."""
    shown = visit.ask("view.folder", folder=visit.named["folder"])
    about = f"item={shown['folder']}"
    return show_sheet(visit, Sheet(
        title="A folder", facts=_FACTS, about=shown, actions=(Action(ADD, about), Action(TAKE_OUT, about)),
        sections=(Section(shown["parts"], _PARTS, heading="What lies in it", empty="Nothing lies in it."),),
    ))


def _floor(visit: Visit, read: Params) -> Response:
    return show_sheet(visit, Sheet(title=FLOOR.title, facts=_FLOOR, about=visit.ask("view.folder-floor", **read)))


def take_floor(visit: Visit) -> Response:
    """Show what a folder for some copies has to bear."""
    return take_question(visit, FLOOR, _floor)


PAGES: Final = (
    Page("/folders", get=show_folders, offices=KEEPERS, menu=marked("Folders"), group=marked("Registry")),
    Page("/folders/{folder}", get=show_folder, offices=KEEPERS),
    Page("/do/folder-floor", get=partial(show_form, form=FLOOR), post=take_floor, offices=KEEPERS),
)
FORMS: Final = (ADD, TAKE_OUT)
