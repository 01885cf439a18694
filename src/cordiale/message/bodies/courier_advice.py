"""``courier-advice``: a courier is on the way with a consignment, and is expected at a certain time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import PACKAGES_COUNT_MAX, SEALS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import NamedPost, read_identifier, read_line
from cordiale.model.names import ConsignmentId
from cordiale.model.spelling import is_line


@dataclass(frozen=True, slots=True)
class CourierAdvice:
    """What the recipient needs to meet a courier: who comes, with what, when, and from when the delay is alarming.

    `seals` are the numbers on the outer covers, one for each seal. `certificate` is the number of the courier's
    certificate for this one journey. Levels and subjects are on no outer cover, and not here.
    """

    consignment: ConsignmentId
    packages: int
    seals: tuple[str, ...]
    courier: NamedPost
    certificate: str
    departs_at: datetime
    expected_at: datetime
    overdue_at: datetime

    def __post_init__(self) -> None:
        if not self.departs_at < self.expected_at <= self.overdue_at:
            raise Malformed(
                "courier-advice.times", "a courier departs, is expected after that, and overdue no earlier",
                hint="ask the partner to advise the courier again",
            )
        require_packed(self.packages, self.seals)

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "consignment": self.consignment,
            "packages": self.packages,
            "seals": list(self.seals),
            "courier": self.courier.encode(),
            "certificate": self.certificate,
            "departs_at": encode_instant(self.departs_at),
            "expected_at": encode_instant(self.expected_at),
            "overdue_at": encode_instant(self.overdue_at),
        }

    @classmethod
    def parse(cls, fields: Fields) -> CourierAdvice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            consignment=ConsignmentId(read_identifier(fields, "consignment")),
            packages=fields.integer("packages", 1, PACKAGES_COUNT_MAX),
            seals=fields.texts("seals", max_count=SEALS_COUNT_MAX),
            courier=NamedPost.parse(fields.object("courier")),
            certificate=read_line(fields, "certificate"),
            departs_at=fields.instant("departs_at"),
            expected_at=fields.instant("expected_at"),
            overdue_at=fields.instant("overdue_at"),
        )


def require_packed(packages: int, seals: tuple[str, ...]) -> None:
    """Raise `Malformed` unless there is a package, and a seal on each, no two of one number."""
    if not 1 <= packages <= PACKAGES_COUNT_MAX or not packages <= len(seals) <= SEALS_COUNT_MAX:
        raise Malformed(
            "carriage.packages", "there are 1 to {count} packages, and each has a seal",
            hint="give the number of each seal", count=PACKAGES_COUNT_MAX,
        )
    if len(set(seals)) != len(seals) or not all(is_line(seal) for seal in seals):
        raise Malformed(
            "carriage.seals", "each seal has a number of its own, on one line", hint="check the numbers of the seals"
        )


TYPE: Final = BodyType(
    name="courier-advice", cls=CourierAdvice, parse=CourierAdvice.parse, scope=Scope.JOURNEY,
    members=(
        "consignment", "packages", "seals[]", "courier.name", "courier.post", "certificate", "departs_at",
        "expected_at", "overdue_at",
    ),
)
