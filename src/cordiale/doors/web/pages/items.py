"""The register, searched, and an item's page.

What is searched for is itself sensitive: it is kept with the session and never stands in an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, read_fields, shown_fields
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit, fresh_token
from cordiale.errors import CordialeError
from cordiale.records.signed_in import Asked
from cordiale.words.codes import WORDS
from cordiale.words.spoken import marked

_SHOWN: Final = 50
_FORMS: Final = ("file", "paper", "medium", "equipment", "oral")
_STATES: Final = ("registered", "dispatched", "returned", "destroyed", "ceded", "void")


def _books(visit: Visit) -> Sequence[Option]:
    return [("own", marked("our own")), *choices.partners(visit)]


def _named(codes: Sequence[str]) -> Sequence[Option]:
    return [(code, WORDS[code]) for code in codes]


SEARCH: Final = Form(
    name="search", act="search.save", title="Search the register", button="Search",
    done="The search is kept.",
    fields=(
        Field("text", "Words or number", is_required=False,
              hint="Our number or theirs, words of the title, in any script. The beginning of a word is enough."),
        Field("book", "Book", kind="choice", options=_books, is_required=False),
        Field("state", "State", kind="choice", options=lambda _: _named(_STATES), is_required=False),
        Field("form", "What it is", kind="choice", options=lambda _: _named(_FORMS), is_required=False),
        Field("from", "Entered from", kind="day", is_required=False),
        Field("until", "Entered until", kind="day", is_required=False),
    ),
)


def show_register(visit: Visit) -> Response:
    """Show a page of what this person may see: the newest, or what a search of this session finds."""
    name = visit.query.get("search")
    asked = visit.require_session().searches.get(name, {})
    return _page(visit, name if asked else "", asked, visit.query.get("after"))


def _page(
    visit: Visit, name: str, asked: Mapping[str, Any], after: str = "", error: CordialeError | None = None
) -> Response:
    found = visit.ask("view.search", **asked, after=after, count=_SHOWN)
    values = Values([(one, str(value)) for one, value in asked.items()])
    return visit.show(
        "register.html", found=found, search=name, asked=asked, fields=shown_fields(visit, SEARCH, values), error=error,
        act_id=visit.fresh_act(),
    )


def search_register(visit: Visit) -> Response:
    """Keep what is searched for with the session, and show what is found; a kept search is asked for by its place."""
    asked = read_fields(visit, SEARCH, visit.form)
    kept = visit.form.get("kept")
    if kept.isascii() and kept.isdigit() and len(kept) < 4:
        saved = visit.ask("view.search", count=1).get("saved", [])
        asked = dict(saved[int(kept)]["search"]) if int(kept) < len(saved) else asked
    visit.ask("view.search", **asked, count=1)
    name = fresh_token(visit.registry)
    visit.require_session().keep_search(name, asked)
    return visit.go(f"/register?search={name}")


def save_search(visit: Visit) -> Response:
    """Keep a search of this session under a name, for this person alone."""
    asked = visit.require_session().searches.get(visit.form.get("search"), {})
    visit.do(Asked("search.save", visit.form.get("act_id"), {"name": visit.form.get("name"), **asked}))
    visit.tell(marked("The search is kept."))
    return visit.go(f"/register?search={visit.form.get('search')}")


def export(visit: Visit) -> Response:
    """Give what a search finds as comma-separated lines, marked as a whole."""
    asked = visit.require_session().searches.get(visit.form.get("search"), {})
    lines, after = [], ""
    while True:
        page = visit.ask("view.export-register", **asked, after=after, count=100)
        lines.append(page["csv"])
        after = page["next"]
        if not after:
            break
    return Response("".join(lines), 200, {
        "Content-Disposition": 'attachment; filename="register.csv"',
    }, "text/csv; charset=utf-8")


def show_item(visit: Visit) -> Response:
    """Show one item: its markings, its particulars, its copies, what happened, and what this person may do."""
    after = visit.query.get("after")
    return visit.show("item.html", item=visit.ask("view.item-page", item=visit.named["item"], after=after), after=after)


PAGES: Final = (
    Page("/register", get=show_register, post=search_register, menu=marked("Register"), group=marked("My work")),
    Page("/register/keep", post=save_search),
    Page("/register/export", post=export),
    Page("/items/{item}", get=show_item),
)
