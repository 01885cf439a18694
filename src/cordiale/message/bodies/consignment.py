"""``consignment``: items on their way, with content sealed alongside or register-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.crypto.digests import SHA384_SIZE_BYTES
from cordiale.errors import Malformed
from cordiale.limits import (
    CONSIGNMENT_ITEMS_MAX,
    CONSIGNMENT_SHEET_SIZE_BYTES_MAX,
    CONSIGNMENT_SLIP_SIZE_BYTES,
    COPIES_COUNT_MAX,
)
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import SealedEnvelope, optional_day, read_identifier, without_absent
from cordiale.model.names import ConsignmentId, CopyId, ItemId


class ConsignmentKind(StrEnum):
    """Whether items are provided to the other party, or go back to it."""

    PROVIDE = "provide"
    RETURN = "return"


class ItemForm(StrEnum):
    """What an item is. Everything but a file travels otherwise, and only its register entry comes this way."""

    FILE = "file"
    PAPER = "paper"
    MEDIUM = "medium"
    EQUIPMENT = "equipment"
    ORAL = "oral"


@dataclass(frozen=True, slots=True)
class ConsignedItem:
    """One item of a consignment: copy `copy_number` of `copies_total` of the originator's `item`.

    `record` is the digest of the signed consignment record. Either `content` names the envelope that travels with
    the message, or, where the thing itself travels otherwise, `sheet` is the record sheet, whole.
    """

    item: ItemId
    copy: CopyId
    copy_number: int
    copies_total: int
    form: ItemForm
    record: bytes
    content: SealedEnvelope | None = None
    sheet: bytes | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.copy_number <= self.copies_total <= COPIES_COUNT_MAX:
            raise Malformed(
                "consignment.copy-number", "an item is consigned as copy {number} of {total}",
                hint="ask the partner to number the copies again", number=self.copy_number, total=self.copies_total,
            )
        if (self.content is None) is (self.sheet is None):
            raise Malformed(
                "consignment.content", "an item has an envelope or a record sheet, and never both",
                hint="ask the partner to send it again",
            )
        if self.sheet is not None and not 1 <= len(self.sheet) <= CONSIGNMENT_SHEET_SIZE_BYTES_MAX:
            raise Malformed(
                "consignment.sheet", "a record sheet has 1 to {size_max} bytes",
                hint="ask the partner to send it again", size_max=CONSIGNMENT_SHEET_SIZE_BYTES_MAX,
            )

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return without_absent((
            ("item", self.item),
            ("copy", self.copy),
            ("copy_number", self.copy_number),
            ("copies_total", self.copies_total),
            ("form", self.form.value),
            ("record", encode_base64url(self.record)),
            ("content", self.content.encode() if self.content else None),
            ("sheet", encode_base64url(self.sheet) if self.sheet else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ConsignedItem:
        """Read what `encode` wrote. Raises `Malformed`."""
        content = fields.optional_object("content")
        return cls(
            item=ItemId(read_identifier(fields, "item")), copy=CopyId(read_identifier(fields, "copy")),
            copy_number=fields.integer("copy_number", 1, COPIES_COUNT_MAX),
            copies_total=fields.integer("copies_total", 1, COPIES_COUNT_MAX),
            form=fields.choice("form", ItemForm),
            record=fields.bytes_("record", length=SHA384_SIZE_BYTES),
            content=SealedEnvelope.parse(content) if content else None,
            sheet=fields.optional_bytes("sheet"),
        )


@dataclass(frozen=True, slots=True)
class Consignment:
    """One or many items under one number; `receipt_due` is the day a receipt is owed, None where none is.

    `slip` is the sender's number of it, sealed for the recipient's node; None where the sender gives none.
    """

    consignment: ConsignmentId
    kind: ConsignmentKind
    items: tuple[ConsignedItem, ...]
    receipt_due: date | None = None
    slip: bytes | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.items) <= CONSIGNMENT_ITEMS_MAX:
            raise Malformed(
                "consignment.items", "a consignment has 1 to {count} items",
                hint="ask the partner to divide it", count=CONSIGNMENT_ITEMS_MAX,
            )
        envelopes = [item.content.envelope for item in self.items if item.content]
        for listed in ([item.copy for item in self.items], envelopes):
            if len(set(listed)) != len(listed):
                raise Malformed(
                    "consignment.twice", "a copy or an envelope stands twice in one consignment",
                    hint="ask the partner to send it again",
                )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("consignment", self.consignment),
            ("kind", self.kind.value),
            ("items", [item.encode() for item in self.items]),
            ("receipt_due", self.receipt_due.isoformat() if self.receipt_due else None),
            ("slip", encode_base64url(self.slip) if self.slip is not None else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> Consignment:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            consignment=ConsignmentId(read_identifier(fields, "consignment")),
            kind=fields.choice("kind", ConsignmentKind),
            items=tuple(map(ConsignedItem.parse, fields.objects("items", max_count=CONSIGNMENT_ITEMS_MAX))),
            receipt_due=optional_day(fields, "receipt_due"),
            slip=fields.optional_bytes("slip", length=CONSIGNMENT_SLIP_SIZE_BYTES),
        )


TYPE: Final = BodyType(
    name="consignment", cls=Consignment, parse=Consignment.parse, scope=Scope.JOURNEY,
    members=(
        "consignment", "kind", "receipt_due", "slip",
        "items[].item", "items[].copy", "items[].copy_number", "items[].copies_total", "items[].form",
        "items[].record", "items[].content.envelope", "items[].content.size_bytes",
        "items[].content.ciphertext_digest", "items[].sheet",
    ),
)
