"""``rehoming``: what was provided under a former agreement stands under this one from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_day, read_identifier, read_line
from cordiale.model.names import AgreementId


@dataclass(frozen=True, slots=True)
class Rehoming:
    """One party's word that what stands under `predecessor` stands under this agreement from `effective_on`."""

    predecessor: AgreementId
    effective_on: date
    article: str

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "article": self.article, "effective_on": self.effective_on.isoformat(), "predecessor": self.predecessor,
        }

    @classmethod
    def parse(cls, fields: Fields) -> Rehoming:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            AgreementId(read_identifier(fields, "predecessor")), read_day(fields, "effective_on"),
            read_line(fields, "article"),
        )


TYPE: Final = BodyType(
    name="rehoming", cls=Rehoming, parse=Rehoming.parse, scope=Scope.ACCORD,
    members=("predecessor", "effective_on", "article"),
)
