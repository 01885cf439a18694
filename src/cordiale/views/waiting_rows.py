"""What is shown of each thing that waits and stands in the books as no duty, to whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cordiale.limits import UNDATED_OPENED_COUNT_MAX
from cordiale.model.person import Office, Person
from cordiale.records.agreements import AGREEMENT, has_stopped
from cordiale.records.duties import DUTY
from cordiale.records.items import ITEM
from cordiale.records.record import Record, shown_at
from cordiale.records.registering import duty_to_register, register_due
from cordiale.records.registry import Registry
from cordiale.records.releases import binding_of, version_of
from cordiale.records.session import Books
from cordiale.records.sight import may_see_item
from cordiale.views.consignments import held_consignments
from cordiale.views.recorded_duties import held_row

Row = dict[str, Any]
Offices = frozenset[Office]


@dataclass(frozen=True)
class Looking:
    """Whoever looks at the books of a registry, as they are now."""

    registry: Registry
    books: Books
    person: Person

    @property
    def reader(self) -> tuple[Books, Person]:
        """Who reads lists, and in what."""
        return self.books, self.person

    @cached_property
    def stopped(self) -> frozenset[tuple[str, str]]:
        """The agreements under which provision has stopped, each with the party that nothing goes to."""
        return frozenset(
            (one.id, party) for one in self.books.every(AGREEMENT) for party in one["parties"]
            if has_stopped(one, self.books.at.date(), (self.registry.party, party))
        )


    @cached_property
    def undated(self) -> Mapping[str, Record]:
        """The consignments that came and for whose registering the books name no day yet: the next round says it."""
        held = held_consignments(self.books)
        self.books.reads.look_ahead([
            *((DUTY, duty_to_register(one.id)) for one in held),
            *(("reminder", f"{one['message']}.receipt") for one in held),
        ])
        duties = ((one, self.books.get(DUTY, duty_to_register(one.id))) for one in held)
        return {one.id: one for one, duty in duties if duty is None or "dated" not in duty.body}


def arrived_row(look: Looking, record: Record) -> Row | None:
    """Return a consignment that waits to be counted and registered, and for which the books name no day yet."""
    if record.id not in look.undated:
        return None
    # Opening takes long: where many came at once, the node's next round says their days.
    due = register_due(look.registry, record) if len(look.undated) <= UNDATED_OPENED_COUNT_MAX else None
    return held_row(look.books, record) | ({"due": due.isoformat()} if due is not None else {})


def approve_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a release that somebody else proposed and no authority has answered."""
    return _release_row(look, record, "approve-release", offices)


def dispatch_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a release that waits to be dispatched."""
    return _release_row(look, record, "dispatch", offices)


def _release_row(look: Looking, record: Record, what: str, offices: Offices) -> Row | None:
    item = look.books.get(ITEM, record["item"])
    if item is None or item["state"] != "registered" or not may_see_item(look.books, look.person, item):
        return None
    if not _is_current(look, item, record):
        return None
    return {
        "about": item["reference"], "agreement": record["agreement"], "owner": _named(offices),
        "purpose": record["purpose"], "recipient": record["recipient"], "since": record["given_at"],
        "subject": item.id, "what": what,
    }


def _is_current(look: Looking, item: Record, approval: Record) -> bool:
    """True when the approval still speaks of what is there: content, label and terms unchanged since."""
    binding = binding_of(
        item, recipient=approval["recipient"], purpose=approval["purpose"], agreement=approval["agreement"],
        version=version_of(look.books, approval["agreement"]), mode=look.registry.mode,
    )
    return bool(binding == approval["bound_digest"])


def declined_row(look: Looking, record: Record) -> Row | None:
    """Return a release that this person proposed and an authority declined: proposed anew, or withdrawn, by them."""
    item = look.books.get(ITEM, record["item"]) if record["person"] == look.person.id else None
    if item is None or item["state"] != "registered" or not may_see_item(look.books, look.person, item):
        return None
    return {
        "about": item["reference"], "agreement": record["agreement"], "owner": look.person.id,
        "purpose": record["purpose"], "recipient": record["recipient"], "since": record["declined_at"],
        "subject": item.id, "what": "release-declined",
    }


def destruction_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a destruction that waits for another person."""
    item = look.books.get(ITEM, record["item"])
    if item is None or not may_see_item(look.books, look.person, item):
        return None
    return {
        "about": item["reference"], "owner": _named(offices), "since": record["proposed_at"], "subject": record.id,
        "what": "witness-destruction",
    }


