"""``receipt``: a named registrar has counted and registered what came, under the recipient's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import CONSIGNMENT_ITEMS_MAX
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import (
    LogIndex,
    NamedPost,
    encode_level,
    optional_line,
    read_digest,
    read_identifier,
    read_level,
    read_line,
    without_absent,
)
from cordiale.model.label import LevelRef
from cordiale.model.names import ConsignmentId, CopyId, ItemId


@dataclass(frozen=True, slots=True)
class ReceiptedItem:
    """One item as it stands in the recipient's register, under both markings.

    `original` is the originator's level as it was found on the item; `equivalent` is the recipient's second
    marking, None where the item is the recipient's own come back. `ciphertext_digest` is of the envelope that
    held it, None for an item that travelled otherwise.
    """

    item: ItemId
    copy: CopyId
    register_number: str
    original: LevelRef
    equivalent: LevelRef | None = None
    ciphertext_digest: bytes | None = None

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return without_absent((
            ("item", self.item),
            ("copy", self.copy),
            ("register_number", self.register_number),
            ("original", encode_level(self.original)),
            ("equivalent", encode_level(self.equivalent) if self.equivalent else None),
            ("ciphertext_digest", encode_base64url(self.ciphertext_digest) if self.ciphertext_digest else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ReceiptedItem:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            item=ItemId(read_identifier(fields, "item")), copy=CopyId(read_identifier(fields, "copy")),
            register_number=read_line(fields, "register_number"),
            original=read_level(fields, "original"),
            equivalent=read_level(fields, "equivalent") if fields.has("equivalent") else None,
            ciphertext_digest=read_digest(fields, "ciphertext_digest") if fields.has("ciphertext_digest") else None,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """`counted` is the number of items the registrar counted with their own hands, whatever the list says.

    `message_digest` is of the exact bytes of the consignment's message. `log` is the entry of the registration
    in the recipient's log of the agreement. `remarks` says what was found wrong, for example a broken seal.
    """

    consignment: ConsignmentId
    message_digest: bytes
    items: tuple[ReceiptedItem, ...]
    counted: int
    registrar: NamedPost
    received_at: datetime
    registered_at: datetime
    log: LogIndex
    remarks: str = ""

    def __post_init__(self) -> None:
        copies = [item.copy for item in self.items]
        if not 1 <= len(copies) <= CONSIGNMENT_ITEMS_MAX or len(set(copies)) != len(copies):
            raise Malformed(
                "receipt.items", "a receipt names 1 to {count} items, each once",
                hint="ask the partner for the receipt again", count=CONSIGNMENT_ITEMS_MAX,
            )
        if self.registered_at < self.received_at:
            raise Malformed(
                "receipt.times", "the items were registered before they were received",
                hint="ask the partner to check its clock and to send the receipt again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("consignment", self.consignment),
            ("message_digest", encode_base64url(self.message_digest)),
            ("items", [item.encode() for item in self.items]),
            ("counted", self.counted),
            ("registrar", self.registrar.encode()),
            ("received_at", encode_instant(self.received_at)),
            ("registered_at", encode_instant(self.registered_at)),
            ("log", self.log.encode()),
            ("remarks", self.remarks),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> Receipt:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            consignment=ConsignmentId(read_identifier(fields, "consignment")),
            message_digest=read_digest(fields, "message_digest"),
            items=tuple(map(ReceiptedItem.parse, fields.objects("items", max_count=CONSIGNMENT_ITEMS_MAX))),
            counted=fields.integer("counted", 0, CONSIGNMENT_ITEMS_MAX),
            registrar=NamedPost.parse(fields.object("registrar")),
            received_at=fields.instant("received_at"), registered_at=fields.instant("registered_at"),
            log=LogIndex.parse(fields.object("log")),
            remarks=optional_line(fields, "remarks"),
        )


TYPE: Final = BodyType(
    name="receipt", cls=Receipt, parse=Receipt.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=(
        "consignment", "message_digest", "counted", "registrar.name", "registrar.post", "received_at",
        "registered_at", "log.origin", "log.index", "remarks",
        "items[].item", "items[].copy", "items[].register_number", "items[].original.scheme",
        "items[].original.name", "items[].equivalent.scheme", "items[].equivalent.name",
        "items[].ciphertext_digest",
    ),
)
