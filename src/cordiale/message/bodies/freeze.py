"""``freeze`` and ``freeze-answer``: nothing more is to happen with an item, until the freeze is lifted. An order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Reply, Scope
from cordiale.message.members import read_identifier, read_line
from cordiale.model.names import ItemId


class FreezeDemand(StrEnum):
    """What the originator wants of an item that is with the partner; whether it is bound to obey is the agreement's."""

    FREEZE = "freeze"
    LIFT = "lift"


class FreezeOutcome(StrEnum):
    """What the partner did."""

    FROZEN = "frozen"
    DECLINED = "declined"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Freeze:
    """Asks to stop, or to allow again, reading, dispatch and reproduction of `item`."""

    item: ItemId
    demand: FreezeDemand
    reason: str

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"item": self.item, "demand": self.demand.value, "reason": self.reason}

    @classmethod
    def parse(cls, fields: Fields) -> Freeze:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            ItemId(read_identifier(fields, "item")), fields.choice("demand", FreezeDemand), read_line(fields, "reason"),
        )


@dataclass(frozen=True, slots=True)
class FreezeAnswer:
    """Says what was done about the `freeze` that this answers."""

    item: ItemId
    outcome: FreezeOutcome

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"item": self.item, "outcome": self.outcome.value}

    @classmethod
    def parse(cls, fields: Fields) -> FreezeAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(ItemId(read_identifier(fields, "item")), fields.choice("outcome", FreezeOutcome))


TYPE: Final = BodyType(
    name="freeze", cls=Freeze, parse=Freeze.parse, scope=Scope.JOURNEY, precedence=Precedence.ORDER,
    members=("item", "demand", "reason"),
    matter=Matter("freeze", "item"),
)
ANSWER: Final = BodyType(
    name="freeze-answer", cls=FreezeAnswer, parse=FreezeAnswer.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, reply=Reply.MUST, members=("item", "outcome"),
    matter=Matter("freeze", "item"),
)
