"""The register and an item's page."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Visit
from cordiale.words.spoken import marked


def show_register(visit: Visit) -> Response:
    """Show the items that this person may see."""
    return visit.show("register.html", items=visit.ask("view.items")["items"])


def show_item(visit: Visit) -> Response:
    """Show one item: its markings, its particulars, its copies."""
    return visit.show("item.html", item=visit.ask("view.item", item=visit.named["item"]))


PAGES: Final = (
    Page("/register", get=show_register, menu=marked("Register"), group=marked("My work")),
    Page("/items/{item}", get=show_item),
)
