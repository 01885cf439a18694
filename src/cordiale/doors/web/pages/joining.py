"""Joining an act that nobody may do alone, before another person does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_JOINING: Final = OFFICES_FOR[OfficialAct.JOIN_ACT] | OFFICES_FOR[OfficialAct.DISCLOSE_IN_EMERGENCY] | {Office.READER}


def _acts(_: Visit) -> Sequence[Option]:
    return [
        ("read", marked("a reading")), ("circulate", marked("having it in hand")), ("pass-on", marked("passing on")),
        ("dispatch", marked("dispatch")),
        ("withdraw", marked("taking a dispatch back")), ("emergency", marked("a disclosure in an emergency")),
    ]


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-item.html", {"item": item}


def _to_item(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/items/{answer.value['item']}"


JOIN: Final = Form(
    name="join", act="join", offices=_JOINING,
    title="Join an act that nobody does alone", button="Join it", done="Joined; it serves once, within a day.",
    lead="Word for word as the other person will do it.",
    fields=(
        choices.ITEM, Field("act", "Act", kind="choice", options=_acts), Field("doer", "Person"),
        Field("purpose", "Purpose", is_required=False), Field("recipient", "To", is_required=False),
        Field("link", "How it travels", is_required=False),
        Field("consignment", "Consignment", is_required=False, hint="For taking it back."),
        Field("circumstances", "What had happened", is_required=False),
    ),
    beside=_item, after=_to_item,
)
PAGES: Final[tuple[Page, ...]] = ()
FORMS: Final = (JOIN,)
