"""Machine clients: what may act for a person, entered by one and confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit, require_found
from cordiale.model.person import Office
from cordiale.operate.keyfiles import public_in
from cordiale.rules.clients import ROUTINE_SCOPES
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.words.spoken import marked

_OFFICERS: Final = frozenset({
    Office.SECURITY_OFFICER, Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.HEAD, Office.INSPECTOR,
})
_PROPOSERS: Final = OFFICES_FOR[OfficialAct.PROPOSE_PEOPLE]
_CONFIRMERS: Final = OFFICES_FOR[OfficialAct.CONFIRM_PEOPLE] | {Office.DEPUTY_REGISTRAR}
_LIST: Final = "/clients"
_SIGNED: Final = ("client", "fingerprint", "name", "person", "scopes", "valid_until")


def show_clients(visit: Visit) -> Response:
    """Show every client, those that wait for a second person first."""
    found = sorted(visit.ask("view.clients")["clients"], key=lambda one: bool(one["state"] != "proposed"))
    return visit.show(
        "clients.html", clients=found, adds=bool(visit.person.offices & _PROPOSERS),
        confirms=bool(visit.person.offices & _CONFIRMERS),
    )


def _client(visit: Visit, values: Values) -> Mapping[str, Any]:
    known = {one["client"]: one for one in visit.ask("view.clients")["clients"]}
    found: Mapping[str, Any] = require_found(known.get(values.get("client")), visit.say("Machine client"))
    return found


def _shown(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return "part-client.html", {"one": _client(visit, values)}


def _as_shown(visit: Visit, _: Params) -> Params:
    found = _client(visit, visit.form)
    return {name: found[name] for name in _SIGNED}


def _as_entered(visit: Visit, read: Params) -> Params:
    return {
        "key": public_in(read["key"].strip().encode(), visit.say("Public key")), "name": read["name"],
        "person": read["person"], "scopes": [*read.get("scopes", ()), *read.get("views", ())], "until": read["until"],
    }


def _acts(visit: Visit) -> Sequence[Option]:
    return sorted(
        ((kind, visit.desk.deeds[kind]) for kind in ROUTINE_SCOPES), key=lambda one: visit.say(one[1]).casefold()
    )


def _to_list(visit: Visit, *_: Any) -> str:
    return _LIST if visit.person.offices & _OFFICERS else "/credentials"


_CLIENT: Final = Field("client", marked("Machine client"), kind="hidden")

FORMS: Final = (
    Form(
        name="client-add", act="client.add", offices=_PROPOSERS, params=_as_entered, after=_to_list,
        title="Enter a machine client", button="Enter it", done="It waits for a second person.",
        lead="What may act for a person with a key of its own, for what you name here and never for more than the "
             "person may do.",
        fields=(
            Field("person", "Person", kind="choice", options=choices.people),
            Field("name", "Name", hint="What it is called in the audit trail."),
            Field("key", "Public key", kind="text",
                  hint="What stands in its .pub.json file, made with `cordiale person key new` for it alone."),
            Field("scopes", "What it may do", kind="choices", is_required=False, options=_acts),
            Field("views", "What it may see", kind="lines", is_required=False,
                  hint="view.* for whatever the person sees, or single views such as view.item, one a line."),
            Field("until", "Last day", kind="day"),
        ),
    ),
    Form(
        name="client-confirm", act="client.confirm", offices=_CONFIRMERS, params=_as_shown, after=_to_list,
        title="Confirm a machine client", button="It is the same fingerprint: confirm",
        done="From now on it acts for {person}.",
        lead="Compare the fingerprint with whoever keeps its key. You sign exactly what is shown.",
        fields=(_CLIENT,), beside=_shown,
    ),
    Form(
        name="client-withdraw", act="client.withdraw", after=_to_list, title="Withdraw a machine client",
        button="Withdraw it", done="It counts no longer for {person}.",
        lead="Whatever it asks from now on is refused. What it did stays on record.",
        fields=(_CLIENT,), beside=_shown, grave=True,
    ),
)

PAGES: Final = (
    Page(_LIST, get=show_clients, offices=_OFFICERS, menu=marked("Machine clients"), group=marked("Security")),
)
