"""Items in the books, and what the rules need to know of one.

An item is kept under the originator's identifier at both nodes. Our own carry
our register number as reference; foreign ones carry theirs beside ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import chain
from typing import Any, Final

from cordiale.canonical import parse_instant
from cordiale.errors import OutOfOrder, Unverified
from cordiale.model.consent import Approval, ApprovalPart
from cordiale.model.label import Label, Marking
from cordiale.model.level import LevelChangeKind, LevelMark
from cordiale.model.names import ItemId, PartyId, PersonId
from cordiale.model.person import NeedToKnow
from cordiale.records.agreements import load_index, own_profile
from cordiale.records.consents import consents_on
from cordiale.records.labels import label_of
from cordiale.records.purposes import has_ended
from cordiale.records.record import Record, missing
from cordiale.records.registry import Registry
from cordiale.records.session import Books
from cordiale.rules.holding import AccessView, ItemFacts, Standing, view_item
from cordiale.rules.national import NationalRules, Rules
from cordiale.wire.label_json import marking_from_json
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.scheme_table import load_schemes

ITEM: Final = "item"
COPY: Final = "copy"
ENTRY: Final = "entry"
APPROVAL: Final = "approval"
DESTRUCTION: Final = "destruction"

_STANDINGS: Final[Mapping[str, Standing]] = {
    "held": Standing.HELD, "registered": Standing.REGISTERED, "frozen": Standing.FROZEN, "returned": Standing.GONE,
    "destroyed": Standing.GONE, "ceded": Standing.GONE, "void": Standing.GONE,
}


def marking_of(item: Record) -> Marking | None:
    """Return the equivalent marking in effect here, None for our own items and where none answers to the level."""
    changed = [mark for mark in item.body.get("marks", ()) if "after" in mark]
    holder = changed[-1] if changed else item.body
    return marking_from_json(holder["marking"]) if "marking" in holder else None


def marks_of(item: Record) -> tuple[LevelMark, ...]:
    """Return the changes of level that have taken effect on an item, in their order."""
    return tuple(
        LevelMark(
            change=mark["change"], kind=LevelChangeKind(mark["kind"]), before=parse_level_ref(mark["before"]),
            after=parse_level_ref(mark["after"]) if "after" in mark else None, article=mark["article"],
            authority=mark["authority"], effective_at=parse_instant(mark["effective_at"]),
            marking=marking_from_json(mark["marking"]) if "marking" in mark else None,
            handle_as=parse_level_ref(mark["handle_as"]) if "handle_as" in mark else None,
        )
        for mark in item.body.get("marks", ())
    )


def is_thing(item: Record) -> bool:
    """Return whether the item travels by itself, as paper does; a content lies sealed at this node."""
    return str(item["form"]) != "file"


def described(label: Label) -> dict[str, Any]:
    """Return what a register entry says of a label beside its level: office, release set, caveats, term, handling."""
    said: dict[str, Any] = {"release_to": sorted(label.release_to)}
    if label.office:
        said["office"] = label.office
    if label.caveats:
        said["caveats"] = [f"{tag}={value}" for tag, value in sorted(label.caveats)]
    if label.joint:
        said["joint"] = sorted(label.joint)
    if label.handle_as is not None:
        said["handle_as"] = str(label.handle_as)
    trigger = label.trigger
    if trigger is not None:
        said["term"] = f"{trigger.kind.value}: {trigger.event or trigger.on}"
    return said


def facts_of(registry: Registry, books: Books, item: Record) -> ItemFacts:
    """Return what the rules need to know of `item` as it stands in this act."""
    body = item.body
    readers = frozenset(PersonId(one) for one in body["readers"]) if "readers" in body else None
    return ItemFacts(
        item=ItemId(item.id),
        label=label_of(item),
        holder=registry.party,
        standing=_standing_of(registry, books, item),
        marking=marking_of(item),
        purposes=frozenset(
            one for one in body.get("purposes", ()) if not has_ended(books, str(body.get("agreement", "")), one)
        ),
        readers=readers,
        consents=consents_on(books, item),
        joint_originators=joint_of(item),
        is_declassified="declassified_at" in item.body,
    )


def _standing_of(registry: Registry, books: Books, item: Record) -> Standing:
    """Return how `item` stands: frozen, too, where of its copies only frozen ones are left here."""
    standing = _STANDINGS[item["state"]]
    if standing not in (Standing.HELD, Standing.REGISTERED):
        return standing
    if any(_has_copy(registry, books, item, state) for state in ("held", "registered")):
        return standing
    return Standing.FROZEN if _has_copy(registry, books, item, "frozen") else standing


def _has_copy(registry: Registry, books: Books, item: Record, state: str) -> bool:
    question = (COPY, "item/state", f"{item.id} {state}")
    first = books.find(*question, limit=1)
    return any(copy["party"] == registry.party for copy in chain(first, books.each(*question) if first else ()))


def joint_of(item: Record) -> frozenset[PartyId]:
    """Return the parties that are originators of the item together with the one on its label."""
    return frozenset(map(PartyId, item["label"].get("joint", ())))


def rules_for(registry: Registry, books: Books, item: Record) -> Rules:
    """Return the rules an item is judged by here: its agreement's for a foreign one, else the national ones."""
    if "agreement" in item.body:
        return load_index(books.reads, item["agreement"], registry.party, origin=item["origin_party"])
    return own_rules(registry, books)


