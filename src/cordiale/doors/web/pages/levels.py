"""Levels: a change is proposed, confirmed for the originator, marked copy by copy and noted; doubts are answered."""

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
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_CONFIRMING: Final = OFFICES_FOR[OfficialAct.CONFIRM_LEVEL]
_CHALLENGED: Final = _CONFIRMING | {Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, Office.INSPECTOR} | _REGISTRY


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


def _to_item(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/items/{values.get('item')}"


def _new_levels(visit: Visit) -> Sequence[Option]:
    return [("declassified", marked("declassified")), *choices.own_levels(visit)]


def _doubts(_: Visit) -> Sequence[Option]:
    return [
        ("too-high", marked("too high")), ("too-low", marked("too low")),
        ("missing-mark", marked("a mark is missing")), ("wrong-mark", marked("a mark is wrong")),
    ]


def _outcomes(_: Visit) -> Sequence[Option]:
    return [("kept", marked("the level stays")), ("to-be-changed", marked("the level is to be changed"))]


def _numbered(_: Visit, read: Params) -> Params:
    return {**read, "copies": choices.numbers(read.get("copies", []))}


_PROPOSED: Final = (
    Column("item", "Item", link="/items/{item}"), Column("to", "New level", "word"), Column("handle_as", "Handled as"),
    Column("article", "Provision"),
    Column("event", "Event"), Column("on", "From", "day"), Column("proposed_at", "Proposed", "when"),
)
_CHALLENGE: Final = (
    Column("reference", "Item", link="/items/{item}"), Column("level", "Level"), Column("doubt", "Doubt", "word"),
    Column("to", "Level it should have"), Column("reason", "Reason"), Column("at", "Entered", "when"),
)


def _proposals(visit: Visit, item: str) -> list[dict[str, Any]]:
    found = visit.ask("view.levels", item=item)["proposals"] if item else []
    return [_named(one) for one in found]


def _named(proposal: Row) -> dict[str, Any]:
    """Return a proposal with what it leads to: a level, none any more, or a handling beside the level there is."""
    return {**proposal, "to": proposal.get("to", "" if "handle_as" in proposal else "declassified")}


def _waiting(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", (), {}, Section(
        _proposals(visit, values.get("item")), _PROPOSED, heading="What is proposed", empty="Nothing is proposed."
    ))


def _the_one(visit: Visit, values: Values) -> Mapping[str, str]:
    return {"proposal": next((str(one["proposal"]) for one in _proposals(visit, values.get("item"))), "")}


def _doubt_about(visit: Visit, values: Values) -> Row:
    """Return the doubt that is named, or the first about the item that a duty names."""
    id, item = values.get("challenge"), values.get("subject")
    if not (id or item):
        return {}
    return next(iter(visit.ask("view.challenges", **({"only": id} if id else {"item": item}))["challenges"]), {})


def _challenge(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _CHALLENGE, _doubt_about(visit, values))


def _doubted(visit: Visit, values: Values) -> Mapping[str, str]:
    return {"challenge": str(_doubt_about(visit, values).get("challenge", ""))}


def _without_subject(_: Visit, read: Params) -> Params:
    return {name: value for name, value in read.items() if name != "subject"}


