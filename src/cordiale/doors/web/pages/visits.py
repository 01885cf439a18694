"""Visits: asked for, answered, announced, let in and ended, and what visitors learned written up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params, missing, show_form, take_question
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_ASKING: Final = OFFICES_FOR[OfficialAct.ASK_VISIT]
_ANSWERING: Final = OFFICES_FOR[OfficialAct.ANSWER_VISIT]
_ENDING: Final = OFFICES_FOR[OfficialAct.END_VISIT]
_ADMITTING: Final = OFFICES_FOR[OfficialAct.ADMIT_VISITOR]
_DISCLOSING: Final = OFFICES_FOR[OfficialAct.DISCLOSE]
_SEEING: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
_COMING: Final = ("asked", "approved")
_STATES: Final = ("asked", "approved", "refused", "cancelled", "too-late", "not-taken")


def _kinds(_: Visit) -> Sequence[Option]:
    return [
        ("once", marked("once")), ("urgent", marked("urgent")), ("recurring", marked("a series")),
        ("security", marked("security experts")),
    ]


def _initiatives(_: Visit) -> Sequence[Option]:
    return [("government", marked("a government")), ("commercial", marked("a firm"))]


def _endings(_: Visit) -> Sequence[Option]:
    return [("suspended", marked("until approved anew")), ("cancelled", marked("for good"))]


def _manners(_: Visit) -> Sequence[Option]:
    return [("oral", marked("told by word of mouth")), ("visual", marked("shown"))]


def _answers(_: Visit) -> Sequence[Option]:
    return [
        ("all", marked("approve everybody")), ("some", marked("approve those marked below")),
        ("refuse", marked("refuse")),
    ]


def _named(visit: Visit) -> Mapping[str, Any]:
    """Return the visit that the form is about; empty where none is named."""
    id = visit.form.get("visit") or visit.query.get("visit")
    return visit.ask("view.visit", visit=id) if id else {}


def _options(rows: Sequence[Row]) -> Sequence[Option]:
    return [(str(one["visitor"]), str(one.get("name", one["visitor"]))) for one in rows]


def _visitors(visit: Visit) -> Sequence[Option]:
    return _options(_named(visit).get("visitors", ()))


def _asked_for(visit: Visit) -> Sequence[Option]:
    """Return who waits for an answer: those of the amendment, where one waits."""
    shown = _named(visit)
    rows = shown.get("amendment", shown).get("visitors", ())
    return _options([one for one in rows if one["state"] not in ("suspended", "cancelled")])


def _sites(visit: Visit) -> Sequence[Option]:
    return [(one["name"], one["name"]) for one in _named(visit).get("sites", ())]


_FACTS: Final = (
    Column("direction", "Direction", "word"), Column("party", "Party"), Column("agreement", "Agreement"),
    Column("kind", "Kind", "word"), Column("first_day", "First day", "day"), Column("last_day", "Last day", "day"),
    Column("level", "Level"), Column("purpose", "Purpose"), Column("programme", "Programme"),
    Column("subject", "Subject"), Column("state", "State", "word"), Column("late", "Asked too late", "word"),
    Column("conditions", "Conditions"), Column("warning", "Warning"), Column("evacuation", "Protection and evacuation"),
    Column("renews", "Goes on with", link="/visits/{renews}"),
)
_LISTED: Final = (Column("purpose", "Purpose", link="/visits/{visit}"), *_FACTS[:2], *_FACTS[3:7], *_FACTS[10:12])
_VISITOR: Final = (
    Column("name", "Full name"), Column("post", "Post"), Column("employer", "Employer"),
    Column("nationalities", "Nationalities"), Column("clearance", "Clearance"),
    Column("cleared_until", "Cleared until", "day"), Column("born_on", "Born on", "day"),
    Column("born_at", "Born at"), Column("document", "Document"), Column("state", "State", "word"),
)
_PLACE: Final = (Column("name", "Place"), Column("address", "Address"), Column("contact", "Contact"),
                 Column("phone", "Telephone"))


def _visit(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    shown = visit.ask("view.visit", visit=values.get("visit"))
    asked = shown.get("amendment", {})
    return beside(
        "", _FACTS, {**shown, **{name: asked[name] for name in ("first_day", "last_day") if name in asked}},
        Section(shown.get("sites", ()), _PLACE, heading="Places"),
        Section(asked.get("visitors", shown["visitors"]), _VISITOR, heading="Visitors"),
    )


def _to_visit(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/visits/{answer.value['visit']}"


def _number(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return the version that is shown, which is the one that is answered."""
    return {"number": str(visit.ask("view.visit", visit=values.get("visit")).get("number", 0))}


