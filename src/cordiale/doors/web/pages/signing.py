"""Signing for one act: exactly what is signed is shown first, and only then signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from cordiale.doors.replies import status_of
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.forms import Form, finish
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sessions import Pending
from cordiale.doors.web.visit import Visit, require_found
from cordiale.errors import CordialeError
from cordiale.records.answer import Answer
from cordiale.rules.signing import Means


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
            return _show(visit, forms, pending, error)
        visit.require_session().pending.pop(visit.named["pending"], None)
        return finish(visit, form, answer, pending.values)

    return (Page("/sign/{pending}", get=show, post=sign),)


def _do(visit: Visit, pending: Pending) -> Answer:
    signed_in, sent = visit.require_session().signed_in, dict(visit.form.items())
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
    pending: Pending = require_found(
        visit.require_session().pending.get(visit.named["pending"]), "what was to be signed"
    )
    return pending


def _show(
    visit: Visit, forms: Mapping[str, Form], pending: Pending, error: CordialeError | None = None
) -> Response:
    form, session = forms[pending.form], visit.require_session()
    # What is signed for is what is shown now.
    pending = replace(pending, at=visit.registry.now())
    session.pending[visit.named["pending"]] = pending
    return visit.show(
        "sign.html", status=status_of(error) if error is not None else 200, form=form, pending=pending,
        means=session.signed_in.means.value, passkey=_passkey(visit, pending),
        fault=fault_value(visit, error) if error is not None else None,
        beside=pending.beside[0] if pending.beside is not None else "",
        **(pending.beside[1] if pending.beside is not None else {}),
    )
