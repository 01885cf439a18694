"""Circulation inside the house: need-to-know, charge-outs and hand-overs, each confirmed by whoever holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import OutOfOrder
from cordiale.model.person import Office
from cordiale.records.answer import Answer

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_PERSON: Final = Field("person", "Person", kind="choice", options=choices.people)


def _item(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    try:
        item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    except OutOfOrder:
        # Whoever grants a need-to-know need not see the item; the act says what it has to say.
        item = None
    return "part-item.html", {"item": item}


def _to_item(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/items/{values.get('item')}"


NEED: Final = Form(
    name="need-grant", act="need.grant", offices=frozenset({Office.HEAD}),
    title="Grant need-to-know", button="Grant it", done="Need-to-know is granted.",
    lead="The head's decision. It opens nothing alone: clearance and everything else is looked at as well.",
    fields=(choices.ITEM, _PERSON, Field("purpose", "Purpose")), beside=_item, after=_to_item,
)
NEED_WITHDRAW: Final = Form(
    name="need-withdraw", act="need.withdraw", offices=frozenset({Office.HEAD}),
    title="Withdraw need-to-know", button="Withdraw it", done="Need-to-know is withdrawn; it stopped counting at once.",
    lead="From this moment the person may not read the item. What they hold of it is not called back by this.",
    fields=(choices.ITEM, _PERSON), beside=_item, after=_to_item,
)
OUT: Final = Form(
    name="circulate", act="circulate", offices=_REGISTRY,
    title="Charge out to a person", button="Charge it out", done="Charged out; the person confirms it.",
    lead="To a person who is cleared and has need-to-know. It is theirs once they confirm it.",
    fields=(
        choices.ITEM, _PERSON, Field("copy", "Copy", kind="number", is_required=False),
        Field("until", "Back by", kind="day", is_required=False),
    ),
    beside=_item, after=_to_item,
)
UNOPENED: Final = Form(
    name="circulate-unopened", act="circulate.unopened", offices=_REGISTRY,
    title="Pass on unopened to its addressee", button="Pass it on", done="Charged out; the person confirms it.",
    lead="Whoever holds the office that the sender named is for the registry to say.",
    fields=(
        choices.ITEM, _PERSON, Field("copy", "Copy", kind="number", is_required=False),
        Field("because", "Why it is this person", is_required=False,
              hint="Where neither post nor function says so."),
    ),
    beside=_item, after=_to_item,
)
CONFIRM: Final = Form(
    name="circulate-confirm", act="circulate.confirm", title="Confirm that you received it", button="I hold it",
    done="You hold it now.",
    lead="From now on you answer for this copy, until it is handed back or handed over.",
    fields=(choices.ITEM,), beside=_item, after=_to_item,
)
DECLINE: Final = Form(
    name="circulate-decline", act="circulate.decline", title="Decline what is handed over to you",
    button="Decline it", done="It stays where it was.",
    lead="It stays with whoever offered it, and they go on answering for it.",
    fields=(choices.ITEM,), beside=_item,
)
BACK: Final = Form(
    name="circulate-back", act="circulate.back", title="Hand it back to the registry", button="Hand it back",
    done="It is back at the registry.",
    lead="The copy goes back to the registry, and you answer for it no longer.",
    fields=(choices.ITEM,), beside=_item,
)
HAND_OVER: Final = Form(
    name="circulate-hand-over", act="circulate.hand-over", title="Hand it over to a colleague",
    button="Offer it", done="Offered; it is yours until they confirm.",
    lead="To a colleague who may have the item. You answer for it until they confirm it.",
    fields=(choices.ITEM, Field("person", "Person", hint="The identifier of the colleague.")), beside=_item,
    after=_to_item,
)
PLACE: Final = Form(
    name="place", act="place", offices=_REGISTRY, title="Enter where a copy lies", button="Enter it",
    done="{copy} lies in {place}.",
    lead="Counts and the list for a crisis go by it. The place before stays on record.",
    fields=(
        Field("copy", "Copy", hint="Its number."), Field("place", "Place"),
        Field("unit", "Unit", is_required=False, hint="From the whole to the part, such as east/vault."),
    ),
)

PAGES: Final[tuple[Page, ...]] = ()
FORMS: Final = (NEED, NEED_WITHDRAW, OUT, UNOPENED, CONFIRM, DECLINE, BACK, HAND_OVER, PLACE)
