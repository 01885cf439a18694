"""``readiness-found``: the sender finds that a party can protect information up to a level, or no longer does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import encode_level, read_level, read_line, read_party, without_absent
from cordiale.model.label import LevelRef
from cordiale.model.names import PartyId


@dataclass(frozen=True, slots=True)
class ReadinessFound:
    """Who found it is the sender's party. `level` is of the scheme of `of_party`."""

    of_party: PartyId
    level: LevelRef
    article: str
    found_at: datetime
    withdrawn_at: datetime | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("of_party", self.of_party),
            ("level", encode_level(self.level)),
            ("article", self.article),
            ("found_at", encode_instant(self.found_at)),
            ("withdrawn_at", encode_instant(self.withdrawn_at) if self.withdrawn_at else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ReadinessFound:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            of_party=read_party(fields, "of_party"), level=read_level(fields, "level"),
            article=read_line(fields, "article"), found_at=fields.instant("found_at"),
            withdrawn_at=fields.optional_instant("withdrawn_at"),
        )


TYPE: Final = BodyType(
    name="readiness-found", cls=ReadinessFound, parse=ReadinessFound.parse, scope=Scope.ACCORD,
    members=("of_party", "level.scheme", "level.name", "article", "found_at", "withdrawn_at"),
)
