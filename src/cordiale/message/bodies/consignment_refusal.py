"""``consignment-refusal``: a registrar will not register what the node has taken; nothing of it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import read_digest, read_identifier
from cordiale.model.names import ConsignmentId


class RefusedFor(StrEnum):
    """Why: one of these, and no other word crosses."""

    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    NOT_FOR_US = "not-for-us"
    NOT_UNDER_AGREEMENT = "not-under-agreement"
    WRONGLY_MARKED = "wrongly-marked"


@dataclass(frozen=True, slots=True)
class ConsignmentRefusal:
    """Refuses the consignment that came with exactly the message of `message_digest`, as a whole."""

    consignment: ConsignmentId
    message_digest: bytes
    why: RefusedFor

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "consignment": self.consignment, "message_digest": encode_base64url(self.message_digest),
            "why": self.why.value,
        }

    @classmethod
    def parse(cls, fields: Fields) -> ConsignmentRefusal:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            ConsignmentId(read_identifier(fields, "consignment")), read_digest(fields, "message_digest"),
            fields.choice("why", RefusedFor),
        )


TYPE: Final = BodyType(
    name="consignment-refusal", cls=ConsignmentRefusal, parse=ConsignmentRefusal.parse, scope=Scope.JOURNEY,
    reply=Reply.MUST, members=("consignment", "message_digest", "why"),
)
