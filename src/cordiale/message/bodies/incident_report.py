"""``incident-report``: a loss, a compromise, or the possibility of one, told by authority to authority. An order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.limits import INCIDENT_COPIES_COUNT_MAX, INCIDENT_ITEMS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Precedence, Scope
from cordiale.message.members import (
    NamedPost,
    read_day,
    read_identifier,
    read_identifiers,
    read_lines,
    read_party,
    read_version,
    require_ascending,
    without_absent,
)
from cordiale.model.incident import IncidentKind
from cordiale.model.names import ConsignmentId, CopyId, ItemId, PartyId


class Certainty(StrEnum):
    """Whether it is known to have happened."""

    SUSPECTED = "suspected"
    CERTAIN = "certain"


@dataclass(frozen=True, slots=True)
class AffectedItem:
    """An item that passed between the two parties, and the copies of it concerned; none named means all."""

    item: ItemId
    copies: tuple[CopyId, ...] = ()

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"item": self.item, "copies": list(self.copies)}

    @classmethod
    def parse(cls, fields: Fields) -> AffectedItem:
        """Read what `encode` wrote. Raises `Malformed`."""
        item = ItemId(read_identifier(fields, "item"))
        copies = read_identifiers(fields, "copies", max_count=INCIDENT_COPIES_COUNT_MAX)
        return cls(item, tuple(map(CopyId, copies)))


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """Version `version` of the first report; a later version takes the place of the earlier ones.

    `incident` is the sender's name of the case towards this partner. `facts` and `measures` are for the damage to
    be judged; who has read or held anything is never in them. `third_country` is where it happened, if elsewhere.
    `originator` is whose items they are, where the recipient holds its rights and need never have had them.
    """

    incident: str
    version: int
    kind: IncidentKind
    certainty: Certainty
    noticed_on: date
    facts: tuple[str, ...]
    reported_by: NamedPost
    items: tuple[AffectedItem, ...] = ()
    measures: tuple[str, ...] = ()
    consignment: ConsignmentId | None = None
    third_country: PartyId | None = None
    originator: PartyId | None = None

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("incident", self.incident),
            ("version", self.version),
            ("kind", self.kind.value),
            ("certainty", self.certainty.value),
            ("noticed_on", self.noticed_on.isoformat()),
            ("items", [item.encode() for item in self.items]),
            ("facts", list(self.facts)),
            ("measures", list(self.measures)),
            ("consignment", self.consignment),
            ("third_country", self.third_country),
            ("originator", self.originator),
            ("reported_by", self.reported_by.encode()),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> IncidentReport:
        """Read what `encode` wrote. Raises `Malformed`."""
        items = tuple(map(AffectedItem.parse, fields.objects("items", max_count=INCIDENT_ITEMS_COUNT_MAX)))
        require_ascending(tuple(item.item for item in items), "items")
        consignment = ConsignmentId(read_identifier(fields, "consignment")) if fields.has("consignment") else None
        return cls(
            incident=read_identifier(fields, "incident"),
            version=read_version(fields, "version"),
            kind=fields.choice("kind", IncidentKind),
            certainty=fields.choice("certainty", Certainty),
            noticed_on=read_day(fields, "noticed_on"),
            facts=read_lines(fields, "facts", min_count=1),
            reported_by=NamedPost.parse(fields.object("reported_by")),
            items=items,
            measures=read_lines(fields, "measures"),
            consignment=consignment,
            third_country=read_party(fields, "third_country") if fields.has("third_country") else None,
            originator=read_party(fields, "originator") if fields.has("originator") else None,
        )


TYPE: Final = BodyType(
    name="incident-report", cls=IncidentReport, parse=IncidentReport.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER,
    members=(
        "incident", "version", "kind", "certainty", "noticed_on", "items[].item", "items[].copies[]", "facts[]",
        "measures[]", "consignment", "third_country", "originator", "reported_by.name", "reported_by.post",
    ),
    matter=Matter("incident", "incident"),
)