def _answered(visit: Visit, read: Params) -> Params:
    answer, approve = read.pop("answer"), read.pop("approve", [])
    if answer == "some" and not approve:
        raise missing(visit, ["Visitors"])
    named = {"all": [one for one, _ in _asked_for(visit)], "some": approve, "refuse": []}[answer]
    return {**read, "approve": named, "number": choices.numbers([read["number"]])[0]}


def _announced(_: Visit, read: Params) -> Params:
    return {**read, "last_day": read.get("last_day", read["first_day"])}


def _with_item(visit: Visit, read: Params) -> Params:
    """Name the item by its identifier, whatever number was written."""
    return {**read, "item": visit.ask("view.item", item=read["item"])["item"]}


_VISIT: Final = Field("visit", "Visit", kind="hidden")
_SITE: Final = Field("site", "Place", kind="choice", options=_sites)
_SITES: Final = Field("sites", "Places", kind="rows", columns=(
    Field("name", "Place"), Field("address", "Address", is_required=False),
    Field("contact", "Contact", is_required=False), Field("phone", "Telephone", is_required=False),
))
_VISITORS: Final = Field("visitors", "Visitors", kind="rows", hint="Only the person must be there.", columns=(
    Field("person", "Person"), Field("born_on", "Born on", kind="day", is_required=False),
    Field("born_at", "Born at", is_required=False), Field("document", "Document", is_required=False),
    Field("employer", "Employer", is_required=False),
    Field("agreed", "We agree to this national of a third state", kind="yes", is_required=False),
))

