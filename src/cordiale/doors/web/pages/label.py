"""Draft and label: particulars, then a look at what others will see of it, then the file sealed as it arrives.

The file comes last because it is read once: whatever is wrong with the label has been said before it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, look_up
from cordiale.doors.replies import status_of
from cordiale.doors.web import choices
from cordiale.doors.web.again import show_again
from cordiale.doors.web.deposits import ArrivingFile, named_file
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.forms import Field, Form, Option, Params, finish, missing, show_form, shown_rows, take_question
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sessions import Pending
from cordiale.doors.web.upload import Upload
from cordiale.doors.web.visit import Values, Visit, fresh_token, require_found
from cordiale.errors import CordialeError, Malformed
from cordiale.model.person import Office
from cordiale.records.registry import Request
from cordiale.records.signed_in import Asked, session_request
from cordiale.rules.drafts import LABEL_NOT_JOINED
from cordiale.words.spoken import marked

_ORIGINATORS: Final = frozenset({Office.ORIGINATOR})
_PLAIN: Final = ("title", "subject", "draft", "form", "level", "sheets", "reason", "readers", "release_to")
_TRIGGERS: Final[Mapping[str, tuple[str, str]]] = {
    "date": ("on", "declassify_on"), "review": ("on", "declassify_on"), "event": ("event", "declassify_event"),
}
"""What each end of a classification is named by: its member of the label, and the field it is entered in."""


def _forms(_: Visit) -> Sequence[Option]:
    return [
        ("file", marked("a file")), ("paper", marked("paper")), ("medium", marked("a medium")),
        ("equipment", marked("equipment")), ("oral", marked("an oral disclosure")),
    ]


def _drafts(visit: Visit) -> Sequence[Option]:
    """Return the drafts that this person works on, with their levels."""
    return [
        (one["draft"], f"{one['title']} ({one['level']})") for one in choices.all_parts(visit, "view.drafts", "drafts")
        if one["works"] and one["state"] == "draft"
    ]


def _has_content(visit: Visit, pending: Pending) -> bool:
    """Tell whether the content of the item lies here already, as that of the draft which becomes it."""
    draft = pending.asked.params.get("draft")
    return any(one["has_content"] for one in (visit.ask("view.drafts", only=draft)["drafts"] if draft else ()))


def _triggers(_: Visit) -> Sequence[Option]:
    return [
        ("none", marked("by decision only")), ("date", marked("on a day")), ("event", marked("after an event")),
        ("review", marked("looked at again on a day")),
    ]


LABEL: Final = Form(
    name="label", act="label", offices=_ORIGINATORS, place="/label", keeps=True,
    title="Label an item", button="Next: see what others will see",
    lead="Choose the level by its definition, not by the importance of the paper. Nothing is entered by this page.",
    done="Labelled {level} and entered as {reference}.",
    fields=(
        Field("title", "Title", hint="As it stands in the register. It must not give the content away by itself."),
        Field("subject", "What it is about", is_required=False),
        Field("level", "Level", kind="choice", options=choices.own_levels, meanings=choices.definitions),
        Field("release_to", "May be released to", kind="choices", options=choices.partners, is_required=False,
              hint="Nobody chosen means: for ourselves only."),
        Field("form", "What it is", kind="choice", options=_forms),
        Field("sheets", "Sheets", kind="number", is_required=False),
        Field("draft", "Draft that becomes this item", kind="choice", options=_drafts, is_required=False,
              hint="Its file is taken over where it lies here; it is not given again."),
        Field("declassify", "When it is declassified", kind="choice", options=_triggers),
        Field("declassify_on", "The day", kind="day", is_required=False),
        Field("declassify_event", "The event", is_required=False),
        Field("known_caveats", "Caveats the parties have told each other", kind="choices", options=choices.caveats,
              is_required=False),
        Field("caveats", "Other caveats", kind="rows", is_required=False, columns=(
            Field("tag", "Category"), Field("value", "Caveat"),
        )),
        Field("portions", "Parts with a level of their own", kind="rows", is_required=False, columns=(
            Field("reference", "Part"),
            Field("level", "Level", kind="choice", options=choices.own_levels, is_required=False),
            Field("release_to", "May be released to", kind="choices", options=choices.partners, is_required=False),
        ), hint="A part without a level has the level of the whole. The whole is never below one of its parts."),
        Field("reason", "Why the whole is higher than its parts", is_required=False),
        Field("readers", "Only these people may read it here", kind="lines", is_required=False,
              hint="Their identifiers, one a line."),
    ),
    after=lambda visit, answer, values: f"/items/{answer.value['item']}",
)


PROPOSE: Final = Form(
    name="label-propose", act="label.propose",
    title="Lay a label before those who join it", button="Lay it before them",
    done="Proposed: who works on the draft joins exactly this.", after=lambda visit, answer, values: "/drafts",
)


def _params(visit: Visit, read: Params) -> Params:
    """Return what the act reads of what was entered."""
    params: Params = {name: read[name] for name in _PLAIN if name in read}
    if "draft" in params:
        # The version that is there now is the one that is meant: another is not taken for it.
        found = visit.ask("view.drafts", only=params["draft"])["drafts"]
        params["edition"] = next((one["edition"] for one in found), 0)
    if read["declassify"] in _TRIGGERS:
        member, entered = _TRIGGERS[read["declassify"]]
        if entered not in read:
            raise missing(visit, [next(one.label for one in LABEL.fields if one.name == entered)])
        params["trigger"] = {"kind": read["declassify"], member: read[entered]}
    caveats = [*read.get("known_caveats", ()), *(f"{one['tag']}={one['value']}" for one in read.get("caveats", ()))]
    if caveats:
        params["caveats"] = list(dict.fromkeys(caveats))
    if "portions" in read:
        params["portions"] = [_portion(visit, one, read["level"]) for one in read["portions"]]
    return params


def _portion(visit: Visit, row: Params, whole: str) -> Params:
    portion = {"reference": row["reference"]}
    if "level" in row:
        scheme, _, name = row["level"].partition(":")
        if scheme != whole.partition(":")[0]:
            raise Malformed("desk.other-scheme", "a part has a level of another scheme than the whole",
                            hint="choose both levels from one scheme")
        portion["level"] = name
    if "release_to" in row:
        portion["release_to"] = sorted({*row["release_to"], visit.registry.party})
    return portion


def show_label(visit: Visit) -> Response:
    """Show the form, or what was entered in it, to change it."""
    before = visit.require_session().pending.get(visit.query.get("of"))
    return show_form(visit, LABEL, before.values if before is not None and before.form == LABEL.name else None)


def take_particulars(visit: Visit) -> Response:
    """Keep what was entered, and go on to what others will see of it; nothing is entered in the books."""
    def look(visit: Visit, read: Params) -> Response:
        params = _params(visit, read)
        visit.ask("view.label-preview", **params)
        name = fresh_token(visit.registry)
        visit.require_session().keep(name, Pending(
            asked=Asked("label", visit.fresh_act(), params), at=visit.registry.now(), form=LABEL.name,
            rows=shown_rows(visit, LABEL, visit.form), values=visit.form,
        ))
        return visit.go(f"/label/{name}")

    return take_question(visit, LABEL, look)


def show_look(visit: Visit) -> Response:
    """Show what the label says here and at each chosen partner, with the place where the file is sent."""
    return _look(visit, _pending(visit))


def take_label(visit: Visit, upload: Upload) -> Response:
    """Seal what is sent to our own registry as it arrives, and enter it; or enter a thing that has no content."""
    pending = _pending(visit)
    params = dict(pending.asked.params)
    proposing = visit.form.get("propose")
    try:
        if proposing:
            asked = Asked(PROPOSE.act, proposing, params)
            request = session_request(visit.registry, visit.require_session().signed_in, asked)
            return finish(visit, PROPOSE, look_up(ACTS, PROPOSE.act)(visit.registry, request), pending.values)
        if params["form"] != "file" or (not upload.file_name and _has_content(visit, pending)):
            answer = look_up(ACTS, "label")(visit.registry, _request(visit, pending, params))
        else:
            if not upload.file_name:
                raise Malformed("desk.no-file", "no file was chosen", hint="choose the file, and send the form again")
            params |= named_file(upload)
            arriving = ArrivingFile(upload, visit, Asked("label", pending.asked.id, params))
            answer = look_up(CONTENT_ACTS, "label")(visit.registry, _request(visit, pending, params), arriving)
    except CordialeError as error:
        return show_again(visit, Values(), lambda visit, fault: _look(visit, _pending(visit), fault), error=error)
    # What was entered is kept with the session: a second click is the same act, and is given the same answer.
    return finish(visit, LABEL, answer, pending.values)


def _pending(visit: Visit) -> Pending:
    found = visit.require_session().pending.get(visit.named["label"])
    is_one = found is not None and found.form == LABEL.name
    pending: Pending = require_found(found if is_one else None, marked("the label"))
    return pending


def _request(visit: Visit, pending: Pending, params: dict[str, Any]) -> Request:
    asked = Asked("label", pending.asked.id, params)
    return session_request(visit.registry, visit.require_session().signed_in, asked)


def _look(visit: Visit, pending: Pending, error: CordialeError | None = None) -> Response:
    shown = visit.ask("view.label-preview", **pending.asked.params)
    is_joined = any(one["code"] == LABEL_NOT_JOINED.code for one in shown["reasons"])
    return visit.show(
        "label.html", status=status_of(error) if error is not None else 200,
        propose=visit.fresh_act() if is_joined else "",
        rows=shown_rows(visit, LABEL, pending.values), name=visit.named["label"], shown=shown,
        fault=fault_value(visit, error) if error is not None else None,
        is_file=pending.asked.params["form"] == "file" and not _has_content(visit, pending),
    )


PAGES: Final = (
    Page("/label", get=show_label, post=take_particulars, offices=_ORIGINATORS, menu=marked("Label an item"),
         group=marked("My work")),
    Page("/label/{label}", get=show_look, upload=take_label, offices=_ORIGINATORS),
)
