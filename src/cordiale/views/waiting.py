"""What waits for somebody and stands in the books as no duty: read off the state of things, a kind after the other.

What is held and not registered, what one person proposed and another has not answered, what was handed over and not
confirmed. Each kind of it is a source that is read a part at a time, as far as somebody asks for it: the longest
waiting first where it is looked up by its day, and else by its identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from cordiale.model.person import Office, Person
from cordiale.records.agreements import AGREEMENT, NATIONAL
from cordiale.records.carriages import CARRIAGE, UNDER_WAY
from cordiale.records.holdings import CUSTODY
from cordiale.records.inventories import INVENTORY
from cordiale.records.items import APPROVAL, DESTRUCTION
from cordiale.records.levels import LEVEL_NOTICE
from cordiale.records.partners import OWN, PARTNER
from cordiale.records.people_proposals import PROPOSAL
from cordiale.records.record import Record, open_record
from cordiale.records.reproductions import REPRODUCTION
from cordiale.records.session import FIRST_LENGTH, Books
from cordiale.records.sight import KEEPERS, look_ahead_to, with_items
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.views import waiting_rows as rows
from cordiale.views.consignments import CONSIGNMENT
from cordiale.views.listing import Begun, Source, begin_each, each_of, place_in, questions_of
from cordiale.views.recorded_duties import Asked, first_duties_of, names_of_first
from cordiale.views.waiting_rows import Looking, Row

INTRODUCERS: Final = frozenset({Office.KEY_OFFICER, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY})
_CHARGED: Final = ("charged-out", "offered")


@dataclass(frozen=True, slots=True)
class Waits:
    """Records each of which waits for somebody; `row` says what it waits for, or None where it waits for nothing.

    It is shown to the offices `shown_to`, and `owners` act on it; None where that is whoever the row names.
    """

    source: Source
    row: Callable[[Looking, Record], Row | None]
    shown_to: frozenset[Office] | None = None
    owners: frozenset[Office] | None = None


def _by_office(source: Source, row: Callable[..., Row | None], act: OfficialAct, *others: Office) -> Waits:
    """Return what waits for the offices of `act`, and is shown to `others` besides."""
    offices = OFFICES_FOR[act]
    return Waits(source, partial(row, offices=offices), offices | frozenset(others), offices)


def _of_keepers(source: Source, row: Callable[[Looking, Record], Row | None]) -> Waits:
    return Waits(source, row, KEEPERS, frozenset({Office.REGISTRAR}))


_BY_OFFICE: Final = (
    _of_keepers(Source("held", CONSIGNMENT, "state", "held"), rows.arrived_row),
    _by_office(
        Source("approve", APPROVAL, "state", "waiting", by="given_at", not_by="person"), rows.approve_row,
        OfficialAct.AUTHORISE_RELEASE,
    ),
    _by_office(
        Source("dispatch", APPROVAL, "state", "authorised", by="given_at"), rows.dispatch_row, OfficialAct.DISPATCH
    ),
    _by_office(
        Source("destruction", DESTRUCTION, "state", "proposed", by="proposed_at", is_seen=True, not_by="persons"),
        rows.destruction_row, OfficialAct.WITNESS_DESTRUCTION, *KEEPERS,
    ),
    # Whoever holds the office is told, also of an item whose readers are named: nobody else could answer.
    _by_office(
        Source("level", "level-proposal", "state", "proposed", by="proposed_at", not_by="proposed_by"), rows.level_row,
        OfficialAct.CONFIRM_LEVEL,
    ),
)
_HOUSE: Final = (
    _by_office(Source("count", INVENTORY, "state", "open"), rows.inventory_row, OfficialAct.COUNT_INVENTORY),
    _by_office(Source("sign", INVENTORY, "state", "counted"), rows.inventory_row, OfficialAct.COUNT_INVENTORY),
    _by_office(
        Source("crisis", "crisis", "state", "entered", by="entered_at", not_by="entered_by"), rows.crisis_row,
        OfficialAct.ENTER_CRISIS,
    ),
    _by_office(Source("people", PROPOSAL, "state", "open"), rows.people_row, OfficialAct.CONFIRM_PEOPLE),
    Waits(Source("partner", PARTNER), partial(rows.partner_row, offices=INTRODUCERS), INTRODUCERS, INTRODUCERS),
    Waits(Source("declined", APPROVAL, "state", "declined", by="given_at"), rows.declined_row),
)
_LEAVING: Final = (
    _of_keepers(Source("held-back", CONSIGNMENT, "state", "dispatched", unsent="message"), rows.held_back_row),
    _of_keepers(Source("packed", CARRIAGE, "state", "packed"), rows.packed_row),
)


def _in_hand(person: Person, *, others: bool) -> Iterator[Waits]:
    """Yield what is assigned and handed over and not done: to a person, or to all `others` as well."""
    field, named = ("state", "") if others else ("state/maker", f" {person.id}")
    yield Waits(Source("task", REPRODUCTION, field, f"assigned{named}", by="assigned_at"), rows.task_row)
    yield Waits(
        Source("notice", LEVEL_NOTICE, "state/holder", f"open {person.id}", by="told_at"), rows.notice_row
    )
    field, charged = "state" if others else "state/holder", tuple(f"{state}{named}" for state in _CHARGED)
    yield Waits(Source("custody", CUSTODY, field, charged, by="charged_at"), rows.custody_row)


def list_waits(look: Looking, *, others: bool) -> list[Waits]:
    """Return what may wait for whoever looks; what `others` have in hand as well."""
    every = (
        *_BY_OFFICE, *_in_hand(look.person, others=others), *_HOUSE,
        # Nothing is held back where provision goes on under every agreement: then none of what left is gone through.
        *(_LEAVING if look.person.offices & KEEPERS and look.stopped else _LEAVING[1:]),
    )
    return [one for one in every if one.shown_to is None or look.person.offices & one.shown_to]


def each_waiting(
    look: Looking, waits: Waits, *, after: str = "", first: Begun | None = None
) -> Iterator[tuple[str, Row]]:
    """Yield what waits behind the place `after`, each with its own place, in the order of its source.

    `first` is what `begin_waits` gave of it, where that is how it begins.
    """
    for record in with_items(look.books, look.person, each_of(look.reader, waits.source, after=after, first=first)):
        row = waits.row(look, record)
        if row is not None:
            yield f"{waits.source.name} {place_in(waits.source, record)}", row


def begin_waits(
    look: Looking, every: Sequence[Waits], asked: Asked, *, ahead: int | None = None
) -> dict[str, Begun]:
    """Return what `every` one begins with, read at once with the first duties `asked` for and what these are about.

    The items that all of it is about are read as well, or those of the first `ahead` records.
    """
    # Both begin in one look: what it has read is kept for `begin_each` and for the duties.
    look.books.reads.earliest([
        *first_duties_of(look.person, asked),
        *(one for waits in every for one in questions_of(waits.source, look.person)),
    ], limit=FIRST_LENGTH)
    begun = begin_each(look.reader, [one.source for one in every])
    found = (open_record(stored) for parts in begun.values() for part in parts for _, stored in part)
    look_ahead_to(look.books, look.person, [
        str(one["item"]) for one in islice(found, ahead) if one.body.get("item")
    ], beside=names_of_first(look.books, look.person, asked))
    return begun


def look_ahead_to_house(books: Books) -> None:
    """Read at once the short lists that are asked for whatever waits: partners, agreements, and what is under way."""
    books.reads.find_ahead(_SHORT)


_SHORT: Final = (
    (PARTNER, "", ""), (AGREEMENT, "", ""), (NATIONAL, "", ""), (OWN, "", ""), ("consignment", "state", "held"),
    (CARRIAGE, "state", "packed"), *((CARRIAGE, "state", state) for state in sorted(UNDER_WAY)),
    (INVENTORY, "state", "open"), (INVENTORY, "state", "counted"), (PROPOSAL, "state", "open"),
)
