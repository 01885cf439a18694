"""Today: what waits for whoever is signed in."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.words.spoken import marked

_SHOWN_MAX: Final = 100


def show_today(visit: Visit) -> Response:
    """Show what is due and what waits, the earliest first."""
    duties = visit.ask("view.duties", only="mine", count=_SHOWN_MAX)
    return visit.show("today.html", duties=duties["duties"], more=duties["next"])


PAGES: Final = (Page("/", get=show_today, menu=marked("Today"), group=marked("My work")),)
