"""``rehoming``: what was provided under a former agreement stands under this one from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_day, read_identifier, read_line, require_ascending
from cordiale.model.names import AgreementId


class Carried(StrEnum):
    """What can go along with an item to the agreement that follows."""

    CONSENTS = "consents"
    DUTIES = "duties"


def read_carried(fields: Fields) -> tuple[Carried, ...]:
    """Read `carries`: known names in ascending order, each once. Raises `Malformed`."""
    listed = require_ascending(fields.texts("carries", max_count=len(Carried), max_length=20), "carries")
    if not set(listed) <= set(Carried):
        raise Malformed(
            "rehoming.carries", "consents and duties can go along, and nothing else", hint="name one, both or none"
        )
    return tuple(map(Carried, listed))


@dataclass(frozen=True, slots=True)
class Rehoming:
    """One party's word that what stands under `predecessor` stands under this agreement from `effective_on`.

    `carries` is what goes along with the items, in ascending order; what is not named stays under the predecessor.
    """

    predecessor: AgreementId
    effective_on: date
    article: str
    carries: tuple[Carried, ...] = ()

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "article": self.article, "carries": [one.value for one in self.carries],
            "effective_on": self.effective_on.isoformat(), "predecessor": self.predecessor,
        }

    @classmethod
    def parse(cls, fields: Fields) -> Rehoming:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            AgreementId(read_identifier(fields, "predecessor")), read_day(fields, "effective_on"),
            read_line(fields, "article"), read_carried(fields),
        )


TYPE: Final = BodyType(
    name="rehoming", cls=Rehoming, parse=Rehoming.parse, scope=Scope.ACCORD,
    members=("predecessor", "effective_on", "article", "carries[]"),
)
