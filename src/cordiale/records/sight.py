"""Who knows of an item. To anybody else it is not there, whatever they try with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from cordiale.errors import CordialeError, Refused, Unavailable
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Office, Person
from cordiale.records.holdings import IN_HAND
from cordiale.records.items import ITEM, needs_of
from cordiale.records.record import Record
from cordiale.records.session import ActSession, Books
from cordiale.rules.offices import OFFICES_FOR, OfficialAct

Perform: TypeAlias = Callable[[ActSession, Person], dict[str, Any]]

KEEPERS: Final = frozenset({
    Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER, Office.INSPECTOR,
})
"""Offices that see the whole register; content is another matter."""

_OWN_ITEMS: Final = frozenset({Office.RELEASING_AUTHORITY})
_FOREIGN_ITEMS: Final = frozenset({Office.HEAD})


def may_see_item(books: Books, person: Person, item: Record) -> bool:
    """True when the particulars of `item` are shown to `person`: by office, authorship, need-to-know or custody."""
    own = "agreement" not in item.body
    if person.offices & KEEPERS or person.offices & (_OWN_ITEMS if own else _FOREIGN_ITEMS):
        return "readers" not in item.body or bool(person.offices & KEEPERS) or person.id in item["readers"]
    if item.body.get("entered_by") == person.id or person.id in item.body.get("readers", ()):
        return True
    if "readers" in item.body:
        return False
    needed = any(need.withdrawn_at is None for need in needs_of(books, person.id, item.id))
    custody = books.get("custody", f"{item.id}/{person.id}")
    return needed or (custody is not None and custody["state"] in IN_HAND)


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
