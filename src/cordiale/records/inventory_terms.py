"""How often a part of the register is counted, and how much of it in a spot check: what the layers say, together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from cordiale.model.agreement import Term
from cordiale.records.agreements import AGREEMENT, load_index
from cordiale.records.duties import Due, discharge, open_duty
from cordiale.records.holdings import OWN_BOOK
from cordiale.records.items import own_rules
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.inventory import InventoryKind
from cordiale.rules.layers import national_of
from cordiale.rules.terms import counted_from
from cordiale.rules.workdays import Holidays, holidays_of

_EVERY: Final = {InventoryKind.WHOLE.value: "inventory.every", InventoryKind.SPOT.value: "spot-check.every"}
_NO_HOLIDAYS: Final = Holidays(frozenset(), frozenset())


def least_share(registry: Registry, books: Books, book: str) -> int:
    """Return the least share in percent that the layers ask of a spot check, 0 where none says one."""
    return max((term.count for term, _ in _terms(registry, books, "inventory.share", book)), default=0)


def owe_next(registry: Registry, session: ActSession, inventory: Record, proof: str) -> None:
    """Discharge the duty that an inventory was, and make the next one due where the layers say how often."""
    name = _EVERY.get(inventory["kind"])
    if name is None:
        return
    id = f"take-inventory.{inventory['kind']}.{inventory['scope']}"
    discharge(session, id, proof)
    days = {
        counted_from(term, session.at.date(), holidays): term.article
        for term, holidays in _terms(registry, session, name, inventory.body.get("book", ""))
    }
    day: date | None = min(days, default=None)
    if day is not None:
        open_duty(session, id, what="take-inventory", owner=registry.party, subject=inventory["scope"],
                  due=Due(on=day, basis=days[day]))


def _terms(registry: Registry, books: Books, name: str, book: str) -> Iterator[tuple[Term, Holidays]]:
    """Yield the terms of every agreement the part of the register is held under, and of our own law.

    A term that names a level counts for the whole part: what is counted oftener than asked breaks nothing.
    """
    national = own_rules(registry, books).profile
    if book in ("", OWN_BOOK) and national is not None:
        yield from ((term, _NO_HOLIDAYS) for term in national.terms if term.name == name)
    for agreement in books.every(AGREEMENT):
        state = load_index(books.reads, agreement.id, registry.party).state
        if state.profile is None or (book and book not in state.parties):
            continue
        ours = national_of(state.nationals, registry.party)
        holidays = holidays_of(state.profile, state.parties)
        for term in (*state.profile.terms, *(ours.terms if ours is not None else ())):
            if term.name == name and term.party in (None, registry.party):
                yield term, holidays
