"""``visit-amendment``: other names or later days for a visit that was asked for; nothing else of it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import VISIT_AMENDMENTS_COUNT_MAX, VISITORS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.bodies.visit_request import VISITOR_MEMBERS, encode_visitor, read_visitors, require_visitors
from cordiale.message.members import NamedPost, read_day, read_identifier, read_identifiers
from cordiale.model.visit import Visitor


@dataclass(frozen=True, slots=True)
class VisitAmendment:
    """Amendment `number` (1 is the first) of `visit`: its days as they shall be from now on, and who comes.

    `kept` are visitors who were named before, and stay as they were; `visitors` are named here for the first time.
    So the particulars of each stand in one message only.
    """

    visit: str
    number: int
    first_day: date
    last_day: date
    kept: tuple[str, ...]
    visitors: tuple[Visitor, ...]
    authority: NamedPost

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise Malformed("visit.days", "the visit ends before it begins", hint="correct the days")
        require_visitors(self.visitors, besides=len(self.kept))

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "visit": self.visit, "number": self.number, "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(), "kept": list(self.kept),
            "visitors": [encode_visitor(one) for one in self.visitors],
            "authority": self.authority.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> VisitAmendment:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            visit=read_identifier(fields, "visit"),
            number=fields.integer("number", 1, VISIT_AMENDMENTS_COUNT_MAX),
            first_day=read_day(fields, "first_day"), last_day=read_day(fields, "last_day"),
            kept=read_identifiers(fields, "kept", max_count=VISITORS_COUNT_MAX), visitors=read_visitors(fields),
            authority=NamedPost.parse(fields.object("authority")),
        )


TYPE: Final = BodyType(
    name="visit-amendment", cls=VisitAmendment, parse=VisitAmendment.parse, scope=Scope.JOURNEY,
    members=(
        "visit", "number", "first_day", "last_day", "kept[]", *VISITOR_MEMBERS, "authority.name", "authority.post",
    ),
    matter=Matter("visit", "visit"),
)
