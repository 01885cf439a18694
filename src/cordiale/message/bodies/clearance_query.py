"""``clearance-query``, ``clearance-answer``, ``clearance-withdrawn``: whether a person is cleared, and for how long.

The question names the person to the party whose person it is, for one purpose. The answer says no more than was
asked: not the level held, not the reason. What ends later is told by the name of the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Precedence, Reply, Scope
from cordiale.message.members import (
    encode_level,
    optional_day,
    read_day,
    read_identifier,
    read_level,
    read_line,
    without_absent,
)
from cordiale.model.label import LevelRef
from cordiale.model.names import MessageId


class ClearanceOutcome(StrEnum):
    """What is confirmed."""

    CLEARED = "cleared"
    NOT_CLEARED = "not-cleared"
    IN_PROCESS = "in-process"


@dataclass(frozen=True, slots=True)
class ClearanceQuery:
    """Asks whether `name`, born on `born_on` where that is needed, is cleared up to `level` of the asked party."""

    name: str
    level: LevelRef
    purpose: str
    born_on: date | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("name", self.name),
            ("born_on", self.born_on.isoformat() if self.born_on else None),
            ("level", encode_level(self.level)),
            ("purpose", self.purpose),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ClearanceQuery:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            read_line(fields, "name"), read_level(fields, "level"), read_line(fields, "purpose"),
            optional_day(fields, "born_on"),
        )


@dataclass(frozen=True, slots=True)
class ClearanceAnswer:
    """Answers exactly the question it replies to; `valid_until` is the last day, of a clearance that is held."""

    outcome: ClearanceOutcome
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if (self.valid_until is not None) is not (self.outcome is ClearanceOutcome.CLEARED):
            raise Malformed(
                "clearance.validity", "a clearance that is held has a last day, and no other answer has one",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("outcome", self.outcome.value),
            ("valid_until", self.valid_until.isoformat() if self.valid_until else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ClearanceAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(fields.choice("outcome", ClearanceOutcome), optional_day(fields, "valid_until"))


@dataclass(frozen=True, slots=True)
class ClearanceWithdrawn:
    """What `query` was answered with holds no longer since `ended_on`: withdrawn, lowered or shortened. No reason."""

    query: MessageId
    ended_on: date

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"query": self.query, "ended_on": self.ended_on.isoformat()}

    @classmethod
    def parse(cls, fields: Fields) -> ClearanceWithdrawn:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(MessageId(read_identifier(fields, "query")), read_day(fields, "ended_on"))


TYPE: Final = BodyType(
    name="clearance-query", cls=ClearanceQuery, parse=ClearanceQuery.parse, scope=Scope.JOURNEY,
    members=("name", "born_on", "level.scheme", "level.name", "purpose"),
)
ANSWER: Final = BodyType(
    name="clearance-answer", cls=ClearanceAnswer, parse=ClearanceAnswer.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=("outcome", "valid_until"),
)
WITHDRAWN: Final = BodyType(
    name="clearance-withdrawn", cls=ClearanceWithdrawn, parse=ClearanceWithdrawn.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, members=("query", "ended_on"),
)
