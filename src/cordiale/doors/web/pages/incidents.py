"""Incidents: reported in one sentence by anybody, frozen at once, told to the partner, inquired into and closed."""

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
from cordiale.words.spoken import marked

_REPORTING: Final = OFFICES_FOR[OfficialAct.REPORT_INCIDENT]
_HANDLING: Final = OFFICES_FOR[OfficialAct.HANDLE_INCIDENT]
_NOTIFYING: Final = OFFICES_FOR[OfficialAct.NOTIFY_INCIDENT]
_CLOSING: Final = OFFICES_FOR[OfficialAct.CLOSE_INCIDENT]
_VIEWERS: Final = _CLOSING | _NOTIFYING | {Office.INSPECTOR, Office.REGISTRAR, Office.DEPUTY_REGISTRAR}


def _kinds(_: Visit) -> Sequence[Option]:
    return [
        ("loss", marked("a loss")), ("compromise", marked("a compromise")), ("suspected", marked("a suspicion")),
        ("delay", marked("a delay")), ("wrong-mark", marked("a wrong mark")),
        ("unsolicited", marked("something nobody asked for")), ("tampered", marked("something tampered with")),
        ("system", marked("a system")),
    ]


def _certainties(_: Visit) -> Sequence[Option]:
    return [("certain", marked("known to have happened")), ("suspected", marked("suspected"))]


def _demands(_: Visit) -> Sequence[Option]:
    return [("freeze", marked("freeze it")), ("lift", marked("lift the freeze"))]


def _replies(_: Visit) -> Sequence[Option]:
    return [
        ("acknowledged", marked("the report is acknowledged")),
        ("final-acknowledged", marked("the final report is acknowledged")),
        ("information", marked("further information")), ("asks-part", marked("we ask to take part in the inquiry")),
        ("part-granted", marked("you may take part in the inquiry")),
        ("part-declined", marked("you may not take part in the inquiry")),
        ("reopened", marked("the case is open again")),
    ]


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


_FACTS: Final = (
    Column("what", "What happened"), Column("kind", "Kind", "word"), Column("state", "State", "word"),
    Column("reported_at", "Reported", "when"), Column("reporter", "Reported by"), Column("items", "Items"),
    Column("unknown", "Names that are not known here"), Column("third_country", "Third country"),
    Column("related", "Related cases"), Column("concluded_at", "Concluded", "when"),
    Column("closed_at", "Closed", "when"), Column("reopened_for", "Opened again because"),
)
_SHARE: Final = (
    Column("party", "Party"), Column("state", "State", "word"), Column("items", "Items"),
    Column("due", "To be told by", "day"), Column("articles", "Provision"), Column("undecided", "Not decided"),
    Column("told_at", "Told", "when"), Column("part", "Part in the inquiry", "word"),
)


