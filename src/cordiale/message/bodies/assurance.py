"""``assurance``: before the first provision the recipient assures clearance, need and equal protection (JP-KR 7(5))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import NamedPost, encode_level, read_day, read_identifier, read_level, read_line
from cordiale.model.label import LevelRef


@dataclass(frozen=True, slots=True)
class Assurance:
    """One person, called by a name that says nothing, may be given access up to `level` for `purpose` until a day.

    `assurance` names it for what follows; `level` is one of the party that assures. Who the person is does not cross.
    """

    assurance: str
    level: LevelRef
    purpose: str
    article: str
    valid_until: date
    by: NamedPost

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "assurance": self.assurance, "level": encode_level(self.level), "purpose": self.purpose,
            "article": self.article, "valid_until": self.valid_until.isoformat(), "by": self.by.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> Assurance:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            read_identifier(fields, "assurance"), read_level(fields, "level"), read_line(fields, "purpose"),
            read_line(fields, "article"), read_day(fields, "valid_until"), NamedPost.parse(fields.object("by")),
        )


TYPE: Final = BodyType(
    name="assurance", cls=Assurance, parse=Assurance.parse, scope=Scope.JOURNEY,
    members=(
        "assurance", "level.scheme", "level.name", "purpose", "article", "valid_until", "by.name", "by.post",
    ),
)