REQUEST: Final = Form(
    name="visit-request", act="visit.request", offices=_ASKING, keeps=True,
    title="Ask for a visit", button="Ask", done="The visit is asked for.",
    lead="Name, post, nationality and clearance of each visitor come from the register.",
    fields=(
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements),
        Field("host", "Host", kind="choice", options=choices.partners),
        Field("kind", "Kind", kind="choice", options=_kinds), Field("first_day", "First day", kind="day"),
        Field("last_day", "Last day", kind="day"),
        Field("level", "Highest level", kind="choice", options=choices.levels, hint="A level of the host."),
        Field("purpose", "Purpose"), Field("programme", "Programme", is_required=False),
        Field("subject", "Subject in a language of the host", is_required=False),
        Field("initiative", "Who wants it", kind="choice", options=_initiatives, is_required=False),
        Field("renews", "Series it goes on with", is_required=False),
        _SITES, _VISITORS,
    ),
    after=_to_visit,
)
AMEND: Final = Form(
    name="visit-amend", act="visit.amend", offices=_ASKING, keeps=True,
    title="Amend a visit", button="Ask", done="The amendment is asked for.",
    lead="What was approved stands until the amendment is approved.",
    fields=(
        _VISIT, Field("first_day", "First day", kind="day", is_required=False),
        Field("last_day", "Last day", kind="day", is_required=False),
        Field("drop", "Who does not come", kind="choices", options=_visitors, is_required=False),
        replace(_VISITORS, label=marked("Further visitors"), is_required=False),
    ),
    beside=_visit, after=_to_visit,
)
ANSWER: Final = Form(
    name="visit-answer", act="visit.answer", offices=_ANSWERING,
    title="Answer a visit", button="Sign the answer", done="The visit is answered.", lead="A refusal gives no reason.",
    fields=(
        _VISIT, Field("number", "Number", kind="hidden"),
        Field("answer", "Answer", kind="choice", options=_answers),
        Field("approve", "Visitors", kind="choices", options=_asked_for, is_required=False),
        Field("conditions", "Conditions", is_required=False),
        Field("warning", "Warning", is_required=False, hint="A threat that the visitors are warned of."),
        Field("evacuation", "Protection and evacuation", is_required=False),
    ),
    prefill=_number, params=_answered, beside=_visit, after=_to_visit,
)
END: Final = Form(
    name="visit-end", act="visit.end", offices=_ENDING,
    title="End a visit", button="End it", done="It is ended; the other side is told.",
    lead="Either side may, and gives no reason. Whom you name is not let in from now on.",
    fields=(
        _VISIT, Field("ending", "How long", kind="choice", options=_endings),
        Field("visitors", "Only these visitors", kind="choices", options=_visitors, is_required=False),
    ),
    beside=_visit, after=_to_visit, grave=True,
)
ANNOUNCE: Final = Form(
    name="visit-announce", act="visit.announce", offices=_ADMITTING,
    title="Announce a visit of a series", button="Announce it", done="The visit is announced.",
    lead="The place is told who comes, and when. Nobody of a series is let in without.",
    fields=(
        _VISIT, _SITE, Field("first_day", "First day", kind="day"),
        Field("last_day", "Last day", kind="day", is_required=False, hint="Where it is another."),
        Field("visitors", "Visitors", kind="choices", options=_visitors),
    ),
    params=_announced, beside=_visit, after=_to_visit,
)
BRIEF: Final = Form(
    name="visit-brief", act="visit.brief", offices=_ENDING,
    title="Tell a place of a visit", button="Enter it", done="Entered: {site} is told. {purpose}; up to {level}.",
    lead="Before the visit begins, the place learns what it is about and up to which level.",
    fields=(_VISIT, _SITE), beside=_visit, after=_to_visit,
)
ADMIT: Final = Form(
    name="visit-admit", act="visit.admit", offices=_ADMITTING,
    title="Let a visitor in", button="Let them in", done="They may go in, for information up to {level}.",
    lead="Conditions, warnings and what is planned for their protection stand beside.",
    fields=(_VISIT, Field("visitor", "Visitor", kind="choice", options=_visitors), _SITE),
    beside=_visit, after=_to_visit,
)
LEAVE: Final = Form(
    name="visit-leave", act="visit.leave", offices=_ADMITTING,
    title="Enter that a visitor has left", button="Enter it", done="Noted.",
    lead="The books say when each visitor came and left.",
    fields=(_VISIT, Field("visitor", "Visitor", kind="choice", options=_visitors)), beside=_visit, after=_to_visit,
)
DISCLOSE: Final = Form(
    name="visit-disclose", act="visit.disclose", offices=_DISCLOSING,
    title="Write up what visitors learned", button="Sign it",
    done="Written up as {disclosure}; the other side is told.",
    lead="On the day itself. Then label a note of the form oral, release and dispatch it, and tie it to this.",
    fields=(
        Field("visit", "Visit", hint="Its number; the registry has it."),
        Field("manner", "How", kind="choice", options=_manners),
        Field("level", "Level", kind="choice", options=choices.levels),
        Field("subject", "Subject", hint="One line that gives nothing away."),
        Field("listeners", "Who was told", kind="lines", hint="Their numbers, one a line."),
    ),
)
CONFIRM: Final = Form(
    name="visit-confirm", act="visit.confirm", offices=_DISCLOSING,
    title="Tie a disclosure to its note", button="Sign it", done="It is confirmed by the note.",
    lead="The note is an item of ours in the form oral that went to the other side. Both nodes keep the tie.",
    fields=(Field("disclosure", "Disclosure"), Field("item", "Item")),
    params=_with_item, after=lambda visit, answer, values: f"/items/{answer.value['item']}",
)
INSPECTION: Final = Form(
    name="visit-inspection", act="visit.inspection", offices=_ENDING,
    title="Prepare the inspection package", button="Prepare it",
    done="{items} items are in it; left out: {left_out}.",
    lead="The originator's own items, their copies, certificates and last count, for its experts and nobody else.",
    fields=(_VISIT,), beside=_visit, after=lambda visit, answer, values: f"/visits/{answer.value['visit']}/package",
)
CHECK: Final = Form(
    name="holder-check", act="holder.check", offices=_ASKING,
    title="Enter a look at a holder", button="Enter it", done="Noted.",
    lead="That our authority has looked at a holder of foreign information.",
    fields=(
        Field("agreement", "Under the agreement", kind="choice", options=choices.agreements),
        Field("holder", "Whom it has looked at"), Field("finding", "What it found"),
    ),
    after=lambda visit, answer, values: "/visits",
)
LAST_DAY: Final = Form(
    name="visit-last-day", act="view.visit-file-by", offices=_ASKING,
    title="The last day to ask", button="Count it", done="", lead="It is counted with the holidays of the host.",
    fields=(*REQUEST.fields[:4], REQUEST.fields[5]),
)


