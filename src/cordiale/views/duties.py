"""What is due and what waits for somebody: each person sees what they may act on, keepers what anybody owes.

A duty that stands in the books has a day and a proof; the rest is read off the state of things: what is held
and not registered, what one person proposed and another has not answered, what was handed over and not confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from cordiale.limits import DUTIES_SHOWN_COUNT_MAX, UNDATED_OPENED_COUNT_MAX
from cordiale.model.person import Office, Person
from cordiale.records.agreements import AGREEMENT, NATIONAL
from cordiale.records.carriages import CARRIAGE, UNDER_WAY
from cordiale.records.duties import DUTY
from cordiale.records.holdings import CUSTODY
from cordiale.records.inventories import INVENTORY
from cordiale.records.items import APPROVAL, DESTRUCTION, ITEM
from cordiale.records.levels import LEVEL_NOTICE
from cordiale.records.partners import OWN, PARTNER
from cordiale.records.record import Record
from cordiale.records.registering import duty_to_register, register_due
from cordiale.records.registry import Registry, Request
from cordiale.records.releases import binding_of, version_of
from cordiale.records.reproductions import REPRODUCTION
from cordiale.records.session import FIRST_LENGTH, Books
from cordiale.records.sight import KEEPERS, look_ahead_to, may_see_item, with_items
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.views.authority import viewer
from cordiale.views.consignments import held_consignments, list_held_back
from cordiale.views.duties_custody import list_crises_entered, list_inventories_open, list_packed, list_people_proposed
from cordiale.views.recorded_duties import (
    Asked,
    Only,
    held_row,
    is_overdue,
    look_ahead_to_names,
    recorded_duties,
    with_name,
)
from cordiale.views.releases import list_declined

_INTRODUCERS: Final = frozenset({Office.KEY_OFFICER, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY})
_NO_DAY: Final = "9999"
_CHARGED: Final = ("charged-out", "offered")

Row = dict[str, Any]
Source = Callable[[Registry, Books, Person], Iterator[Row]]


def list_duties(registry: Registry, request: Request) -> Mapping[str, Any]:
    """Return what is due and not done as far as this person may see it, the earliest first, a page at a time.

    `only` is ``mine`` (what falls to an office of theirs), ``overdue`` or ``today``; `subject` gives all duties about
    one thing, the discharged with their proof. `after` is the `next` of the page before, of at most `count` rows.

    A row has `what`, `owner` (a party, or the office or person who acts), `subject` (what a command names) and
    `about` (its number for people); `due` and `since` where there is a day. What has no day comes last; what only
    waits, and stands in the books as no duty, is on the first page, at most `count` of each kind: `more` says that
    there are others.
    """
    books, person = viewer(registry, request)
    fields = request.act.fields()
    asked = Asked(
        only=fields.choice("only", Only) if fields.has("only") else Only.ALL,
        subject=fields.optional_text("subject") or "", after=fields.optional_text("after") or "",
        count=fields.integer("count", 1, DUTIES_SHOWN_COUNT_MAX) if fields.has("count") else DUTIES_SHOWN_COUNT_MAX,
    )
    fields.end()

    def is_about(row: Row) -> bool:
        named = (row["subject"], with_name(registry, books, person, row)["about"]) if asked.subject else ()
        return not named or asked.subject in named

    look_ahead_for(books, person, others=bool(person.offices & KEEPERS))
    rows, following = recorded_duties(books, person, asked)
    is_cut = False
    if not asked.after and asked.only in (Only.ALL, Only.MINE):
        for source in SOURCES:
            waiting = (row for row in source(registry, books, person) if is_about(row))
            rows += islice(waiting, asked.count)
            is_cut = is_cut or next(waiting, None) is not None
    look_ahead_to_names(books, person, rows)
    rows = [with_name(registry, books, person, row) | {"overdue": is_overdue(row, books.at)} for row in rows]
    return {
        "duties": sorted(rows, key=lambda row: (row.get("due", _NO_DAY), row.get("since", ""), row["subject"])),
        "more": is_cut, "next": following,
    }


def look_ahead_for(books: Books, person: Person, *, others: bool) -> None:
    """Read at once what the sources of duties begin with, and the items these are about; what `others` have as well."""
    asked = (
        *_BEGINNINGS, *(_OF_OTHERS if others else ()), (LEVEL_NOTICE, "holder/state", f"{person.id} open"),
        (REPRODUCTION, "state/maker", f"assigned {person.id}"),
        *((CUSTODY, "holder/state", f"{person.id} {state}") for state in _CHARGED),
    )
    books.reads.find_ahead(asked)
    found = [one for kind, field, value in asked if field for one in books.find(kind, field, value, limit=FIRST_LENGTH)]
    held = [one for one in found if one.kind == "consignment"]
    look_ahead_to(books, person, [str(one["item"]) for one in found if one.body.get("item")], beside=[
        *((DUTY, duty_to_register(one.id)) for one in held),
        *(("reminder", f"{one['message']}.receipt") for one in held),
    ])


def _held(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Consignments that wait to be counted and registered, and for which the books name no day yet."""
    if not person.offices & KEEPERS:
        return
    duties = [(record, books.get(DUTY, duty_to_register(record.id))) for record in held_consignments(books)]
    undated = [record for record, duty in duties if duty is None or "dated" not in duty.body]
    for record in undated:
        # Opening takes long: where many came at once, the node's next round says their days.
        due = register_due(registry, record) if len(undated) <= UNDATED_OPENED_COUNT_MAX else None
        yield held_row(books, record) | ({"due": due.isoformat()} if due is not None else {})


