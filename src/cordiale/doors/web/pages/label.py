"""Draft and label: a guided form, and the file sealed as it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, look_up
from cordiale.doors.replies import status_of
from cordiale.doors.web import choices
from cordiale.doors.web.deposits import ArrivingFile, named_file
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.forms import Field, Form, Option, finish, read_fields, shown_fields
from cordiale.doors.web.routes import Page
from cordiale.doors.web.upload import Upload
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import CordialeError, Malformed
from cordiale.model.person import Office
from cordiale.records.registry import Request
from cordiale.records.signed_in import Asked, session_request
from cordiale.words.spoken import marked

_ORIGINATORS: Final = frozenset({Office.ORIGINATOR})


def _forms(_: Visit) -> Sequence[Option]:
    return [
        ("file", marked("a file")), ("paper", marked("paper")), ("medium", marked("a medium")),
        ("equipment", marked("equipment")), ("oral", marked("an oral disclosure")),
    ]


def _triggers(_: Visit) -> Sequence[Option]:
    return [
        ("none", marked("by decision only")), ("date", marked("on a day")), ("event", marked("after an event")),
        ("review", marked("looked at again on a day")),
    ]


LABEL: Final = Form(
    name="label", act="label", offices=_ORIGINATORS,
    title="Label an item", button="Label it, and enter it in the register",
    lead="A file is sealed as it arrives: it lies nowhere in the clear. Choose the level by its definition, not by "
         "the importance of the paper.",
    done="Labelled {level} and entered as {reference}.",
    fields=(
        Field("title", "Title", hint="As it stands in the register. It must not give the content away by itself."),
        Field("subject", "What it is about", is_required=False),
        Field("level", "Level", kind="choice", options=choices.own_levels),
        Field("release_to", "May be released to", kind="choices", options=choices.partners, is_required=False,
              hint="Nobody chosen means: for ourselves only."),
        Field("form", "What it is", kind="choice", options=_forms),
        Field("sheets", "Sheets", kind="number", is_required=False),
        Field("declassify", "When it is declassified", kind="choice", options=_triggers),
        Field("declassify_on", "The day", kind="day", is_required=False),
        Field("declassify_event", "The event", is_required=False),
        Field("caveats", "Caveats", kind="lines", is_required=False, hint="One a line, as TAG=VALUE."),
        Field("portions", "Parts with a level of their own", kind="lines", is_required=False,
              hint="One a line: reference | level | parties, such as: annex 1 | EX-JPN:EXERCISE SAKURA | UKR"),
        Field("reason", "Why the whole is higher than its parts", is_required=False),
        Field("readers", "Only these people may read it here", kind="lines", is_required=False,
              hint="Their identifiers, one a line."),
    ),
    after=lambda visit, answer, values: f"/items/{answer.value['item']}",
)


def _params(read: dict[str, Any]) -> dict[str, Any]:
    trigger, on, event = read.pop("declassify"), read.pop("declassify_on", ""), read.pop("declassify_event", "")
    triggers = {
        "date": {"kind": "date", "on": on}, "review": {"kind": "review", "on": on},
        "event": {"kind": "event", "event": event},
    }
    if trigger in triggers:
        read["trigger"] = triggers[trigger]
    if "portions" in read:
        read["portions"] = [_portion(line) for line in read["portions"]]
    return read


def _portion(line: str) -> dict[str, Any]:
    reference, level, parties = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
    portion: dict[str, Any] = {"reference": reference}
    if level:
        portion["level"] = level
    if parties:
        portion["release_to"] = parties.replace(",", " ").split()
    return portion


def show_label(visit: Visit) -> Response:
    """Show the form."""
    return _page(visit, visit.query, visit.fresh_act())


def take_label(visit: Visit, upload: Upload) -> Response:
    """Seal what is sent to our own registry as it arrives, and enter it; or enter a thing that has no content."""
    values, act_id = visit.form, visit.form.get("act_id")
    try:
        read = read_fields(visit, LABEL, values)
        params = _params(read)
        if params["form"] != "file":
            answer = look_up(ACTS, "label")(visit.registry, _request(visit, act_id, params))
        else:
            if not upload.file_name:
                raise Malformed("desk.no-file", "no file was chosen", hint="choose the file, and send the form again")
            params |= named_file(upload)
            arriving = ArrivingFile(upload, visit, Asked("label", act_id, params))
            answer = look_up(CONTENT_ACTS, "label")(visit.registry, _request(visit, act_id, params), arriving)
    except CordialeError as error:
        return _page(visit, values, act_id or visit.fresh_act(), error)
    return finish(visit, LABEL, answer, values)


def _request(visit: Visit, act_id: str, params: dict[str, Any]) -> Request:
    return session_request(visit.registry, visit.require_session().signed_in, Asked("label", act_id, params))


def _page(visit: Visit, values: Values, act_id: str, error: CordialeError | None = None) -> Response:
    return visit.show(
        "label.html", status=status_of(error) if error is not None else 200, form=LABEL, act_id=act_id,
        fields=shown_fields(visit, LABEL, values), fault=fault_value(visit, error) if error is not None else None,
    )


PAGES: Final = (
    Page("/label", get=show_label, upload=take_label, offices=_ORIGINATORS, menu=marked("Label an item"),
         group=marked("My work")),
)
