"""Inventories in the books: the frozen set on pages, what was sighted, what differs, what is signed.

What must be there is written down once, as it is at one commit of the books,
in pages of copies in the order of their identifiers. So whether a copy is
expected is told from one page, however large the register is, and an inventory
goes on after any pause from what was sighted. A copy is sighted once: the
record has its name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from cordiale.canonical import encode_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import OutOfOrder
from cordiale.limits import INVENTORY_PAGE_LINES_COUNT
from cordiale.model.mode import Mode
from cordiale.ports import Reads
from cordiale.records.naming import name_of
from cordiale.records.paging import all_with
from cordiale.records.record import Record, open_record
from cordiale.records.session import ActSession, Books

INVENTORY: Final = "inventory"
PAGE: Final = "inventory-page"
_PAGES_AT_ONCE: Final = 4
LAST: Final = "inventory-last"
SIGHTING: Final = "sighting"
DIFFERENCE: Final = "difference"
INCIDENT_DRAFT: Final = "incident-draft"

EXPECTED: Final = "expected"
CAME: Final = "came"
WENT: Final = "went"
LEFT: Final = "left"
EXPORTED: Final = "exported"

Line: TypeAlias = str | list[str]
"""A copy that must be there; or a copy that came or went, its number and its document."""

Prepared = TypeVar("Prepared")


def cut(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield `lines` in pages."""
    left = iter(lines)
    while page := list(islice(left, INVENTORY_PAGE_LINES_COUNT)):
        yield page


def put_pages(session: ActSession, inventory: str, part: str, pages: Iterable[list[Line]]) -> None:
    """Write the pages of one part of an inventory."""
    for number, lines in enumerate(pages):
        session.put(PAGE, _page_id(inventory, part, number), {"inventory": inventory, "lines": lines}, expect=0)


def pages_of(reads: Reads, inventory: str, part: str) -> Iterator[list[Line]]:
    """Yield the pages of one part of an inventory, in order, a few of them read at once."""
    number = 0
    while True:
        if number % _PAGES_AT_ONCE == 0:
            reads.look_ahead([(PAGE, _page_id(inventory, part, number + ahead)) for ahead in range(_PAGES_AT_ONCE)])
        page = page_of(reads, inventory, part, number)
        if page is None:
            return
        yield page
        number += 1


def page_of(reads: Reads, inventory: str, part: str, number: int) -> list[Line] | None:
    """Return one page, None where there is none of that number."""
    stored = reads.record(PAGE, _page_id(inventory, part, number))
    lines: list[Line] | None = open_record(stored)["lines"] if stored is not None else None
    return lines


def expected_of(reads: Reads, inventory: str) -> Iterator[str]:
    """Yield the copies that must be there, in their order."""
    for page in pages_of(reads, inventory, EXPECTED):
        yield from map(str, page)


def is_expected(books: Books, inventory: Record, copy: str) -> bool:
    """Tell whether an inventory expects `copy`; one page is read, however many there are."""
    number = bisect_right(inventory["starts"], copy) - 1
    lines = page_of(books.reads, inventory.id, EXPECTED, number) if number >= 0 else None
    return copy in (lines or ())


def starts_of(pages: Sequence[Sequence[Line]]) -> list[str]:
    """Return the first copy of each page, by which the page of any copy is found."""
    return [str(page[0]) for page in pages]


def sighted_copies(reads: Reads, inventory: str) -> Iterator[Record]:
    """Yield what was sighted in an inventory."""
    return all_with(reads, SIGHTING, "inventory", inventory)


def count_sighted(reads: Reads, inventory: str) -> int:
    """Return how many sightings an inventory has, of whatever was sighted."""
    return reads.count(SIGHTING, "inventory", inventory)


def count_expected_sighted(reads: Reads, inventory: str) -> int:
    """Return how many of the copies that must be there are sighted: no unknown number and no other copy counts."""
    return reads.count(SIGHTING, "inventory/outcome", f"{inventory} sighted")


def sighting_id(inventory: str, copy: str) -> str:
    """Return the name of the one sighting of `copy` in an inventory."""
    return f"{inventory}/{copy}"


def differences_of(books: Books, inventory: str) -> list[Record]:
    """Return what differs in an inventory that was counted."""
    return list(all_with(books.reads, DIFFERENCE, "inventory", inventory))


def require_inventory(books: Books, id: str, *states: str) -> Record:
    """Return an inventory in one of `states`; raises `OutOfOrder`."""
    record = books.require(INVENTORY, id)
    if states == ("open",) and record["state"] in ("counted", "signed"):
        raise OutOfOrder(
            "inventory.counted", "{name} has ended the counting", hint="look at `cordiale inventory show`",
            name=name_of(books, record["closed_by"]),
        )
    if record["state"] not in states:
        raise OutOfOrder(
            "inventory.state", "this inventory is {state}", hint="look at `cordiale inventory show`",
            state=record["state"],
        )
    return record


def require_prepared(prepared: Prepared | None) -> Prepared:
    """Return what was prepared for an act; raises `OutOfOrder` when its person got the office only since then."""
    if prepared is None:
        raise OutOfOrder("inventory.office-new", "the office was given a moment ago", hint="repeat the command")
    return prepared


def previous_of(reads: Reads, scope: str) -> str:
    """Return the last signed inventory of the whole of `scope`, empty where there is none."""
    stored = reads.record(LAST, scope)
    return str(open_record(stored)["inventory"]) if stored is not None else ""


def lines_digest(mode: Mode, parts: Mapping[str, Sequence[Sequence[Line]]]) -> str:
    """Return the digest over every line of an inventory, as hexadecimal SHA-384."""
    return sha384(domain(Purpose.INVENTORY, mode), encode_canonical({
        part: [line for page in pages for line in page] for part, pages in parts.items()
    })).hex()


def result_binding(mode: Mode, inventory: Record, differences: Sequence[Record]) -> str:
    """Return what those sign who sign a result: the counts, the lines, and every difference as explained."""
    kept = ("digest", "totals", "kind", "scope", "opened_at", "commit")
    return sha384(domain(Purpose.INVENTORY, mode), encode_canonical({
        **{name: inventory[name] for name in kept}, "inventory": inventory.id,
        "differences": [[one.id, one["finding"], one.body.get("explanation", "")] for one in differences],
    })).hex()


def _page_id(inventory: str, part: str, number: int) -> str:
    return f"{inventory}/{part}/{number:06d}"
