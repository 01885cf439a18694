"""The glossary: each word with the one meaning it has here."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.words.glossary import GLOSSARY, Term
from cordiale.words.spoken import marked


def show_glossary(visit: Visit) -> Response:
    """Show the words that people meet at the desk."""
    parts = [(title, [one for one in rows if isinstance(one, Term)]) for title, rows in GLOSSARY]
    return visit.show("glossary.html", parts=[part for part in parts if part[1]])


PAGES: Final = (Page("/glossary", get=show_glossary, menu=marked("Glossary"), group=marked("Help")),)
