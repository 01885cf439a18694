"""``contract-ended``: a contract has ended or was not awarded; what was given for it goes back or is destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import read_day, read_identifier


class ContractEnding(StrEnum):
    """How it came to its end: a bid that was not awarded gives its papers back at once."""

    ENDED = "ended"
    NOT_AWARDED = "not-awarded"


@dataclass(frozen=True, slots=True)
class ContractEnded:
    """Says that `contract` ended on the day `on`, with everything below it."""

    contract: str
    ending: ContractEnding
    on: date

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"contract": self.contract, "ending": self.ending.value, "on": self.on.isoformat()}

    @classmethod
    def parse(cls, fields: Fields) -> ContractEnded:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            read_identifier(fields, "contract"), fields.choice("ending", ContractEnding), read_day(fields, "on")
        )


TYPE: Final = BodyType(
    name="contract-ended", cls=ContractEnded, parse=ContractEnded.parse, scope=Scope.JOURNEY,
    members=("contract", "ending", "on"),
    matter=Matter("contracts"),
)
