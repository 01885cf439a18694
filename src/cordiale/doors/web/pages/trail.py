"""The audit trail: its state, how far the partners' own were seen, verified in one click; and where an item is."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.canonical import Fields
from cordiale.doors.control.operators import OPERATIONS
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.errors import Malformed
from cordiale.limits import ITEM_PAGE_ROWS_COUNT
from cordiale.model.person import Office
from cordiale.records.sight import KEEPERS
from cordiale.words.spoken import marked

_READERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
_SHOWN: Final = 75


def show_trail(visit: Visit) -> Response:
    """Show the logs, and how far each partner's own log of the same agreement was seen here."""
    return _trail(visit, None)


def verify_trail(visit: Visit) -> Response:
    """Hold the whole register against the whole trail, now, and say in one sentence how it stands."""
    return _trail(visit, OPERATIONS["verify"](visit.desk.serving, Fields({}, where="request")))


def _trail(visit: Visit, verdict: object) -> Response:
    return visit.show("trail.html", logs=visit.ask("view.logs")["logs"], verdict=verdict, may_verify=True)


def show_log(visit: Visit) -> Response:
    """Show a hundred entries of one log, the last ones unless the address says from where."""
    log, given = visit.named["log"], visit.query.get("from")
    if given and not (given.isascii() and given.isdigit() and len(given) < 16):
        raise Malformed("desk.number", "`{value}` is not a number", hint="write it in figures", value=given[:40])
    asked = {"from": int(given)} if given else {"newest": True}
    return visit.show("trail-log.html", count=_SHOWN, **visit.ask("view.trail", log=log, count=_SHOWN, **asked))


def show_where(visit: Visit) -> Response:
    """Answer an inspector: where is this item, who has had it, who has read it, what proves it."""
    after = visit.query.get("after")
    shown = visit.ask("view.where", item=visit.query.get("item"), after=after, count=ITEM_PAGE_ROWS_COUNT)
    return visit.show("where.html", **shown, after=after, following=shown["next"])


PAGES: Final = (
    Page("/trail", get=show_trail, post=verify_trail, offices=_READERS, menu=marked("Audit trail"),
         group=marked("The house")),
    Page("/trail/{log}", get=show_log, offices=_READERS),
    Page("/where", get=show_where, offices=KEEPERS),
)
