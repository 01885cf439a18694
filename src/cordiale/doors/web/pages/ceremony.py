"""The signing ceremony of a profile: both sides at their screens, reading to each other what they are about to sign.

The signature itself is made with the authority's key file, whose other half the party's statement names to its
partners: a passkey is known to this node alone, and the other party could not verify it.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit

_ALOUD_LENGTH: Final = 96


def show_ceremony(visit: Visit) -> Response:
    """Show what is signed, what is read aloud, and whose signature has come."""
    return _page(visit, "")


def compare(visit: Visit) -> Response:
    """Hold what the other side read aloud against what stands here."""
    heard = "".join(visit.form.get("heard").split()).lower()[:_ALOUD_LENGTH + 1]
    return _page(visit, heard)


def _page(visit: Visit, heard: str) -> Response:
    shown = visit.ask("view.ceremony", agreement=visit.named["agreement"])
    return visit.show(
        "ceremony.html", heard=bool(heard), is_same=heard == str(shown["profile"]).replace(" ", ""), one=shown,
    )


PAGES: Final = (Page("/agreements/{agreement}/ceremony", get=show_ceremony, post=compare),)
