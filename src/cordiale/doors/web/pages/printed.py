"""Forms to print: receipts, register pages, certificates and courier slips, as PDF in the languages of both parties.

The list for a crisis is a page, to be kept as a file and printed from it: the whole, or that of one unit.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.canonical import parse_base64url
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.records.sight import KEEPERS

_KINDS: Final = {
    "receipt": ("view.receipt", "consignment"), "register": ("view.register", "book"),
    "certificate": ("view.certificate", "certificate"), "slip": ("view.carriage", "consignment"),
}


def _print(visit: Visit, kind: str) -> Response:
    view, name = _KINDS[kind]
    shown = visit.ask(view, **{name: visit.named[name], "as": "pdf"})
    return Response(parse_base64url(str(shown["pdf"])), 200, {
        "Content-Disposition": f'inline; filename="{kind}.pdf"',
    }, "application/pdf")


def _crisis_list(visit: Visit) -> Response:
    shown = visit.ask("view.crisis-list", unit=visit.query.get("unit"), **{"as": "html"})
    return Response(str(shown["html"]), 200, {
        "Content-Disposition": 'attachment; filename="crisis.html"',
    }, "text/html; charset=utf-8")


PAGES: Final = (
    Page("/print/crisis-list", get=_crisis_list, offices=KEEPERS),
    Page("/print/receipt/{consignment}", get=lambda visit: _print(visit, "receipt"), offices=KEEPERS),
    Page("/print/register/{book}", get=lambda visit: _print(visit, "register"), offices=KEEPERS),
    Page("/print/certificate/{certificate}", get=lambda visit: _print(visit, "certificate"), offices=KEEPERS),
    Page("/print/slip/{consignment}", get=lambda visit: _print(visit, "slip"), offices=KEEPERS),
)
