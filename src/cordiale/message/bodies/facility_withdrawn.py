"""``facility-withdrawn``: a clearance of a firm that was assured has ended before its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Scope
from cordiale.message.members import read_day, read_identifier


@dataclass(frozen=True, slots=True)
class FacilityWithdrawn:
    """Says that what was answered to `query` holds no longer from the day `on`. No reason is owed."""

    query: str
    on: date

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"on": self.on.isoformat(), "query": self.query}

    @classmethod
    def parse(cls, fields: Fields) -> FacilityWithdrawn:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(read_identifier(fields, "query"), read_day(fields, "on"))


TYPE: Final = BodyType(
    name="facility-withdrawn", cls=FacilityWithdrawn, parse=FacilityWithdrawn.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, members=("query", "on"),
    matter=Matter("contracts"),
)
