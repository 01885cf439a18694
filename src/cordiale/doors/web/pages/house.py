"""The house: what this node is and how it stands, for the administrator, who sees no content and decides nothing."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from cordiale.canonical import Fields
from cordiale.doors.control.operators import OPERATIONS
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.model.person import Office
from cordiale.words.spoken import marked

_ADMINISTRATORS: Final = frozenset({Office.ADMINISTRATOR, Office.SECURITY_OFFICER})


def show_house(visit: Visit) -> Response:
    """Show the node, its checks, and what waits to leave."""
    return visit.show(
        "house.html", standing=_operate(visit, "status"), checks=_operate(visit, "doctor")["checks"],
        waiting=_operate(visit, "outbox")["waiting"][:20], signed_in=sum(visit.desk.sessions.held().values()),
    )


def make_backup(visit: Visit) -> Response:
    """Copy the whole node into a new folder while it serves."""
    asked = {"folder": visit.form.get("folder"), "medium": visit.form.get("medium")}
    _operate(visit, "backup", {name: value for name, value in asked.items() if value})
    visit.tell(marked("The backup is in its folder. Try a restore from it now and then: only then is it one."))
    return visit.go("/house")


def pack_bag(visit: Visit) -> Response:
    """Write what waits for a partner to a folder on a medium."""
    done = _operate(visit, "bag-pack", {name: visit.form.get(name) for name in ("folder", "partner")})
    visit.tell(marked("The bag {bag} for {party} is packed: {files} files."), **done)
    return visit.go("/house")


def unpack_bag(visit: Visit) -> Response:
    """Take in what came in a folder; what is wrong in it is told file by file."""
    done = _operate(visit, "bag-unpack", {"folder": visit.form.get("folder")})
    wrong = ", ".join(str(one["path"]) for one in done["problems"])
    said = {"bag": done["bag"], "before": done["before"], "taken": done["taken"]}
    visit.tell(marked("The bag {bag}: {taken} messages taken, {before} known before."), **said)
    if wrong:
        visit.tell(marked("Not taken: {wrong}"), wrong=wrong)
    return visit.go("/house")


def _operate(visit: Visit, verb: str, given: dict[str, Any] | None = None) -> Any:
    return OPERATIONS[verb](visit.desk.serving, Fields(given or {}, where="request"))


PAGES: Final = (
    Page("/house", get=show_house, offices=_ADMINISTRATORS, menu=marked("This node"), group=marked("The house")),
    Page("/house/backup", post=make_backup, offices=_ADMINISTRATORS),
    Page("/house/bag-pack", post=pack_bag, offices=_ADMINISTRATORS),
    Page("/house/bag-unpack", post=unpack_bag, offices=_ADMINISTRATORS),
)