def level_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a proposal to change a level that the originator has not answered."""
    item = look.books.get(ITEM, record["item"])
    if item is None:
        return None
    return {
        "about": item["reference"], "owner": _named(offices), "since": record["proposed_at"], "subject": item.id,
        "what": "confirm-level",
    }


def task_row(look: Looking, record: Record) -> Row | None:
    """Return a reproduction that was assigned and is not finished."""
    item = look.books.require(ITEM, record["item"])
    return {
        "about": item["reference"], "owner": record["maker"], "purpose": record["purpose"],
        "since": record["assigned_at"], "subject": record.id, "what": record["act"],
    }


def notice_row(look: Looking, record: Record) -> Row | None:
    """Return a change of level of what this person holds, not yet noted."""
    item = look.books.get(ITEM, record["item"])
    if item is None:
        return None
    return {
        "about": item["reference"], "owner": look.person.id, "since": record["told_at"], "subject": item.id,
        "what": "note-level",
    }


def custody_row(look: Looking, record: Record) -> Row | None:
    """Return an item that was charged out and that its holder has not confirmed."""
    item = look.books.require(ITEM, record["item"])
    return {
        "about": item["reference"], "owner": record["holder"], "since": record["charged_at"], "subject": item.id,
        "what": "confirm-custody",
    }


def inventory_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return an inventory that is being counted, or whose result waits for a signature."""
    if any(signed["by"] == look.person.id for signed in record.body.get("signed", [])):
        return None
    what = "count-inventory" if record["state"] == "open" else "sign-inventory"
    return {
        "about": record.id, "owner": _named(offices), "since": record["opened_at"], "subject": record.id, "what": what,
    }


def crisis_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a destruction in a crisis that one person entered and a second has not confirmed."""
    return {
        "about": record.id, "owner": _named(offices), "since": record["entered_at"], "subject": record.id,
        "what": "confirm-crisis",
    }


def people_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a change of who works here that one person proposed and a second has not confirmed, while it is open."""
    if record["proposed_by"] == look.person.id or record["expires_at"] <= shown_at(look.books.at):
        return None
    return {
        "about": record.id, "owner": _named(offices), "since": record["proposed_at"], "subject": record.id,
        "what": "confirm-people",
    }


def partner_row(look: Looking, record: Record, *, offices: Offices) -> Row | None:
    """Return a partner whose fingerprint only one person has compared."""
    if len(record["confirmed_by"]) != 1 or look.person.id in record["confirmed_by"]:
        return None
    return {"about": record.id, "owner": _named(offices), "subject": record.id, "what": "confirm-partner"}


def held_back_row(look: Looking, record: Record) -> Row | None:
    """Return a consignment that does not leave because provision under its agreement has stopped.

    What is told of its items, and must not come before them, waits with them.
    """
    if (record["agreement"], record["party"]) not in look.stopped:
        return None
    return {
        "about": record["number"], "owner": Office.REGISTRAR.value, "party": record["party"],
        "since": record["dispatched_at"], "subject": record.id, "what": "held-back",
    }


def packed_row(look: Looking, record: Record) -> Row | None:
    """Return a parcel that is packed and that nobody has given to a courier or to the post."""
    consignment = look.books.get("consignment", record.id)
    if consignment is None or consignment["state"] not in ("dispatched", "delivered"):
        return None
    return {
        "about": consignment["number"], "owner": Office.REGISTRAR.value, "since": record["packed_at"],
        "subject": record.id, "what": "hand-over",
    }


def _named(offices: Offices) -> str:
    return ", ".join(sorted(office.value for office in offices))
