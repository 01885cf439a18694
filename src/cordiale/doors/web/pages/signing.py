"""Signing for one act: exactly what is signed is shown first, and only then signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from cordiale.doors.replies import status_of
from cordiale.doors.web.again import show_again
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.forms import Form, finish
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sessions import Pending
from cordiale.doors.web.signing_in import send_to_provider
from cordiale.doors.web.visit import Values, Visit, require_found
from cordiale.doors.web.ways import Flow
from cordiale.errors import CordialeError
from cordiale.records.answer import Answer
from cordiale.rules.signing import Means, is_strong
from cordiale.words.spoken import marked


def signing_pages(forms: Mapping[str, Form]) -> tuple[Page, ...]:
    """Return the pages on which acts of `forms` are signed for."""

    def show(visit: Visit) -> Response:
        return _show(visit, forms, _pending(visit))

    def sign(visit: Visit) -> Response:
        pending = _pending(visit)
        form = forms[pending.form]
        try:
            answer = _do(visit, pending)
        except CordialeError as error:
            return show_again(
                visit, Values(), lambda visit, fault: _show(visit, forms, _pending(visit), fault), error=error,
            )
        # It is kept with the session: a second click is the same act, and is given the same answer.
        return finish(visit, form, answer, pending.values)

    return (
        Page("/sign/{pending}", get=show, post=sign),
        Page("/sign/{pending}/provider", post=_ask_provider),
    )


def _ask_provider(visit: Visit) -> Response:
    """Send the person to sign in anew at the provider, for exactly what is shown now."""
    pending = _shown_now(visit, _pending(visit))
    begun = visit.desk.ways.require_provider().begin_signature(pending.asked, pending.at)
    return send_to_provider(visit, Flow(begun, session=visit.require_session(), pending=visit.named["pending"]))


def _shown_now(visit: Visit, pending: Pending) -> Pending:
    """Return what is to be signed as it is shown now: what is signed for bears this time."""
    shown = replace(pending, at=visit.registry.now(), token=None)
    visit.require_session().pending[visit.named["pending"]] = shown
    return shown


def _do(visit: Visit, pending: Pending) -> Answer:
    signed_in, sent = visit.require_session().signed_in, dict(visit.form.items())
    if pending.token is not None:
        provider = visit.desk.ways.require_provider()
        return visit.do_signed(provider.request(signed_in, pending.asked, pending.at, pending.token))
    if not sent.get("signature"):
        return visit.do(pending.asked)
    passkeys = visit.desk.ways.require_passkeys()
    return visit.do_signed(passkeys.request(signed_in, pending.asked, pending.at, sent))


def _passkey(visit: Visit, pending: Pending) -> str:
    """Return what the browser is asked, where the person signs with a passkey; empty otherwise."""
    signed_in, passkeys = visit.require_session().signed_in, visit.desk.ways.passkeys
    if passkeys is None or signed_in.means is Means.PERSONA:
        return ""
    return passkeys.ask_signature(signed_in, pending.asked, pending.at)


def _pending(visit: Visit) -> Pending:
    found = visit.require_session().pending.get(visit.named["pending"])
    # A label is looked at before its file is sent; it is not signed for here.
    pending: Pending = require_found(found if found is not None and is_strong(found.asked.kind) else None,
                                     marked("what was to be signed"))
    return pending


def _show(
    visit: Visit, forms: Mapping[str, Form], pending: Pending, error: CordialeError | None = None
) -> Response:
    form, session = forms[pending.form], visit.require_session()
    if error is not None and form.beside is not None:
        # Somebody else may have been there meanwhile: what stands beside is what is so now.
        pending = replace(pending, beside=form.beside(visit, pending.values))
        session.pending[visit.named["pending"]] = pending
    if pending.token is None or error is not None:
        pending = _shown_now(visit, pending)
    return visit.show(
        "sign.html", status=status_of(error) if error is not None else 200, form=form, pending=pending,
        means=session.signed_in.means.value, passkey=_passkey(visit, pending) if pending.token is None else "",
        has_provider=visit.desk.ways.provider is not None and session.signed_in.means is not Means.PERSONA,
        fault=fault_value(visit, error) if error is not None else None,
        beside=pending.beside[0] if pending.beside is not None else "",
        **(pending.beside[1] if pending.beside is not None else {}),
    )
