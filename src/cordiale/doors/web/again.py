"""What was wrong with a form, shown at an address of its own: whoever goes back finds it, and nothing is sent anew.

An answer to what was sent is kept by no browser here, and going back to it fails. What was entered stays in the
memory of the session; the address names it by chance and says nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from cordiale.doors.web.visit import Values, Visit, fresh_token
from cordiale.errors import CordialeError
from cordiale.limits import DESK_HELD_ADDRESS_LENGTH_MAX, DESK_KEPT_LENGTH_MAX

_HELD: Final = "held"


class SentOn(Response):
    """The browser is sent to where it is said what was wrong."""


def show_again(
    visit: Visit, values: Values, page: Callable[[Visit, CordialeError | None], Response], *,
    error: CordialeError | None = None, about: Mapping[str, str] | None = None,
) -> Response:
    """Send the browser to an address at which `page` is shown as often as it is asked for, while the session has it.

    `values` are what was entered, `error` what is wrong, `about` what the address says besides: what the form was asked
    for about. Of what is too much to be kept the page is the answer itself.
    """
    _forget_way(error)
    address = f"{visit.path}?{urlencode(dict(about or {}))}"
    length = sum(len(name) + len(value) for name, value in values.items())
    if length > DESK_KEPT_LENGTH_MAX or len(address) > DESK_HELD_ADDRESS_LENGTH_MAX:
        return page(visit, error)
    name = fresh_token(visit.registry)
    visit.require_session().hold(name, visit.path, lambda visit: page(visit, error))
    sent = visit.go(f"{address}{'&' if about else ''}{_HELD}={name}")
    return SentOn(status_code=sent.status_code, headers={"Location": sent.headers["Location"]})


def _forget_way(error: CordialeError | None) -> None:
    """Drop where `error` came from: with it a content, and all that was at hand there, would be kept with the page."""
    if error is not None:
        error.__traceback__ = error.__cause__ = error.__context__ = None


def held_page(visit: Visit) -> Callable[[Visit], Response] | None:
    """Return what is shown at the address that was asked for; None where nothing is held under it any more."""
    session, name = visit.session, visit.query.get(_HELD)
    place, page = session.held.get(name, ("", None)) if session is not None else ("", None)
    return page if place == visit.path else None
