"""Signing for one act: exactly what is signed is shown first, and only then signed."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from cordiale.doors.replies import status_of
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.forms import Form, finish
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sessions import Pending
from cordiale.doors.web.visit import Visit, require_found
from cordiale.errors import CordialeError


def signing_pages(forms: Mapping[str, Form]) -> tuple[Page, ...]:
    """Return the pages on which acts of `forms` are signed for."""

    def show(visit: Visit) -> Response:
        return _show(visit, forms, _pending(visit))

    def sign(visit: Visit) -> Response:
        pending = _pending(visit)
        form = forms[pending.form]
        try:
            answer = visit.do(pending.asked)
        except CordialeError as error:
            return _show(visit, forms, pending, error)
        visit.require_session().pending.pop(visit.named["pending"], None)
        return finish(visit, form, answer, pending.values)

    return (Page("/sign/{pending}", get=show, post=sign),)


def _pending(visit: Visit) -> Pending:
    pending: Pending = require_found(
        visit.require_session().pending.get(visit.named["pending"]), "what was to be signed"
    )
    return pending


def _show(
    visit: Visit, forms: Mapping[str, Form], pending: Pending, error: CordialeError | None = None
) -> Response:
    form = forms[pending.form]
    return visit.show(
        "sign.html", status=status_of(error) if error is not None else 200, form=form, pending=pending,
        means=visit.require_session().signed_in.means.value,
        fault=fault_value(visit, error) if error is not None else None,
        beside=pending.beside[0] if pending.beside is not None else "",
        **(pending.beside[1] if pending.beside is not None else {}),
    )
