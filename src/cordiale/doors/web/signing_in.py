"""Signing in, and enrolling what one signs in with, before anybody is known.

Whoever fails is told the same for every reason, and waits the longer the more
often it failed. Nothing that a browser sends here is written into a log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from starlette.responses import Response

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.routes import Page, Who
from cordiale.doors.web.visit import Visit
from cordiale.errors import CordialeError, Unavailable, Unverified
from cordiale.records.enrolling import code_digest

_SIGN_IN: Final = "sign-in"
_ENROL: Final = "enrol"
_CODE_LENGTH_MAX: Final = 80

Result = TypeVar("Result")


def ways_shown(visit: Visit) -> dict[str, Any]:
    """Return what the page of signing in shows of the ways in: what a browser is asked, and the ticket it answers."""
    ways = visit.desk.ways
    if ways.passkeys is None:
        return {"passkey": "", "ticket": ""}
    ticket = ways.tickets.make(_SIGN_IN)
    return {"passkey": ways.passkeys.ask_sign_in(ticket), "ticket": encode_base64url(ticket)}


def sign_in_with_passkey(visit: Visit) -> Response:
    """Sign in whose passkey has answered."""
    ways, sent = visit.desk.ways, dict(visit.form.items())

    def work() -> Response:
        ticket = ways.tickets.take(_SIGN_IN, _ticket(visit))
        return visit.begin(ways.require_passkeys().sign_in(sent, ticket))

    return _attempt(visit, f"passkey {sent.get('passkey', '')[:1_400]}", work)


def _ticket(visit: Visit) -> bytes:
    return parse_base64url(visit.form.get("ticket")[:80], where="ticket")


def _attempt(visit: Visit, who: str, work: Callable[[], Result]) -> Result:
    """Do what may fail, let `who` wait after too many failures, and forget them after a success."""
    attempts = visit.desk.ways.attempts
    attempts.require_turn(who)
    try:
        result = work()
    except Unavailable:
        raise
    except CordialeError:
        attempts.note_failure(who)
        raise
    attempts.forget(who)
    return result


# -- enrolling ----------------------------------------------------------------------------------------------


def show_enrolment(visit: Visit) -> Response:
    """Ask for the code."""
    return _show_code(visit)


def _show_code(visit: Visit, error: CordialeError | None = None) -> Response:
    return visit.show(
        "enrol.html", fault=fault_value(visit, error) if error is not None else None,
        status=200 if error is None else 400,
    )


def take_code(visit: Visit) -> Response:
    """Show by what whoever has the code may be known from now on."""
    try:
        digest = _code(visit)
        passkeys = visit.desk.ways.require_passkeys()
        ticket = visit.desk.ways.tickets.make(_purpose(digest))
        passkey = _attempt(visit, f"code {visit.came.client}", lambda: passkeys.ask_enrolment(digest, ticket))
    except (Unverified, Unavailable) as error:
        return _show_code(visit, error)
    return visit.show(
        "enrol-passkey.html", passkey=passkey, ticket=encode_base64url(ticket), code=visit.form.get("code"),
    )


def _code(visit: Visit) -> str:
    return code_digest(visit.form.get("code")[:_CODE_LENGTH_MAX], visit.registry.mode)


def _purpose(digest: str) -> str:
    return f"{_ENROL} {digest}"


def enrol_passkey(visit: Visit) -> Response:
    """Take the new passkey as offered, and show the fingerprint that a second person compares."""
    ways, sent, digest = visit.desk.ways, dict(visit.form.items()), _code(visit)

    def work() -> Response:
        ticket = ways.tickets.take(_purpose(digest), _ticket(visit))
        return visit.show("enrol-done.html", **ways.require_passkeys().enrol(digest, sent, ticket))

    return _attempt(visit, f"code {visit.came.client}", work)


PAGES: Final = (
    Page("/sign-in/passkey", post=sign_in_with_passkey, who=Who.ANYBODY),
    Page("/enrol", get=show_enrolment, post=take_code, who=Who.ANYBODY),
    Page("/enrol/passkey", post=enrol_passkey, who=Who.ANYBODY),
)
