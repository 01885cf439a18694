"""``stage-changed``: notice that the agreement enters another stage: suspended, resumed, terminated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import (
    encode_level,
    level_of,
    optional_day,
    optional_line,
    read_day,
    read_line,
    without_absent,
)
from cordiale.model.agreement import Stage
from cordiale.model.label import LevelRef

LEVELS_COUNT_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class StageChanged:
    """The agreement stands at `stage` from `effective_on`; `levels` limits a suspension, empty means all.

    `ended_on` is the day a notice of termination takes effect; it stands exactly when the stage is terminated.
    """

    stage: Stage
    effective_on: date
    article: str
    reason: str = ""
    levels: tuple[LevelRef, ...] = ()
    ended_on: date | None = None

    def __post_init__(self) -> None:
        if (self.ended_on is not None) is not (self.stage is Stage.TERMINATED):
            raise Malformed(
                "stage-changed.end", "the day of the end stands in a notice of termination, and in no other",
                hint="give the day the termination takes effect",
            )
        if len(self.levels) > LEVELS_COUNT_MAX or len(set(self.levels)) != len(self.levels):
            raise Malformed(
                "stage-changed.levels", "the levels of a suspension are listed at most {count} and each once",
                hint="list each level once", count=LEVELS_COUNT_MAX,
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("stage", self.stage.value),
            ("effective_on", self.effective_on.isoformat()),
            ("article", self.article),
            ("reason", self.reason),
            ("levels", [encode_level(level) for level in self.levels]),
            ("ended_on", self.ended_on.isoformat() if self.ended_on else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> StageChanged:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            stage=fields.choice("stage", Stage), effective_on=read_day(fields, "effective_on"),
            article=read_line(fields, "article"), reason=optional_line(fields, "reason"),
            levels=tuple(map(level_of, fields.objects("levels", max_count=LEVELS_COUNT_MAX))),
            ended_on=optional_day(fields, "ended_on"),
        )


TYPE: Final = BodyType(
    name="stage-changed", cls=StageChanged, parse=StageChanged.parse, scope=Scope.ACCORD,
    precedence=Precedence.ORDER,
    members=(
        "stage", "effective_on", "article", "reason", "levels[].scheme", "levels[].name", "ended_on",
    ),
)
