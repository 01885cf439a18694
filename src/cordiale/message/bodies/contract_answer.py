"""``contract-answer``: the authority of the contractor acknowledges a list in writing, or declines a sub-contract."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.limits import CONTRACT_LISTS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Reply, Scope
from cordiale.message.members import NamedPost, read_identifier


class ContractOutcome(StrEnum):
    """What an authority says to a list."""

    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ContractAnswer:
    """Answers list `number` of `contract`."""

    contract: str
    number: int
    outcome: ContractOutcome
    authority: NamedPost

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "contract": self.contract, "number": self.number, "outcome": self.outcome.value,
            "authority": self.authority.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> ContractAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            contract=read_identifier(fields, "contract"),
            number=fields.integer("number", 1, CONTRACT_LISTS_COUNT_MAX),
            outcome=fields.choice("outcome", ContractOutcome),
            authority=NamedPost.parse(fields.object("authority")),
        )


TYPE: Final = BodyType(
    name="contract-answer", cls=ContractAnswer, parse=ContractAnswer.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=("contract", "number", "outcome", "authority.name", "authority.post"),
    matter=Matter("contracts"),
)
