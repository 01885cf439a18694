"""``transport-plan``: how freight is to go, put to the authority of the other party."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.limits import PLAN_CONSIGNMENTS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import NamedPost, read_day, read_identifier, read_line
from cordiale.model.plan import TransportPlan


@dataclass(frozen=True, slots=True)
class PlanProposal:
    """Puts the plan called `plan` to the other party, in the name of the sender's authority."""

    plan: str
    terms: TransportPlan
    authority: NamedPost

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        terms = self.terms
        return {
            "plan": self.plan,
            "description": terms.description,
            "route": terms.route,
            "escorts": terms.escorts,
            "contingency": terms.contingency,
            "first_day": terms.first_day.isoformat(),
            "last_day": terms.last_day.isoformat(),
            "consignments": terms.consignments,
            "authority": self.authority.encode(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> PlanProposal:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(read_identifier(fields, "plan"), read_terms(fields), NamedPost.parse(fields.object("authority")))


def read_terms(fields: Fields) -> TransportPlan:
    """Read what a plan says, as it stands in the message and in what the authority signs. Raises `Malformed`."""
    return TransportPlan(
        description=read_line(fields, "description"), route=read_line(fields, "route"),
        escorts=read_line(fields, "escorts"), contingency=read_line(fields, "contingency"),
        first_day=read_day(fields, "first_day"), last_day=read_day(fields, "last_day"),
        consignments=fields.integer("consignments", 1, PLAN_CONSIGNMENTS_COUNT_MAX),
    )


TYPE: Final = BodyType(
    name="transport-plan", cls=PlanProposal, parse=PlanProposal.parse, scope=Scope.JOURNEY,
    members=(
        "plan", "description", "route", "escorts", "contingency", "first_day", "last_day", "consignments",
        "authority.name", "authority.post",
    ),
    matter=Matter("plan", "plan"),
)
