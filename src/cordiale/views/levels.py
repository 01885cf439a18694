"""Changes of level as people see them: what is proposed, what was issued or taken, and how far each party has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.model.level import LevelChangeKind
from cordiale.model.person import Office, Person
from cordiale.records.items import COPY, ITEM, marks_of
from cordiale.records.labels import label_of
from cordiale.records.level_copies import TREE_OF_COPIES, each_copy
from cordiale.records.levels import LEVEL_CHANGE, LEVEL_NOTICE, LEVEL_TOLD
from cordiale.records.lineage import number_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.views.authority import require_office, require_visible, viewer
from cordiale.views.listing import Source, gather_part, list_part, read_part

_SHOWN: Final[tuple[str, ...]] = (
    "after", "article", "authority", "before", "change", "effective_at", "handle_as", "issued_at", "issuer", "item",
    "kind", "state",
)
_TOLD: Final[tuple[str, ...]] = ("outcome", "party", "pending", "silent", "state")
_ANSWERERS: Final = KEEPERS | OFFICES_FOR[OfficialAct.CONFIRM_LEVEL] | {Office.COMPETENT_AUTHORITY}
_PROPOSED: Final = Source("proposals", "level-proposal", "state", "proposed", by="proposed_at", is_seen=True)
_UNDER_WAY: Final = Source(
    "changes", LEVEL_CHANGE, "state", ("pending", "working", "marking"), by="effective_at", is_seen=True
)


def list_levels(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what is proposed, and the changes of level that are not worked off; or all of those of one item.

    A part at a time: at most `count` after `after`, the `next` of the part before. Keepers see besides how far each
    partner has come, which copies still bear the old mark, and who lost access.
    """
    fields = request.act.fields()
    name, part = fields.optional_text("item"), read_part(fields)
    fields.end()
    books, person = viewer(registry, request)
    item = require_visible(books, person, name) if name else None
    changes = Source("changes", LEVEL_CHANGE, "item", item.id) if item is not None else _UNDER_WAY
    found, following = gather_part((books, person), [_PROPOSED, changes] if item is None else [changes], part, (
        lambda _, one: one if _may_see(books, person, one) else None
    ))
    if person.offices & KEEPERS:
        _look_ahead(books, found["changes"])
    proposed = books.get(_PROPOSED.kind, item.id) if item is not None and not part.after else None
    waiting = [proposed] if proposed is not None and proposed["state"] == "proposed" else found.get("proposals", [])
    return {
        "changes": [_line(registry, books, person, one) for one in found["changes"]],
        "proposals": [one.body for one in waiting], "next": following,
    }


def _look_ahead(books: Books, changes: Sequence[Record]) -> None:
    """Read at once what the lines of keepers say of who was told, what bears the old mark, and who noted it."""
    books.reads.find_ahead([
        *((kind, "change", one.id) for one in changes for kind in (LEVEL_TOLD, LEVEL_NOTICE)),
        *((COPY, field, one["item"]) for one in changes for field in TREE_OF_COPIES),
    ])
    books.reads.look_ahead([("level-shut-out", f"{one.id}/{one['item']}") for one in changes])


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
    """Return the doubts about levels of ours that wait for an answer; who entered one is not in the answer.

    A part at a time: at most `count` after `after`, the `next` of the part before; or `only` one; of one `item` where
    it is named.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    part, about = read_part(fields), fields.optional_text("item") or ""
    fields.end()
    require_office(person, _ANSWERERS, "doubts about levels")

    def shown(_: str, one: Record) -> dict[str, Any] | None:
        item = books.get(ITEM, one["item"])
        if one["state"] != "open" or item is None or one["request"] or not may_see_item(books, person, item):
            return None
        return {
            **{name: one[name] for name in ("at", "doubt", "item", "reason", "to") if name in one.body},
            "challenge": one.id, "level": str(label_of(item).level), "reference": item["reference"],
        }

    field, value = ("item", about) if about else ("state", "open")
    return list_part((books, person), [Source("challenges", "level-challenge", field, value)], part, shown)


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
