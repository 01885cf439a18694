"""``incident-final``: what an inquiry found, in the version meant for the partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Scope
from cordiale.message.members import NamedPost, read_day, read_identifier, read_lines, read_version


@dataclass(frozen=True, slots=True)
class IncidentFinal:
    """Facts, extent, remedy and prevention; a weakness of a system has no member and never crosses."""

    incident: str
    version: int
    concluded_on: date
    facts: tuple[str, ...]
    extent: tuple[str, ...]
    remedy: tuple[str, ...]
    prevention: tuple[str, ...]
    reported_by: NamedPost

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "incident": self.incident, "version": self.version, "concluded_on": self.concluded_on.isoformat(),
            "facts": list(self.facts), "extent": list(self.extent), "remedy": list(self.remedy),
            "prevention": list(self.prevention), "reported_by": self.reported_by.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> IncidentFinal:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            incident=read_identifier(fields, "incident"),
            version=read_version(fields, "version"),
            concluded_on=read_day(fields, "concluded_on"),
            facts=read_lines(fields, "facts", min_count=1),
            extent=read_lines(fields, "extent", min_count=1),
            remedy=read_lines(fields, "remedy", min_count=1),
            prevention=read_lines(fields, "prevention", min_count=1),
            reported_by=NamedPost.parse(fields.object("reported_by")),
        )


TYPE: Final = BodyType(
    name="incident-final", cls=IncidentFinal, parse=IncidentFinal.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER,
    members=(
        "incident", "version", "concluded_on", "facts[]", "extent[]", "remedy[]", "prevention[]", "reported_by.name",
        "reported_by.post",
    ),
    matter=Matter("incident", "incident"),
)
