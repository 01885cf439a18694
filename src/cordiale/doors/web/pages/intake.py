"""Intake: what has arrived, counted against its list, registered under our own numbers, and receipted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web.forms import Field, Form
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import asked_part, following
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.words.spoken import marked

_KEEPERS: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.INSPECTOR})
_COUNTERS: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})


def show_inbox(visit: Visit) -> Response:
    """Show the consignments that are held and wait to be counted."""
    found = visit.ask("view.inbox", **asked_part(visit))
    return visit.show("inbox.html", consignments=found["consignments"], more=following(visit, found))


def show_consignment(visit: Visit) -> Response:
    """Show one consignment: its list to count against, or how far it has come."""
    return visit.show("consignment.html", one=visit.ask("view.consignment", consignment=visit.named["consignment"]))


def _list(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return "part-consignment.html", {"one": visit.ask("view.consignment", consignment=values.get("consignment"))}


def _after(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/consignments/{values.get('consignment')}"


REGISTER: Final = Form(
    name="register", act="register", offices=_COUNTERS, keeps=True,
    title="Count and register a consignment", button="Register, and sign the receipt",
    lead="Count first, against the list beside. The receipt is signed with what you enter.",
    done="Registered, and the signed receipt is on its way.",
    fields=(
        Field("consignment", "Consignment", kind="hidden"),
        Field("counted", "How many items you counted", kind="number"),
        Field("remarks", "Remarks", kind="text", is_required=False,
              hint="What was found, when the count or anything else differs from the list."),
    ),
    beside=_list, after=_after,
)

PAGES: Final = (
    Page("/inbox", get=show_inbox, offices=_KEEPERS, menu=marked("Arrived"), group=marked("Registry")),
    Page("/consignments/{consignment}", get=show_consignment, offices=_COUNTERS),
)
FORMS: Final = (REGISTER,)
