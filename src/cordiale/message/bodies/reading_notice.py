"""``reading-notice``: copies of an item were read, where the layers ask that its originator is told; never by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX, READINGS_TOLD_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_identifier
from cordiale.model.names import ItemId


@dataclass(frozen=True, slots=True, order=True)
class CopyRead:
    """The copy `number` of the originator was read at `at`; what was made from it counts as the copy it was made from.
    """

    at: datetime
    number: int

    def encode(self) -> dict[str, Json]:
        """Return one reading as a JSON object."""
        return {"at": encode_instant(self.at), "number": self.number}

    @classmethod
    def parse(cls, fields: Fields) -> CopyRead:
        """Read what `encode` wrote. Raises `Malformed`."""
        read = cls(fields.instant("at"), fields.integer("number", 1, COPIES_COUNT_MAX))
        fields.end()
        return read


@dataclass(frozen=True, slots=True)
class ReadingNotice:
    """Copies of `item` were read: each reading with its time and the number of the copy, in order."""

    item: ItemId
    readings: tuple[CopyRead, ...]

    def __post_init__(self) -> None:
        if not self.readings or list(self.readings) != sorted(self.readings):
            raise Malformed(
                "reading-notice.readings", "a notice tells of at least one reading, the earliest first",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"item": self.item, "readings": [one.encode() for one in self.readings]}

    @classmethod
    def parse(cls, fields: Fields) -> ReadingNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            ItemId(read_identifier(fields, "item")),
            tuple(map(CopyRead.parse, fields.objects("readings", max_count=READINGS_TOLD_COUNT_MAX))),
        )


TYPE: Final = BodyType(
    name="reading-notice", cls=ReadingNotice, parse=ReadingNotice.parse, scope=Scope.JOURNEY,
    members=("item", "readings[].at", "readings[].number"),
)
