"""Lineage: which copy was made from which, and the whole tree below an item.

A copy that was reproduced from another names it as its ``parent``; a translation
or an extract is an item of its own, whose copies descend from the copy that lay
on the desk. Every reproduction names, besides, the item at the ``root`` of its
tree, so that a change of level, a return or an inventory reaches all of it page
by page, whatever the register holds otherwise.

The identifier of a reproduction begins with that of its parent and a dot: a
partner can report none under a copy that it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX, LINEAGE_DEPTH_MAX
from cordiale.records.items import COPY, ITEM
from cordiale.records.record import Record
from cordiale.records.session import Books


def root_of(item: Record) -> str:
    """Return the identifier of the item at the root of the tree of `item`: its own, unless it was derived."""
    return str(item.body.get("root", item.id))


def list_tree(books: Books, item_id: str) -> Iterator[Record]:
    """Yield every copy of the item, and everything that was reproduced from one, here or as partners reported it.

    Copies that ended are among them. They are read page by page as they are asked for.
    """
    item = books.get(ITEM, item_id)
    root = root_of(item) if item is not None else item_id
    items = {item_id: None}
    for copy in _paged(books, "root", root):
        if root == item_id or is_below(copy.id, item_id):
            items[copy["item"]] = None
            yield copy
    # What the originator dispatched, of the item or of a translation, was reproduced from nothing.
    for one in items:
        for copy in _paged(books, "item", one):
            if "root" not in copy.body:
                yield copy


def list_derived_items(books: Books, item_id: str) -> Iterator[Record]:
    """Yield every translation and extract in the tree of the item that is entered here as an item of its own."""
    seen: set[str] = {item_id}
    for copy in list_tree(books, item_id):
        if copy["item"] not in seen:
            seen.add(copy["item"])
            derived = books.get(ITEM, copy["item"])
            if derived is not None:
                yield derived


def find_derived_items(books: Books, item: Record, *, limit: int) -> list[str]:
    """Return at most `limit` translations and extracts of `item`, and of these, that are entered here as items."""
    found = {one.id: one for one in books.find(ITEM, "root", root_of(item), limit=limit)}

    def is_of_it(one: Record | None) -> bool:
        return one is not None and (one["parent_item"] == item.id or is_of_it(found.get(one["parent_item"])))

    return [id for id, one in found.items() if is_of_it(one)]


def original_number(root: str, copy_id: str) -> int:
    """Return the number of the copy of the item `root` that `copy_id` is, or descends from; 0 for none, by its name."""
    number = copy_id.removeprefix(f"{root}.c").partition(".")[0]
    return int(number) if number.isdigit() and copy_id.startswith(f"{root}.c") else 0


def list_children(books: Books, copy_id: str) -> Iterator[Record]:
    """Yield what was reproduced directly from the copy."""
    yield from _paged(books, "parent", copy_id)


def list_descendants(books: Books, copy_id: str) -> Iterator[Record]:
    """Yield everything that was reproduced from the copy, directly or from one of its reproductions."""
    for child in list_children(books, copy_id):
        yield child
        yield from list_descendants(books, child.id)


def list_ancestors(books: Books, copy: Record) -> Iterator[Record]:
    """Yield the copy that `copy` was reproduced from, then the one before that, up to the first."""
    at = copy
    while "parent" in at.body:
        at = books.require(COPY, at["parent"])
        yield at


def is_below(id: str, above: str) -> bool:
    """Tell whether the reproduction `id` descends from the copy or item `above`, by their identifiers."""
    return id.startswith(f"{above}.")


def number_of(books: Books, copy: Record) -> str:
    """Return the number of `copy` as it stands on it: ``2``, or for one made from it ``1/3 of copy 2``."""
    number = str(copy["copy_number"])
    if "copies_total" in copy.body and "parent" in copy.body:
        number = f"{number}/{copy['copies_total']}"
        parent = books.get(COPY, copy["parent"])
        if parent is not None and parent["copy_number"]:
            return f"{number} of copy {number_of(books, parent)}"
    return number


def next_number(books: Books, item: str) -> int:
    """Return the next number in the series of the originator's own copies of `item`."""
    return max((int(copy["copy_number"]) for copy in _paged(books, "item", item)), default=0) + 1


def require_depth(books: Books, copy: Record) -> Record:
    """Return `copy` when something may still be reproduced from it; raises `Malformed` for too long a line."""
    if sum(1 for _ in list_ancestors(books, copy)) >= LINEAGE_DEPTH_MAX:
        raise Malformed(
            "lineage.depth", "this copy is the last of a line of {count}, and nothing is reproduced from it",
            hint="reproduce from an earlier copy", count=LINEAGE_DEPTH_MAX,
        )
    return copy


def require_numbers(numbers: Sequence[int]) -> Sequence[int]:
    """Return the copy `numbers` when none is above what a copy may bear. Raises `Malformed`."""
    if numbers and numbers[-1] > COPIES_COUNT_MAX:
        raise Malformed(
            "lineage.count", "an item has at most {count} numbered copies", hint="make no further copies",
            count=COPIES_COUNT_MAX,
        )
    return numbers


def _paged(books: Books, field: str, value: str) -> Iterator[Record]:
    yield from books.each(COPY, field, value)