def show_visits(visit: Visit) -> Response:
    """Show the visits in one state; those asked for and approved where none is named."""
    state = visit.query.get("state")
    found = visit.ask("view.visits", state=state if state in _STATES else "", **asked_part(visit))
    asks = (("/do/visit-last-day", LAST_DAY.title),) if visit.person.offices & _ASKING else ()
    return show_sheet(visit, Sheet(
        title="Visits", actions=(Action(REQUEST), Action(CHECK)),
        next=following(visit, found, **({"state": state} if state in _STATES else {})),
        links=(*asks, ("/visits", marked("Under way")), ("/visits?state=refused", marked("Refused")),
               ("/visits?state=cancelled", marked("Cancelled")), ("/visits?state=too-late", marked("Too late")),
               ("/visits?state=not-taken", marked("Not taken"))),
        sections=(Section(found["visits"], _LISTED, empty="There is no such visit.", actions=(
            Action(ANSWER, "visit={visit}", _is_ours_to_answer),
        )),),
    ))


def _is_ours_to_answer(row: Row) -> bool:
    return bool(row["direction"] == "in" and row["state"] == "asked")


def _actions(shown: Row) -> tuple[Action, ...]:
    about, is_here = f"visit={shown['visit']}", shown["direction"] == "in"
    stands = shown["state"] == "approved"
    fits = (
        (ANSWER, is_here and "number" in shown), (AMEND, not is_here and shown["state"] in _COMING),
        (ANNOUNCE, not is_here and stands and shown["kind"] == "recurring"), (BRIEF, is_here and stands),
        (INSPECTION, is_here and stands and shown["kind"] == "security"), (END, shown["state"] in _COMING),
    )
    return tuple(Action(form, about) for form, is_fitting in fits if is_fitting)


