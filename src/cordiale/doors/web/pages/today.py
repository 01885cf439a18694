"""Today: what waits for whoever is signed in, how the partners are, and what would rather be looked at than read."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from cordiale.canonical import encode_instant
from cordiale.doors.web.pictures import bars
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import asked_part
from cordiale.doors.web.visit import Visit
from cordiale.records.sight import KEEPERS
from cordiale.words.spoken import marked

KINDS: Final = {
    "approve": marked("To approve"), "receive": marked("To receive"), "register": marked("To register"),
    "dispatch": marked("To dispatch"), "read": marked("To read"), "confirm": marked("To confirm"),
    "answer": marked("To answer"), "destroy": marked("To destroy"), "chase": marked("To chase"),
    "await": marked("Awaited from partners"), "due": marked("Due"),
}


def show_today(visit: Visit) -> Response:
    """Show what waits by kind, the earliest first of each."""
    left = [
        {"at": encode_instant(at.replace(microsecond=0)), "path": path}
        for path, at in visit.desk.sessions.kept.names(visit.person.id) if path.startswith("/")
    ]
    return visit.show("today.html", today=visit.ask("view.today"), kinds=KINDS, left=left)


def show_pictures(visit: Visit) -> Response:
    """Show the figures of the register as pictures, each with its table."""
    shown = visit.ask("view.pictures")
    return visit.show(
        "pictures.html", figures=shown,
        traffic=bars([(row["week"], (row["in"], row["out"])) for row in shown["traffic"]]),
        receipts=bars([(_age(visit, row), (row["count"],)) for row in shown["receipts"]]),
        holdings=bars([(row["level"], (row["count"],)) for row in shown["holdings"]]),
    )


def _age(visit: Visit, row: dict[str, Any]) -> str:
    return visit.say("up to {days} days", days=row["days"]) if "days" in row else visit.say("longer")


def show_settled(visit: Visit) -> Response:
    """Show everything that is due, page by page."""
    found = visit.ask("view.duties", **asked_part(visit))
    return visit.show("duties.html", duties=found["duties"], more=found["next"])


PAGES: Final = (
    Page("/", get=show_today, menu=marked("Today"), group=marked("My work")),
    Page("/duties", get=show_settled, menu=marked("All that is due"), group=marked("My work")),
    Page("/pictures", get=show_pictures, offices=KEEPERS, menu=marked("Figures"), group=marked("Registry")),
)
