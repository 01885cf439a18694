"""``facility-answer``: the written assurance about a firm, or that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Matter, Reply, Scope
from cordiale.message.members import (
    NamedPost,
    encode_level,
    optional_day,
    read_identifier,
    read_level,
    without_absent,
)
from cordiale.model.contract import Assurance
from cordiale.model.label import LevelRef


@dataclass(frozen=True, slots=True)
class FacilityAnswer:
    """Answers `query`. `level` and `valid_until` stand with a clearance that is held, and only then.

    `is_controlled` says that a third state controls the firm and that no clearance is given because of it.
    """

    query: str
    assurance: Assurance
    authority: NamedPost
    level: LevelRef | None = None
    valid_until: date | None = None
    is_controlled: bool = False

    def __post_init__(self) -> None:
        is_held = self.assurance is Assurance.HELD
        if (self.level is not None) is not is_held or (self.valid_until is not None) is not is_held:
            raise Malformed(
                "facility.level", "a clearance that is held has a level and an end, and no other answer has",
                hint="ask the partner to send it again",
            )
        if self.is_controlled and self.assurance is not Assurance.NOT_HELD:
            raise Malformed(
                "facility.controlled", "where a third state controls the firm, no clearance is given",
                hint="answer that none is held",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("query", self.query),
            ("assurance", self.assurance.value),
            ("level", encode_level(self.level) if self.level else None),
            ("valid_until", self.valid_until.isoformat() if self.valid_until else None),
            ("controlled", self.is_controlled),
            ("authority", self.authority.encode()),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> FacilityAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            query=read_identifier(fields, "query"), assurance=fields.choice("assurance", Assurance),
            authority=NamedPost.parse(fields.object("authority")),
            level=read_level(fields, "level") if fields.has("level") else None,
            valid_until=optional_day(fields, "valid_until"), is_controlled=fields.boolean("controlled"),
        )


TYPE: Final = BodyType(
    name="facility-answer", cls=FacilityAnswer, parse=FacilityAnswer.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=(
        "query", "assurance", "level.scheme", "level.name", "valid_until", "controlled", "authority.name",
        "authority.post",
    ),
    matter=Matter("contracts"),
)
