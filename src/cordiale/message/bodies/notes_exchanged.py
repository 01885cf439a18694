"""``notes-exchanged``: one party's note that its internal requirements for entry into force are met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import optional_day, read_day, read_line, without_absent


@dataclass(frozen=True, slots=True)
class NotesExchanged:
    """The diplomatic note `reference` of `noted_on`; `in_force_on` where the note itself fixes the day."""

    reference: str
    noted_on: date
    article: str
    in_force_on: date | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("reference", self.reference),
            ("noted_on", self.noted_on.isoformat()),
            ("article", self.article),
            ("in_force_on", self.in_force_on.isoformat() if self.in_force_on else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> NotesExchanged:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            reference=read_line(fields, "reference"), noted_on=read_day(fields, "noted_on"),
            article=read_line(fields, "article"), in_force_on=optional_day(fields, "in_force_on"),
        )


TYPE: Final = BodyType(
    name="notes-exchanged", cls=NotesExchanged, parse=NotesExchanged.parse, scope=Scope.ACCORD,
    members=("reference", "noted_on", "article", "in_force_on"),
)
