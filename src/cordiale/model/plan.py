"""A transport plan: how freight goes, agreed by the authorities of both parties before anything is dispatched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cordiale.errors import Malformed


class PlanOutcome(StrEnum):
    """What the authority of either party says of a plan."""

    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class TransportPlan:
    """What both authorities agree: the route, who escorts it, what is done when it cannot go on.

    It holds from `first_day` to `last_day`, both included, for at most `consignments` of them.
    """

    description: str
    route: str
    escorts: str
    contingency: str
    first_day: date
    last_day: date
    consignments: int

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise Malformed(
                "transport-plan.days", "the plan would end before it begins", hint="check the two days"
            )
