"""Who knows of an item. To anybody else it is not there, whatever they try with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from cordiale.errors import CordialeError, Refused, Unavailable
from cordiale.model.decision import decision_of, refusal
from cordiale.model.found import PersonClause, Sight
from cordiale.model.person import Office, Person
from cordiale.records.finding import INDEX_FORM, NAMED, OPEN, SIDES, side_of
from cordiale.records.holdings import CUSTODY, IN_HAND
from cordiale.records.items import ITEM
from cordiale.records.record import Record
from cordiale.records.session import FIRST_LENGTH, PAGE_LENGTH, ActSession, Books
from cordiale.rules.offices import OFFICES_FOR, OfficialAct

Perform: TypeAlias = Callable[[ActSession, Person], dict[str, Any]]

KEEPERS: Final = frozenset({
    Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER, Office.INSPECTOR,
})
"""Offices that see the whole register; content is another matter."""

NEED: Final = "need"

_OWN_ITEMS: Final = frozenset({Office.RELEASING_AUTHORITY})
_FOREIGN_ITEMS: Final = frozenset({Office.HEAD})


def may_see_item(books: Books, person: Person, item: Record) -> bool:
    """True when the particulars of `item` are shown to `person`: by office, authorship, need-to-know or custody."""
    return _sees(
        person, item, lambda: (books.get(NEED, f"{item.id}/{person.id}"), books.get(CUSTODY, f"{item.id}/{person.id}"))
    )


def list_seen(books: Books, person: Person, items: Sequence[str]) -> list[Record]:
    """Return those of `items` that `person` may see, in their order; as `may_see_item`, in one look at the books."""
    look_ahead_to(books, person, items)
    found = [books.get(ITEM, id) for id in items]
    return [one for one in found if one is not None and may_see_item(books, person, one)]


def look_ahead_to(
    books: Books, person: Person, items: Iterable[str], *, beside: Iterable[tuple[str, str]] = ()
) -> None:
    """Read at once what says of `items` whether `person` may see them, and the records named `beside`."""
    names = [(ITEM, id) for id in dict.fromkeys(items)]
    if not person.offices & KEEPERS:
        names += [(kind, f"{id}/{person.id}") for _, id in names for kind in (NEED, CUSTODY)]
    books.reads.look_ahead([*names, *beside])


def with_items(books: Books, person: Person, found: Iterable[Record]) -> Iterator[Record]:
    """Yield `found`, and before each some of them read at once what says whether `person` may see their items."""
    rest, count = iter(found), FIRST_LENGTH
    while some := list(islice(rest, count)):
        count = min(4 * count, PAGE_LENGTH)
        look_ahead_to(books, person, [str(one["item"]) for one in some if one.body.get("item")])
        yield from some


def _sees(
    person: Person, item: Record, named_with: Callable[[], tuple[Record | None, Record | None]]
) -> bool:
    if person.offices & (KEEPERS | offices_that_see(side_of(item.body))):
        return "readers" not in item.body or bool(person.offices & KEEPERS) or person.id in item["readers"]
    if item.body.get("entered_by") == person.id or person.id in item.body.get("readers", ()):
        return True
    if "readers" in item.body:
        return False
    need, custody = named_with()
    return (need is not None and "withdrawn_at" not in need.body) or (
        custody is not None and custody["state"] in IN_HAND
    )


def offices_that_see(side: str) -> frozenset[Office]:
    """Return the offices that see the items of a side of the register, ``own`` or ``foreign``, beside its keepers."""
    return _OWN_ITEMS if side == "own" else _FOREIGN_ITEMS


def seen_by_name(person: Person) -> tuple[PersonClause, ...]:
    """Return where the items are that `person` sees because they are named with them, in the words of the index.

    What an office of theirs lets them see anyhow is left out, and so found once.
    """
    clauses = list[PersonClause]()
    for side in SIDES:
        if person.offices & offices_that_see(side):
            clauses.append(PersonClause(("reader",), (f"side {side}", NAMED)))
        else:
            clauses.append(PersonClause(("entered", "reader"), (f"side {side}",)))
            clauses.append(PersonClause(("need", "holder"), (f"side {side}", OPEN)))
    return tuple(clauses)


def sight_of(person: Person) -> Sight | None:
    """Return which items `person` sees, as the index is asked; None where that is all of them."""
    if person.offices & KEEPERS:
        return None
    sides = tuple((f"side {side}", OPEN) for side in SIDES if person.offices & offices_that_see(side))
    return Sight(person.id, sides, seen_by_name(person), INDEX_FORM)


def hide_from_strangers(item: str, perform: Perform, act: OfficialAct | None = None) -> Perform:
    """Return `perform` so that a stranger to `item` is refused alike whether it is there or not.

    As `hide_all_from_strangers`, for an act on one item.
    """
    return hide_all_from_strangers((item,), perform, act)


def hide_all_from_strangers(items: tuple[str, ...], perform: Perform, act: OfficialAct | None = None) -> Perform:
    """Return `perform` so that a stranger to any of `items` is refused alike whether it is there or not.

    A stranger neither sees the item nor keeps the register nor holds an office for `act`; being a reader makes nobody
    less a stranger. The refusal is one by the rules, and so stands in the audit trail; everybody else gets the
    reasons as they are.
    """
    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        try:
            return perform(session, actor)
        except Unavailable:
            raise
        except CordialeError:
            if all(_knows(session, actor, session.get(ITEM, item), act) for item in items):
                raise
        raise _stranger()

    return run


def require_known(books: Books, person: Person, item: Record, act: OfficialAct) -> Record:
    """Return `item` when `person` is no stranger to it; raises the `Refused` of `hide_from_strangers` otherwise.

    For an act that a reader may begin: that it succeeds would tell them that the item is there.
    """
    if not _knows(books, person, item, act):
        raise _stranger()
    return item


def _knows(books: Books, person: Person, item: Record | None, act: OfficialAct | None) -> bool:
    offices = OFFICES_FOR[act] - {Office.READER} if act is not None else frozenset()
    return bool(person.offices & (offices | KEEPERS)) or (item is not None and may_see_item(books, person, item))


def _stranger() -> Refused:
    return Refused(decision_of("access", [
        refusal("access.no-need-to-know", "this person has no need-to-know for the item")
    ]))
