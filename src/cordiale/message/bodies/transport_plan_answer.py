"""``transport-plan-answer``: the authority agrees to a transport plan, declines it, or withdraws from it. An order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Reply, Scope
from cordiale.message.members import DIGEST_SIZE_BYTES, NamedPost, read_identifier
from cordiale.model.plan import PlanOutcome


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """Says `outcome` of the plan called `plan`, exactly as the message of `message_digest` put it."""

    plan: str
    message_digest: bytes
    outcome: PlanOutcome
    authority: NamedPost

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "plan": self.plan,
            "message_digest": encode_base64url(self.message_digest),
            "outcome": self.outcome.value,
            "authority": self.authority.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> PlanAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            read_identifier(fields, "plan"), fields.bytes_("message_digest", length=DIGEST_SIZE_BYTES),
            fields.choice("outcome", PlanOutcome), NamedPost.parse(fields.object("authority")),
        )


TYPE: Final = BodyType(
    name="transport-plan-answer", cls=PlanAnswer, parse=PlanAnswer.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, reply=Reply.MAY,
    members=("plan", "message_digest", "outcome", "authority.name", "authority.post"),
    matter=Matter("plan", "plan"),
)
