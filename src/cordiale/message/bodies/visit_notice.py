"""``visit-notice``: the places concerned tell each other of one visit of a series that is approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import VISITORS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import read_day, read_identifier, read_identifiers, read_line


@dataclass(frozen=True, slots=True)
class VisitNotice:
    """`visitors` of the approved series `visit` come to `site` from `first_day` to `last_day`; `notice` is its id."""

    visit: str
    notice: str
    site: str
    first_day: date
    last_day: date
    visitors: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise Malformed("visit.days", "the visit ends before it begins", hint="correct the days")

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "visit": self.visit, "notice": self.notice, "site": self.site, "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(), "visitors": list(self.visitors),
        }

    @classmethod
    def parse(cls, fields: Fields) -> VisitNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            visit=read_identifier(fields, "visit"), notice=read_identifier(fields, "notice"),
            site=read_line(fields, "site"),
            first_day=read_day(fields, "first_day"), last_day=read_day(fields, "last_day"),
            visitors=read_identifiers(fields, "visitors", max_count=VISITORS_COUNT_MAX),
        )


TYPE: Final = BodyType(
    name="visit-notice", cls=VisitNotice, parse=VisitNotice.parse, scope=Scope.JOURNEY,
    members=("visit", "notice", "site", "first_day", "last_day", "visitors[]"),
    matter=Matter("visit", "visit"),
)
