"""A book of the register as it is read or printed: its lines in their order, a part at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cordiale.errors import Malformed, OutOfOrder
from cordiale.limits import BOOK_LINES_COUNT, BOOK_PRINTED_COUNT
from cordiale.records.items import ENTRY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.partners import PARTNER
from cordiale.records.record import open_record
from cordiale.records.registry import Registry, Request
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.rules.devices import highest
from cordiale.views.authority import require_office, viewer
from cordiale.views.forms import printed, register_form
from cordiale.views.pages import render_page
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes

_LAST: Final = "\x7f"


def show_register(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return one book of the register, in the order of its lines: ``own``, ``dispatch``, or an originating party.

    `after` is the `next` of the part before, of at most `count` lines; `levels` are the highest among these lines.
    """
    fields = request.act.fields()
    book, form = fields.text("book"), fields.optional_text("as") or "rows"
    after = _after(fields.optional_text("after") or "")
    count = fields.optional_integer("count", 1, BOOK_PRINTED_COUNT)
    fields.end()
    books, person = viewer(registry, request)
    require_office(person, KEEPERS, "the register")
    most = BOOK_LINES_COUNT if form == "rows" else BOOK_PRINTED_COUNT
    found, following = _part(books, book, after, count or most)
    if not found and not after[1]:
        _require_book(registry, books, book)
    books.reads.look_ahead([(ITEM, str(row["item"])) for row in found if "item" in row])
    rows = [_with_item(books, row) for row in sorted(found, key=lambda row: (row["at"], row["number"]))]
    shown: dict[str, Any] = {
        "book": book, "levels": _levels_of(rows), "next": following, "party": registry.party, "rows": rows,
        "title": registry.title,
    }
    shown_at = books.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    if form == "html":
        shown["html"] = render_page("register.html", {**shown, "mode": registry.mode.value, "at": shown_at})
    if form == "pdf":
        shown |= printed(registry, register_form(registry.mode, shown, shown_at))
    return shown


def _part(books: Books, book: str, after: tuple[str, str], count: int) -> tuple[list[Mapping[str, Any]], str]:
    """Return at most `count` lines of a book from the one behind `after`, and where the part that follows begins."""
    prefix = f"{book} "
    end = (prefix + after[0], after[1]) if after[1] else ("", "")
    found = books.reads.between(ENTRY, "book/at", (prefix, prefix + _LAST), after=end, limit=count + 1)
    part = found[:count]
    following = f"{part[-1][0].removeprefix(prefix)} {part[-1][1].id}" if len(found) > count else ""
    return [open_record(stored).body for _, stored in part], following


def _after(text: str) -> tuple[str, str]:
    """Read the end of the part before: the time of a line and its identifier."""
    at, _, id = text.partition(" ")
    if text and not (at and id):
        raise Malformed(
            "register.page", "this is not the end of a page", hint="give what the page before named as next"
        )
    return at, id


def _levels_of(rows: list[dict[str, Any]]) -> list[str]:
    """Return the highest level, in each scheme, of what the page lists: the page itself is handled at it."""
    named = {str(row[name]) for row in rows for name in ("level", "equivalent") if row.get(name)}
    return [str(one) for one in highest(map(parse_level_ref, sorted(named)), load_schemes().values())]


_NOTES: Final[Mapping[str, str]] = {
    "from_registry": "from", "to_registry": "to",
    "form": "kind", "document": "document", "dated": "dated", "parts": "parts", "sheets": "sheets",
    "subject": "subject", "office": "office", "author": "author",
    "signatory": "signed by", "basis": "classified under", "channel": "channel",
    "addressee": "for", "passed_to": "passed to", "because": "because", "purpose": "purpose",
    "release_to": "released to", "caveats": "caveats", "handle_as": "handled as", "term": "term",
    "legal_basis": "under", "link": "by", "registry": "registry", "their_consignment": "their consignment",
    "received_at": "received", "method": "how", "proof": "proof", "persons": "by", "witnesses": "witnesses",
    "numbered": "copy", "recipient": "for", "device": "device", "language": "language", "urgent": "urgent",
    "made_on": "made", "event": "event", "authority": "authority", "particular": "corrected", "now_reads": "now reads",
    "before": "struck", "read_before": "read before", "reason": "reason", "corrected_by": "by", "voided_by": "by",
    "registrar": "receipt of",
    "integrity": "digest of the sealed content",
}
"""What a line of a book says beside its columns, by member, in order."""


def _with_item(books: Books, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of a book with the number, title and level of its item where the entry itself does not say them."""
    line = dict(row)
    item = books.get(ITEM, row["item"]) if "item" in row else None
    if item is not None:
        line |= {"item_number": item["reference"], "title": item["title"], "level": str(label_of(item).level)} | line
    notes = {name: line[name] for name in _NOTES if line.get(name) not in (None, "", [])}
    return {**line, "notes": [[_NOTES[name], _note(value)] for name, value in notes.items()]}


def _note(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['name']}, {value['post']}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _require_book(registry: Registry, books: Books, book: str) -> None:
    """Raise `OutOfOrder`, naming the books there are, unless `book` is one of them."""
    known = ["own", "dispatch", *sorted(record.id for record in books.every(PARTNER) if record.id != registry.party)]
    if book not in known:
        raise OutOfOrder(
            "register.no-book", "there is no book `{book}` here", hint="choose one of: {books}",
            book=book[:40], books=", ".join(known),
        )
