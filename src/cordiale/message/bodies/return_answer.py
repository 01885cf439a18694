"""``return-answer``: what becomes of each copy that was asked back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import RETURN_COPIES_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import optional_line, read_identifier, require_ascending, without_absent
from cordiale.model.names import CopyId


class ReturnOutcome(StrEnum):
    """What becomes of a copy: gone already, on its way back, or kept."""

    RETURNED = "returned"
    DESTROYED = "destroyed"
    CEDED = "ceded"
    WILL_RETURN = "will-return"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class CopyAnswer:
    """The answer on one copy; `certificate` is the number of the one that was given of a copy that is gone."""

    copy: CopyId
    outcome: ReturnOutcome
    certificate: str = ""

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return without_absent((
            ("copy", self.copy), ("outcome", self.outcome.value), ("certificate", self.certificate),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> CopyAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            CopyId(read_identifier(fields, "copy")), fields.choice("outcome", ReturnOutcome),
            optional_line(fields, "certificate"),
        )


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """Answers on every copy that was asked for, in the order of their identifiers."""

    answers: tuple[CopyAnswer, ...]

    def __post_init__(self) -> None:
        if not self.answers:
            raise Malformed(
                "return-answer.form", "an answer speaks of at least one copy", hint="ask the partner to send it again"
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"answers": [one.encode() for one in self.answers]}

    @classmethod
    def parse(cls, fields: Fields) -> ReturnAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        answers = tuple(
            CopyAnswer.parse(one) for one in fields.objects("answers", max_count=RETURN_COPIES_COUNT_MAX)
        )
        require_ascending(tuple(one.copy for one in answers), "answers")
        return cls(answers)


TYPE: Final = BodyType(
    name="return-answer", cls=ReturnAnswer, parse=ReturnAnswer.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=("answers[].copy", "answers[].outcome", "answers[].certificate"),
)
