"""What has become of all that came under an agreement, or was asked back in one request: proved, attested, held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from cordiale.errors import Malformed
from cordiale.model.person import Office
from cordiale.records.agreements import AGREEMENT
from cordiale.records.endings import ENDED
from cordiale.records.items import COPY, ITEM
from cordiale.records.paging import all_with
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request
from cordiale.records.returns import RETURN_REQUEST
from cordiale.records.session import Books
from cordiale.records.sight import KEEPERS
from cordiale.views.authority import require_office, viewer
from cordiale.views.pages import render_page

_READERS: Final = KEEPERS | {Office.COMPETENT_AUTHORITY}
_LINES_COUNT_MAX: Final = 10_000
HELD: Final = "held"


def show_completeness(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return each foreign copy that came, with its certificate and what that is worth, and the counts of all.

    It is complete when nothing is held any more. What is proved is proved of this node alone; that nobody kept
    another copy is never proved by anything.
    """
    fields = request.act.fields()
    agreement, asked = fields.optional_text("agreement") or "", fields.optional_text("request") or ""
    form = fields.optional_text("as") or "rows"
    fields.end()
    if bool(agreement) is bool(asked):
        raise Malformed(
            "completeness.which", "it is about one agreement, or about one request", hint="name one of the two"
        )
    books, person = viewer(registry, request)
    require_office(person, _READERS, "the certificate that all is gone")
    copies = _asked(books, asked) if asked else _under(registry, books, agreement)
    lines = [_line(books, copy) for copy in islice(copies, _LINES_COUNT_MAX + 1)]
    counts = Counter(line["worth"] for line in lines)
    shown: dict[str, Any] = {
        "agreement": agreement or books.require(RETURN_REQUEST, asked)["agreement"], "request": asked,
        "at": books.at.strftime("%Y-%m-%d %H:%M:%S UTC"), "counts": dict(counts), "lines": lines[:_LINES_COUNT_MAX],
        "is_complete": not counts[HELD] and len(lines) <= _LINES_COUNT_MAX, "party": registry.party,
        "title": registry.title,
    }
    if form == "html":
        shown["html"] = render_page("completeness.html", {**shown, "mode": registry.mode.value})
    return shown


def _under(registry: Registry, books: Books, agreement: str) -> Iterator[Record]:
    books.require(AGREEMENT, agreement)
    for copy in all_with(books.reads, COPY, "agreement", agreement):
        if copy["party"] == registry.party:
            yield copy


def _asked(books: Books, request: str) -> Iterator[Record]:
    for id in books.require(RETURN_REQUEST, request)["copies"]:
        yield books.require(COPY, id)


def _line(books: Books, copy: Record) -> dict[str, Any]:
    item = books.require(ITEM, copy["item"])
    line: dict[str, Any] = {
        "copy": copy["copy_number"], "number": copy.body.get("reference") or item["reference"],
        "their_number": copy.body.get("their_reference", ""), "worth": HELD,
    }
    certificates = books.find("certificate", "copy", copy.id)
    if certificates and copy["state"] in ENDED:
        first = certificates[0]
        line |= {"certificate": first["number"], "done_on": first["done_on"], "ending": first["ending"],
                 "worth": first["proof"]}
    return line
