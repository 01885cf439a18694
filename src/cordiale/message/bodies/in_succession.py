"""``in-succession``: what an originator would be told of its items, told to the party that holds its rights today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies import certificate, copy_report, crisis_report, inventory_result, return_answer
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.bodies.certificate import Certificate
from cordiale.message.bodies.copy_report import CopyReport
from cordiale.message.bodies.crisis_report import CrisisReport
from cordiale.message.bodies.inventory_result import InventoryResult
from cordiale.message.bodies.return_answer import ReturnAnswer
from cordiale.message.members import read_party
from cordiale.model.names import PartyId

Told: TypeAlias = Certificate | CopyReport | CrisisReport | InventoryResult | ReturnAnswer
_ROWS: Final[Mapping[str, BodyType]] = MappingProxyType({
    row.name: row
    for row in (certificate.TYPE, copy_report.TYPE, crisis_report.TYPE, inventory_result.TYPE, return_answer.TYPE)
})


@dataclass(frozen=True, slots=True)
class InSuccession:
    """`told` is about items of `originator`, whose rights the recipient holds; it need never have had them."""

    originator: PartyId
    told: Told

    @property
    def kind(self) -> str:
        """The name of the type of what is told."""
        return next(name for name, row in _ROWS.items() if row.cls is type(self.told))

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"originator": self.originator, "kind": self.kind, "told": self.told.encode()}

    @classmethod
    def parse(cls, fields: Fields) -> InSuccession:
        """Read what `encode` wrote. Raises `Malformed`."""
        row = _ROWS.get(fields.text("kind"))
        if row is None:
            raise Malformed(
                "in-succession.kind", "this is nothing that an originator's successor is told",
                hint="ask the partner to tell it on paper",
            )
        inner = fields.object("told")
        told = row.parse(inner)
        inner.end()
        if not isinstance(told, Certificate | CopyReport | CrisisReport | InventoryResult | ReturnAnswer):
            raise Malformed("in-succession.other", "this is nothing that is told so", hint="report this as a defect")
        return cls(read_party(fields, "originator"), told)


TYPE: Final = BodyType(
    name="in-succession", cls=InSuccession, parse=InSuccession.parse, scope=Scope.JOURNEY,
    members=("originator", "kind", *sorted({f"told.{member}" for row in _ROWS.values() for member in row.members})),
)
