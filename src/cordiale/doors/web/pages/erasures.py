"""Erasure of personal data: proposed by one person, done by another, and how long each record is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web.forms import Field, Form, Option
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, beside, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.personal_data import PERSONAL_KINDS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.codes import WORDS
from cordiale.words.spoken import marked

_VIEWERS: Final = frozenset({
    Office.REGISTRAR, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY, Office.INSPECTOR,
})
_PROPOSING: Final = OFFICES_FOR[OfficialAct.PROPOSE_ERASURE]
_COLUMNS: Final = (
    Column("kind", "Kind", "word"), Column("ids", "Records"), Column("reason", "Reason"),
    Column("proposed_by", "Proposed by"), Column("proposed_at", "Proposed", "when"),
)


def _rows(visit: Visit) -> list[Row]:
    return list(visit.ask("view.erasures")["proposals"])


def _proposal(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    found = next((one for one in _rows(visit) if one["proposal"] == values.get("proposal")), {})
    return beside("", _COLUMNS, found)


def _due(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return the proposal about the record that a duty names."""
    subject = values.get("subject")
    return {"proposal": next((str(one["proposal"]) for one in _rows(visit) if subject in one["ids"]), "")}


def _kinds(_: Visit) -> Sequence[Option]:
    return [(kind, WORDS.get(kind, kind)) for kind in sorted(PERSONAL_KINDS)]


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/erasures"


_PROPOSAL: Final = Field("proposal", "Proposal", kind="hidden")
PROPOSE: Final = Form(
    name="erase-propose", act="erase.propose", offices=_PROPOSING,
    title="Propose an erasure", button="Propose it", done="Proposed; another person confirms it.",
    lead="Nothing is erased before another person confirms it. Then it is gone for good.",
    fields=(
        Field("kind", "Kind", kind="choice", options=_kinds),
        Field("ids", "Records", kind="lines", hint="Their identifiers, one a line."), Field("reason", "Reason"),
    ),
    after=_to_list,
)
CONFIRM: Final = Form(
    name="erase-confirm", act="erase.confirm", offices=OFFICES_FOR[OfficialAct.CONFIRM_ERASURE],
    title="Erase personal data", button="Erase it", done="Erased; rows: {rows}, messages: {messages}.",
    lead="What is erased comes back from no copy but a backup. Its entries in the audit trail stay.",
    fields=(Field("subject", "Record", kind="hidden", is_required=False), _PROPOSAL), prefill=_due,
    params=lambda visit, read: {"proposal": read["proposal"]}, beside=_proposal, after=_to_list, grave=True,
)
WITHDRAW: Final = Form(
    name="erase-withdraw", act="erase.withdraw", offices=_PROPOSING,
    title="Withdraw a proposed erasure", button="Withdraw it", done="The proposal is withdrawn.",
    lead="Nothing is erased. What was due to be erased stays due.",
    fields=(_PROPOSAL,), beside=_proposal, after=_to_list,
)


def show_erasures(visit: Visit) -> Response:
    """Show what waits to be erased, and lead to how long each record is kept."""
    rows = _rows(visit)
    records = [{"id": id, "kind": one["kind"]} for one in rows for id in one["ids"]]
    return show_sheet(visit, Sheet(title="Erasure of personal data", actions=(Action(PROPOSE),), sections=(
        Section(rows, _COLUMNS, empty="Nothing waits to be erased.", actions=(
            Action(CONFIRM, "proposal={proposal}"), Action(WITHDRAW, "proposal={proposal}"),
        )),
        Section(records, (Column("kind", "Kind", "word"), Column("id", "Record", link="/erasures/{kind}/{id}")),
                heading="How long each is kept"),
    )))


def show_retention(visit: Visit) -> Response:
    """Show how long what is personal in one record is kept, and what says so."""
    found = visit.ask("view.retention", records=visit.named["kind"], id=visit.named["id"])
    return show_sheet(visit, Sheet(title="How long it is kept", about=found, facts=(
        Column("kind", "Kind", "word"), Column("id", "Record"), Column("is_erased", "Erased"),
        Column("keep_until", "Kept until", "day"), Column("erase_by", "Erased by", "day"),
        Column("said", "What is said"), Column("counts", "What counts"),
        Column("gives_way", "What gives way"), Column("reasons", "Against it"),
    )))


PAGES: Final = (
    Page("/erasures", get=show_erasures, offices=_VIEWERS, menu=marked("Erasure of personal data"),
         group=marked("Security")),
    Page("/erasures/{kind}/{id}", get=show_retention, offices=_VIEWERS),
)
FORMS: Final = (PROPOSE, CONFIRM, WITHDRAW)
