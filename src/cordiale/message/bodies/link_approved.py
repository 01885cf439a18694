"""``link-approved``: the sender approves a link between the parties up to a level, or withdraws that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import encode_level, read_level, read_line, without_absent
from cordiale.model.label import LevelRef


class Link(StrEnum):
    """How messages and envelopes travel."""

    WIRE = "wire"
    BAG = "bag"


@dataclass(frozen=True, slots=True)
class LinkApproved:
    """`level` is of the sender's own scheme; `reference` is the sender's approval in its own files."""

    link: Link
    level: LevelRef
    reference: str
    approved_at: datetime
    withdrawn_at: datetime | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("link", self.link.value),
            ("level", encode_level(self.level)),
            ("reference", self.reference),
            ("approved_at", encode_instant(self.approved_at)),
            ("withdrawn_at", encode_instant(self.withdrawn_at) if self.withdrawn_at else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> LinkApproved:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            link=fields.choice("link", Link), level=read_level(fields, "level"),
            reference=read_line(fields, "reference"), approved_at=fields.instant("approved_at"),
            withdrawn_at=fields.optional_instant("withdrawn_at"),
        )


TYPE: Final = BodyType(
    name="link-approved", cls=LinkApproved, parse=LinkApproved.parse, scope=Scope.ACCORD,
    members=("link", "level.scheme", "level.name", "reference", "approved_at", "withdrawn_at"),
)
