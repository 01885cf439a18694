"""Our registries as an organisation, what goes from one to another, and what partners are told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_KEEPING: Final = OFFICES_FOR[OfficialAct.KEEP_REGISTRIES]
_VIEWERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY, Office.HEAD}


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/registries"


def _roles(_: Visit) -> Sequence[Option]:
    return [
        ("chief", marked("chief registry")), ("sub-registry", marked("sub-registry")),
        ("control-point", marked("control point")),
    ]


def _ours(visit: Visit) -> Sequence[Option]:
    known = visit.ask("view.registries", names_only=True)["registries"]
    return [(one["registry"], one["title"]) for one in known if one["state"] == "open"]


def _onward(visit: Visit) -> Sequence[Option]:
    return [*_ours(visit), *choices.partners(visit)]


_NAMED: Final = Field("registry", "Registry", kind="choice", options=_ours)
_KEEPERS_THERE: Final = Field("keepers", "Registrars", kind="lines", hint="Their identifiers, one a line.")
_TRANSFER: Final = Field("transfer", "Transfer", hint="Its number.")

OPEN: Final = Form(
    name="registry-open", act="registry.open", offices=_KEEPING,
    title="Open a registry", button="Open it", done="The registry {registry} is open.",
    lead="The chief registry comes first. Each other one answers for a unit and all that lies in it.",
    fields=(
        Field("registry", "Name", hint="A short one, such as osaka."),
        Field("role", "What it is", kind="choice", options=_roles), Field("title", "Title"),
        Field("unit", "Unit", is_required=False, hint="From the whole to the part, such as east/vault."),
        Field("levels", "Levels", kind="choices", options=choices.levels, is_required=False,
              hint="All where none is named."),
        _KEEPERS_THERE,
    ),
    after=_to_list,
)
STAFF: Final = Form(
    name="registry-staff", act="registry.staff", offices=_KEEPING,
    title="Enter who serves at a registry", button="Enter it", done="Entered.",
    lead="Whom you name takes the place of those who served there until now.",
    fields=(_NAMED, _KEEPERS_THERE), after=_to_list,
)
CLOSE: Final = Form(
    name="registry-close", act="registry.close", offices=_KEEPING,
    title="Close a registry", button="Close it", done="The registry {registry} is closed.",
    lead="Only where it holds nothing any more.", fields=(_NAMED,), after=_to_list, grave=True,
)
NOTICE: Final = Form(
    name="registry-notice", act="agreement.registry", offices=OFFICES_FOR[OfficialAct.NOTIFY_REGISTRY],
    title="Tell partners of a registry of ours", button="Tell them", done="The other parties are told.",
    lead="The newest notice on a registry is the one that counts.",
    fields=(
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements),
        Field("registry", "Registry", hint="Its name in the agreement."), Field("title", "Title"),
        Field("levels", "Levels", kind="choices", options=choices.levels),
        Field("opened_on", "Open from", kind="day"), Field("closed_on", "Closed from", kind="day", is_required=False),
        Field("article", "The article it rests on"),
    ),
    after=lambda visit, answer, values: f"/agreements/{values.get('agreement')}",
)
APPROVE: Final = Form(
    name="transfer-approve", act="transfer.approve", offices=_REGISTRY,
    title="Approve that it goes on", button="Approve it", done="It may go there, once.",
    lead="The chief registry approves in writing, and once.",
    fields=(choices.ITEM, Field("to", "To", kind="choice", options=_onward), Field("text", "Approval", kind="text")),
    after=lambda visit, answer, values: f"/items/{values.get('item')}",
)
SEND: Final = Form(
    name="transfer-send", act="transfer.send", offices=_REGISTRY,
    title="Send a copy to another registry", button="Send it", done="Sent as {transfer}.",
    lead="That registry answers for the copy once one of its keepers has received it, and not before.",
    fields=(Field("copy", "Copy", hint="Its number."), Field("to", "To", kind="choice", options=_ours)),
    after=_to_list,
)
RECEIVE: Final = Form(
    name="transfer-receive", act="transfer.receive", offices=_REGISTRY,
    title="Receive a copy", button="Receive it", done="{registry} answers for it from now on.",
    lead="Your registry answers for the copy from now on. Whoever sent it cannot receive it.",
    fields=(_TRANSFER, Field("place", "Place", hint="Where it lies from now on.")), after=_to_list,
)
DECLINE: Final = Form(
    name="transfer-decline", act="transfer.decline", offices=_REGISTRY,
    title="Say that a copy did not come", button="Say so", done="Whoever sent it still answers for it.",
    lead="The registry that sent it still answers for it, and sees why.",
    fields=(_TRANSFER, Field("reason", "Reason")), after=_to_list,
)


def show_registries(visit: Visit) -> Response:
    """Show our registries, and what is on its way between them."""
    found: Any = visit.ask("view.registries")
    return show_sheet(visit, Sheet(
        title="Our registries", actions=(Action(OPEN), Action(SEND), Action(NOTICE)), sections=(
            Section(found["registries"], (
                Column("registry", "Name"), Column("role", "What it is", "word"), Column("title", "Title"),
                Column("unit", "Unit"), Column("levels", "Levels"), Column("keepers", "Registrars", "person"),
                Column("holds", "Copies"), Column("state", "State", "word"), Column("opened_on", "Open from", "day"),
                Column("closed_on", "Closed from", "day"),
            ), empty="There is one registry, the whole.", actions=(
                Action(STAFF, "registry={registry}", _is_open), Action(CLOSE, "registry={registry}", _is_open),
            )),
            Section(found["transfers"], (
                Column("transfer", "Transfer"), Column("number", "Item"), Column("copy_number", "Copy"),
                Column("giver", "From"), Column("receiver", "To"), Column("sent_at", "Sent", "when"),
            ), heading="Between them", empty="Nothing is on its way between them.", actions=(
                Action(RECEIVE, "transfer={transfer}"), Action(DECLINE, "transfer={transfer}"),
            )),
        ),
    ))


def _is_open(row: Row) -> bool:
    return bool(row["state"] == "open")


PAGES: Final = (
    Page("/registries", get=show_registries, offices=_VIEWERS, menu=marked("Our registries"),
         group=marked("Registry")),
)
FORMS: Final = (OPEN, STAFF, CLOSE, NOTICE, APPROVE, SEND, RECEIVE, DECLINE)