PROPOSE: Final = Form(
    name="level-propose", act="level.propose", offices=OFFICES_FOR[OfficialAct.PROPOSE_LEVEL] | _REGISTRY,
    title="Propose a change of level", button="Sign the proposal", done="Proposed; another person confirms it.",
    lead="Because what the label names has happened, or, as its originator, to another level under a provision.",
    fields=(
        choices.ITEM, Field("event", "The event", is_required=False, hint="As the label names it."),
        Field("to", "New level", kind="choice", options=_new_levels, is_required=False),
        Field("handle_as", "Handled as", kind="choice", options=choices.own_levels, is_required=False,
              hint="In place of a new level: its level stays, and it is handled as that one."),
        Field("article", "Provision", is_required=False), Field("on", "From", kind="day", is_required=False),
    ),
    beside=_item, after=_to_item,
)
CONFIRM: Final = Form(
    name="level-confirm", act="level.confirm", offices=_CONFIRMING,
    title="Decide on a change of level", button="Sign the decision", done="Decided; whoever has a copy is told.",
    lead="You decide for the originator. Nobody confirms what they proposed themselves.",
    fields=(
        choices.ITEM, Field("proposal", "Proposal", kind="hidden"),
        Field("decline", "Decline it", kind="yes", is_required=False, hint="The level stays as it is."),
    ),
    beside=_waiting, prefill=_the_one, after=_to_item,
)
MARK: Final = Form(
    name="level-mark", act="level.mark", offices=_REGISTRY,
    title="Enter a new mark", button="Enter it", done="Entered: the copies bear the new mark.",
    lead="The old mark was struck on the thing, and the new one put beside it.",
    fields=(
        choices.ITEM,
        Field("copies", "Only these copies", kind="lines", is_required=False, hint="Their numbers, one a line."),
    ),
    params=_numbered, beside=_item, after=_to_item,
)
NOTE: Final = Form(
    name="level-note", act="level.note", title="Take note of a new level", button="I have taken note", done="Noted.",
    lead="You confirm that you know the new level and have struck the old mark on what you hold.",
    fields=(choices.ITEM,), beside=_item, after=_to_item,
)
TOLD: Final = Form(
    name="level-told", act="level.told", offices=_REGISTRY,
    title="Enter that a third party was told", button="Enter it", done="Noted.",
    lead="Whoever we passed the item on to is told by letter; its reference ends the duty.",
    fields=(
        choices.ITEM, Field("party", "Party"),
        Field("reference", "Reference", hint="The letter or note it was told by."),
    ),
    beside=_item, after=_to_item,
)
CHALLENGE: Final = Form(
    name="level-challenge", act="level.challenge", title="Doubt a level or a mark", button="Enter the doubt",
    done="Entered; who entered it is shown to nobody.", lead="Who says it is shown to nobody.",
    fields=(
        choices.ITEM, Field("doubt", "What looks wrong", kind="choice", options=_doubts), Field("reason", "Reason"),
        Field("to", "Level it should have", is_required=False),
    ),
    beside=_item, after=_to_item,
)
ANSWER: Final = Form(
    name="level-answer", act="level.answer", offices=_CONFIRMING,
    title="Answer a doubt", button="Sign the answer", done="Answered.",
    lead="The partner is told whether the level stays or is to change. The change itself is an act of its own.",
    fields=(
        Field("subject", "Item", kind="hidden", is_required=False), Field("challenge", "Doubt", kind="hidden"),
        Field("outcome", "Answer", kind="choice", options=_outcomes),
        Field("reason", "Reason"),
    ),
    prefill=_doubted, params=_without_subject, beside=_challenge, after=lambda visit, answer, values: "/levels/doubts",
)


def show_levels(visit: Visit) -> Response:
    """Show what is proposed, and how far each change of level has come."""
    found = visit.ask("view.levels", **asked_part(visit))
    changes = [{**one, "after": one.get("after", "declassified")} for one in found["changes"]]
    proposals = [_named(one) for one in found["proposals"]]
    keeps = any("to_mark" in one for one in changes)
    told = [
        {**one, "item": row["item"], "reference": row["reference"]} for row in changes for one in row.get("told", ())
    ]
    links = (("/levels/doubts", marked("Doubts about levels")),) if visit.person.offices & _CHALLENGED else ()
    return show_sheet(visit, Sheet(title="Changes of level", links=links, next=following(visit, found), sections=(
        Section(proposals, _PROPOSED, heading="What is proposed", empty="Nothing is proposed.",
                actions=(Action(CONFIRM, "item={item}&proposal={proposal}"),)),
        Section(changes, (
            Column("reference", "Item", link="/items/{item}"), Column("before", "Level before"),
            Column("after", "New level", "word"), Column("handle_as", "Handled as"),
            Column("effective_at", "From", "when"),
            Column("article", "Provision"), Column("state", "State", "word"),
            *((Column("to_mark", "To be marked"), Column("not_noted", "Not noted by")) if keeps else ()),
        ), heading="Under way", empty="No level changes.", actions=(
            Action(MARK, "item={item}", lambda row: bool(row.get("to_mark"))),
        )),
        Section(told, (
            Column("reference", "Item", link="/items/{item}"), Column("party", "Party"),
            Column("state", "State", "word"), Column("outcome", "Answer", "word"),
            Column("pending", "Waiting"), Column("silent", "Silent"),
        ), heading="What partners were told"),
    )))


def show_doubts(visit: Visit) -> Response:
    """Show the doubts about levels of ours that wait for an answer; who entered one is shown to nobody."""
    found = visit.ask("view.challenges", **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Doubts about levels", lead="Who entered a doubt is shown to nobody.", next=following(visit, found),
        sections=(Section(found["challenges"], _CHALLENGE, empty="No doubt waits for an answer.", actions=(
            Action(ANSWER, "challenge={challenge}"),
        )),),
    ))


PAGES: Final = (
    Page("/levels", get=show_levels, menu=marked("Changes of level"), group=marked("Together")),
    Page("/levels/doubts", get=show_doubts, offices=_CHALLENGED),
)
FORMS: Final = (PROPOSE, CONFIRM, MARK, NOTE, TOLD, CHALLENGE, ANSWER)
