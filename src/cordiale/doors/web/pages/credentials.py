"""By what the desk knows people: one's own passkeys, cards and accounts, and those that wait for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.operate.invitation_code import code_from_seed
from cordiale.records.answer import Answer
from cordiale.words.spoken import marked

_SECURITY: Final = frozenset({Office.SECURITY_OFFICER})
_CONFIRMERS: Final = frozenset({Office.SECURITY_OFFICER, Office.REGISTRAR, Office.HEAD, Office.DEPUTY_REGISTRAR})
_LIST: Final = "/credentials"
_KINDS: Final[Mapping[str, str]] = {
    "passkey": marked("passkey"), "certificate": marked("card"), "provider": marked("account at the provider"),
}


def show_credentials(visit: Visit) -> Response:
    """Show one's own, and to those who confirm what waits for them."""
    confirms = bool(visit.person.offices & _CONFIRMERS)
    waiting = visit.ask("view.credentials", waiting=True)["credentials"] if confirms else []
    own = visit.ask("view.credentials")["credentials"]
    return visit.show(
        "credentials.html", own=[_named(one) for one in own], waiting=[_named(one) for one in waiting],
        invites=bool(visit.person.offices & _SECURITY),
        clients=[one for one in visit.ask("view.clients")["clients"] if one["person"] == visit.person.id],
    )


def _named(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**credential, "kind": _KINDS[credential["means"]]}


def _code(visit: Visit, act_id: str) -> tuple[str, str]:
    return code_from_seed(visit.require_session().seed_of(act_id), visit.registry.mode)


def _with_digest(visit: Visit, read: Params) -> Params:
    """Add the digest of the code, which only whoever asked is shown, once the act is done."""
    return {**read, "digest": _code(visit, visit.form.get("act_id"))[1]}


def _tell_code(visit: Visit, _: Answer, values: Values) -> str:
    visit.tell(
        marked("The code, shown only now: {code}. It opens the page /enrol of this desk, once, for a day."),
        code=_code(visit, values.get("act_id"))[0],
    )
    return _LIST


def _shown(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return "part-credential.html", {
        "credential": _named(visit.ask("view.credential", credential=values.get("credential"))),
    }


def _with_fingerprint(visit: Visit, read: Params) -> Params:
    shown = visit.ask("view.credential", credential=read["credential"])
    return {"credential": read["credential"], "fingerprint": shown["fingerprint"]}


def _to_list(visit: Visit, _: Answer, values: Values) -> str:
    return _LIST


_CREDENTIAL: Final = Field("credential", marked("Passkey, card or account"), kind="hidden")

FORMS: Final = (
    Form(
        name="desk-enrol", act="desk.enrol", title="Enrol something of your own", button="Make a code",
        done="A code was made for you.",
        lead="You vouch for yourself with what you sign with; another person confirms what you enrol.",
        params=_with_digest, after=_tell_code,
    ),
    Form(
        name="desk-invite", act="desk.invite", offices=_SECURITY, title="Invite somebody to the desk",
        button="Make a code", done="A code was made for {person}.",
        lead="Hand the code to the person yourself; another person confirms what they enrol.",
        fields=(Field("person", marked("Person"), kind="choice", options=choices.people),),
        params=_with_digest, after=_tell_code,
    ),
    Form(
        name="desk-confirm", act="desk.confirm", offices=_CONFIRMERS, title="Confirm a passkey, card or account",
        button="It is the same fingerprint: confirm", done="From now on the desk knows {person} by it.",
        lead="Have the person read you the fingerprint from their own screen, face to face or by telephone, and "
             "compare it with this one.",
        fields=(_CREDENTIAL,), params=_with_fingerprint, beside=_shown, after=_to_list,
    ),
    Form(
        name="desk-withdraw", act="desk.withdraw", title="Withdraw a passkey, card or account", button="Withdraw it",
        done="It counts no longer for {person}.", lead="What was begun with it at the desk ends at once.",
        fields=(_CREDENTIAL,), beside=_shown, after=_to_list, grave=True,
    ),
)

PAGES: Final = (
    Page(_LIST, get=show_credentials, menu=marked("Passkeys and cards"), group=marked("My work")),
)
