"""``consignment-withdrawn``: the sender takes back a consignment of which nothing has left, or nothing has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import INTEGER_MAX, Fields, Json, encode_base64url
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import read_digest, read_identifier
from cordiale.model.names import ConsignmentId, MessageId


@dataclass(frozen=True, slots=True)
class ConsignmentWithdrawn:
    """Takes back the consignment of `message`, the number `seq` of this stream, of exactly the digest."""

    consignment: ConsignmentId
    message: MessageId
    message_digest: bytes
    seq: int

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "consignment": self.consignment, "message": self.message,
            "message_digest": encode_base64url(self.message_digest), "seq": self.seq,
        }

    @classmethod
    def parse(cls, fields: Fields) -> ConsignmentWithdrawn:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            ConsignmentId(read_identifier(fields, "consignment")), MessageId(read_identifier(fields, "message")),
            read_digest(fields, "message_digest"), fields.integer("seq", 1, INTEGER_MAX),
        )


TYPE: Final = BodyType(
    name="consignment-withdrawn", cls=ConsignmentWithdrawn, parse=ConsignmentWithdrawn.parse, scope=Scope.JOURNEY,
    reply=Reply.NEVER, members=("consignment", "message", "message_digest", "seq"),
)
