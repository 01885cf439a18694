"""What is due and what waits for somebody: each person sees what they may act on, keepers what anybody owes.

A duty that stands in the books has a day and a proof; the rest is read off the state of things, and waits behind what
stands in the books.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cordiale.limits import DUTIES_SHOWN_COUNT_MAX
from cordiale.records.registry import Registry, Request
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import viewer
from cordiale.views.listing import Begun
from cordiale.views.recorded_duties import (
    Asked,
    Only,
    duties_about,
    is_overdue,
    look_ahead_to_names,
    no_end,
    recorded_duties,
    with_name,
)
from cordiale.views.waiting import (
    Waits,
    begin_waits,
    each_waiting,
    list_waits,
    look_ahead_to_house,
)
from cordiale.views.waiting_rows import Looking, Row

_NO_DAY = "9999"


def list_duties(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what is due and not done as far as this person may see it, a part at a time.

    What stands in the books comes first, the earliest before all others and what has no day last; then what only waits,
    kind by kind, the longest waiting first; consignments, parcels, inventories, partners and proposals about people by
    their identifiers. `only` is ``mine`` (what falls to an office of theirs), ``overdue`` or ``today``; `subject` gives
    all duties about one thing, the discharged with their proof. `after` is the `next` of the part before, of at most
    `count` rows.

    A row has `what`, `owner` (a party, or the office or person who acts), `subject` (what a command names) and
    `about` (its number for people); `due` and `since` where there is a day.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    asked = Asked(
        only=fields.choice("only", Only) if fields.has("only") else Only.ALL,
        subject=fields.optional_text("subject") or "", after=fields.optional_text("after") or "",
        count=fields.integer("count", 1, DUTIES_SHOWN_COUNT_MAX) if fields.has("count") else DUTIES_SHOWN_COUNT_MAX,
    )
    fields.end()
    look_ahead_to_house(books)
    look = Looking(registry, books, person)
    every = list_waits(look, others=bool(person.offices & KEEPERS)) if asked.only in (Only.ALL, Only.MINE) else []
    rows, following = _about(look, every, asked) if asked.subject else _part(look, every, asked)
    look_ahead_to_names(books, person, rows)
    return {
        "duties": [with_name(registry, books, person, row) | {"overdue": is_overdue(row, books.at)} for row in rows],
        "next": following,
    }


def _about(look: Looking, every: Sequence[Waits], asked: Asked) -> tuple[list[Row], str]:
    """Return all that is due about one thing, by its name in the books or its number for people."""
    def is_meant(row: Row) -> bool:
        named = with_name(look.registry, look.books, look.person, row)
        return asked.subject in (row["subject"], named["about"])

    rows = duties_about(look.books, look.person, asked.subject)
    rows += filter(is_meant, (row for _, row in _each(look, every)))
    return sorted(rows, key=_moment), ""


def _part(look: Looking, every: Sequence[Waits], asked: Asked) -> tuple[list[Row], str]:
    """Return the rows of a part of the list, and what to ask for the part that follows."""
    names = [one.source.name for one in every]
    name, _, place = asked.after.partition(" ")
    if name in names:
        if not place or ("/" not in place and every[names.index(name)].source.by):
            raise no_end()
        rest = every[names.index(name):]
        begun = begin_waits(look, rest[1:], asked, ahead=asked.count + 1)
        return _waiting(look, rest, asked.count, place=place, begun=begun)
    begun = begin_waits(look, every, asked, ahead=asked.count + 1)
    page = recorded_duties(look.books, look.person, asked)
    if page.following:
        return page.rows, page.following
    left = asked.count - len(page.rows)
    if left == 0:
        # What only waits begins the part behind the last duty, where there is any of it.
        return page.rows, page.last if next(_each(look, every, begun=begun), None) is not None else ""
    rows, following = _waiting(look, every, left, begun=begun)
    return page.rows + rows, following


def _waiting(
    look: Looking, every: Sequence[Waits], count: int, *, place: str = "", begun: Mapping[str, Begun] | None = None
) -> tuple[list[Row], str]:
    """Return at most `count` rows of what waits behind `place` in the first of `every`, and the part that follows."""
    rows: list[Row] = []
    last = ""
    for at, row in _each(look, every, place=place, begun=begun):
        if len(rows) == count:
            return rows, last
        rows.append(row)
        last = at
    return rows, ""


def _each(
    look: Looking, every: Sequence[Waits], *, place: str = "", begun: Mapping[str, Begun] | None = None
) -> Iterator[tuple[str, Row]]:
    for number, one in enumerate(every):
        first = (begun or {}).get(one.source.name)
        yield from each_waiting(look, one, after=place if number == 0 else "", first=first)


def _moment(row: Row) -> tuple[str, str, str]:
    return row.get("due", _NO_DAY), row.get("since", ""), row["subject"]
