"""``delivery-notice``: a node holds exactly these bytes, verified. No person has registered anything yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url, encode_instant
from cordiale.limits import CONSIGNMENT_ITEMS_MAX
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import LogIndex, SealedEnvelope, read_digest, read_identifier, without_absent
from cordiale.model.names import ConsignmentId


@dataclass(frozen=True, slots=True)
class DeliveryNotice:
    """`message_digest` is of the exact bytes of the consignment's message; `log` is the entry made of it."""

    consignment: ConsignmentId
    message_digest: bytes
    envelopes: tuple[SealedEnvelope, ...]
    held_at: datetime
    log: LogIndex | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("consignment", self.consignment),
            ("message_digest", encode_base64url(self.message_digest)),
            ("envelopes", [held.encode() for held in self.envelopes]),
            ("held_at", encode_instant(self.held_at)),
            ("log", self.log.encode() if self.log else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> DeliveryNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        log = fields.optional_object("log")
        return cls(
            consignment=ConsignmentId(read_identifier(fields, "consignment")),
            message_digest=read_digest(fields, "message_digest"),
            envelopes=tuple(map(SealedEnvelope.parse, fields.objects("envelopes", max_count=CONSIGNMENT_ITEMS_MAX))),
            held_at=fields.instant("held_at"),
            log=LogIndex.parse(log) if log else None,
        )


TYPE: Final = BodyType(
    name="delivery-notice", cls=DeliveryNotice, parse=DeliveryNotice.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=(
        "consignment", "message_digest", "envelopes[].envelope", "envelopes[].size_bytes",
        "envelopes[].ciphertext_digest", "held_at", "log.origin", "log.index",
    ),
)
