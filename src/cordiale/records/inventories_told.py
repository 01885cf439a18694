"""Results of inventories that are told: whom our layers ask to tell, and what a partner told us of our items.

Only an agreement asks: where its profile sets no `inventory.report` the result stays at home. What is told is the
whole of what is held of an originator; a count of some levels or of one unit says nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.model.agreement import Stage
from cordiale.model.names import PartyId
from cordiale.records.agreements import AGREEMENT, load_index
from cordiale.records.duties import Due, open_duty
from cordiale.records.paging import all_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession, Books
from cordiale.rules.inventory import InventoryKind
from cordiale.rules.terms import first_day, terms_said

TOLD: Final = "inventory-told"

PRESENT: Final = "present"
GONE: Final = "left"
DIFFERING: Final = "differs"

_TERM: Final = "inventory.report"
_STAGES: Final = frozenset({Stage.PROVISIONAL, Stage.IN_FORCE, Stage.SUSPENDED, Stage.TERMINATED})


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom an agreement asks to tell: `party`, by `day`, under `article`."""

    agreement: str
    party: PartyId
    day: date | None
    article: str


def list_tellings(registry: Registry, books: Books, inventory: Record, start: date) -> Iterator[Telling]:
    """Yield whom the result of `inventory` is to be told, counted from `start`, the day it was signed."""
    body = inventory.body
    if inventory["kind"] != InventoryKind.WHOLE.value or body.get("levels") or body.get("unit"):
        return
    for agreement in all_of(books.reads, AGREEMENT):
        index = load_index(books.reads, agreement.id, registry.party)
        profile = index.state.profile
        if profile is None or Stage(agreement["stage"]) not in _STAGES:
            continue
        terms = terms_said(profile, None, _TERM, party=registry.party)
        if not terms:
            continue
        article = "; ".join(dict.fromkeys(term.article for term in terms))
        for party in index.state.parties:
            if party != registry.party and body.get("book", party) == party:
                yield Telling(agreement.id, party, first_day(terms, start, index.holidays), article)


def telling_duty(inventory: str, agreement: str, party: str) -> str:
    """Return the identifier of the duty to tell `party` a result."""
    return f"tell-inventory.{inventory}.{agreement}.{party.lower()}"


def told_id(inventory: str, agreement: str, party: str) -> str:
    """Return the name of the record that a result was told to `party`, or by it."""
    return f"{party.lower()}.{agreement}.{inventory}"


def owe_tellings(registry: Registry, session: ActSession, inventory: Record) -> None:
    """Make it due that each originator whose agreement asks for it is told a result that was just signed."""
    for one in list_tellings(registry, session, inventory, session.at.date()):
        open_duty(
            session, telling_duty(inventory.id, one.agreement, one.party), what="tell-inventory", owner=registry.party,
            subject=inventory.id, due=Due(on=one.day, basis=one.article, agreement=one.agreement),
        )
