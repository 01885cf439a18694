"""``disclosure``: something protected was said or shown; the listeners were told its level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.limits import VISITORS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import (
    encode_level,
    read_identifier,
    read_identifiers,
    read_level,
    read_line,
    without_absent,
)
from cordiale.model.label import LevelRef
from cordiale.model.names import ItemId


class Manner(StrEnum):
    """How it was disclosed."""

    ORAL = "oral"
    VISUAL = "visual"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """`disclosure` on `subject` at `level` of the sender's scheme, to visitors of `visit`, who were told the level.

    The note that confirms it is `item`, an item of the sender in the form `oral`; absent until there is one.
    """

    disclosure: str
    visit: str
    manner: Manner
    level: LevelRef
    subject: str
    at: datetime
    listeners: tuple[str, ...]
    item: ItemId | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("disclosure", self.disclosure),
            ("visit", self.visit),
            ("manner", self.manner.value),
            ("level", encode_level(self.level)),
            ("subject", self.subject),
            ("at", encode_instant(self.at)),
            ("listeners", list(self.listeners)),
            ("item", self.item),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> Disclosure:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            disclosure=read_identifier(fields, "disclosure"), visit=read_identifier(fields, "visit"),
            manner=fields.choice("manner", Manner), level=read_level(fields, "level"),
            subject=read_line(fields, "subject"), at=fields.instant("at"),
            listeners=read_identifiers(fields, "listeners", max_count=VISITORS_COUNT_MAX),
            item=ItemId(read_identifier(fields, "item")) if fields.has("item") else None,
        )


TYPE: Final = BodyType(
    name="disclosure", cls=Disclosure, parse=Disclosure.parse, scope=Scope.JOURNEY,
    members=(
        "disclosure", "visit", "manner", "level.scheme", "level.name", "subject", "at", "listeners[]", "item",
    ),
    matter=Matter("visit", "visit"),
)
