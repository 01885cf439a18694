"""What leaves: the order of a dispatch, and what it writes in our books.

The copies are numbered and entered, the releases it rests on are noted as
carried out, and the day of its receipt is what the layers say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, OutOfOrder
from cordiale.limits import DISPATCH_ITEMS_MAX
from cordiale.message.bodies.consignment import ConsignedItem
from cordiale.message.members import optional_line
from cordiale.model.addressee import Addressee
from cordiale.model.agreement import Act
from cordiale.model.names import ConsignmentId, PartyId, parse_party_id
from cordiale.records.addressees import addressed
from cordiale.records.consents import CONSENT, ConsentSought, consents_for, note_use
from cordiale.records.duties import due_day, term_day
from cordiale.records.folders import FOLDER_PART
from cordiale.records.holdings import HERE_STATES
from cordiale.records.items import APPROVAL, COPY, ENTRY, ITEM, joint_of
from cordiale.records.joined import JOINED, OPEN
from cordiale.records.labels import label_of
from cordiale.records.level_beside import is_news
from cordiale.records.levels import LEVEL_CHANGE, PENDING, changes_for, in_effect
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry, Request
from cordiale.records.session import ActSession, Books
from cordiale.records.topology import APPROVAL_OF_CHIEF, approval_id
from cordiale.rules.layers import Scope
from cordiale.rules.rule_index import RuleIndex

_THERE: Final = frozenset({"dispatched", "with-partner"})
_NOT_TAKEN: Final = frozenset({"refused", "refused-by-partner", "withdrawn"})


class Order:
    """What is to leave, for whom and how, as the registrar signed it."""

    def __init__(self, request: Request, fields: Fields) -> None:
        self.id = request.act.id
        self.items = fields.texts("items", max_count=DISPATCH_ITEMS_MAX)
        self.recipient = parse_party_id(fields.text("recipient"))
        self.agreement = fields.text("agreement")
        self.purpose = fields.text("purpose")
        self.registry = fields.text("registry")
        self.link = fields.text("link")
        self.plan = fields.optional_text("plan") or ""
        self.addressee = _read_addressee(fields)
        self.is_another = fields.has("another_copy") and fields.boolean("another_copy")
        fields.end()
        if self.plan and self.link != "freight":
            raise Malformed("dispatch.plan", "a transport plan is for freight", hint="give --plan with --link freight")
        if not self.items or len(set(self.items)) != len(self.items):
            raise Malformed(
                "dispatch.items", "a consignment names at least one item, and each item once",
                hint="check the list of items",
            )


def _read_addressee(fields: Fields) -> Addressee | None:
    """Return the office behind the registry that the consignment is meant for; it may be opened by nobody else."""
    office = optional_line(fields, "addressee")
    alone = fields.has("addressee_alone") and fields.boolean("addressee_alone")
    if alone and not office:
        raise Malformed(
            "dispatch.addressee", "nobody is named who alone may open it", hint="name the office with --addressee"
        )
    return Addressee(office, alone) if office else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """One item ready to leave: its copy, and the envelope that was sealed for the partner."""

    consigned: ConsignedItem
    object_name: str


def look_ahead(books: Books, order: Order) -> None:
    """Read at once what each item of `order` is asked about: a long consignment costs few looks, and not some each."""
    books.reads.look_ahead([
        name for item in order.items
        for name in ((ITEM, item), (APPROVAL_OF_CHIEF, approval_id(item, order.recipient)))
    ])
    books.reads.find_ahead([
        question for item in order.items for question in (
            (APPROVAL, "item", item), (CONSENT, "item", item), (COPY, "item", item), (FOLDER_PART, "folder", item),
            (LEVEL_CHANGE, "item", item),
            (JOINED, "item/state", f"{item} {OPEN}"),
            *((COPY, "item/state", f"{item} {state}") for state in HERE_STATES),
        )
    ])


def require_first(books: Books, order: Order) -> None:
    """Raise `OutOfOrder` when a release was carried out and what left under it is there, or on its way.

    A command given twice, or by two registrars, would put a second copy into the world that nobody wanted. Another
    one leaves when the order says that it is meant, or when the item was released anew.
    """
    for item in order.items if not order.is_another else ():
        if any(_is_of(one, order) and one["state"] == "authorised" for one in books.each(APPROVAL, "item", item)):
            continue
        for copy in books.each(COPY, "item", item):
            sent = books.get("consignment", copy.body.get("consignment", "")) if copy["state"] in _THERE else None
            if sent is not None and _is_of(copy, order) and sent["state"] not in _NOT_TAKEN:
                raise OutOfOrder(
                    "dispatch.another-copy", "{number} went to {party} for this purpose before, in {dispatched}",
                    hint="leave it out, or say that another copy is meant (--another-copy)",
                    number=books.require(ITEM, item)["reference"], party=order.recipient, dispatched=sent["number"],
                )


def _is_of(record: Record, order: Order) -> bool:
    terms = ("recipient" if record.kind == APPROVAL else "party", "purpose", "agreement")
    return [record.body.get(name) for name in terms] == [order.recipient, order.purpose, order.agreement]


def receipt_days(
    registry: Registry, session: ActSession, order: Order, index: RuleIndex
) -> tuple[date | None, date | None]:
    """Return the earliest days by which a rule asks for the receipt of an item, and after which it is chased."""
    recipient, today = PartyId(order.recipient), session.at.date()
    days: list[tuple[date | None, date | None]] = []
    for item in order.items:
        level = label_of(session.require(ITEM, item)).level
        scope = Scope(registry.party, recipient, level, recipient)
        chased = term_day(index, "receipt.chase", today, party=registry.party, level=level)
        days.append((due_day(index, Act.RECEIPT, scope, today), chased))
    due, chase = ([day for day in column if day is not None] for column in zip(*days, strict=True))
    return min(due, default=None), min(chase, default=None)


def enter_copy(
    session: ActSession, order: Order, one: Prepared, numbered: tuple[ConsignmentId, str]
) -> str:
    """Enter a numbered copy as dispatched, in the book of dispatches too; return its identifier."""
    consigned = one.consigned
    consignment, number = numbered
    body: dict[str, Any] = {
        "agreement": order.agreement, "consignment": consignment, "copy_number": consigned.copy_number,
        "form": consigned.form.value, "item": consigned.item, "party": order.recipient, "purpose": order.purpose,
        "state": "dispatched",
    }
    if consigned.content is not None:
        body["ciphertext_digest"] = consigned.content.ciphertext_digest.hex()
    change = in_effect(changes_for(session, consigned.item), session.at)
    if change is not None and change["state"] != PENDING and not is_news(session, change, order.recipient):
        # It leaves with the new mark: nobody owes an answer for it.
        body |= {"level_change": change.id, "level_done": True}
    session.put(COPY, consigned.copy, body, expect=0)
    session.put(ENTRY, f"dispatch.{number.lower()}.{consigned.copy}", {
        "act": "dispatched", "agreement": order.agreement, "at": shown_at(session.at), "book": "dispatch",
        "copy": consigned.copy, "copy_number": consigned.copy_number, "form": consigned.form.value,
        "item": consigned.item, "link": order.link, "number": number, "party": order.recipient,
        "purpose": order.purpose, "registry": order.registry, **addressed(order.addressee),
        **({"integrity": body["ciphertext_digest"]} if "ciphertext_digest" in body else {}),
    }, expect=0)
    return str(consigned.copy)


def count_consents(registry: Registry, session: ActSession, order: Order) -> dict[str, int]:
    """Count what leaves of a joint product under the consents of its other originators; return how often under each."""
    counted: dict[str, int] = {}
    sought = ConsentSought(Act.PASS_ON, order.purpose, order.recipient)
    for item_id in order.items:
        item = session.require(ITEM, item_id)
        if joint_of(item):
            for id in note_use(session, consents_for(session, item, sought, holder=registry.party)):
                counted[id] = counted.get(id, 0) + 1
    return counted


def settle_releases(session: ActSession, order: Order) -> None:
    """Note on the releases that were authorised for this that they are carried out; they go on to hold."""
    # All are found before one is changed: what is kept in memory answers until then.
    found = [record for item in order.items for record in session.find(APPROVAL, "item", item)]
    for record in found:
        if _is_of(record, order) and record["state"] == "authorised":
            session.change(record, state="carried-out")


