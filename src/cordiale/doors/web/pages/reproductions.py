"""Reproductions: copies, translations and extracts, asked for, assigned, joined, made and delivered; stamps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, look_up
from cordiale.doors.web import choices
from cordiale.doors.web.again import show_again
from cordiale.doors.web.deposits import ArrivingFile, named_file
from cordiale.doors.web.forms import Field, Form, Option, Params, finish, read_fields, show_entered
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.upload import Upload
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import CordialeError
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.signed_in import Asked, session_request
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_KEEPERS: Final = _REGISTRY | {Office.SECURITY_OFFICER, Office.INSPECTOR}
_HOME: Final = "/reproductions"


def _acts(_: Visit) -> Sequence[Option]:
    return [("copy", marked("copying")), ("translate", marked("translation")), ("extract", marked("extract"))]


def _forms(_: Visit) -> Sequence[Option]:
    return [("file", marked("a file")), ("paper", marked("paper")), ("medium", marked("a medium"))]


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


def _task(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    found = visit.ask("view.reproduction", task=values.get("task"))
    urgent = {"urgent": visit.say("yes")} if found["is_urgent"] else {}
    return beside("", _TASK, {**found, **urgent})


def _as_shown(visit: Visit, read: Params) -> Params:
    return {**read, "binding": visit.ask("view.reproduction", task=read["task"])["binding"]}


def _request(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _ASKED, _the_request(visit, values.get("request"), ""))


def _the_request(visit: Visit, id: str, item: str) -> Row:
    """Return the request that is named, or the first about the item."""
    if not (id or item):
        return {}
    return next(iter(visit.ask("view.reproductions", **({"only": id} if id else {"item": item}))["asked"]), {})


def _as_asked(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return what was asked for, by its name or about the item: whoever assigns it types none of it again."""
    row = _the_request(visit, values.get("request"), values.get("item"))
    return {name: str(row[name]) for name in ("request", "act", "purpose", "number", "language") if name in row}


def _home(visit: Visit, answer: Answer, values: Values) -> str:
    return _HOME


_ASKED: Final = (
    Column("reference", "Item", link="/items/{item}"), Column("act", "What is made", "word"),
    Column("number", "How many"), Column("language", "Language"), Column("purpose", "Purpose"),
    Column("asked_by", "Asked by"), Column("asked_at", "Asked", "when"),
)
_TASK: Final = (
    *_ASKED[:5], Column("made_by", "Made by"), Column("form", "What comes out", "word"),
    Column("device", "Device"), Column("medium", "Medium"), Column("portions", "Parts"),
    Column("recipients", "Meant for"), Column("level", "Level"), Column("copy", "The copy it is made from"),
    Column("urgent", "Before the originator is asked"),
    Column("witnesses", "Joined by"), Column("assigned_at", "Assigned", "when"), Column("state", "State", "word"),
)
_ABOUT: Final = Field("task", "Task", kind="hidden")
_PAGES_FIELD: Final = Field("pages", "Pages", kind="number", is_required=False)

ASK: Final = Form(
    name="reproduce-ask", act="reproduce.ask", title="Ask for a copy, a translation or an extract", button="Ask",
    done="The registry is asked.",
    lead="The registry assigns it to somebody, or declines it. Until then nothing is made.",
    fields=(
        choices.ITEM, Field("act", "What is made", kind="choice", options=_acts), Field("purpose", "Purpose"),
        Field("number", "How many", kind="number", is_required=False),
        Field("language", "Language", is_required=False, hint="Of a translation, such as uk."),
    ),
    beside=_item, after=_home,
)
DECLINE: Final = Form(
    name="reproduce-decline", act="reproduce.decline", offices=_REGISTRY,
    title="Decline a reproduction", button="Decline it", done="It is declined.",
    lead="Nothing is made. Whoever asked sees the reason.",
    fields=(Field("request", "Request", kind="hidden"), Field("reason", "Reason")), beside=_request, after=_home,
)
ASSIGN: Final = Form(
    name="reproduce-assign", act="reproduce.assign", offices=_REGISTRY, keeps=True,
    title="Assign a reproduction", button="Assign it", done="Assigned to {maker}.",
    lead="It is refused where the originator's consent is missing, or where the person may not read the item.",
    fields=(
        choices.ITEM, Field("request", "Request", kind="hidden", is_required=False),
        Field("act", "What is made", kind="choice", options=_acts), Field("purpose", "Purpose"),
        Field("maker", "Made by", kind="choice", options=choices.people, is_required=False,
              hint="Nobody chosen means: yourself."),
        Field("number", "How many", kind="number", is_required=False),
        Field("recipients", "Meant for", kind="choices", options=choices.people, is_required=False,
              hint="One person for each copy."),
        Field("form", "What comes out", kind="choice", options=_forms, is_required=False),
        Field("copy", "The copy it is made from", is_required=False, hint="Where several are held."),
        Field("device", "Device", is_required=False), Field("medium", "Medium", is_required=False),
        Field("language", "Language", is_required=False, hint="Of a translation, such as uk."),
        Field("portions", "Parts", kind="lines", is_required=False, hint="That an extract is taken from, one a line."),
        Field("urgent", "Before the originator is asked", kind="yes", is_required=False,
              hint="Only where a provision allows that."),
    ),
    prefill=_as_asked, beside=_item, after=_home,
)
WITNESS: Final = Form(
    name="reproduce-witness", act="reproduce.witness", title="Join a reproduction", button="Sign it",
    done="You have joined the reproduction.",
    lead="Where the rules ask several persons: you sign for exactly the task shown here.",
    fields=(_ABOUT,), params=_as_shown, beside=_task,
    after=lambda visit, answer, values: f"/items/{answer.value['item']}",
)
FINISH: Final = Form(
    name="reproduce-finish", act="reproduce.finish", title="Enter the copies you made", button="Enter them",
    done="The copies are entered.",
    lead="Each copy gets a number and a holder, and is answered for like the one it was made from.",
    fields=(_ABOUT, _PAGES_FIELD), beside=_task, after=_home,
)
DELIVER: Final = Form(
    name="reproduce-deliver", act="reproduce.deliver", title="Deliver a translation or an extract",
    button="Deliver it, and enter it in the register", done="Entered as {reference}.",
    lead="It is entered at once, as an item of its own. A file is sealed as it arrives.",
    fields=(
        _ABOUT, Field("title", "Title", is_required=False, hint="As it stands in the register."), _PAGES_FIELD,
    ),
    after=lambda visit, answer, values: f"/items/{answer.value['item']}",
)
WITHDRAW: Final = Form(
    name="reproduce-withdraw", act="reproduce.withdraw", title="Withdraw a task", button="Withdraw it",
    done="The task is withdrawn; nothing was made.",
    lead="Nothing is made. What it took of a consent is given back.",
    fields=(_ABOUT,), beside=_task, after=_home,
)


