"""Classified contracts: firms that are asked about, lists of parts that are told and answered, and the end of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_ASSURING: Final = OFFICES_FOR[OfficialAct.ASSURE_FACILITY]
_KEEPING: Final = OFFICES_FOR[OfficialAct.KEEP_CONTRACT]
_ACKNOWLEDGING: Final = OFFICES_FOR[OfficialAct.ACKNOWLEDGE_CONTRACT]
_FILING: Final = OFFICES_FOR[OfficialAct.REGISTER]
_SEEING: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
_PART: Final = ("reference", "level")
_FIRM_STATES: Final = {"held": "cleared", "not-held": "not-cleared"}


def _assurances(_: Visit) -> Sequence[Option]:
    return [
        ("held", marked("cleared")), ("in-process", marked("in process")), ("not-held", marked("not cleared")),
    ]


def _outcomes(_: Visit) -> Sequence[Option]:
    return [("acknowledged", marked("acknowledged")), ("declined", marked("declined"))]


def _endings(_: Visit) -> Sequence[Option]:
    return [("ended", marked("ended")), ("not-awarded", marked("not awarded"))]


def _contracts(visit: Visit) -> Sequence[Option]:
    found = choices.all_parts(visit, "view.contracts", "contracts", of="contracts")
    return [(one["contract"], one["title"]) for one in found]


_FIRM: Final = (
    Column("query", "Question", "code"), Column("facility", "Firm"), Column("address", "Address"),
    Column("direction", "Direction", "word"), Column("party", "Party"), Column("agreement", "Agreement"),
    Column("level", "Level"), Column("purpose", "Purpose"), Column("state", "State", "word"),
    Column("held", "Cleared up to"), Column("valid_until", "Until", "day"),
    Column("controlled", "Controlled by a third state"),
)
_FACTS: Final = (
    Column("title", "Title"), Column("direction", "Direction", "word"), Column("party", "Party"),
    Column("agreement", "Agreement"), Column("level", "Highest level"), Column("number", "List"),
    Column("copies", "Copies"), Column("state", "State", "word"),
    Column("parent", "Part of", link="/contracts/{parent}"),
)
_PARTS: Final = (Column("reference", "Part"), Column("level", "Level"))


def _firms(found: Row) -> list[Row]:
    return [{**one, "state": _FIRM_STATES.get(one["state"], one["state"])} for one in found["firms"]]


def _firm(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    found = _firms(visit.ask("view.contracts", only=values.get("query") or "-"))
    return beside("", _FIRM, next(iter(found), {}))


def _contract(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    shown = visit.ask("view.contract", contract=values.get("contract"))
    return beside("", _FACTS, shown, Section(shown["parts"], _PARTS, heading="Classified parts"))


def _known(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return the list that is shown: its number, and its parts as they are written."""
    shown = visit.ask("view.contract", contract=values.get("contract"))
    parts = {
        f"parts.{number}.{name}": str(part.get(name, "")) for number, part in enumerate(shown["parts"], start=1)
        for name in _PART
    }
    return {"copies": str(shown.get("copies", 1)), "number": str(shown["number"]), **parts}


def _numbered(_: Visit, read: Params) -> Params:
    return {**read, "number": choices.numbers([read["number"]])[0]}


def _with_item(visit: Visit, read: Params) -> Params:
    """Name the item by its identifier, whatever number was written."""
    return {**read, "item": visit.ask("view.item", item=read["item"])["item"]}


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/contracts"


