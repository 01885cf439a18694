"""Signing in, and enrolling what one signs in with, before anybody is known.

Whoever fails is told the same for every reason, and waits the longer the more
often it failed. Nothing that a browser sends here is written into a log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from starlette.responses import Response

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.routes import Page, Who
from cordiale.doors.web.visit import FLOW_COOKIE, Visit
from cordiale.doors.web.ways import Flow
from cordiale.errors import CordialeError, OutOfOrder, Unavailable, Unverified
from cordiale.limits import SIGN_IN_SECONDS_MAX
from cordiale.operate.desk_provider import BACK, LOGGED_OUT
from cordiale.records.credentials import find_credential, known_by_provider
from cordiale.records.enrolling import code_digest, offer_card, require_invited
from cordiale.records.signing_in import sign_in_by_certificate, sign_out
from cordiale.rules.signing import Means

_SIGN_IN: Final = "sign-in"
_ENROL: Final = "enrol"
_CODE_LENGTH_MAX: Final = 80

Result = TypeVar("Result")


def ways_shown(visit: Visit) -> dict[str, Any]:
    """Return what the page of signing in shows of the ways in: what a browser is asked, and the ticket it answers."""
    ways = visit.desk.ways
    shown = {"has_card": bool(visit.came.card), "has_provider": ways.provider is not None, "passkey": "", "ticket": ""}
    if ways.passkeys is not None:
        ticket = ways.tickets.make(_SIGN_IN)
        shown |= {"passkey": ways.passkeys.ask_sign_in(ticket), "ticket": encode_base64url(ticket)}
    return shown


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
    ways, digest = visit.desk.ways, _code(visit)
    ticket, passkey = ways.tickets.make(_purpose(digest)), ""
    has_other = ways.provider is not None or bool(visit.came.card)
    try:
        _attempt(visit, _whose_code(visit), lambda: require_invited(visit.registry, digest))
        if ways.passkeys is not None or not has_other:
            passkey = ways.require_passkeys().ask_enrolment(digest, ticket)
    except (Unverified, Unavailable) as error:
        return _show_code(visit, error)
    return visit.show(
        "enrol-choose.html", passkey=passkey, ticket=encode_base64url(ticket), code=visit.form.get("code"),
        has_card=bool(visit.came.card), has_provider=ways.provider is not None,
    )


def _whose_code(visit: Visit) -> str:
    return f"code {visit.came.client}"


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

    return _attempt(visit, _whose_code(visit), work)


# -- cards --------------------------------------------------------------------------------------------------


def sign_in_with_card(visit: Visit) -> Response:
    """Sign in whose card has proved its key on this connection; the session goes on with that card alone."""
    card = _require_card(visit)
    return _attempt(visit, f"card {card}", lambda: visit.begin(
        sign_in_by_certificate(visit.registry, card), binding=card
    ))


def enrol_card(visit: Visit) -> Response:
    """Take the key on the card as offered, and show the fingerprint that a second person compares."""
    card, digest = _require_card(visit), _code(visit)
    return _attempt(visit, _whose_code(visit), lambda: visit.show("enrol-done.html", **offer_card(
        visit.registry, digest, card
    )))


def _require_card(visit: Visit) -> str:
    if not visit.came.card:
        raise Unverified(
            "desk.no-card", "no card was shown", hint="put the card into its reader and load the page again"
        )
    return visit.came.card


# -- the provider -------------------------------------------------------------------------------------------


def send_to_provider(visit: Visit, flow: Flow) -> Response:
    """Show the page that sends the browser on to the provider.

    A page and not an address to go on to: browsers let no form of the desk lead to another site.
    """
    response = visit.show("provider-go.html", address=flow.begun.address)
    response.headers["Set-Cookie"] = _flow_cookie(visit.desk.ways.flows.keep(flow))
    return response


def _flow_cookie(token: str) -> str:
    # Lax, because the provider's site sends the browser back; it opens nothing but the flow it belongs to.
    return f"{FLOW_COOKIE}={token}; Path=/; Max-Age={SIGN_IN_SECONDS_MAX}; Secure; HttpOnly; SameSite=Lax"


def begin_at_provider(visit: Visit) -> Response:
    """Send somebody to the provider, to be signed in."""
    return send_to_provider(visit, Flow(visit.desk.ways.require_provider().begin()))


def enrol_account(visit: Visit) -> Response:
    """Send whoever has a code to the provider, to show which account is theirs."""
    provider, digest = visit.desk.ways.require_provider(), _code(visit)
    _attempt(visit, _whose_code(visit), lambda: require_invited(visit.registry, digest))
    return send_to_provider(visit, Flow(provider.begin_anew(), digest=digest))


def come_back(visit: Visit) -> Response:
    """Take what the provider says of somebody who was sent there."""
    flow = visit.desk.ways.flows.take(visit.came.flow, visit.query.get("state"))
    answer, provider = dict(visit.query.items()), visit.desk.ways.require_provider()
    if flow.session is not None:
        return _note_signed(visit, flow, provider.finish(flow.begun, answer))
    if flow.digest:
        return _attempt(visit, _whose_code(visit), lambda: visit.show(
            "enrol-done.html", **provider.enrol(flow.digest, flow.begun, answer)
        ))
    response = visit.show("provider-back.html", onward="/")
    response.headers["Set-Cookie"] = visit.begin_cookie(provider.sign_in(flow.begun, answer))
    return response


def _note_signed(visit: Visit, flow: Flow, token: Any) -> Response:
    """Put the provider's word beside the act it is for, which its person then does."""
    pending = flow.session.pending.get(flow.pending) if flow.session is not None else None
    if flow.session is None or pending is None or pending.at != flow.begun.since:
        raise Unverified(
            "desk.stale", "what you signed was shown too long ago", hint="look at it again, and sign what you see"
        )
    flow.session.pending[flow.pending] = replace(pending, token=token)
    return visit.show("provider-back.html", onward=f"/sign/{flow.pending}")


def end_signed_out(visit: Visit) -> Response:
    """End the sessions of whom the provider says it has signed out; what it signs nobody out of is answered alike."""
    token = visit.desk.ways.require_provider().signed_out(visit.form.get("logout_token"))
    visit.desk.ways.told.take(token.id)
    credential = find_credential(visit.registry, known_by_provider(token.issuer, token.subject))
    ended = visit.desk.sessions.end_all(credential["person"], Means.PROVIDER) if credential is not None else []
    for session in ended:
        with contextlib.suppress(OutOfOrder):
            sign_out(visit.registry, session.signed_in)
    return Response(headers={"Cache-Control": "no-store"})


PAGES: Final = (
    Page(LOGGED_OUT, post=end_signed_out, who=Who.ANYBODY, for_servers=True),
    Page("/sign-in/card", post=sign_in_with_card, who=Who.ANYBODY),
    Page("/enrol/card", post=enrol_card, who=Who.ANYBODY),
    Page("/sign-in/provider", post=begin_at_provider, who=Who.ANYBODY),
    Page(BACK, get=come_back, who=Who.ANYBODY),
    Page("/enrol/provider", post=enrol_account, who=Who.ANYBODY),
    Page("/sign-in/passkey", post=sign_in_with_passkey, who=Who.ANYBODY),
    Page("/enrol", get=show_enrolment, post=take_code, who=Who.ANYBODY),
    Page("/enrol/passkey", post=enrol_passkey, who=Who.ANYBODY),
)
