"""Return and destruction: what goes back, what is asked back, what two persons destroy, and what a crisis took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.limits import CRISIS_PAGE_COPIES_COUNT
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_KEEPERS: Final = _REGISTRY | {Office.SECURITY_OFFICER, Office.INSPECTOR}
_ASKING: Final = OFFICES_FOR[OfficialAct.ASK_RETURN] | _REGISTRY
_JOINING: Final = OFFICES_FOR[OfficialAct.WITNESS_DESTRUCTION]
_CRISIS: Final = OFFICES_FOR[OfficialAct.ENTER_CRISIS]
_HOME: Final = "/disposal"


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return _HOME if visit.person.offices & _JOINING else "/"


def _why_refused(_: Visit) -> Sequence[Option]:
    return [
        ("damaged", marked("damaged")), ("incomplete", marked("incomplete")), ("not-for-us", marked("not for us")),
        ("not-under-agreement", marked("not under an agreement")), ("wrongly-marked", marked("wrongly marked")),
    ]


def _consignment(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return "part-consignment.html", {"one": visit.ask("view.consignment", consignment=values.get("consignment"))}


_PROPOSAL: Final = (
    Column("reference", "Item", link="/items/{item}"), Column("title", "Title"), Column("level", "Level"),
    Column("copies", "Copies that end"), Column("method", "How it is destroyed"), Column("persons", "Signed by"),
    Column("proposed_at", "Proposed", "when"), Column("state", "State", "word"),
)
_ENTRY: Final = (
    Column("numbers", "Numbers"), Column("copies", "Copies"), Column("happened_at", "When it was", "when"),
    Column("method", "How it is destroyed"), Column("circumstances", "What had happened"),
    Column("ordered_by", "Who ordered it"), Column("done_by", "Who did it"),
    Column("residue", "What is left"), Column("entered_by", "Entered by"), Column("entered_at", "Entered", "when"),
)
_ASKED: Final = (
    Column("about", "Item", link="/items/{item}"), Column("party", "Party"), Column("kind", "Kind", "word"),
    Column("direction", "Direction", "word"), Column("reason", "Reason"), Column("asked_at", "Asked", "when"),
    Column("by", "Wanted by", "day"), Column("state", "State", "word"),
)


def _proposal(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _PROPOSAL, visit.ask("view.destruction", proposal=values.get("proposal")))


def _crisis(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _ENTRY, visit.ask("view.crisis", crisis=values.get("crisis")))


def _asked_back(visit: Visit, values: Values) -> Row:
    """Return the request that is named, or the one about the item that a duty names."""
    id, item = values.get("request"), values.get("subject")
    rows = visit.ask("view.returns", only=id, item=None if id else item)["requests"] if id or item else ()
    return next((row for row in rows if id or _waits(row)), {})


def _request(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _ASKED, _asked_back(visit, values))


def _waiting(visit: Visit, values: Values) -> Mapping[str, str]:
    return {"request": str(_asked_back(visit, values).get("request", ""))}


def _numbered(_: Visit, read: Params) -> Params:
    """Give the copies as numbers."""
    return {**read, "copies": choices.numbers(read.get("copies", []))}


def _answered(_: Visit, read: Params) -> Params:
    return {"decline": bool(read.get("decline")), "request": read["request"]}


RETURN: Final = Form(
    name="return", act="return", offices=_REGISTRY,
    title="Return to the originator", button="Return it", done="It is returned, and its originator gets a certificate.",
    lead="Every copy of the item that is held here ends, and the originator gets a certificate of each.",
    fields=(choices.ITEM, Field("method", "How it goes back", is_required=False)), beside=_item, after=_to_list,
    grave=True,
)
AWAY: Final = Form(
    name="transfer-away", act="transfer.away", offices=_REGISTRY,
    title="Hand over for good", button="Sign it", done="It is handed over to {to}, and ends here.",
    lead="To an archive or another party, as an authority allowed before. Every copy that is held here ends.",
    fields=(
        choices.ITEM, Field("to", "To"), Field("receipt", "Reference of the receipt"),
    ),
    beside=_item, after=_to_list, grave=True,
)
ASK: Final = Form(
    name="return-ask", act="return.ask", offices=_ASKING,
    title="Ask copies back", button="Ask", done="Asked back; the partner answers.",
    lead="Where the agreement gives that right it is an order, and otherwise a request that may be declined.",
    fields=(
        choices.ITEM, Field("party", "From", kind="choice", options=choices.partners), Field("reason", "Reason"),
        Field("by", "Wanted by", kind="day", is_required=False),
        Field("copies", "Only these copies", kind="lines", is_required=False, hint="Their numbers, one a line."),
    ),
    params=_numbered, beside=_item, after=lambda visit, answer, values: "/returns",
)
ANSWER: Final = Form(
    name="return-answer", act="return.answer", offices=_REGISTRY,
    title="Answer a request for return", button="Answer", done="Answered; what is promised stands among the duties.",
    lead="The party that asks is told. What is promised becomes due; keeping counts only where the agreement "
         "leaves us free.",
    fields=(
        Field("subject", "Item", kind="hidden", is_required=False), Field("request", "Request", kind="hidden"),
        Field("decline", "Keep them", kind="yes", is_required=False, hint="Only where nothing can be demanded."),
    ),
    prefill=_waiting, params=_answered, beside=_request,
    after=lambda visit, answer, values: f"/items/{answer.value['item']}",
)
REFUSE: Final = Form(
    name="consignment-refuse", act="consignment.refuse", offices=_REGISTRY,
    title="Refuse a consignment", button="Refuse it", done="The consignment is refused, and the partner is told.",
    lead="The partner is told the reason and no other word. What came sealed is removed; send a paper back.",
    fields=(
        Field("consignment", "Consignment", kind="hidden"),
        Field("why", "What is wrong with it", kind="choice", options=_why_refused),
        Field("note", "For our own books", kind="text", is_required=False),
    ),
    beside=_consignment, after=lambda visit, answer, values: "/inbox", grave=True,
)
PROPOSE: Final = Form(
    name="destroy-propose", act="destroy.propose", offices=_JOINING,
    title="Propose a destruction", button="Sign the proposal", done="Proposed; another person witnesses it.",
    lead="Nothing is gone until the last person needed has signed.",
    fields=(choices.ITEM, Field("method", "How it is destroyed")), beside=_item, after=_to_list, grave=True,
)
WITNESS: Final = Form(
    name="destroy-witness", act="destroy.witness", offices=_JOINING,
    title="Join a destruction", button="Sign it", done="You have joined the destruction.",
    lead="With the last person needed it is done, and cannot be undone.",
    fields=(Field("proposal", "Proposal", kind="hidden"),), beside=_proposal, after=_to_list, grave=True,
)
WITHDRAW: Final = Form(
    name="destroy-withdraw", act="destroy.withdraw", offices=_JOINING,
    title="Withdraw a proposed destruction", button="Withdraw it",
    done="The proposed destruction is withdrawn; every copy is where it was.",
    lead="Nothing is destroyed. To destroy it after all takes a new proposal and new signatures.",
    fields=(Field("proposal", "Proposal", kind="hidden"),), beside=_proposal, after=_to_list,
)
ENTER: Final = Form(
    name="crisis-enter", act="crisis.enter", offices=_CRISIS,
    title="Enter what was destroyed in a crisis", button="Sign the entry",
    done="Entered; another person confirms it.",
    lead="By the numbers on the printed list. Nothing ends and nobody is told before a second person confirms it.",
    fields=(
        Field("numbers", "Numbers", kind="lines", hint="As they stand on the printed list, one a line."),
        Field("happened_at", "When it was", kind="moment", hint="In UTC."), Field("method", "How it is destroyed"),
        Field("circumstances", "What had happened", kind="text", hint="The originator is told."),
        Field("ordered_by", "Who ordered it"),
        Field("done_by", "Who did it", kind="choices", options=choices.people),
        Field("residue", "What is left", is_required=False, hint="And where it is."),
    ),
    after=lambda visit, answer, values: "/crisis", grave=True,
)
CONFIRM: Final = Form(
    name="crisis-confirm", act="crisis.confirm", offices=_CRISIS,
    title="Confirm a destruction in a crisis", button="Sign it",
    done="The copies have ended, and their originator is told.",
    lead="You are the second person. The copies end, and their originators are sent certificates and a report.",
    fields=(Field("crisis", "Entry", kind="hidden"),), beside=_crisis, after=lambda visit, answer, values: "/crisis",
    grave=True,
)


def show_disposal(visit: Visit) -> Response:
    """Show the destructions that wait for another person."""
    found = visit.ask("view.destructions", **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Destructions", lead="Propose a destruction, or give something back, on the page of the item.",
        next=following(visit, found),
        sections=(Section(
            found["destructions"], _PROPOSAL[:3] + _PROPOSAL[4:7], empty="No destruction waits.", actions=(
                Action(WITNESS, "proposal={proposal}", lambda row: not row["is_joined"]),
                Action(WITHDRAW, "proposal={proposal}"),
            ),
        ),),
    ))


def show_returns(visit: Visit) -> Response:
    """Show what was asked back, by us and of us."""
    found = visit.ask("view.returns", **asked_part(visit))
    rows = found["requests"]
    columns = (*_ASKED[:7], Column("state", "State", "word", "/returns/{request}"))
    return show_sheet(visit, Sheet(title="Asked back", next=following(visit, found), sections=(
        Section(rows, columns, empty="Nothing was asked back.", actions=(Action(ANSWER, "request={request}", _waits),)),
    )))


def _waits(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] == "asked")


def show_return(visit: Visit) -> Response:
    """Show what has become of each copy that was asked back, with its certificate."""
    found = visit.ask("view.completeness", request=visit.named["request"])
    printed = "/print/certificate/{certificate}" if visit.person.offices & _KEEPERS else ""
    return show_sheet(visit, Sheet(
        title="What has become of what was asked back",
        lead="Proved is what the node has looked at, attested what persons vouch for.",
        facts=(
            Column("is_complete", "Nothing is held any more"), Column("agreement", "Under the agreement"),
            Column("at", "As of", "when"),
        ),
        about=found,
        sections=(Section(found["lines"], (
            Column("number", "Number"), Column("their_number", "Their number"), Column("copy", "Copy"),
            Column("ending", "End", "word"), Column("done_on", "On", "day"),
            Column("certificate", "Certificate", link=printed), Column("worth", "Proof", "word"),
        ), empty="No copy was named."),),
    ))


def show_crisis(visit: Visit) -> Response:
    """Show what was entered about a crisis and waits for a second person."""
    found = visit.ask("view.crises", **asked_part(visit))
    links = (("/crisis/list", marked("List for a crisis")),) if visit.person.offices & _KEEPERS else ()
    return show_sheet(visit, Sheet(title="Crisis", actions=(Action(ENTER),), links=links, next=following(
        visit, found
    ), sections=(Section(
        found["crises"], _ENTRY, heading="Waiting for a second person", empty="Nothing waits to be confirmed.",
        actions=(Action(CONFIRM, "crisis={crisis}", lambda row: not row["is_mine"]),),
    ),)))


def show_crisis_list(visit: Visit) -> Response:
    """Show a part of what is held, place by place; the whole is printed beforehand and kept sealed."""
    after = visit.query.get("after")
    found = visit.ask("view.crisis-list", after=after, count=CRISIS_PAGE_COPIES_COUNT)
    return visit.show("crisis-list.html", found=found, after=after)


PAGES: Final = (
    Page("/disposal", get=show_disposal, offices=_JOINING | _KEEPERS, menu=marked("Destructions"),
         group=marked("Registry")),
    Page("/returns", get=show_returns, offices=_KEEPERS | _ASKING, menu=marked("Asked back"), group=marked("Registry")),
    Page("/returns/{request}", get=show_return, offices=_KEEPERS | {Office.COMPETENT_AUTHORITY}),
    Page("/crisis", get=show_crisis, offices=_CRISIS, menu=marked("Crisis"), group=marked("Security")),
    Page("/crisis/list", get=show_crisis_list, offices=_KEEPERS),
)
FORMS: Final = (RETURN, AWAY, ASK, ANSWER, REFUSE, PROPOSE, WITNESS, WITHDRAW, ENTER, CONFIRM)
