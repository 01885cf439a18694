"""Drafts: entered, with a file or without; gone on with by who works on them; read in the room; destroyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from cordiale.doors.web.visit import Values, Visit, require_found
from cordiale.errors import CordialeError, Malformed
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.signed_in import Asked, session_request
from cordiale.rules.joined import DRAFT, LABEL, REPLACE
from cordiale.rules.joined import READ as READ_DRAFT
from cordiale.words.spoken import marked

_ORIGINATORS: Final = frozenset({Office.ORIGINATOR})
_HOME: Final = "/drafts"
_ENTER: Final = "/drafts/enter"
_ABOUT: Final = Field("draft", "Draft", kind="hidden")


def _forms(_: Visit) -> Sequence[Option]:
    return [("file", marked("a file")), ("paper", marked("paper")), ("medium", marked("a medium"))]


def _home(visit: Visit, answer: Answer, values: Values) -> str:
    return _HOME


def _named(visit: Visit, read: Params) -> Params:
    return {"draft": read["draft"], "workers": read.get("workers", [])}


def _edition(read: Params) -> int:
    return int(read["edition"]) if str(read["edition"]).isdecimal() else -1


_PROPOSED: Final = (
    Column("title", "Title"), Column("level", "Level"), Column("subject", "What it is about"),
    Column("release_to", "May be released to"), Column("joint", "Originators together with us"),
    Column("handle_as", "To be handled as"), Column("caveats", "Caveats"), Column("term", "When it is declassified"),
    Column("portions", "Parts with a level of their own"), Column("reason", "Why the whole is higher than its parts"),
    Column("readers", "Only these people may read it here"), Column("sheets", "Sheets"), Column("contract", "Contract"),
    Column("part", "Part"), Column("document", "Document"), Column("dated", "Date"), Column("author", "Author"),
    Column("signatory", "Signatory"), Column("basis", "Basis"), Column("channel", "Channel"), Column("parts", "Parts"),
    Column("office", "Office"), Column("by", "By"), Column("proposed_at", "Proposed", "when"),
)
ENTER: Final = Form(
    name="draft-enter", act="draft.enter", offices=_ORIGINATORS, place=_ENTER,
    title="Enter a draft", button="Enter it", done="The draft is entered.",
    lead="A working paper is dated and marked, until it becomes an item or is destroyed.",
    fields=(
        Field("title", "Title"), Field("level", "Level", kind="choice", options=choices.own_levels),
        Field("form", "What it is", kind="choice", options=_forms),
        Field("sheets", "Sheets", kind="number", is_required=False),
    ),
    after=_home,
)
REVISE: Final = Form(
    name="draft-revise", act="draft.revise", title="Give the new version of a draft", button="Enter it",
    done="Version {edition} of the draft is entered.", lead="What it replaces is erased.",
    fields=(
        _ABOUT, Field("edition", "Version", kind="hidden"), Field("sheets", "Sheets", kind="number", is_required=False),
    ),
    after=_home,
)
READ: Final = Form(
    name="draft-read", act="draft.open", title="Read a draft", button="Open it",
    done="The reading stands in the audit trail.",
    lead="The reading is entered in the audit trail before the first page is shown. Every page bears your name.",
    fields=(_ABOUT,),
)
SHARE: Final = Form(
    name="draft-share", act="draft.share", title="Say who works on a draft", button="Sign it",
    done="It is said who works on the draft.",
    lead="Whoever is not named works on it no longer. Each reads it whose clearance goes to its level.",
    fields=(
        _ABOUT, Field("workers", "Who works on it beside its author", kind="lines", is_required=False,
                      hint="Their identifiers, one a line."),
    ),
    params=_named,
    prefill=lambda visit, values: {"workers": "\n".join(_draft(visit, values.get("draft")).get("workers", ()))},
    after=_home,
)
JOIN: Final = Form(
    name="draft-join", act="join",
    title="Join an act that nobody does alone", button="Join it", done="Joined; it serves once, within a day.",
    lead="Word for word as the other person will do it; an item under the label that is shown, and under no other.",
    fields=(
        _ABOUT, Field("edition", "Version", kind="hidden"), Field("label", "Label", kind="hidden", is_required=False),
        Field("use", "Act", kind="choice", options=lambda _: [
            (READ_DRAFT, READ.title), (REPLACE, REVISE.title), (LABEL, marked("Label an item")),
        ]), Field("doer", "Person"),
    ),
    params=lambda _, read: {
        "act": DRAFT, "doer": read["doer"], "edition": _edition(read), "item": read["draft"], "purpose": read["use"],
        **({"label": read.get("label", "")} if read["use"] == LABEL else {}),
    },
    beside=lambda visit, values: beside("The label that is proposed", _PROPOSED, _proposed(visit, values)),
    after=_home,
)
DESTROY: Final = Form(
    name="draft-destroy", act="draft.destroy", title="Enter that a draft was destroyed", button="Sign it",
    done="The draft is destroyed.",
    lead="You sign that nothing is left of it. That it was there stays on record.",
    fields=(_ABOUT, Field("method", "How it was destroyed")), after=_home, grave=True,
)


def _proposed(visit: Visit, values: Values) -> Row:
    """Return the label that is joined: the one that is proposed now, if it is still the one that was chosen."""
    label: Row = _draft(visit, values.get("draft")).get("label", {})
    return label if label.get("binding") == values.get("label") else {}


def _draft(visit: Visit, id: str) -> Row:
    rows = visit.ask("view.drafts", only=id)["drafts"] if id else ()
    found: Row = next(iter(rows), {})
    return found


def show_drafts(visit: Visit) -> Response:
    """Show the drafts that this person may see."""
    found = visit.ask("view.drafts", **asked_part(visit))
    rows = [{**one, **_links(visit, one)} for one in found["drafts"]]
    return show_sheet(visit, Sheet(title="Drafts", next=following(visit, found), actions=(Action(ENTER),), sections=(
        Section(rows, (
            Column("title", "Title"), Column("level", "Level"), Column("form", "What it is", "word"),
            Column("edition", "Version"), Column("proposal", "Label that is proposed"),
            Column("begun_at", "Begun", "when"), Column("until", "Until", "day"),
            Column("state", "State", "word"), Column("issued_as", "Item", link="/items/{issued_as}"),
            Column("read", "Content", link="/drafts/{draft}/read"),
            Column("revise", "New version", link="/drafts/{draft}/file"),
        ), empty="There is no draft that you may see.", actions=(
            Action(SHARE, "draft={draft}", lambda row: row["is_mine"] and row["state"] == "draft"),
            Action(JOIN, "draft={draft}&edition={edition}&label={proposed}",
                   lambda row: row["works"] and row["state"] == "draft" and row["has_content"]),
            Action(DESTROY, "draft={draft}"),
        )),
    )))


def _links(visit: Visit, row: Row) -> dict[str, Any]:
    works, label = row["works"] and row["state"] == "draft", row.get("label", {})
    return {
        "edition": row["edition"] or "", "read": visit.say("Read") if works and row["has_content"] else "",
        "revise": visit.say("Enter it") if works else "",
        "proposal": label.get("level", ""), "proposed": label.get("binding", ""),
    }


def show_enter(visit: Visit) -> Response:
    """Show the form with which a draft is entered."""
    return _enter_page(visit, visit.query, visit.fresh_act())


def take_enter(visit: Visit, upload: Upload) -> Response:
    """Enter a draft; a file that comes with it is sealed as it arrives."""
    return _take(visit, upload, ENTER, _enter_page)


def _enter_page(visit: Visit, values: Values, act_id: str, error: CordialeError | None = None) -> Response:
    return show_entered(visit, ENTER, values, act_id=act_id, error=error, takes_file=True, back=_HOME)


def show_revise(visit: Visit) -> Response:
    """Show the form with which a new version of a draft is given."""
    draft = require_found(_draft(visit, visit.named["draft"]) or None, visit.say("Draft"))
    values = Values([("draft", draft["draft"]), ("edition", str(draft["edition"]))])
    return _revise_page(visit, values, visit.fresh_act())


def take_revise(visit: Visit, upload: Upload) -> Response:
    """Seal the new version of a draft as it arrives, in the place of the old one."""
    return _take(visit, upload, REVISE, _revise_page)


def _revise_page(visit: Visit, values: Values, act_id: str, error: CordialeError | None = None) -> Response:
    return show_entered(
        visit, REVISE, values, act_id=act_id, error=error, takes_file=True, back=_HOME,
        address=f"/drafts/{visit.named['draft']}/file",
    )


def _take(visit: Visit, upload: Upload, form: Form, page: Callable[..., Response]) -> Response:
    act_id = visit.form.get("act_id")
    try:
        read = read_fields(visit, form, visit.form)
        if form is REVISE:
            read["edition"] = _edition(read)
        what = _draft(visit, read["draft"]) if form is REVISE else read
        if not upload.file_name and what.get("form") == "file":
            raise Malformed("desk.no-file", "no file was chosen", hint="choose the file, and send the form again")
        asked = Asked(form.act, act_id, {**read, **(named_file(upload) if upload.file_name else {})})
        request = session_request(visit.registry, visit.require_session().signed_in, asked)
        if upload.file_name:
            answer = look_up(CONTENT_ACTS, form.act)(visit.registry, request, ArrivingFile(upload, visit, asked))
        else:
            answer = look_up(ACTS, form.act)(visit.registry, request)
    except CordialeError as error:
        values, name = visit.form, act_id or visit.fresh_act()
        return show_again(visit, values, lambda visit, fault: page(visit, values, name, fault), error=error)
    return finish(visit, form, answer, visit.form)


def show_door(visit: Visit) -> Response:
    """Ask whether the draft is to be opened."""
    return _door(visit, visit.fresh_act(), None)


def _door(visit: Visit, act_id: str, error: CordialeError | None) -> Response:
    id = visit.named["draft"]
    return show_entered(
        visit, READ, Values([("draft", id)]), act_id=act_id, error=error, address=f"/drafts/{id}/read", back=_HOME,
        is_strong=False,
    )


def open_reading(visit: Visit) -> Response:
    """Grant and open the reading; its first page follows."""
    act_id = visit.form.get("act_id")
    try:
        session = visit.require_session()
        request = session_request(
            visit.registry, session.signed_in, Asked("draft.open", act_id, {"draft": visit.named["draft"]})
        )
        reading = visit.desk.serving.room.open(request, session.signed_in.session)
    except CordialeError as error:
        again = act_id or visit.fresh_act()
        return show_again(visit, Values(), lambda visit, fault: _door(visit, again, fault), error=error)
    session.readings[reading.id] = reading
    visit.tell(READ.done, trail=reading.trail)
    return visit.go(f"/room/{reading.id}/1")


PAGES: Final = (
    Page(_HOME, get=show_drafts, menu=marked("Drafts"), group=marked("My work")),
    Page(_ENTER, get=show_enter, upload=take_enter, offices=_ORIGINATORS),
    Page("/drafts/{draft}/file", get=show_revise, upload=take_revise),
    Page("/drafts/{draft}/read", get=show_door, post=open_reading),
)
FORMS: Final = (SHARE, JOIN, DESTROY)