def _case(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    found = visit.ask("view.incident", incident=values.get("incident"))
    return beside("", _FACTS, found, Section(found.get("shares", ()), _SHARE, heading="What partners were told"))


def _order(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    rows = visit.ask("view.incidents", only=values.get("order"))["orders"]
    return beside("", _ORDER, next((row for row in rows if row["order"] == values.get("order")), {}))


def _to_case(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/incidents/{values.get('incident')}"


def _to_list(visit: Visit, answer: Answer, values: Values) -> str:
    return "/incidents"


def _to_item(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/items/{answer.value['item']}"


def _certain(_: Visit, read: Params) -> Params:
    certain = read.pop("certain", "")
    return {**read, "certain": certain == "certain"} if certain else read


def _without_case(_: Visit, read: Params) -> Params:
    """Leave away the case, which only the page needs."""
    return {name: value for name, value in read.items() if name != "incident"}


def _awaited(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return the partner's report that waits for a word of ours, and the word it waits for."""
    if not values.get("incident"):
        return {}
    shares = visit.ask("view.incident", incident=values.get("incident")).get("shares", ())
    words = {"told": "acknowledged", "final-came": "final-acknowledged"}
    return next((
        {"kind": words[one["state"]], "share": str(one["share"])} for one in shares
        if one["direction"] == "in" and one["state"] in words and values.get("share") in ("", one["share"])
    ), {})


_CASE: Final = Field("incident", "Case", kind="hidden")
_SHARED: Final = Field("share", "Partner", kind="hidden")
_ORDER: Final = (
    Column("item", "Item"), Column("party", "Party"), Column("demand", "What is asked", "word"),
    Column("direction", "Direction", "word"), Column("reason", "Reason"), Column("state", "State", "word"),
)


def _parts(*, is_required: bool) -> tuple[Field, ...]:
    return (
        Field("facts", "Facts", kind="lines", is_required=is_required, hint="One a line."),
        Field("extent", "Extent", kind="lines", is_required=is_required, hint="One a line."),
        Field("remedy", "What was done", kind="lines", is_required=is_required, hint="One a line."),
        Field("prevention", "How it is prevented from now on", kind="lines", is_required=is_required,
              hint="One a line."),
    )


REPORT: Final = Form(
    name="incident-report", act="incident.report", offices=_REPORTING, keeps=True,
    title="Report an incident", button="Report it", done="Reported. The security officer takes it up.",
    lead="One sentence is enough, and so is a suspicion. Whoever is in office takes it up.",
    fields=(
        Field("draft", "Prepared report", kind="hidden", is_required=False),
        Field("what", "What happened", hint="In one sentence."),
        Field("items", "Items it is about", kind="lines", is_required=False, hint="Their numbers, one a line."),
        Field("kind", "Kind", kind="choice", options=_kinds, is_required=False),
        Field("third_country", "Third country", is_required=False, hint="Where it happened, if in one."),
    ),
    after=lambda visit, answer, values: f"/incidents/{answer.value['incident']}",
)
ADD: Final = Form(
    name="incident-add", act="incident.add", offices=_HANDLING,
    title="Note something in the inquiry", button="Note it", done="Noted.", lead="It stays here.",
    fields=(
        _CASE, Field("note", "Note"),
        Field("items", "Items it is about", kind="lines", is_required=False, hint="Their numbers, one a line."),
    ),
    beside=_case, after=_to_case,
)
FREEZE: Final = Form(
    name="freeze", act="freeze", offices=_HANDLING,
    title="Freeze", button="Freeze it", done="It is frozen.",
    lead="Reading, dispatch and reproduction stop at once.",
    fields=(choices.ITEM, Field("reason", "Reason"), Field("copy", "This copy only", is_required=False)),
    beside=_item, after=_to_item, grave=True,
)
LIFT: Final = Form(
    name="freeze-lift", act="freeze.lift", offices=_CLOSING,
    title="Lift a freeze", button="Lift it", done="It is no longer frozen.",
    lead="Never as the person who reported the case.",
    fields=(choices.ITEM, Field("reason", "Reason"), Field("copy", "This copy only", is_required=False)),
    beside=_item, after=_to_item,
)
ORDER: Final = Form(
    name="freeze-order", act="freeze.order", offices=_NOTIFYING | _CLOSING,
    title="Ask a partner to freeze", button="Sign it", done="{party} is asked.",
    lead="Whether the partner must is what the agreement says.",
    fields=(
        choices.ITEM, Field("party", "Party", kind="choice", options=choices.partners),
        Field("demand", "What is asked", kind="choice", options=_demands), Field("reason", "Reason"),
    ),
    beside=_item, after=_to_item,
)
ORDER_ANSWER: Final = Form(
    name="freeze-answer", act="freeze.answer", offices=_HANDLING,
    title="Answer an order to freeze", button="Sign the answer", done="Answered.",
    lead="The originator that asked is told. Whoever obeys freezes the item, or lifts the freeze, by this act.",
    fields=(
        Field("order", "Order", kind="hidden"),
        Field("decline", "Decline it", kind="yes", is_required=False, hint="It is not done."),
    ),
    beside=_order, after=_to_list,
)
TELL: Final = Form(
    name="incident-tell", act="incident.tell", offices=_NOTIFYING, keeps=True,
    title="Tell a partner of a case", button="Sign and tell it", done="{party} is told.",
    lead="Only what passed between the two parties is named, and never who read or held it.",
    fields=(
        _CASE, Field("party", "To", kind="choice", options=choices.partners),
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements),
        Field("facts", "Facts", kind="lines", is_required=False, hint="One a line."),
        Field("measures", "What was done", kind="lines", is_required=False, hint="One a line."),
        Field("certain", "How certain it is", kind="choice", options=_certainties, is_required=False),
    ),
    params=_certain, beside=_case, after=_to_case,
)
REPLY: Final = Form(
    name="incident-reply", act="incident.reply", offices=_NOTIFYING,
    title="Say something of a case to the partner", button="Sign and send it", done="{party} is told.",
    lead="It goes, signed, to the partner that the case is shared with.",
    fields=(
        _CASE, _SHARED, Field("kind", "What is said", kind="choice", options=_replies),
        Field("lines", "In words", kind="lines", is_required=False, hint="One a line."),
    ),
    params=_without_case, prefill=_awaited, beside=_case, after=_to_case,
)
CONCLUDE: Final = Form(
    name="incident-conclude", act="incident.conclude", offices=_CLOSING, keeps=True,
    title="Conclude an inquiry", button="Sign the final report", done="The inquiry is concluded.",
    lead="Never as the person who reported the case.",
    fields=(
        _CASE, *_parts(is_required=True),
        Field("weaknesses", "Weaknesses", kind="lines", is_required=False, hint="One a line; they stay here."),
    ),
    beside=_case, after=_to_case,
)
FINAL: Final = Form(
    name="incident-final", act="incident.final", offices=_NOTIFYING, keeps=True,
    title="Send the final report to the partner", button="Sign and send it", done="{party} is told.",
    lead="A part that is left empty is sent as it was concluded.",
    fields=(_CASE, _SHARED, *_parts(is_required=False)), params=_without_case, beside=_case, after=_to_case,
)
REOPEN: Final = Form(
    name="incident-reopen", act="incident.reopen", offices=_HANDLING,
    title="Open a case again", button="Open it again", done="The case is open again.",
    lead="A new final report is owed. Nothing of the old one is lost.",
    fields=(_CASE, Field("reason", "Reason")), beside=_case, after=_to_case,
)


def go_to_report(visit: Visit) -> Response:
    """Lead to the form with which anybody reports."""
    return visit.go(f"/do/{REPORT.name}")


def show_incidents(visit: Visit) -> Response:
    """Show the cases in one state, prepared reports, freezes, and orders to freeze."""
    state = visit.query.get("state")
    state = state if state in ("open", "concluded", "closed") else "open"
    found = visit.ask("view.incidents", state=state, **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Incidents", next=following(visit, found, state=state), actions=(Action(REPORT),),
        links=(("/incidents", marked("Open")), ("/incidents?state=concluded", marked("Concluded")),
               ("/incidents?state=closed", marked("Closed"))),
        sections=(
            Section(found["incidents"], (
                Column("what", "What happened", link="/incidents/{incident}"), *_FACTS[1:4], Column("items", "Items"),
            ), empty="There is no such case."),
            Section(found["drafts"], (
                Column("number", "Number"), Column("copy_number", "Copy"), Column("place", "Place"),
                Column("cause", "Cause", "word"),
            ), heading="Prepared reports", actions=(Action(REPORT, "draft={draft}"),)),
            Section(found["freezes"], (
                Column("item", "Item"), Column("copy", "Copy"), Column("reason", "Reason"),
                Column("frozen_at", "Frozen", "when"),
            ), heading="Frozen", actions=(Action(LIFT, "item={item}"),)),
            Section(found["orders"], _ORDER, heading="Orders to freeze", actions=(
                Action(ORDER_ANSWER, "order={order}", _is_ours_to_answer),
            )),
        ),
    ))


def _is_ours_to_answer(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] == "asked")


def show_incident(visit: Visit) -> Response:
    """Show one case; whoever reported it sees that it was taken up, and no more."""
    found = visit.ask("view.incident", incident=visit.named["incident"])
    case = f"incident={found['incident']}"
    is_open, is_over = found["state"] == "open", found["state"] in ("concluded", "closed")
    if "shares" not in found:
        return show_sheet(visit, Sheet(title="A case", facts=_FACTS, about=found))
    return show_sheet(visit, Sheet(
        title="A case", facts=_FACTS, about=found,
        actions=(
            Action(ADD, case), Action(TELL, case),
            *((Action(CONCLUDE, case),) if is_open else ()), *((Action(REOPEN, case),) if is_over else ()),
        ),
        sections=(
            Section(found["shares"], (*_SHARE, Column("final_said", "Final report")), heading="What partners were told",
                    actions=(
                        Action(REPLY, case + "&share={share}", lambda row: row["state"] != "to-tell"),
                        Action(FINAL, case + "&share={share}",
                               lambda row: is_over and row["direction"] == "out" and row["state"] != "to-tell"),
                    )),
            Section(found["notes"], (
                Column("at", "Noted", "when"), Column("text", "Note"), Column("shared_with", "Shared with"),
                Column("from", "From"),
            ), heading="The inquiry"),
            Section(found["final"], (
                Column("at", "Concluded", "when"), Column("facts", "Facts"), Column("extent", "Extent"),
                Column("remedy", "What was done"), Column("prevention", "How it is prevented from now on"),
                Column("weaknesses", "Weaknesses"),
            ), heading="Final report"),
            Section(found["affected"], (
                Column("reference", "Item", link="/items/{item}"), Column("level", "Level"),
                Column("state", "State", "word"), Column("partners", "Partners"), Column("holders", "With"),
                Column("read_by", "Read by"), Column("at", "As of", "when"),
            ), heading="What is affected"),
        ),
    ))


PAGES: Final = (
    Page("/report", get=go_to_report, offices=_REPORTING, menu=marked("Report an incident"), group=marked("My work")),
    Page("/incidents", get=show_incidents, offices=_VIEWERS, menu=marked("Incidents"), group=marked("Security")),
    Page("/incidents/{incident}", get=show_incident),
)
FORMS: Final = (REPORT, ADD, FREEZE, LIFT, ORDER, ORDER_ANSWER, TELL, REPLY, CONCLUDE, FINAL, REOPEN)