def _releases(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Releases that one person proposed and no authority answered, and releases that wait to be dispatched."""
    waits = (
        ("waiting", "approve-release", OFFICES_FOR[OfficialAct.AUTHORISE_RELEASE]),
        ("authorised", "dispatch", OFFICES_FOR[OfficialAct.DISPATCH]),
    )
    for state, what, offices in waits:
        for record in _open(books, person, (APPROVAL, "state", state)) if person.offices & offices else ():
            item = books.get(ITEM, record["item"])
            if item is None or item["state"] != "registered" or not may_see_item(books, person, item):
                continue
            if what != "dispatch" and record["person"] == person.id:
                continue
            if not _is_current(registry, books, item, record):
                continue
            yield {
                "about": item["reference"], "agreement": record["agreement"], "owner": _offices(offices),
                "purpose": record["purpose"], "recipient": record["recipient"], "since": record["given_at"],
                "subject": item.id, "what": what,
            }


def _open(books: Books, person: Person, question: tuple[str, str, str]) -> Iterator[Record]:
    """Yield what is found, and read the items it is about some at a time, as far as it is asked for."""
    return with_items(books, person, books.each(*question))


def _is_current(registry: Registry, books: Books, item: Record, approval: Record) -> bool:
    """True when the approval still speaks of what is there: content, label and terms unchanged since."""
    binding = binding_of(
        item, recipient=approval["recipient"], purpose=approval["purpose"], agreement=approval["agreement"],
        version=version_of(books, approval["agreement"]), mode=registry.mode,
    )
    return bool(binding == approval["bound_digest"])


def _destructions(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Destructions that wait for another person."""
    offices = OFFICES_FOR[OfficialAct.WITNESS_DESTRUCTION]
    for record in _open(books, person, (DESTRUCTION, "state", "proposed")):
        item = books.get(ITEM, record["item"])
        if item is None or not person.offices & (offices | KEEPERS) or not may_see_item(books, person, item):
            continue
        if person.id in record["persons"]:
            continue
        yield {
            "about": item["reference"], "owner": _offices(offices), "since": record["proposed_at"],
            "subject": record.id, "what": "witness-destruction",
        }


def _reproductions(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Reproductions that were assigned and are not finished: for whoever makes them, and for keepers."""
    if not person.offices & KEEPERS:
        yield from _own_reproductions(registry, books, person)
        return
    yield from _assigned(books, person, (REPRODUCTION, "state", "assigned"))


def _own_reproductions(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Reproductions that this person was assigned and has not finished."""
    yield from _assigned(books, person, (REPRODUCTION, "state/maker", f"assigned {person.id}"))


def _assigned(books: Books, person: Person, question: tuple[str, str, str]) -> Iterator[Row]:
    for record in _open(books, person, question):
        item = books.require(ITEM, record["item"])
        yield {
            "about": item["reference"], "owner": record["maker"], "purpose": record["purpose"],
            "since": record["assigned_at"], "subject": record.id, "what": record["act"],
        }


def _levels(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Proposals to change a level that the originator has not answered.

    Whoever holds the office is told, also of an item whose readers are named: nobody else could answer.
    """
    offices = OFFICES_FOR[OfficialAct.CONFIRM_LEVEL]
    if not person.offices & offices:
        return
    for record in _open(books, person, ("level-proposal", "state", "proposed")):
        item = books.get(ITEM, record["item"])
        if item is None:
            continue
        if record["proposed_by"] == person.id:
            continue
        yield {
            "about": item["reference"], "owner": _offices(offices), "since": record["proposed_at"],
            "subject": item.id, "what": "confirm-level",
        }


def _notices(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Changes of level of what this person holds, not yet noted."""
    for record in _open(books, person, (LEVEL_NOTICE, "holder/state", f"{person.id} open")):
        item = books.get(ITEM, record["item"])
        if item is not None:
            yield {
                "about": item["reference"], "owner": person.id, "since": record["told_at"], "subject": item.id,
                "what": "note-level",
            }


def _custody(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Items that were charged out and that their holders have not confirmed."""
    if not person.offices & KEEPERS:
        yield from _own_custody(registry, books, person)
        return
    yield from _unconfirmed(books, person, [(CUSTODY, "state", state) for state in _CHARGED])


def _own_custody(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Items that were charged out to this person, who has not confirmed it."""
    yield from _unconfirmed(books, person, [(CUSTODY, "holder/state", f"{person.id} {state}") for state in _CHARGED])


def _unconfirmed(books: Books, person: Person, charged: Sequence[tuple[str, str, str]]) -> Iterator[Row]:
    for record in chain.from_iterable(_open(books, person, one) for one in charged):
        item = books.require(ITEM, record["item"])
        yield {
            "about": item["reference"], "owner": record["holder"], "since": record["charged_at"], "subject": item.id,
            "what": "confirm-custody",
        }


def _partners(registry: Registry, books: Books, person: Person) -> Iterator[Row]:
    """Partners whose fingerprint only one person has compared."""
    if not person.offices & _INTRODUCERS:
        return
    for record in books.every(PARTNER):
        if len(record["confirmed_by"]) == 1 and person.id not in record["confirmed_by"]:
            yield {"about": record.id, "owner": _offices(_INTRODUCERS), "subject": record.id, "what": "confirm-partner"}


def _offices(offices: frozenset[Office]) -> str:
    return ", ".join(sorted(office.value for office in offices))


SOURCES: Final[tuple[Source, ...]] = (
    _held, _releases, _destructions, _reproductions, _levels, _notices, _custody,
    list_inventories_open, list_crises_entered, list_people_proposed, _partners, list_declined, list_held_back,
    list_packed,
)

_WITH_OTHERS: Final[Mapping[Source, Source]] = {_reproductions: _own_reproductions, _custody: _own_custody}
TODAY_SOURCES: Final[tuple[Source, ...]] = tuple(_WITH_OTHERS.get(one, one) for one in SOURCES)
"""The same for what is a person's own to do: what others have in hand is not looked through for it."""

_OF_OTHERS: Final = ((REPRODUCTION, "state", "assigned"), *((CUSTODY, "state", state) for state in _CHARGED))
_BEGINNINGS: Final = (
    *((APPROVAL, "state", state) for state in ("waiting", "authorised", "declined")),
    (DESTRUCTION, "state", "proposed"), ("level-proposal", "state", "proposed"), ("consignment", "state", "held"),
    *((CARRIAGE, "state", state) for state in sorted(UNDER_WAY)),
    (CARRIAGE, "state", "packed"), ("people-proposal", "state", "open"),
    (INVENTORY, "state", "open"), (INVENTORY, "state", "counted"), ("crisis", "state", "entered"),
    (PARTNER, "", ""), (AGREEMENT, "", ""), (NATIONAL, "", ""), (OWN, "", ""),
)
"""What the sources ask for, as `find_ahead` takes it; `_OF_OTHERS` what keepers are shown besides of all others."""
