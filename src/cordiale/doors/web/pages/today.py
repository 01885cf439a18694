"""Today: what waits for whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.words.spoken import marked

_SHOWN_MAX: Final = 100
_WHERE: Final[Mapping[str, str]] = {
    "approve-release": "/do/release-approve?item={subject}&recipient={recipient}",
    "confirm-custody": "/do/circulate-confirm?item={subject}",
    "dispatch": "/do/dispatch?item={subject}&recipient={recipient}",
    "register": "/do/register?consignment={subject}",
}
"""The page on which a duty is done, by what is to be done."""


def show_today(visit: Visit) -> Response:
    """Show what is due and what waits, the earliest first."""
    duties = visit.ask("view.duties", only="mine", count=_SHOWN_MAX)
    rows = [{"due": "", **row, "next": _next(row)} for row in duties["duties"]]
    return visit.show("today.html", duties=rows, more=duties["next"])


def _next(row: Mapping[str, Any]) -> str:
    """Return where a duty is done, empty where no page of the desk does it."""
    return _WHERE.get(row["what"], "").format(**{name: quote(str(one), safe="") for name, one in row.items()})


PAGES: Final = (Page("/", get=show_today, menu=marked("Today"), group=marked("My work")),)
