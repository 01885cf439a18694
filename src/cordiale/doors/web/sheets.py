"""Pages that list: facts and sections of rows, each row leading to its own page and to what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from starlette.responses import Response

from cordiale.doors.web.forms import Form
from cordiale.doors.web.visit import Visit
from cordiale.limits import DESK_ROWS_SHOWN_COUNT_MAX

Row: TypeAlias = Mapping[str, Any]


def always(_: Row) -> bool:
    """Offer an action on every row."""
    return True


@dataclass(frozen=True, slots=True)
class Column:
    """The member `name` of each row under the heading `label`.

    `kind` is `text`, `word` (a code that has a word), `when` (a moment), `day`, `dated` (words with days in them),
    `code` (an identifier) or `person` (named by the identifier); several values stand side by side.
    `link` is the address a value leads to, with members of the row in braces.
    """

    name: str
    label: str
    kind: str = "text"
    link: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A form that is offered to the offices that may do it. `about` is what it is told, with members of the row in
    braces; `fits` tells on which rows it stands."""

    form: Form
    about: str = ""
    fits: Callable[[Row], bool] = always


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading; `empty` is said where there are none, and where that is empty the section is left away.

    `name` is what an address calls the section by that says from where on it is shown; without one, its place.
    """

    rows: Sequence[Row]
    columns: tuple[Column, ...]
    heading: str = ""
    empty: str = ""
    actions: tuple[Action, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its title, what it says first, facts as a row with its columns, actions and sections.

    `links` lead to other pages (address and word), `marked` is what the page as a whole is marked with, `next` the
    address of the part that follows.
    """

    title: str
    lead: str = ""
    facts: tuple[Column, ...] = ()
    about: Row | None = None
    actions: tuple[Action, ...] = ()
    sections: tuple[Section, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    marked: tuple[str, ...] = ()
    next: str = ""


def show_sheet(visit: Visit, sheet: Sheet) -> Response:
    """Show the page."""
    about = sheet.about or {}
    return visit.show(
        "sheet.html", sheet=sheet, facts=[one for one in _facts(sheet.facts, about) if one["values"]],
        actions=_offered(visit, sheet.actions, about),
        sections=[_shown(visit, place, one) for place, one in enumerate(sheet.sections) if one.rows or one.empty],
    )


def asked_part(visit: Visit) -> dict[str, Any]:
    """Return which part of a list the address of a page asks a view for."""
    return {"after": visit.query.get("after"), "count": DESK_ROWS_SHOWN_COUNT_MAX}


def following(visit: Visit, found: Row, **beside: str) -> str:
    """Return the address of the part behind the one that a view has `found`; empty where it is the last."""
    return f"{visit.path}?{urlencode({**beside, 'after': found['next']})}" if found["next"] else ""


def beside(title: str, facts: tuple[Column, ...], about: Row, *sections: Section) -> tuple[str, Mapping[str, Any]]:
    """Return what is shown beside a form: facts, and sections without actions."""
    return "part-sheet.html", {
        "about_title": title, "facts": [one for one in _facts(facts, about) if one["values"]],
        "sections": [
            {"actions": (), "columns": _used(one.columns, one.rows), "empty": one.empty, "heading": one.heading,
             "rows": [
                 {"actions": [], "cells": _facts(_used(one.columns, one.rows), row)}
                 for row in one.rows[:DESK_ROWS_SHOWN_COUNT_MAX]
             ],
             "more": len(one.rows) - DESK_ROWS_SHOWN_COUNT_MAX}
            for one in sections if one.rows or one.empty
        ],
    }


def _facts(columns: tuple[Column, ...], row: Row) -> list[dict[str, Any]]:
    return [
        {"href": address(one.link, row) if one.link and row.get(one.name) else "", "kind": one.kind, "label": one.label,
         "values": _values(row.get(one.name))}
        for one in columns
    ]


def _used(columns: tuple[Column, ...], rows: Sequence[Row]) -> tuple[Column, ...]:
    """Return the columns in which any of `rows` has something."""
    return tuple(one for one in columns if any(_values(row.get(one.name)) for row in rows))


def _values(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def address(template: str, row: Row) -> str:
    """Return an address with members of `row`, each written as an address writes it."""
    return template.format(**{name: quote(str(one), safe="") for name, one in row.items()})


def _offered(visit: Visit, actions: tuple[Action, ...], row: Row) -> list[dict[str, str]]:
    return [
        {"href": f"{one.form.address}{'?' if one.about else ''}{address(one.about, row)}", "title": one.form.title}
        for one in actions
        if (one.form.offices is None or one.form.offices & visit.person.offices) and one.fits(row)
    ]


def rows_asked(visit: Visit, name: str) -> int:
    """Return how many rows of the section `name` are shown and passed over, and one more: it tells of others."""
    return _first(visit, name) + DESK_ROWS_SHOWN_COUNT_MAX + 1


def _first(visit: Visit, name: str) -> int:
    asked = visit.query.get(f"rows{name}")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 0


def _shown(visit: Visit, place: int, section: Section) -> dict[str, Any]:
    """Return a section for the template: a long one a page at a time, from where the address says."""
    called = section.name or str(place)
    name, first = f"rows{called}", _first(visit, called)
    end = first + DESK_ROWS_SHOWN_COUNT_MAX
    kept = {asked: value for asked, value in visit.query.items() if asked != name}
    columns = _used(section.columns, section.rows[first:end])
    return {
        "actions": section.actions, "columns": columns, "empty": section.empty, "heading": section.heading,
        "next": f"{visit.path}?{urlencode({**kept, name: end})}" if end < len(section.rows) else "",
        "first": "?".join(filter(None, (visit.path, urlencode(kept)))) if first else "",
        "rows": [
            {"actions": _offered(visit, section.actions, row), "cells": _facts(columns, row)}
            for row in section.rows[first:end]
        ],
    }
