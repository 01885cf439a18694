"""``emergency-report``: the report on a disclosure in an emergency, in six statements (32 CFR 2001.52)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Scope
from cordiale.message.members import read_identifier, read_line


@dataclass(frozen=True, slots=True)
class EmergencyReport:
    """On the `disclosure` that was told before, a line each.

    `what` was disclosed, `to_whom` by post or body, `how` and by which post, `why`, `where` it is now and how it is
    kept safe, and `debriefed`: how those who learned it were told what they owe.
    """

    disclosure: str
    what: str
    to_whom: str
    how: str
    why: str
    where: str
    debriefed: str

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {name: getattr(self, name) for name in MEMBERS}

    @classmethod
    def parse(cls, fields: Fields) -> EmergencyReport:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(read_identifier(fields, "disclosure"), *(read_line(fields, name) for name in STATEMENTS))


STATEMENTS: Final = ("what", "to_whom", "how", "why", "where", "debriefed")
MEMBERS: Final = ("disclosure", *STATEMENTS)
TYPE: Final = BodyType(
    name="emergency-report", cls=EmergencyReport, parse=EmergencyReport.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, members=MEMBERS,
    matter=Matter("emergency", "disclosure"),
)