def own_rules(registry: Registry, books: Books) -> NationalRules:
    """Return the national rules, as they are entered here."""
    profile = own_profile(books.reads, registry.party)
    return NationalRules(registry.party, profile, tuple(load_schemes().values()))


def view_of(registry: Registry, books: Books, item: Record) -> AccessView:
    """Return what access to `item` asks of anybody today."""
    on: date = books.at.date()
    return view_item(facts_of(registry, books, item), rules_for(registry, books, item), on=on)


def needs_of(books: Books, person: str, item: str) -> list[NeedToKnow]:
    """Return the needs-to-know on record for `person` and `item`."""
    record = books.get("need", f"{item}/{person}")
    return [need_from(record.body)] if record is not None else []


def need_from(body: Mapping[str, Any]) -> NeedToKnow:
    """Return the need-to-know in the body of a record."""
    return NeedToKnow(
        person=PersonId(body["person"]), item=ItemId(body["item"]), granted_by=PersonId(body["granted_by"]),
        granted_at=parse_instant(body["granted_at"]), purpose=body["purpose"],
        withdrawn_at=parse_instant(body["withdrawn_at"]) if "withdrawn_at" in body else None,
    )


def approvals_of(books: Books, item: str) -> tuple[Approval, ...]:
    """Return the approvals of the releases of `item`, as they are on record.

    What was declined or holds no longer is none, and what was withdrawn none once an authority has approved the same
    after it.
    """
    return tuple(
        Approval(
            person=PersonId(record["person"]), part=ApprovalPart(record["part"]), bound_digest=record["bound_digest"],
            given_at=parse_instant(record["given_at"]),
            withdrawn_at=parse_instant(record["withdrawn_at"]) if "withdrawn_at" in record.body else None,
        )
        for record in books.find(APPROVAL, "item", item) if record["state"] not in ("declined", "lapsed", "superseded")
    )


def find_item(books: Books, text: str) -> Record:
    """Return the item that `text` names: its identifier, our number or theirs; raises `OutOfOrder`."""
    item = books.get(ITEM, text)
    if item is not None:
        return item
    found = books.find(ITEM, "reference", text)
    for copy in books.find(COPY, "their_reference", text):
        found.append(books.require(ITEM, copy["item"]))
    distinct = {one.id: one for one in found}
    if len(distinct) != 1:
        raise missing("item", text)
    return next(iter(distinct.values()))


def require_own(registry: Registry, item: Record) -> Record:
    """Return `item` when it is our own; raises `OutOfOrder` when another party is its originator."""
    if item["origin_party"] != registry.party:
        raise OutOfOrder(
            "item.not-ours", "this item is {party}'s, and only its originator does this with it",
            hint="ask the originator with `cordiale consent ask`", party=item["origin_party"],
        )
    return item


def require_at_partner(books: Books, copy_id: str, *, party: str, item: str) -> Record:
    """Return the copy `copy_id` of `item` when it is with `party`; raises `Unverified` for any other.

    A partner speaks only of copies that it has receipted or that are on their way to it.
    """
    copy = books.get(COPY, copy_id)
    with_them = copy is not None and copy["party"] == party and copy["item"] == item
    if copy is None or not with_them or copy["state"] not in ("dispatched", "with-partner"):
        raise Unverified(
            "copy.not-with-partner", "the partner speaks of a copy that it does not have",
            hint="nothing was changed; ask the partner which copy it means",
        )
    return copy
