"""``in-succession``: what an originator would be told of its items, told to the party that holds its rights today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies import (
    certificate,
    copy_report,
    crisis_report,
    emergency_notice,
    emergency_report,
    freeze,
    inventory_result,
    level_change_done,
    reading_notice,
    return_answer,
)
from cordiale.message.bodies.body import Body, BodyType, Scope
from cordiale.message.bodies.certificate import Certificate
from cordiale.message.bodies.copy_report import CopyReport
from cordiale.message.bodies.crisis_report import CrisisReport
from cordiale.message.bodies.emergency_notice import EmergencyNotice
from cordiale.message.bodies.emergency_report import EmergencyReport
from cordiale.message.bodies.freeze import FreezeAnswer
from cordiale.message.bodies.inventory_result import InventoryResult
from cordiale.message.bodies.level_change_done import LevelChangeDone
from cordiale.message.bodies.reading_notice import ReadingNotice
from cordiale.message.bodies.return_answer import ReturnAnswer
from cordiale.message.members import read_party
from cordiale.model.names import PartyId

Told: TypeAlias = (
    Certificate | CopyReport | CrisisReport | EmergencyNotice | EmergencyReport | FreezeAnswer | InventoryResult
    | LevelChangeDone | ReadingNotice | ReturnAnswer
)
_ROWS: Final[Mapping[str, BodyType]] = MappingProxyType({
    row.name.replace("-", "_"): row for row in (
        certificate.TYPE, copy_report.TYPE, crisis_report.TYPE, emergency_notice.TYPE, emergency_report.TYPE,
        freeze.ANSWER, inventory_result.TYPE, level_change_done.TYPE, reading_notice.TYPE, return_answer.TYPE,
    )
})


@dataclass(frozen=True, slots=True)
class InSuccession:
    """Each of `told` is about items of `originator`, whose rights the recipient holds; at most one of each type."""

    originator: PartyId
    told: tuple[Body, ...]

    def __post_init__(self) -> None:
        kinds = [_member_of(one) for one in self.told]
        if not kinds or len(set(kinds)) != len(kinds):
            raise Malformed(
                "in-succession.told", "a successor is told something, and nothing of one kind twice",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"originator": self.originator, **{_member_of(one): one.encode() for one in self.told}}

    @classmethod
    def parse(cls, fields: Fields) -> InSuccession:
        """Read what `encode` wrote. Raises `Malformed`."""
        told: list[Body] = []
        for member, row in _ROWS.items():
            inner = fields.optional_object(member)
            if inner is not None:
                told.append(row.parse(inner))
                inner.end()
        return cls(read_party(fields, "originator"), tuple(told))


def _member_of(body: Body) -> str:
    return next((name for name, row in _ROWS.items() if row.cls is type(body)), "")


TYPE: Final = BodyType(
    name="in-succession", cls=InSuccession, parse=InSuccession.parse, scope=Scope.JOURNEY,
    members=("originator", *(f"{name}.{member}" for name, row in _ROWS.items() for member in row.members)),
)