def show_reproductions(visit: Visit) -> Response:
    """Show what the registry is asked for, and what is assigned and not finished."""
    found, keeps = visit.ask("view.reproductions", **asked_part(visit)), bool(visit.person.offices & _REGISTRY)
    tasks = [{**one, "deliver": _deliver_word(visit, one)} for one in found["tasks"]]
    return show_sheet(visit, Sheet(title="Copies, translations and extracts", next=following(visit, found), sections=(
        Section(found["asked"], _ASKED, heading="Asked for", empty="Nothing is asked for.", actions=(
            Action(ASSIGN, "item={item}&request={request}"), Action(DECLINE, "request={request}"),
        )),
        Section(tasks, (
            *_TASK[:7], Column("assigned_at", "Assigned", "when"),
            Column("deliver", "Delivery", link="/reproductions/{task}/deliver"),
        ), heading="Assigned", empty="Nothing is assigned.", actions=(
            Action(FINISH, "task={task}", lambda row: row["is_mine"] and row["act"] == "copy"),
            Action(WITNESS, "task={task}", lambda row: not row["is_mine"]),
            Action(WITHDRAW, "task={task}", lambda row: row["is_mine"] or keeps),
        )),
    )))


def _deliver_word(visit: Visit, row: Row) -> str:
    return visit.say("Deliver it") if row["is_mine"] and row["act"] != "copy" else ""


def show_deliver(visit: Visit) -> Response:
    """Show the form with which a translation or an extract is delivered."""
    return _deliver_page(visit, Values([("task", visit.named["task"])]), visit.fresh_act())


def take_deliver(visit: Visit, upload: Upload) -> Response:
    """Seal what is delivered as it arrives, and enter it as an item of its own; or enter what was made on paper."""
    values, act_id = visit.form, visit.form.get("act_id")
    try:
        params: Params = read_fields(visit, DELIVER, values)
        asked = Asked("reproduce.deliver", act_id, {**params, **(named_file(upload) if upload.file_name else {})})
        request = session_request(visit.registry, visit.require_session().signed_in, asked)
        if upload.file_name:
            step = look_up(CONTENT_ACTS, "reproduce.deliver")
            answer = step(visit.registry, request, ArrivingFile(upload, visit, asked))
        else:
            answer = look_up(ACTS, "reproduce.deliver")(visit.registry, request)
    except CordialeError as error:
        again = act_id or visit.fresh_act()
        return show_again(visit, values, lambda visit, fault: _deliver_page(visit, values, again, fault), error=error)
    return finish(visit, DELIVER, answer, values)


def _deliver_page(visit: Visit, values: Values, act_id: str, error: CordialeError | None = None) -> Response:
    task = visit.named["task"]
    template, context = _task(visit, Values([("task", task)]))
    return show_entered(
        visit, DELIVER, values, act_id=act_id, error=error, address=f"/reproductions/{task}/deliver",
        beside=template, takes_file=True, **context,
    )


def show_stamps(visit: Visit) -> Response:
    """Show the stamps of a copy that is held here, one for each page, to be printed."""
    return visit.show("stamps.html", found=visit.ask("view.stamp", item=visit.named["item"]))


PAGES: Final = (
    Page(_HOME, get=show_reproductions, menu=marked("Copies and translations"), group=marked("My work")),
    Page("/reproductions/{task}/deliver", get=show_deliver, upload=take_deliver),
    Page("/items/{item}/stamps", get=show_stamps, offices=_KEEPERS),
)
FORMS: Final = (ASK, DECLINE, ASSIGN, WITNESS, FINISH, WITHDRAW)
