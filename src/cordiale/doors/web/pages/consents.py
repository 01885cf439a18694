"""Consents: what only the originator can allow, asked for, answered, used and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import (
    Action,
    Column,
    Row,
    Section,
    Sheet,
    asked_part,
    beside,
    following,
    show_sheet,
)
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.codes import WORDS
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_ASKING: Final = OFFICES_FOR[OfficialAct.PROPOSE_CONSENT] | _REGISTRY
_GIVING: Final = OFFICES_FOR[OfficialAct.GIVE_CONSENT]
_VIEWERS: Final = _ASKING | _GIVING | {Office.SECURITY_OFFICER, Office.INSPECTOR}


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


def _to_item(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/items/{values.get('item')}"


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/consents"


def _uses(_: Visit) -> Sequence[Option]:
    return [
        ("use-abroad", marked("use abroad")), ("archive", marked("archiving")), ("publish", marked("publication")),
        ("disclose", marked("a disclosure that a law forces")),
    ]


def _acts(visit: Visit) -> Sequence[Option]:
    return [
        ("pass-on", marked("passing on")), ("copy", marked("copying")), ("translate", marked("translation")),
        ("extract", marked("extract")), *_uses(visit),
    ]


def _answers(_: Visit) -> Sequence[Option]:
    return [("granted", marked("granted")), ("declined", marked("declined"))]


def _numbered(_: Visit, read: Params) -> Params:
    return {**read, "copies": choices.numbers(read.get("copies", []))}


_TERMS: Final = (
    Column("about", "Item", link="/items/{item}"), Column("act", "Act", "word"), Column("purpose", "Purpose"),
    Column("recipient", "To"), Column("number", "How often"), Column("copies", "Copies"), Column("post", "Post"),
    Column("category", "Category"), Column("of_act", "What was made of it", "word"),
    Column("of_number", "Number"), Column("of_language", "Language"), Column("of_sheets", "Sheets"),
)
_REQUEST: Final = (
    *_TERMS, Column("party", "Party"), Column("asked_at", "Asked", "when"), Column("due_on", "Needed by", "day"),
    Column("doubt", "Doubt", "word"), Column("grounds", "Grounds"), Column("state", "State", "word"),
)
_CONSENT: Final = (
    *_TERMS, Column("given_by", "By"), Column("given_to", "For"), Column("outcome", "Answer", "word"),
    Column("valid_until", "Until", "day"), Column("withdrawn_at", "Taken back", "when"),
    Column("rests", "Not used: the agreement is", "word"),
)


def _found(name: str, table: str, columns: tuple[Column, ...]) -> Any:
    def show(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
        rows = map(_with_doubt, visit.ask("view.consents", only=values.get(name))[table])
        return beside("", columns, next((row for row in rows if row[name] == values.get(name)), {}))

    return show


ASK: Final = Form(
    name="consent-ask", act="consent.ask", offices=_ASKING, keeps=True,
    title="Ask the originator for consent", button="Ask", done="Asked; the answer comes from the originator.",
    lead="A consent speaks of one act, for one purpose, so often and until then. Silence is no consent.",
    fields=(
        choices.ITEM, Field("act", "What is asked for", kind="choice", options=_acts), Field("purpose", "Purpose"),
        Field("recipient", "Third party", is_required=False, hint="Where there is one."),
        Field("number", "How often", kind="number", is_required=False),
        Field("copies", "Only these copies", kind="lines", is_required=False, hint="Their numbers, one a line."),
        Field("post", "The post that alone may do it", is_required=False),
        Field("category", "Category", is_required=False,
              hint="All that was provided for a purpose the agreement names."),
        Field("of", "Whose consent", kind="choice", options=choices.partners, is_required=False,
              hint="Where the item is a joint product."),
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements, is_required=False,
              hint="For an item of our own."),
        Field("due_on", "Needed by", kind="day", is_required=False),
        Field("grounds", "Grounds", kind="text", is_required=False,
              hint="For a disclosure, the law or court that forces it."),
    ),
    params=_numbered, beside=_item, after=_to_list,
)
ANSWER: Final = Form(
    name="consent-answer", act="consent.answer", offices=_GIVING,
    title="Answer a request for consent", button="Sign the answer", done="Answered.",
    lead="In writing, to the partner that asked. It may then do exactly this, for this purpose, until the day.",
    fields=(
        Field("request", "Request", kind="hidden"), Field("outcome", "Answer", kind="choice", options=_answers),
        Field("valid_until", "The last day it counts", kind="day", is_required=False),
    ),
    beside=_found("request", "requests", _REQUEST), after=_to_list,
)
SILENCE: Final = Form(
    name="consent-silence", act="consent.silence", offices=_GIVING,
    title="Enter that silence counts as consent", button="Enter it", done="Entered.",
    lead="Only where the agreement says so of this act. An answer that comes later counts in its place.",
    fields=(Field("request", "Request", kind="hidden"),), beside=_found("request", "requests", _REQUEST),
    after=_to_list, grave=True,
)
COMPELLED: Final = Form(
    name="consent-compelled", act="consent.compelled", offices=_ASKING,
    title="Enter that a law may force a disclosure", button="Enter it", done="Entered.",
    lead="The originator is to be told at once, and consulted: ask for its consent.",
    fields=(
        choices.ITEM, Field("known_on", "Known since", kind="day"),
        Field("grounds", "Grounds", kind="text", hint="For a disclosure, the law or court that forces it."),
    ),
    beside=_item, after=_to_item,
)
WITHDRAW: Final = Form(
    name="consent-withdraw", act="consent.withdraw", offices=_GIVING,
    title="Take a consent back", button="Take it back", done="Taken back; the partner says how often it was used.",
    lead="It counts no more, and the partner is told. What was done under it is not undone by this.",
    fields=(Field("consent", "Consent", kind="hidden"),), beside=_found("consent", "consents", _CONSENT),
    after=_to_list, grave=True,
)
USE: Final = Form(
    name="use", act="use", offices=_GIVING,
    title="Enter a use that needs consent", button="Enter it", done="Entered.",
    lead="Allowed as far as the rules and the originators' consents reach, and refused with every reason otherwise.",
    fields=(
        choices.ITEM, Field("act", "Which use", kind="choice", options=_uses), Field("purpose", "Purpose"),
        Field("parties", "Parties whose cooperation it is about", kind="choices", options=choices.partners,
              is_required=False),
    ),
    beside=_item, after=_to_item,
)
RIGHTS: Final = Form(
    name="rights", act="rights", offices=_ASKING,
    title="Enter who owns a right in it", button="Enter it", done="Entered.",
    lead="The owner of a right, or the letter by which the owner consented.",
    fields=(
        choices.ITEM, Field("owner", "Owner", is_required=False), Field("reference", "Reference", is_required=False),
    ),
    beside=_item, after=_to_item,
)
PASS_ON: Final = Form(
    name="pass-on", act="pass-on", offices=_REGISTRY,
    title="Pass on to a third party", button="Sign it", done="It may be passed on to {recipient}.",
    lead="With the originator's consent to exactly this, and never without.",
    fields=(choices.ITEM, Field("recipient", "Third party"), Field("purpose", "Purpose")), beside=_item,
    after=_to_item, grave=True,
)


def show_consents(visit: Visit) -> Response:
    """Show what was asked and answered, by us and of us."""
    found = visit.ask("view.consents", **asked_part(visit))
    asked = tuple(map(_with_doubt, found["requests"]))
    return show_sheet(visit, Sheet(title="Consents", next=following(visit, found), sections=(
        Section(asked, (*_REQUEST[:4], *_REQUEST[8:]), heading="Requests", empty="Nothing was asked.",
                actions=(Action(ANSWER, "request={request}", _waits),
                         Action(SILENCE, "request={request}", _is_silent))),
        Section(found["consents"], (*_CONSENT[:5], *_CONSENT[8:]), heading="Answers", empty="Nothing was answered.",
                actions=(Action(WITHDRAW, "consent={consent}", _stands(str(visit.registry.party))),)),
    )))


def _with_doubt(row: Row) -> Row:
    """Return a request with the doubt about a level, which is a word of ours, apart from its reason."""
    doubt, _, reason = str(row.get("grounds", "")).partition(": ")
    return {**row, "doubt": doubt, "grounds": reason} if row["act"] == "change-level" and doubt in WORDS else row


def _waits(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] == "asked")


def _is_silent(row: Row) -> bool:
    return bool(row["state"] == "asked" and "silence_from" in row)


def _stands(party: str) -> Any:
    return lambda row: row["outcome"] == "granted" and row["given_by"] == party and "withdrawn_at" not in row


PAGES: Final = (
    Page("/consents", get=show_consents, offices=_VIEWERS, menu=marked("Consents"), group=marked("Together")),
)
FORMS: Final = (ASK, ANSWER, SILENCE, COMPELLED, WITHDRAW, USE, RIGHTS, PASS_ON)
