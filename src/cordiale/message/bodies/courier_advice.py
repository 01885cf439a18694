"""``courier-advice``: a courier is on the way with a consignment, and is expected at a certain time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import PACKAGES_COUNT_MAX, SEALS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import NamedPost, read_identifier, read_line, without_absent
from cordiale.model.names import ConsignmentId
from cordiale.model.spelling import is_line


class Means(StrEnum):
    """In whose hands it travels."""

    COURIER = "courier"
    POST = "post"


@dataclass(frozen=True, slots=True)
class CourierAdvice:
    """What the recipient needs to meet a courier: who comes, with what, when, and from when the delay is alarming.

    `seals` are the numbers on the outer covers, one for each seal. `certificate` is the number of the courier's
    certificate for this one journey; by post there is no courier, and it is the number by which the item is tracked.
    `plan` is the transport plan that freight travels under. Levels and subjects are on no outer cover, and not here.
    """

    consignment: ConsignmentId
    packages: int
    seals: tuple[str, ...]
    means: Means
    courier: NamedPost | None
    certificate: str
    departs_at: datetime
    expected_at: datetime
    overdue_at: datetime
    plan: str = ""

    def __post_init__(self) -> None:
        if (self.means is Means.POST) is not (self.courier is None):
            raise Malformed(
                "courier-advice.means", "a courier is named, and by post there is none",
                hint="ask the partner to advise the courier again",
            )
        if not self.departs_at < self.expected_at <= self.overdue_at:
            raise Malformed(
                "courier-advice.times", "a courier departs, is expected after that, and overdue no earlier",
                hint="ask the partner to advise the courier again",
            )
        require_packed(self.packages, self.seals)

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("consignment", self.consignment),
            ("packages", self.packages),
            ("seals", list(self.seals)),
            ("means", self.means.value),
            ("courier", self.courier.encode() if self.courier is not None else None),
            ("certificate", self.certificate),
            ("departs_at", encode_instant(self.departs_at)),
            ("expected_at", encode_instant(self.expected_at)),
            ("overdue_at", encode_instant(self.overdue_at)),
            ("plan", self.plan),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> CourierAdvice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            consignment=ConsignmentId(read_identifier(fields, "consignment")),
            packages=fields.integer("packages", 1, PACKAGES_COUNT_MAX),
            seals=fields.texts("seals", max_count=SEALS_COUNT_MAX),
            means=fields.choice("means", Means),
            courier=NamedPost.parse(fields.object("courier")) if fields.has("courier") else None,
            certificate=read_line(fields, "certificate"),
            departs_at=fields.instant("departs_at"),
            expected_at=fields.instant("expected_at"),
            overdue_at=fields.instant("overdue_at"),
            plan=read_identifier(fields, "plan") if fields.has("plan") else "",
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
        "consignment", "packages", "seals[]", "means", "courier.name", "courier.post", "certificate", "departs_at",
        "expected_at", "overdue_at", "plan",
    ),
    matter=Matter("plan", "plan"),
)
