"""``visit-ended``: a visit, or single visitors of it, are not to be admitted any more. An order.

Of the sending authority it takes a request back or says that a clearance no
longer stands; of the host it takes an approval back. No reason is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.limits import VISITORS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import read_identifier, read_identifiers
from cordiale.model.names import MessageId


class VisitEnding(StrEnum):
    """Suspended visitors may still be cancelled, and come under a new number; what is cancelled stays so."""

    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class VisitEnded:
    """Ends `visit` for `visitors`; of nobody in particular, for all of them.

    `request` is the message that asked for the visit, by which the two sides know that they mean the same.
    """

    visit: str
    ending: VisitEnding
    visitors: tuple[str, ...]
    request: MessageId

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "visit": self.visit, "ending": self.ending.value, "visitors": list(self.visitors),
            "request": self.request,
        }

    @classmethod
    def parse(cls, fields: Fields) -> VisitEnded:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            visit=read_identifier(fields, "visit"),
            ending=fields.choice("ending", VisitEnding),
            visitors=read_identifiers(fields, "visitors", max_count=VISITORS_COUNT_MAX),
            request=MessageId(read_identifier(fields, "request")),
        )


TYPE: Final = BodyType(
    name="visit-ended", cls=VisitEnded, parse=VisitEnded.parse, scope=Scope.JOURNEY, precedence=Precedence.ORDER,
    members=("visit", "ending", "visitors[]", "request"),
)
