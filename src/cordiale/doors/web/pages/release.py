"""Release and dispatch: proposed by one, approved by another, each over exactly what is shown; then sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import CordialeError
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.words.spoken import marked

_RELEASE: Final = frozenset({Office.RELEASING_AUTHORITY, Office.ORIGINATOR})
_WAITS: Final = ("recipient", "agreement", "purpose")
_ASKED: Final = ("item", "recipient", "purpose", "agreement", "link", "registry")


def _preview(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    """Return how the other side will see the item, as far as the terms are known already."""
    asked = {name: values.get(name) for name in _ASKED}
    shown = None
    if all(asked[name] for name in ("item", "recipient", "purpose", "agreement")):
        try:
            shown = visit.ask("view.preview", **asked)
        except CordialeError:
            # What stands against it is said when the form is sent; beside it there is then nothing to show.
            shown = None
    item = visit.ask("view.item", item=values.get("item")) if values.get("item") else None
    return "part-preview.html", {"preview": shown, "item": item}


def _sides(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    """Return proposals and approvals as they stand now, below how the other side will see the item."""
    _, shown = _preview(visit, values)
    sides = visit.ask("view.release", item=values.get("item"), recipient=values.get("recipient")) \
        if values.get("item") else None
    return "part-release.html", {**shown, "sides": sides}


def _as_waiting(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return the proposal that waits, by what was signed for: what is declined is what was looked at."""
    if not values.get("item"):
        return {}
    found = visit.ask("view.release", item=values.get("item"), recipient=values.get("recipient"))
    row: Mapping[str, Any] = next((one for one in found["proposals"] if one["state"] == "waiting"), {})
    return {name: str(row[name]) for name in ("recipient", "agreement", "purpose", "binding") if name in row}


def _declining(_: Visit, read: Params) -> Params:
    return {name: read[name] for name in ("item", "binding", "reason")}


def _with_binding(visit: Visit, read: Params) -> Params:
    shown = visit.ask("view.preview", **{name: read[name] for name in _ASKED if name in read})
    return {**read, "binding": shown["binding"]}


def _as_proposed(visit: Visit, values: Values) -> Mapping[str, str]:
    """Return the terms as they were proposed: whoever approves types none of them again."""
    return _terms(visit, values, "waiting")


def _terms(visit: Visit, values: Values, state: str) -> Mapping[str, str]:
    if not values.get("item"):
        return {}
    found = visit.ask("view.release", item=values.get("item"), recipient=values.get("recipient"))
    rows = (row for row in (*found["proposals"], *found["approvals"]) if row["state"] == state and row["counts"])
    return next(({name: str(row[name]) for name in _WAITS} for row in rows), {})


def _as_released(visit: Visit, values: Values) -> Mapping[str, str]:
    terms = dict(_terms(visit, values, "authorised"))
    if values.get("item"):
        terms["items"] = str(visit.ask("view.item", item=values.get("item"))["reference"])
    return {**terms, "link": "wire"}


def _by_identifier(visit: Visit, read: Params) -> Params:
    """Name the items as the act names them; people write their numbers."""
    return {**read, "items": [str(visit.ask("view.item", item=number)["item"]) for number in read["items"]]}


def _to_item(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/items/{values.get('item')}"


PROPOSE: Final = Form(
    name="release-propose", act="release.propose", offices=frozenset({Office.ORIGINATOR}),
    title="Propose a release", button="Sign the proposal",
    done="Proposed for release to {recipient}; another person approves it.",
    lead="You propose; an authority approves. What is signed is the content, the label, the recipient, the purpose "
         "and the version of the agreement: when any of them changes, the signature counts no more.",
    fields=(choices.ITEM, *choices.TERMS), params=_with_binding, beside=_preview, after=_to_item,
)
APPROVE: Final = Form(
    name="release-approve", act="release.approve", offices=frozenset({Office.RELEASING_AUTHORITY}),
    title="Approve a release", button="Sign the approval", done="Approved for release to {recipient}.",
    lead="You decide for the originator that this item goes to this recipient for this purpose. Nobody approves what "
         "they proposed themselves.",
    fields=(choices.ITEM, *choices.TERMS), params=_with_binding, beside=_sides, after=_to_item,
    prefill=_as_proposed,
)
DECLINE: Final = Form(
    name="release-decline", act="release.decline", offices=frozenset({Office.RELEASING_AUTHORITY}),
    title="Decline a release", button="Sign the refusal", done="The release to {recipient} is declined.",
    lead="Whoever proposed it is shown your reason, and may propose it anew. Nobody declines what they proposed "
         "themselves.",
    fields=(
        choices.ITEM, *(replace(one, kind="hidden", options=None) for one in choices.TERMS),
        Field("binding", "The proposal", kind="hidden"), Field("reason", "Reason"),
    ),
    params=_declining, beside=_sides, prefill=_as_waiting, after=lambda visit, answer, values: "/releases", grave=True,
)
WITHDRAW: Final = Form(
    name="release-withdraw", act="release.withdraw", offices=_RELEASE,
    title="Withdraw your approvals", button="Withdraw them", done="{withdrawn} approvals are withdrawn.",
    lead="Your own approvals of this item stop counting. What has left already is not called back by this.",
    fields=(choices.ITEM,), after=_to_item,
)
DISPATCH: Final = Form(
    name="dispatch", act="dispatch", offices=frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR}),
    title="Dispatch", button="Dispatch", done="Dispatched as {number}.",
    lead="Everything leaves in one consignment, or nothing. Each copy is sealed under a key of its own.",
    fields=(
        Field("items", "Items", kind="lines", hint="Their numbers, one a line."),
        *choices.TERMS,
        Field("registry", "To the registry", kind="choice", options=choices.registries),
        Field("link", "How it travels", kind="choice", options=choices.links),
        Field("plan", "Transport plan", is_required=False, hint="For freight."),
        Field("addressee", "Addressee", is_required=False, hint="The office or function behind the registry."),
        Field("addressee_alone", "Only the addressee opens it", kind="yes", is_required=False),
        Field("another_copy", "They have one, and are to have another", kind="yes", is_required=False),
    ),
    prefill=_as_released, params=_by_identifier,
    after=lambda visit, answer, values: f"/consignments/{answer.value['consignment']}",
)


def show_releases(visit: Visit) -> Response:
    """Show what waits for an authority and what was declined: to be approved, or proposed anew."""
    offices = visit.person.offices
    found = visit.ask("view.releases", state=visit.query.get("state"), after=visit.query.get("after"))
    return visit.show(
        "releases.html", found=found, may_approve=bool(offices & (APPROVE.offices or offices)),
        may_propose=bool(offices & (PROPOSE.offices or offices)),
    )


PAGES: Final = (
    Page("/releases", get=show_releases, offices=_RELEASE, menu=marked("Releases"), group=marked("My work")),
)
FORMS: Final = (PROPOSE, APPROVE, DECLINE, WITHDRAW, DISPATCH)