def _to_contract(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/contracts/{answer.value['contract']}"


_QUERY: Final = Field("query", "Question", kind="hidden")
_CONTRACT: Final = Field("contract", "Contract", kind="hidden")
_PART_ROWS: Final = Field("parts", "Classified parts", kind="rows", columns=(
    Field("reference", "Part"), Field("level", "Level", kind="choice", options=choices.levels),
))
_COPIES: Final = Field("copies", "Copies of the list", kind="number", is_required=False)

ASK: Final = Form(
    name="facility-ask", act="facility.ask", offices=_ASSURING,
    title="Ask about a firm", button="Ask", done="The question is asked.",
    lead="The authority of the firm's country answers in writing. Nothing of the contract goes to the firm before.",
    fields=(
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements),
        Field("party", "Party", kind="choice", options=choices.partners, hint="Whose firm it is."),
        Field("facility", "Firm"), Field("address", "Address", is_required=False),
        Field("level", "Up to the level", kind="choice", options=choices.levels, hint="A level of that party."),
        Field("purpose", "Purpose"),
    ),
    after=_to_list,
)
ASSURE: Final = Form(
    name="facility-answer", act="facility.answer", offices=_ASSURING,
    title="Answer about a firm", button="Sign the answer", done="Answered.",
    lead="The partner relies on it until its day, or until it is withdrawn.",
    fields=(
        _QUERY, Field("assurance", "Answer", kind="choice", options=_assurances),
        Field("level", "Cleared up to", kind="choice", options=choices.own_levels, is_required=False),
        Field("valid_until", "Until", kind="day", is_required=False),
        Field("controlled", "Controlled by a third state", kind="yes", is_required=False),
    ),
    beside=_firm, after=_to_list,
)
WITHDRAW: Final = Form(
    name="facility-withdraw", act="facility.withdraw", offices=_ASSURING,
    title="Withdraw the clearance of a firm", button="Sign it", done="The partner is told.",
    lead="Whoever was assured is told, and the assurance ends today. What rests on it people must see to.",
    fields=(_QUERY,), beside=_firm, after=_to_list, grave=True,
)
TELL: Final = Form(
    name="contract-tell", act="contract.tell", offices=_KEEPING, keeps=True,
    title="Tell of a contract", button="Sign and tell it", done="The list is told.",
    lead="The title crosses: one line that is not classified.",
    fields=(
        _QUERY, Field("title", "Title"), Field("level", "Highest level", kind="choice", options=choices.levels),
        _PART_ROWS, _COPIES,
        Field("parent", "Part of", kind="choice", options=_contracts, is_required=False),
    ),
    beside=_firm, after=_to_contract,
)
CHANGE: Final = Form(
    name="contract-change", act="contract.change", offices=_KEEPING, keeps=True,
    title="Tell of a changed list", button="Sign and tell it", done="The list is told.",
    lead="The partner is told and acknowledges it. What is made from now on takes its level from the new list.",
    fields=(_CONTRACT, _PART_ROWS, _COPIES), prefill=_known, beside=_contract, after=_to_contract,
)
ANSWER: Final = Form(
    name="contract-answer", act="contract.answer", offices=_ACKNOWLEDGING,
    title="Answer a list of classified parts", button="Sign the answer", done="Answered.",
    lead="The partner is told. Your answer counts for the list shown here and for no other.",
    fields=(
        _CONTRACT, Field("number", "Number", kind="hidden"),
        Field("outcome", "Answer", kind="choice", options=_outcomes),
    ),
    params=_numbered, prefill=_known, beside=_contract, after=_to_contract,
)
FILE: Final = Form(
    name="contract-file", act="contract.file", offices=_FILING,
    title="File an item under its contract", button="File it", done="It is filed.",
    lead="It goes back or is destroyed when the contract ends.",
    fields=(Field("item", "Item"), Field("contract", "Contract", kind="choice", options=_contracts)),
    params=_with_item, after=_to_contract,
)
END: Final = Form(
    name="contract-end", act="contract.end", offices=_KEEPING,
    title="End a contract", button="Sign it", done="It is over; {items} items here are to be returned or destroyed.",
    lead="Everything below it ends with it, at both sides.",
    fields=(_CONTRACT, Field("ending", "How it ended", kind="choice", options=_endings)),
    beside=_contract, after=_to_list, grave=True,
)


def _is_asked_of_us(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] in ("asked", "in-process"))


def _is_assured(direction: str) -> Any:
    return lambda row: row["direction"] == direction and row["state"] == "cleared"


def _waits(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] == "notified")


def show_contracts(visit: Visit) -> Response:
    """Show the contracts and the firms that were asked about."""
    found = visit.ask("view.contracts", **asked_part(visit))
    return show_sheet(visit, Sheet(title="Contracts", actions=(Action(ASK),), next=following(visit, found), sections=(
        Section(found["contracts"], (
            Column("title", "Title", link="/contracts/{contract}"), *_FACTS[1:],
        ), empty="There are no contracts.", actions=(Action(ANSWER, "contract={contract}", _waits),)),
        Section(_firms(found), _FIRM[1:], heading="Firms", empty="No firm was asked about.", actions=(
            Action(ASSURE, "query={query}", _is_asked_of_us), Action(TELL, "query={query}", _is_assured("out")),
            Action(WITHDRAW, "query={query}", _is_assured("in")),
        )),
    )))


def show_contract(visit: Visit) -> Response:
    """Show one contract with its list, what is below it, and its items."""
    shown = visit.ask("view.contract", contract=visit.named["contract"])
    about, stands = f"contract={shown['contract']}", shown["state"] in ("notified", "acknowledged", "declined")
    ours = (Action(CHANGE, about), Action(END, about)) if shown["direction"] == "out" and stands else ()
    answer = (Action(ANSWER, about),) if _waits(shown) else ()
    file = (Action(FILE, about),) if shown["state"] == "acknowledged" else ()
    return show_sheet(visit, Sheet(
        title="A contract", facts=(*_FACTS, Column("contract", "Contract", "code")), about=shown,
        actions=(*answer, *file, *ours),
        sections=(
            Section(shown["parts"], _PARTS, heading="Classified parts"),
            Section(shown["below"], (
                Column("title", "Title", link="/contracts/{contract}"), Column("state", "State", "word"),
            ), heading="Below it"),
            Section(shown["items"], (
                Column("reference", "Item", link="/items/{item}"), Column("part", "Part"),
                Column("state", "State", "word"),
            ), heading="Items"),
        ),
    ))


PAGES: Final = (
    Page("/contracts", get=show_contracts, offices=_SEEING, menu=marked("Contracts"), group=marked("Together")),
    Page("/contracts/{contract}", get=show_contract, offices=_SEEING),
)
FORMS: Final = (ASK, ASSURE, WITHDRAW, TELL, CHANGE, ANSWER, FILE, END)
