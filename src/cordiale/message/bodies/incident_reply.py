"""``incident-reply``: about a reported incident, either way: acknowledged, a part in the inquiry, more information."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Scope
from cordiale.message.members import NamedPost, read_identifier, read_lines


class ReplyKind(StrEnum):
    """What is said: of the first report, of the final one, or of the inquiry between them."""

    ACKNOWLEDGED = "acknowledged"
    FINAL_ACKNOWLEDGED = "final-acknowledged"
    ASKS_PART = "asks-part"
    PART_GRANTED = "part-granted"
    PART_DECLINED = "part-declined"
    INFORMATION = "information"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class IncidentReply:
    """`incident` is the name that whoever reported it gave the case; `by` answers for what is said."""

    incident: str
    kind: ReplyKind
    by: NamedPost
    lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind in (ReplyKind.INFORMATION, ReplyKind.REOPENED) and not self.lines:
            raise Malformed(
                "incident.nothing-said", "information about an incident says at least one thing",
                hint="write what the partner is to know",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "incident": self.incident, "kind": self.kind.value, "lines": list(self.lines), "by": self.by.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> IncidentReply:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            incident=read_identifier(fields, "incident"),
            kind=fields.choice("kind", ReplyKind),
            by=NamedPost.parse(fields.object("by")),
            lines=read_lines(fields, "lines"),
        )


TYPE: Final = BodyType(
    name="incident-reply", cls=IncidentReply, parse=IncidentReply.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, members=("incident", "kind", "lines[]", "by.name", "by.post"),
    matter=Matter("incident", "incident"),
)
