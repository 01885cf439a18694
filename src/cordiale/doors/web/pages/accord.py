"""An agreement over time: what is told under it, what is declined, and what moves to the agreement that follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.message.bodies.accord_notice import NoticeKind
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.codes import WORDS
from cordiale.words.spoken import marked

_SIGNING: Final = OFFICES_FOR[OfficialAct.SIGN_PROFILE]
_VIEWERS: Final = frozenset({
    Office.COMPETENT_AUTHORITY, Office.RELEASING_AUTHORITY, Office.REGISTRAR, Office.SECURITY_OFFICER, Office.HEAD,
    Office.INSPECTOR,
})
_AGREEMENT: Final = Field("agreement", "Under the agreement", kind="choice", options=choices.agreements)
_ON: Final = Field("on", "From", kind="day")
_ARTICLE: Final = Field("article", "The article it rests on")
_COLUMNS: Final = (
    Column("notice", "Notice", "code"), Column("party", "Party"), Column("kind", "Kind", "word"),
    Column("effective_on", "From", "day"), Column("article", "Article"), Column("text", "What is told"),
    Column("about", "Answers the notice"),
)


def _to_accord(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/agreements/{values.get('agreement')}/notices"


def _kinds(_: Visit) -> Sequence[Option]:
    return [(kind.value, WORDS.get(kind.value, kind.value)) for kind in NoticeKind]


def _carried(_: Visit) -> Sequence[Option]:
    return [("consents", marked("consents")), ("duties", marked("duties"))]


def _sorted(_: Visit, read: Params) -> Params:
    return {**read, "carries": sorted(read.get("carries", []))}


TELL: Final = Form(
    name="accord-notice", act="accord.notice", offices=_SIGNING,
    title="Tell partners, or answer them", button="Tell them", done="The other parties are told.",
    lead="It goes, signed, to every other party to the agreement.",
    fields=(
        _AGREEMENT, Field("kind", "Kind", kind="choice", options=_kinds), Field("text", "What is told", kind="text"),
        _ON, _ARTICLE, Field("about", "Answers the notice", is_required=False),
    ),
    after=_to_accord,
)
DECLINE: Final = Form(
    name="accord-close", act="accord.close", offices=_SIGNING,
    title="Decline a changed profile", button="Decline it", done="Not signed; what is in effect stays so.",
    lead="Or take back our own proposal.", fields=(_AGREEMENT, Field("reason", "Reason", is_required=False)),
    after=_to_accord,
)
REHOME: Final = Form(
    name="accord-rehome", act="accord.rehome", offices=_SIGNING,
    title="Move what stands under a former agreement", button="Say it", done="It is said for our party.",
    lead="Nothing moves before every party has said so.",
    fields=(
        _AGREEMENT, Field("predecessor", "The former agreement", kind="choice", options=choices.agreements), _ON,
        _ARTICLE, Field("carries", "What goes along", kind="choices", options=_carried, is_required=False),
    ),
    params=_sorted, after=_to_accord,
)


def _asks(row: Row) -> bool:
    return not row.get("about")


def show_accord(visit: Visit) -> Response:
    """Show what happened to an agreement."""
    found: Any = visit.ask("view.accord", agreement=visit.named["agreement"])
    agreement = str(found["agreement"])
    about = f"agreement={agreement}"
    answers = Action(TELL, "agreement=" + agreement + "&about={notice}&article={article}", _asks)
    return show_sheet(visit, Sheet(
        title="Notices under the agreement", about=found, facts=(
            Column("agreement", "Agreement", link="/agreements/{agreement}"), Column("stage", "Stage", "word"),
            Column("ended_on", "Provision stops on", "day"), Column("proposed", "Proposed version"),
        ),
        actions=(Action(TELL, about), Action(DECLINE, about), Action(REHOME, about)), sections=(
            Section(found["apart"], (
                Column("party", "Party"), Column("state", "State", "word"), Column("levels", "Levels"),
                Column("on", "The day", "day"),
            ), heading="Parties"),
            Section(found["disputes"], _COLUMNS, heading="Open disputes"),
            Section(found["notices"], _COLUMNS, heading="What is told", empty="Nothing was told.", actions=(answers,)),
            Section(found["rehomings"], (
                Column("from", "From"), Column("to", "To"), Column("on", "The day", "day"),
                Column("state", "State", "word"), Column("moved", "Copies"),
            ), heading="Moved to another agreement"),
        ),
    ))


PAGES: Final = (Page("/agreements/{agreement}/notices", get=show_accord, offices=_VIEWERS),)
FORMS: Final = (TELL, DECLINE, REHOME)
