"""Changes of level as people see them: what is proposed, what was issued or taken, and how far each party has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cordiale.model.level import LevelChangeKind
from cordiale.model.person import Office, Person
from cordiale.records.items import COPY, ITEM, label_of, marks_of
from cordiale.records.level_copies import TREE_OF_COPIES, each_copy
from cordiale.records.levels import LEVEL_CHANGE, LEVEL_NOTICE, LEVEL_TOLD
from cordiale.records.lineage import number_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item, with_items
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.views.authority import require_office, require_visible, viewer

_SHOWN: Final[tuple[str, ...]] = (
    "after", "article", "authority", "before", "change", "effective_at", "handle_as", "issued_at", "issuer", "item",
    "kind", "state",
)
_TOLD: Final[tuple[str, ...]] = ("outcome", "party", "pending", "silent", "state")
_ANSWERERS: Final = KEEPERS | OFFICES_FOR[OfficialAct.CONFIRM_LEVEL] | {Office.COMPETENT_AUTHORITY}
_OPEN: Final = ("pending", "working", "marking")


def list_levels(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the changes of level of one item, or of all that are not worked off, and what is proposed.

    Keepers see besides how far each partner has come, which copies still bear the old mark, and who lost access.
    """
    fields = request.act.fields()
    name = fields.optional_text("item")
    fields.end()
    books, person = viewer(registry, request)
    item = require_visible(books, person, name) if name else None
    changes = books.each(LEVEL_CHANGE, "item", item.id) if item is not None else _open(books)
    proposed = books.get("level-proposal", item.id) if item is not None else None
    proposals = books.each("level-proposal", "state", "proposed") if item is None else filter(None, (proposed,))
    seen = [one for one in with_items(books, person, changes) if _may_see(books, person, one)]
    if person.offices & KEEPERS:
        _look_ahead(books, seen)
    return {
        "changes": [_line(registry, books, person, one) for one in seen],
        "proposals": [
            one.body for one in with_items(books, person, proposals)
            if one["state"] == "proposed" and _may_see(books, person, one)
        ],
    }


def _look_ahead(books: Books, changes: Sequence[Record]) -> None:
    """Read at once what the lines of keepers say of who was told, what bears the old mark, and who noted it."""
    books.reads.find_ahead([
        *((kind, "change", one.id) for one in changes for kind in (LEVEL_TOLD, LEVEL_NOTICE)),
        *((COPY, field, one["item"]) for one in changes for field in TREE_OF_COPIES),
    ])
    books.reads.look_ahead([("level-shut-out", f"{one.id}/{one['item']}") for one in changes])


def _open(books: Books) -> Iterator[Record]:
    for state in _OPEN:
        yield from books.each(LEVEL_CHANGE, "state", state)


def _may_see(books: Books, person: Person, about: Record) -> bool:
    item = books.get(ITEM, about["item"])
    return item is not None and may_see_item(books, person, item)


def _line(registry: Registry, books: Books, person: Person, change: Record) -> dict[str, Any]:
    line: dict[str, Any] = {name: change[name] for name in _SHOWN if name in change.body}
    item = books.get(ITEM, change["item"])
    line["reference"] = item["reference"] if item is not None else ""
    if not person.offices & KEEPERS:
        return line
    line["told"] = [
        {name: told[name] for name in _TOLD if name in told.body}
        for told in books.each(LEVEL_TOLD, "change", change.id)
    ]
    line["to_mark"] = [
        number_of(books, copy) for copy in each_copy(books, change["item"])
        if copy.body.get("level_change") == change.id and not copy["level_done"]
    ]
    line["not_noted"] = [
        notice["holder"] for notice in books.each(LEVEL_NOTICE, "change", change.id) if notice["state"] == "open"
    ]
    shut_out = books.get("level-shut-out", f"{change.id}/{change['item']}")
    if shut_out is not None and Office.SECURITY_OFFICER in person.offices:
        line["lost_access"] = shut_out["persons"]
    return line


def list_challenges(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return the doubts about levels of ours that wait for an answer; who entered one is not in the answer."""
    books, person = viewer(registry, request)
    request.act.fields().end()
    require_office(person, _ANSWERERS, "doubts about levels")
    rows = []
    for one in with_items(books, person, books.each("level-challenge", "state", "open")):
        item = books.get(ITEM, one["item"])
        if item is not None and not one["request"] and may_see_item(books, person, item):
            names = ("at", "doubt", "item", "reason", "to")
            rows.append({
                **{name: one[name] for name in names if name in one.body}, "challenge": one.id,
                "level": str(label_of(item).level), "reference": item["reference"],
            })
    return {"challenges": rows}


def stamps_of(item: Record) -> list[dict[str, Any]]:
    """Return what stands beside the marks of an item: each old mark, struck, by whose decision and from when."""
    return [
        {
            "article": mark.article, "authority": mark.authority, "effective_at": mark.effective_at.isoformat(),
            "level": str(mark.after) if mark.after is not None else mark.kind.value,
            **({} if mark.kind is LevelChangeKind.HANDLING_RAISED else {"struck": str(mark.before)}),
            **({"handle_as": str(mark.handle_as)} if mark.handle_as is not None else {}),
            **({"equivalent": str(mark.marking.level)} if mark.marking is not None else {}),
        }
        for mark in marks_of(item)
    ]
