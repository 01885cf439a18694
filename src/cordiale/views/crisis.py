"""The list for a crisis: everything that is held here, place by place, what must be destroyed first at the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.errors import Malformed
from cordiale.limits import CRISIS_PART_COPIES_COUNT_MAX
from cordiale.model.label import Scheme
from cordiale.model.person import Person
from cordiale.records.drafts import DRAFT
from cordiale.records.holdings import Holding, held_part, holdings_of, level_of, list_held
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.rules.inventory import aggregate_levels, is_within
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.views.authority import require_office, viewer
from cordiale.views.listing import Source, gather_part, read_part
from cordiale.views.pages import render_page
from cordiale.wire.scheme_table import load_schemes, schemes_for

_NUMBERS_LISTED_COUNT: Final = 10
_DRAFT_STATES: Final = ("draft", "issued")


def list_for_crisis(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return every copy held here by unit and place, the highest level first; printed beforehand and kept sealed.

    With `unit`, those of that unit and of the units below it: a list that each of them keeps where its copies lie.
    With `count`, a part of at most so many copies, as they lie in the books and not by their places, `marked` as what
    is in it, and `next`: what to give as `after` for the part that follows.

    Drafts of ours stand on it under the identifier of each, without a place, with their author, and on the list of the
    author's unit.
    """
    fields = request.act.fields()
    form, after = fields.optional_text("as") or "rows", fields.optional_text("after") or ""
    count = fields.optional_integer("count", 1, CRISIS_PART_COPIES_COUNT_MAX)
    unit = fields.optional_text("unit") or ""
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "the list for a crisis")
    schemes = schemes_for(registry.mode, load_schemes())
    if count is None or unit:
        held, following = list(holdings_of(books, list_held(books.reads, unit=unit))), ""
        held += [one for one in _drafts(books, after="", count=None)[0] if not unit or _is_of(books, one, unit)]
    else:
        held, following = _part(books, after, count)
    books.reads.look_ahead([("person", id) for one in held for id in one.holders.split(", ") if id])
    marked = [str(level) for level in aggregate_levels({level_of(one.here) for one in held}, schemes)]
    shown: dict[str, Any] = {
        "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"), "count": len(held), "marked": marked, "next": following,
        "party": registry.party, "places": _by_place(held, schemes), "title": registry.title, "unit": unit,
    }
    if form == "html":
        shown["html"] = render_page("crisis.html", {**shown, "mode": registry.mode.value})
    return shown


def _part(books: Books, after: str, count: int) -> tuple[list[Holding], str]:
    """Return a part of what is held, the drafts behind all copies, and where the next begins."""
    kind, _, id = after.partition(" ")
    if kind == DRAFT:
        return _drafts(books, after=id, count=count)
    copies, following = held_part(books.reads, after, count)
    held = list(holdings_of(books, copies))
    if following:
        return held, following
    drafts, more = _drafts(books, after="", count=count - len(held))
    return held + drafts, more


def _drafts(books: Books, *, after: str, count: int | None) -> tuple[list[Holding], str]:
    """Return at most `count` of the drafts that are not destroyed, behind `after`, and where the next begin."""
    state, _, id = after.partition("/")
    if after and state not in _DRAFT_STATES:
        raise Malformed("held.page", "this is not the end of a page", hint="give what the page before named as next")
    found, last = list[Holding](), after
    for one in _DRAFT_STATES[_DRAFT_STATES.index(state) if after else 0 :]:
        for draft in books.each(DRAFT, "state", one, after=id if one == state else ""):
            if len(found) == count:
                return found, f"{DRAFT} {last}"
            found.append(_as_held(draft))
            last = f"{one}/{draft.id}"
    return found, ""


def _is_of(books: Books, draft: Holding, unit: str) -> bool:
    author = books.get("person", draft.holders)
    return author is not None and is_within(str(author["unit"]), unit)


def _as_held(draft: Record) -> Holding:
    return Holding(
        copy=draft.id, item="", number=draft.id, copy_number=0, behind="", level=draft["level"], here=draft["level"],
        book=DRAFT, form=draft["form"], unit="", place="", holders=draft["author"],
    )


def _by_place(held: Sequence[Holding], schemes: Mapping[str, Scheme]) -> list[dict[str, Any]]:
    places: dict[tuple[str, str], list[Holding]] = {}
    for one in held:
        places.setdefault((one.unit, one.place), []).append(one)
    return [
        {"place": place, "unit": unit, "copies": [_line(one) for one in sorted(
            found, key=lambda one: (-_rank(one, schemes), one.book, one.number, one.copy_number)
        )]}
        for (unit, place), found in sorted(places.items())
    ]


def list_crises(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the destructions in a crisis that one person entered and a second has not confirmed, a part at a time.

    Of each, the first of its `numbers`, and how many copies there are. At most `count` after `after`, the `next` of the
    part before; or `only` one.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part = read_part(fields)
    fields.end()
    require_office(person, OFFICES_FOR[OfficialAct.ENTER_CRISIS], "the destructions in a crisis")
    found, following = gather_part(
        (books, person), [Source("crises", "crisis", "state", "entered")], part,
        lambda _, one: one if one["state"] == "entered" else None,
    )
    return {"crises": _crises(books, person, found["crises"], numbers=_NUMBERS_LISTED_COUNT), "next": following}


def show_crisis(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one entry about a crisis: which copies were destroyed, when, how, by whom and on whose order."""
    fields = request.act.fields()
    crisis_id = fields.text("crisis")
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, OFFICES_FOR[OfficialAct.ENTER_CRISIS], "a destruction in a crisis")
    return _crises(books, person, [books.require("crisis", crisis_id)], numbers=None)[0]


def _crises(
    books: Books, person: Person, crises: Sequence[Record], *, numbers: int | None
) -> list[dict[str, Any]]:
    """Return `crises` as they are shown; who and what they name is read at once."""
    books.reads.look_ahead([("person", str(id)) for one in crises for id in (one["entered_by"], *one["done_by"])])
    named = dict.fromkeys(copy for one in crises for copy in one["copies"][:numbers])
    number_of = {one.copy: one.number for one in holdings_of(books, named)}
    return [
        _crisis(books, person, one, [number_of[copy] for copy in one["copies"][:numbers]]) for one in crises
    ]


def _crisis(books: Books, person: Person, crisis: Record, numbers: list[str]) -> dict[str, Any]:
    names = ("agreement", "circumstances", "entered_at", "happened_at", "method", "ordered_by", "residue", "state")
    return {
        **{name: crisis[name] for name in names if name in crisis.body}, "crisis": crisis.id,
        "entered_by": books.require("person", crisis["entered_by"])["name"],
        "done_by": [books.require("person", one)["name"] for one in crisis["done_by"]],
        "is_mine": crisis["entered_by"] == person.id, "copies": len(crisis["copies"]),
        "numbers": numbers,
    }


def _rank(one: Holding, schemes: Mapping[str, Scheme]) -> int:
    """Return the rank of the level it is handled at here; a level without a rank goes before all others."""
    level = level_of(one.here)
    scheme = schemes.get(level.scheme)
    return scheme.rank_of(level.name) if scheme is not None and scheme.ordered and level.name in scheme.levels else 999


def _line(one: Holding) -> dict[str, Any]:
    return {
        "book": one.book, "copy": "" if one.book == DRAFT else one.copy_number, "form": one.form,
        "holders": one.holders, "level": one.here, "number": one.number,
    }