def show_visit(visit: Visit) -> Response:
    """Show one visit with its visitors, what waits, who was let in and what they learned."""
    shown = visit.ask("view.visit", visit=visit.named["visit"])
    id, names = shown["visit"], {one["visitor"]: one.get("name", one["visitor"]) for one in shown["visitors"]}
    admitted = [{**one, "name": names.get(one["visitor"], one["visitor"])} for one in shown["admissions"]]
    notices = [{**one, "names": [names.get(each, each) for each in one["visitors"]]} for one in shown["notices"]]
    amended = shown.get("amendment", {})
    is_admitting = shown["direction"] == "in" and shown["state"] == "approved"
    days = (Column("first_day", "First day", "day"), Column("last_day", "Last day", "day"))
    return show_sheet(visit, Sheet(
        title="A visit", facts=(*_FACTS, Column("visit", "Visit", "code")), about=shown, actions=_actions(shown),
        links=((f"/visits/{id}/package", marked("Inspection package")),) if shown["kind"] == "security" else (),
        sections=(
            Section(shown.get("sites", ()), _PLACE, heading="Places"),
            Section(shown["visitors"], (*_VISITOR, Column("visitor", "Number", "code")), heading="Visitors", actions=(
                Action(ADMIT, f"visit={id}&visitor={{visitor}}",
                       lambda row: is_admitting and row["state"] == "approved"),
            )),
            Section([amended] if amended else (), days, heading="An amendment waits"),
            Section(amended.get("visitors", ()), _VISITOR, heading="Visitors of the amendment"),
            Section(notices, (Column("site", "Place"), *days, Column("names", "Visitors")), heading="Announced"),
            Section(admitted, (
                Column("name", "Full name"), Column("site", "Place"), Column("at", "Let in", "when"),
                Column("state", "State", "word"),
            ), heading="Let in", actions=(
                Action(LEAVE, f"visit={id}&visitor={{visitor}}", lambda row: row["state"] == "inside"),
            )),
            Section(shown["disclosures"], (
                Column("disclosure", "Disclosure", "code"), Column("at", "When it was", "when"),
                Column("manner", "How", "word"), Column("level", "Level"), Column("subject", "Subject"),
                Column("item", "Item", link="/items/{item}"), Column("state", "State", "word"),
            ), heading="What visitors learned"),
        ),
    ))


def show_package(visit: Visit) -> Response:
    """Show the inspection package a page at a time."""
    id = visit.named["visit"]
    found = visit.ask("view.inspection", visit=id, after=visit.query.get("after"))
    rows = [{**item, **copy, "item_state": item["state"]} for item in found["items"] for copy in item["copies"]]
    further = ((f"/visits/{id}/package?after={found['next']}", marked("Further")),) if found["next"] else ()
    return show_sheet(visit, Sheet(
        title="Inspection package", links=((f"/visits/{id}", marked("A visit")), *further),
        facts=(Column("originator", "Originator"), Column("agreement", "Agreement")), about=found,
        sections=(Section(rows, (
            Column("number", "Number"), Column("copy_number", "Copy"), Column("form", "Form", "word"),
            Column("level", "Level"), Column("equivalent", "Equivalent level"), Column("item_state", "Item", "word"),
            Column("state", "State", "word"), Column("ended_at", "Ended", "when"),
            Column("certificates", "Certificates"), Column("counted_at", "Counted", "when"),
        ), empty="Nothing is in it."),),
    ))


def go_to_write_up(visit: Visit) -> Response:
    """Lead an originator to the form on what visitors learned."""
    return visit.go(f"/do/{DISCLOSE.name}")


def _last_day(visit: Visit, read: Params) -> Response:
    found = visit.ask("view.visit-file-by", **read)
    return show_sheet(visit, Sheet(
        title=LAST_DAY.title, actions=(Action(REQUEST),),
        facts=(
            Column("host", "Host"), Column("first_day", "First day", "day"), Column("file_by", "Ask by", "day"),
            Column("articles", "Provision"),
        ),
        about=found, lead="" if "file_by" in found else marked("Neither the agreement nor national law says it."),
    ))


def take_last_day(visit: Visit) -> Response:
    """Count the last day to ask for a visit."""
    return take_question(visit, LAST_DAY, _last_day)


PAGES: Final = (
    Page("/visits", get=show_visits, offices=_SEEING, menu=marked("Visits"), group=marked("Together")),
    Page("/write-up", get=go_to_write_up, offices=_DISCLOSING, menu=marked("What visitors learned"),
         group=marked("Together")),
    Page("/visits/{visit}", get=show_visit, offices=_SEEING),
    Page("/visits/{visit}/package", get=show_package, offices=_SEEING),
    Page("/do/visit-last-day", get=partial(show_form, form=LAST_DAY), post=take_last_day, offices=_ASKING),
)
FORMS: Final = (
    REQUEST, AMEND, ANSWER, END, ANNOUNCE, BRIEF, ADMIT, LEAVE, DISCLOSE, CONFIRM, INSPECTION, CHECK,
)
