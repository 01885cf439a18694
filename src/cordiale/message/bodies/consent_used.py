"""``consent-used``: how often a consent had been used when it was withdrawn, so that its consequence is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.limits import COPIES_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_identifier
from cordiale.model.names import ConsentId


@dataclass(frozen=True, slots=True)
class ConsentUsed:
    """`count` uses of `consent` had been made when word of its withdrawal came, at `taken_at`."""

    consent: ConsentId
    count: int
    taken_at: datetime

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"consent": self.consent, "count": self.count, "taken_at": encode_instant(self.taken_at)}

    @classmethod
    def parse(cls, fields: Fields) -> ConsentUsed:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            ConsentId(read_identifier(fields, "consent")), fields.integer("count", 0, COPIES_COUNT_MAX),
            fields.instant("taken_at"),
        )


TYPE: Final = BodyType(
    name="consent-used", cls=ConsentUsed, parse=ConsentUsed.parse, scope=Scope.JOURNEY,
    members=("consent", "count", "taken_at"),
)
