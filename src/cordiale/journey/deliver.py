"""Deliver: a translation or an extract that was assigned becomes an item of its own, sealed and entered at once.

It inherits level, originator, caveats, release set, trigger, purposes and the
consents of the item it was made from, and never a lower level. What a sealed
content leaves as is a content again; what was made on paper is entered without one.
"""

from __future__ import annotations

from typing import Any

from cordiale.canonical import encode_base64url
from cordiale.crypto.digests import SHA384_SIZE_BYTES, sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.envelope.seal import SealRequest
from cordiale.errors import Malformed, OutOfOrder
from cordiale.limits import SHEETS_COUNT_MAX
from cordiale.message.bodies.consignment import ItemForm
from cordiale.model.names import ItemId
from cordiale.model.person import Person
from cordiale.records.answer import Answer
from cordiale.records.deposits import Arriving, Described, Plan, Sealed, seal_to_ourselves, take_deposit
from cordiale.records.items import COPY, ITEM
from cordiale.records.labels import label_of
from cordiale.records.lineage import number_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.reproduced import enter_derived, report
from cordiale.records.reproductions import REPRODUCTION, Made, close_task, settle_task
from cordiale.records.session import ActSession
from cordiale.records.sight import hide_from_strangers
from cordiale.wire.label_xml import encode_label_xml
from cordiale.wire.scheme_table import load_schemes, schemes_for


class _Delivery:
    """What the maker says of the translation or extract, read and held against the task."""

    def __init__(self, registry: Registry, request: Request) -> None:
        fields = request.act.fields()
        self.task = fields.text("task")
        self.pages = fields.optional_integer("pages", 1, SHEETS_COUNT_MAX)
        self.content = fields.bytes_("content", length=SHA384_SIZE_BYTES) if fields.has("content") else None
        self.file_name = fields.optional_text("file_name") or ""
        self.media_type = fields.optional_text("media_type") or ""
        title = fields.optional_text("title")
        fields.end()
        self.record = registry.record(REPRODUCTION, self.task)
        known = self.record is not None and self.record["maker"] == request.person.id
        self.parent = registry.record(ITEM, self.record["item"]) if self.record is not None and known else None
        self.title = title or (str(self.parent["title"]) if self.parent is not None else "")

    @property
    def item(self) -> str:
        """The item it becomes; empty where the task is of no such item."""
        return str(self.record.body.get("derived", "")) if self.record is not None else ""

    @property
    def form(self) -> str:
        """What comes out, as the task says."""
        return str(self.record["form"]) if self.record is not None else ""

    def require(self) -> Record:
        """Return the item it was made from; raises as for a task that is not this person's."""
        if self.parent is None or not self.item:
            raise OutOfOrder(
                "reproduction.not-to-deliver", "no translation or extract of this task is expected from you",
                hint="look at `cordiale duties`",
            )
        return self.parent

    def seal_request(self, registry: Registry) -> SealRequest:
        """Return how the content is sealed to our own registry."""
        label = label_of(self.require())
        return seal_to_ourselves(registry, Described(
            item=ItemId(self.item), form=self.form, label=label,
            xml=encode_label_xml(label, schemes_for(registry.mode, load_schemes())), title=self.title,
            file_name=self.file_name, media_type=self.media_type,
        ))


def deliver(registry: Registry, request: Request) -> Answer:
    """Enter a translation or an extract that was made on paper, as the person whom the task was assigned to."""
    delivery = _Delivery(registry, request)
    if delivery.form == ItemForm.FILE or delivery.content is not None:
        raise Malformed("reproduction.content", "a file is delivered together with its content", hint="give the file")
    return _enter(registry, request, delivery, None)


def deposit(registry: Registry, opening: Request, arriving: Arriving) -> Answer:
    """Seal and enter a translation or an extract that is a file. One act, whole or not at all.

    Raises `Unverified` when the content is not the one that the closing request was signed for.
    """
    delivery = _Delivery(registry, opening)
    delivery.require()
    return take_deposit(registry, opening, arriving, Plan(f"der.{delivery.task}", _read_file, _enter))


def _read_file(registry: Registry, request: Request) -> _Delivery:
    delivery = _Delivery(registry, request)
    delivery.require()
    if delivery.form != ItemForm.FILE:
        raise Malformed("label.content", "only a file has a content here", hint="leave the file away")
    return delivery


def _enter(registry: Registry, request: Request, delivery: _Delivery, sealed: Sealed | None) -> Answer:
    subject = delivery.parent.id if delivery.parent is not None else ""
    log = delivery.parent.body.get("agreement", "internal") if delivery.parent is not None else "internal"

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        settled = settle_task(registry, session, actor, delivery.task)
        delivery.require()
        made = Made(settled.task, delivery.task, settled.decision, delivery.pages)
        item = enter_derived(registry, session, made, _content(registry, delivery, sealed))
        copy = session.require(COPY, f"{item.id}.0")
        message = report(registry, session, made, [copy], consents=settled.consents)
        close_task(session, settled.record, copies=[copy.id], report=message)
        return {
            "copies": [copy.id], "floor": item.body.get("floor", ""), "item": item.id,
            "note": item.body.get("note", ""), "numbers": [number_of(session, copy)], "reference": item["reference"],
            "reported": bool(message), "task": delivery.task,
        }

    return commit_personal(registry, request, hide_from_strangers(subject, run), log=log, subject=subject)


def _content(registry: Registry, delivery: _Delivery, sealed: Sealed | None) -> dict[str, Any]:
    """Return what the record of the item has of its content; without one the digest is that of its identifier."""
    said: dict[str, Any] = {
        "file_name": delivery.file_name, "media_type": delivery.media_type, "size_bytes": 0, "title": delivery.title,
    }
    if sealed is not None:
        return said | sealed.members()
    digest = sha384(domain(Purpose.DEPOSIT_DIGEST, registry.mode), delivery.item.encode())
    return said | {"deposit_digest": encode_base64url(digest)}
