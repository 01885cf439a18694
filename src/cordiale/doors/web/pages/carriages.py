"""Couriers and post: what is packed before a witness, handed over, met, opened on the way, and certified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Action, Column, Row, Section, Sheet, asked_part, beside, following, show_sheet
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import OutOfOrder
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_REGISTRY: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR})
_WITNESSES: Final = OFFICES_FOR[OfficialAct.WITNESS_SEALING]
_CONSIGNMENT: Final = Field("consignment", "Consignment", kind="hidden")
_PACKAGES: Final = Field("packages", "Packages", kind="number")
_SEALS: Final = Field("seals", "Seals", kind="lines", hint="The numbers on the outer covers, one a line.")
_OVERDUE: Final = Field("overdue_hours", "Hours until a delay is alarming", kind="number", is_required=False)
_EXPECTED: Final = Field("expected_at", "Expected", kind="moment", hint="In UTC.")

_FACTS: Final = (
    Column("party", "Party"), Column("agreement", "Under the agreement"), Column("direction", "Direction", "word"),
    Column("state", "State", "word"), Column("means", "How it travels", "word"), Column("packages", "Packages"),
    Column("seals", "Seals"), Column("inner_seals", "Inner seals"), Column("sealed_by", "Persons at the sealing"),
    Column("courier_name", "Courier"), Column("courier_post", "Post"), Column("certificate", "Certificate"),
    Column("tracking", "Tracking number"), Column("plan", "Transport plan"), Column("departs_at", "Departs", "when"),
    Column("expected_at", "Expected", "when"), Column("overdue_at", "Overdue from", "when"), Column("route", "Route"),
    Column("arrived_at", "Arrived", "when"), Column("packages_found", "Packages found"),
    Column("seals_found", "Seals found"), Column("differs", "What differs", "word"), Column("remarks", "Remarks"),
    Column("certificate_back_at", "Certificate back", "when"), Column("declaration", "What the courier declared"),
)
_SENT: Final = (
    Column("number", "Number"), Column("party", "Party"), Column("agreement", "Under the agreement"),
    Column("state", "State", "word"), Column("count", "Items"), Column("dispatched_at", "Dispatched", "when"),
)
_OPENINGS: Final = (
    Column("entered_at", "Entered", "when"), Column("place", "Place"), Column("officials", "Officials"),
    Column("confirmation", "What they confirmed"), Column("seals", "Seals"),
)


def _carriage(visit: Visit, consignment: str) -> Row:
    """Return the carriage of a consignment; empty where nothing is packed or announced, or it is not theirs to see."""
    if not consignment or not visit.person.offices & KEEPERS:
        return {}
    try:
        return visit.ask("view.carriage", consignment=consignment)
    except OutOfOrder:
        return {}


def _beside(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _FACTS, _carriage(visit, values.get("consignment")))


def _to_carriage(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/carriages/{values.get('consignment')}" if visit.person.offices & KEEPERS else "/"


def _sent(visit: Visit, name: str) -> Row:
    """Return the consignment of this name or number; empty where there is none, or it is not theirs to see."""
    if not name or not visit.person.offices & KEEPERS:
        return {}
    asked = {"only": name} if name == name.lower() else {"number": name}
    return next(iter(visit.ask("view.consignments", **asked)["consignments"]), {})


def _named(visit: Visit, read: Params) -> Params:
    return {**read, "consignment": _sent(visit, str(read["consignment"])).get("consignment", read["consignment"])}


def _beside_sent(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return beside("", _SENT, _sent(visit, values.get("consignment")))


def _to_sent(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/consignments/{answer.value['consignment']}" if visit.person.offices & _REGISTRY else "/"


def _met(_: Visit, read: Params) -> Params:
    kept = {name: value for name, value in read.items() if name != "disturbed"}
    return {**kept, "state": "disturbed" if read.get("disturbed") else "intact"}


PACK: Final = Form(
    name="carry-pack", act="carry.pack", offices=_REGISTRY,
    title="Enter how it was packed", button="Enter it", done="It is packed; another person signs that they were there.",
    lead="Two covers: the inner one bears the level, the outer one neither level nor subject.",
    fields=(
        _CONSIGNMENT, _PACKAGES, _SEALS,
        Field("inner_seals", "Inner seals", kind="lines", is_required=False),
        Field("departs_on", "Departs", kind="day", is_required=False,
              hint="Where our authority is told of a courier before the journey."),
    ),
    params=lambda visit, read: {"inner_seals": [], **read}, after=_to_carriage,
)
WITNESS: Final = Form(
    name="carry-witness", act="carry.witness", offices=_WITNESSES,
    title="Sign that you were at the sealing", button="Sign it", done="Signed.",
    lead="You sign for the packages and seals that you saw at the sealing.",
    fields=(Field("consignment", "Consignment", hint="Its number."), _PACKAGES, _SEALS), after=_to_carriage,
)
HAND_OVER: Final = Form(
    name="carry-hand-over", act="carry.hand-over", offices=_REGISTRY,
    title="Hand over to a courier", button="Hand it over", done="Handed over with the certificate {certificate}.",
    lead="The courier is a person of this registry, cleared to everything carried.",
    fields=(
        _CONSIGNMENT, Field("courier", "Courier", kind="choice", options=choices.people),
        Field("departs_at", "Departs", kind="moment", hint="In UTC."), _EXPECTED, _OVERDUE,
        Field("route", "Route", is_required=False, hint="For our own books."),
    ),
    beside=_beside, after=_to_carriage,
)
POST: Final = Form(
    name="carry-post", act="carry.post", offices=_REGISTRY,
    title="Hand over to the post", button="Hand it over", done="Posted as {tracking}.",
    lead="The partner is told the number and when to expect it. What does not come is chased.",
    fields=(_CONSIGNMENT, Field("tracking", "Tracking number"), _EXPECTED, _OVERDUE),
    beside=_beside, after=_to_carriage,
)
WITHDRAW: Final = Form(
    name="carry-withdraw", act="dispatch.withdraw", offices=_REGISTRY,
    title="Take a consignment back", button="Take it back", done="The partner's node is asked.",
    lead="Only what has not left. What the partner's node has stays out; everything else is yours again.",
    fields=(_CONSIGNMENT,), params=_named, beside=_beside_sent, after=_to_sent, grave=True,
)
NOT_THERE: Final = Form(
    name="carry-not-there", act="dispatch.not-there", offices=_WITNESSES,
    title="Enter that the partner does not have it", button="Enter it", done="It is taken back.",
    lead="Where its node does not answer: what its registry said, by a second person.",
    fields=(Field("consignment", "Consignment", hint="Its number."), Field("reference", "Reference")),
    params=_named, beside=_beside_sent, after=_to_sent, grave=True,
)
MET: Final = Form(
    name="carry-met", act="carry.met", offices=_REGISTRY,
    title="Enter what a courier brought", button="Enter it", done="Entered; the sender is told.",
    lead="Before anything is opened. The sender is told at once, whatever was found.",
    fields=(
        _CONSIGNMENT, _PACKAGES, _SEALS,
        Field("disturbed", "There is a trace of tampering", kind="yes", is_required=False),
        Field("remarks", "Remarks", kind="text", is_required=False),
    ),
    params=_met, beside=_beside, after=_to_carriage,
)
OPENED: Final = Form(
    name="carry-opened", act="carry.opened", offices=_REGISTRY,
    title="Enter that packages were opened on the way", button="Enter it",
    done="Entered. Tell the authority of that country, and report it as an incident.",
    lead="Where, by which officials, and what they confirmed in writing. It stays with the consignment.",
    fields=(
        _CONSIGNMENT, Field("place", "Place"), Field("officials", "Officials", hint="Who insisted on it."),
        Field("confirmation", "What they confirmed", is_required=False, hint="In writing."),
        Field("seals", "Seals set afterwards", kind="lines", is_required=False),
    ),
    params=lambda visit, read: {"seals": [], **read}, beside=_beside, after=_to_carriage,
)
CERTIFICATE: Final = Form(
    name="carry-certificate", act="carry.certificate", offices=_REGISTRY,
    title="Take back the courier's certificate", button="Take it back", done="The certificate {certificate} is back.",
    lead="With the courier's declaration the journey has ended.",
    fields=(_CONSIGNMENT, Field("declaration", "What the courier declared", kind="text")),
    beside=_beside, after=_to_carriage,
)
_ABOUT: Final = "consignment={consignment}"


def _is_out(row: Row) -> bool:
    return row.get("direction") == "out"


def _is_packed(row: Row) -> bool:
    return _is_out(row) and row["state"] == "packed"


def _is_on_the_way(row: Row) -> bool:
    return row.get("state") in ("under-way", "overdue")


_ACTIONS: Final = (
    Action(PACK, _ABOUT, lambda row: row.get("state") == ""), Action(WITNESS, _ABOUT, _is_packed),
    Action(HAND_OVER, _ABOUT, _is_packed), Action(POST, _ABOUT, _is_packed), Action(WITHDRAW, _ABOUT, _is_packed),
    Action(MET, _ABOUT, lambda row: _is_on_the_way(row) and not _is_out(row)),
    Action(OPENED, _ABOUT, lambda row: _is_on_the_way(row) and _is_out(row)),
    Action(CERTIFICATE, _ABOUT, lambda row: _is_out(row) and row["state"] not in ("", "packed")),
)


def show_carriages(visit: Visit) -> Response:
    """Show what is packed, under way or overdue."""
    found = visit.ask("view.carriages", **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Couriers and post", actions=(Action(NOT_THERE),), links=(("/plans", marked("Transport plans")),),
        next=following(visit, found),
        sections=(Section(found["carriages"], (
            Column("number", "Consignment", link="/carriages/{consignment}"),
            Column("direction", "Direction", "word"), Column("party", "Party"), Column("state", "State", "word"),
            Column("courier_name", "Courier"), Column("tracking", "Tracking number"),
            Column("expected_at", "Expected", "when"), Column("overdue_at", "Overdue from", "when"),
        ), empty="Nothing is packed or under way.", actions=_ACTIONS),),
    ))


def show_carriage(visit: Visit) -> Response:
    """Show how one consignment travels, or that it is not packed yet."""
    found = _carriage(visit, visit.named["consignment"])
    about = found
    if not found:
        view = "view.consignment" if visit.person.offices & _REGISTRY else "view.carriage"
        about = {**visit.ask(view, consignment=visit.named["consignment"]), "state": ""}
    id = str(about["consignment"])
    links = [(f"/consignments/{id}", marked("The consignment"))]
    if found and _is_out(found):
        links.append((f"/print/slip/{id}", marked("Print covers, list and slip")))
    lead = "" if found else "Nothing is packed, and no courier is announced."
    return show_sheet(visit, Sheet(
        title="How it travels", lead=lead, facts=_FACTS, about=about, links=tuple(links),
        actions=tuple(one for one in _ACTIONS if found or _is_out(about)), sections=(
            Section(found.get("openings", ()), _OPENINGS, heading="Opened on the way"),
        ),
    ))


PAGES: Final = (
    Page("/carriages", get=show_carriages, offices=KEEPERS, menu=marked("Couriers and post"),
         group=marked("Registry")),
    Page("/carriages/{consignment}", get=show_carriage, offices=KEEPERS),
)
FORMS: Final = (PACK, WITNESS, HAND_OVER, POST, WITHDRAW, NOT_THERE, MET, OPENED, CERTIFICATE)
