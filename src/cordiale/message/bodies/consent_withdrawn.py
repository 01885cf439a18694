"""``consent-withdrawn``: the originator takes back a consent; what it covered counts no more from then on. An order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import read_identifier
from cordiale.model.names import ConsentId


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """`consent` was withdrawn at `withdrawn_at`; no reason is owed."""

    consent: ConsentId
    withdrawn_at: datetime

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"consent": self.consent, "withdrawn_at": encode_instant(self.withdrawn_at)}

    @classmethod
    def parse(cls, fields: Fields) -> ConsentWithdrawn:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(ConsentId(read_identifier(fields, "consent")), fields.instant("withdrawn_at"))


TYPE: Final = BodyType(
    name="consent-withdrawn", cls=ConsentWithdrawn, parse=ConsentWithdrawn.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, members=("consent", "withdrawn_at"),
)
