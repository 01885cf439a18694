"""``facility-query``: is this firm cleared up to this level? Asked before anything is disclosed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import (
    NamedPost,
    encode_level,
    optional_line,
    read_identifier,
    read_level,
    read_line,
    without_absent,
)
from cordiale.model.label import LevelRef


@dataclass(frozen=True, slots=True)
class FacilityQuery:
    """Asks the authority of the firm's own country; `level` is of that country's scheme, for a bid or contract."""

    query: str
    facility: str
    level: LevelRef
    purpose: str
    authority: NamedPost
    address: str = ""

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("query", self.query),
            ("facility", self.facility),
            ("address", self.address),
            ("level", encode_level(self.level)),
            ("purpose", self.purpose),
            ("authority", self.authority.encode()),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> FacilityQuery:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            query=read_identifier(fields, "query"), facility=read_line(fields, "facility"),
            level=read_level(fields, "level"), purpose=read_line(fields, "purpose"),
            authority=NamedPost.parse(fields.object("authority")), address=optional_line(fields, "address"),
        )


TYPE: Final = BodyType(
    name="facility-query", cls=FacilityQuery, parse=FacilityQuery.parse, scope=Scope.JOURNEY,
    members=(
        "query", "facility", "address", "level.scheme", "level.name", "purpose", "authority.name", "authority.post",
    ),
    matter=Matter("contracts"),
)
