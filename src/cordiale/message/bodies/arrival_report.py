"""``arrival-report``: a courier has arrived, and how the packages were found, before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import PACKAGES_COUNT_MAX, SEALS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import optional_line, read_identifier, without_absent
from cordiale.model.names import ConsignmentId
from cordiale.model.spelling import is_line


class PackageState(StrEnum):
    """How packages were found."""

    INTACT = "intact"
    DISTURBED = "disturbed"


@dataclass(frozen=True, slots=True)
class ArrivalReport:
    """`packages` were counted and `seals` read on arrival, whatever was advised.

    They are disturbed for the least trace of tampering, and `remarks` then say what was seen.
    """

    consignment: ConsignmentId
    arrived_at: datetime
    packages: int
    seals: tuple[str, ...]
    state: PackageState
    remarks: str = ""

    def __post_init__(self) -> None:
        if self.state is PackageState.DISTURBED and not self.remarks:
            raise Malformed(
                "arrival-report.remarks", "what was found on packages that are not intact has to be said",
                hint="say in the remarks what was seen",
            )
        if len(set(self.seals)) != len(self.seals) or not all(is_line(seal) for seal in self.seals):
            raise Malformed(
                "carriage.seals", "each seal has a number of its own, on one line",
                hint="check the numbers of the seals",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("consignment", self.consignment),
            ("arrived_at", encode_instant(self.arrived_at)),
            ("packages", self.packages),
            ("seals", list(self.seals)),
            ("state", self.state.value),
            ("remarks", self.remarks),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ArrivalReport:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            consignment=ConsignmentId(read_identifier(fields, "consignment")),
            arrived_at=fields.instant("arrived_at"),
            packages=fields.integer("packages", 0, PACKAGES_COUNT_MAX),
            seals=fields.texts("seals", max_count=SEALS_COUNT_MAX),
            state=fields.choice("state", PackageState),
            remarks=optional_line(fields, "remarks"),
        )


TYPE: Final = BodyType(
    name="arrival-report", cls=ArrivalReport, parse=ArrivalReport.parse, scope=Scope.JOURNEY,
    members=("consignment", "arrived_at", "packages", "seals[]", "state", "remarks"),
)
