"""``visit-answer``: the host alone decides who is admitted; a refusal gives no reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import VISIT_AMENDMENTS_COUNT_MAX, VISITORS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Reply, Scope
from cordiale.message.members import (
    NamedPost,
    optional_line,
    read_identifier,
    read_identifiers,
    without_absent,
)


class VisitOutcome(StrEnum):
    """What the host decided; approved may be of some visitors only."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class VisitAnswer:
    """Answers amendment `number` (0 is the request itself) of `visit`.

    `visitors` are those approved, none when refused. `conditions` bind the visitors; `warning` tells them of a
    threat, and `evacuation` what is planned for it.
    """

    visit: str
    number: int
    outcome: VisitOutcome
    visitors: tuple[str, ...]
    authority: NamedPost
    conditions: str = ""
    warning: str = ""
    evacuation: str = ""

    def __post_init__(self) -> None:
        if bool(self.visitors) is not (self.outcome is VisitOutcome.APPROVED):
            raise Malformed(
                "visit.approved", "an approval names whom it admits, and a refusal names nobody",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("visit", self.visit),
            ("number", self.number),
            ("outcome", self.outcome.value),
            ("visitors", list(self.visitors)),
            ("conditions", self.conditions),
            ("warning", self.warning),
            ("evacuation", self.evacuation),
            ("authority", self.authority.encode()),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> VisitAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            visit=read_identifier(fields, "visit"),
            number=fields.integer("number", 0, VISIT_AMENDMENTS_COUNT_MAX),
            outcome=fields.choice("outcome", VisitOutcome),
            visitors=read_identifiers(fields, "visitors", max_count=VISITORS_COUNT_MAX),
            conditions=optional_line(fields, "conditions"), warning=optional_line(fields, "warning"),
            evacuation=optional_line(fields, "evacuation"),
            authority=NamedPost.parse(fields.object("authority")),
        )


TYPE: Final = BodyType(
    name="visit-answer", cls=VisitAnswer, parse=VisitAnswer.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=(
        "visit", "number", "outcome", "visitors[]", "conditions", "warning", "evacuation", "authority.name",
        "authority.post",
    ),
    matter=Matter("visit", "visit"),
)
