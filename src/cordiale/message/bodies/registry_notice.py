"""``registry-notice``: a registry of the sender opens, closes, or may receive other levels. An order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import LEVELS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import (
    encode_level,
    level_of,
    optional_day,
    read_day,
    read_identifier,
    read_line,
    without_absent,
)
from cordiale.model.label import LevelRef


@dataclass(frozen=True, slots=True)
class RegistryNotice:
    """The registry `registry` of the sender may receive `levels` of the sender's scheme while it is open.

    It is open from `opened_on`, and closed from `closed_on` on; the newest notice on a registry is the one that counts.
    """

    registry: str
    title: str
    levels: tuple[LevelRef, ...]
    article: str
    opened_on: date
    closed_on: date | None = None

    def __post_init__(self) -> None:
        if not self.levels or len(set(self.levels)) != len(self.levels):
            raise Malformed(
                "registry-notice.levels", "a registry receives at least one level, and each is named once",
                hint="name the levels; a registry that receives nothing any more is closed",
            )
        if self.closed_on is not None and self.closed_on < self.opened_on:
            raise Malformed(
                "registry-notice.days", "the registry would be closed before it opened", hint="check the two days"
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("registry", self.registry),
            ("title", self.title),
            ("levels", [encode_level(level) for level in self.levels]),
            ("article", self.article),
            ("opened_on", self.opened_on.isoformat()),
            ("closed_on", self.closed_on.isoformat() if self.closed_on else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> RegistryNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            registry=read_identifier(fields, "registry"),
            title=read_line(fields, "title"),
            levels=tuple(map(level_of, fields.objects("levels", max_count=LEVELS_COUNT_MAX))),
            article=read_line(fields, "article"),
            opened_on=read_day(fields, "opened_on"),
            closed_on=optional_day(fields, "closed_on"),
        )


TYPE: Final = BodyType(
    name="registry-notice", cls=RegistryNotice, parse=RegistryNotice.parse, scope=Scope.ACCORD,
    precedence=Precedence.ORDER,
    members=("registry", "title", "levels[].scheme", "levels[].name", "article", "opened_on", "closed_on"),
)
