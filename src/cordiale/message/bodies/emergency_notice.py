"""``emergency-notice``: an item was disclosed in an emergency to persons who are not cleared; a report follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.limits import EMERGENCY_PERSONS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Scope
from cordiale.message.members import read_identifier, read_line, without_absent
from cordiale.model.names import ItemId


@dataclass(frozen=True, slots=True)
class EmergencyNotice:
    """Tells the originator at once that `item` was disclosed to `count` persons under `article`, and why.

    `report_by` is when the report is due at the sender, None where no layer says it.
    """

    disclosure: str
    item: ItemId
    at: datetime
    count: int
    circumstances: str
    article: str
    report_by: datetime | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("disclosure", self.disclosure), ("item", self.item), ("at", encode_instant(self.at)),
            ("count", self.count), ("circumstances", self.circumstances), ("article", self.article),
            ("report_by", encode_instant(self.report_by) if self.report_by else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> EmergencyNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            disclosure=read_identifier(fields, "disclosure"), item=ItemId(read_identifier(fields, "item")),
            at=fields.instant("at"), count=fields.integer("count", 1, EMERGENCY_PERSONS_COUNT_MAX),
            circumstances=read_line(fields, "circumstances"), article=read_line(fields, "article"),
            report_by=fields.optional_instant("report_by"),
        )


TYPE: Final = BodyType(
    name="emergency-notice", cls=EmergencyNotice, parse=EmergencyNotice.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER,
    members=("disclosure", "item", "at", "count", "circumstances", "article", "report_by"),
    matter=Matter("emergency", "disclosure"),
)
