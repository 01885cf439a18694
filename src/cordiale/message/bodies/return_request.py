"""``return-request``: the originator asks for copies back, or orders them back where the agreement gives that right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import RETURN_COPIES_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import (
    optional_line,
    read_day,
    read_identifier,
    read_line,
    require_ascending,
    without_absent,
)
from cordiale.model.names import CopyId, ItemId, parse_identifier


class ReturnKind(StrEnum):
    """What the originator can do: order where the agreement gives a right of recall, and ask everywhere."""

    ORDER = "order"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """Wants `copies` of `item` back, and whatever was reproduced from them.

    `article` is the provision of an order, empty for a request. `by` is the day by which it is wanted.
    """

    item: ItemId
    copies: tuple[CopyId, ...]
    kind: ReturnKind
    reason: str
    article: str = ""
    by: date | None = None

    def __post_init__(self) -> None:
        if not self.copies or bool(self.article) is not (self.kind is ReturnKind.ORDER):
            raise Malformed(
                "return-request.form", "a return names the copies, and the provision where it is an order",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("item", self.item), ("copies", list(self.copies)), ("kind", self.kind.value), ("reason", self.reason),
            ("article", self.article), ("by", self.by.isoformat() if self.by else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ReturnRequest:
        """Read what `encode` wrote. Raises `Malformed`."""
        copies = fields.texts("copies", max_count=RETURN_COPIES_COUNT_MAX)
        return cls(
            item=ItemId(read_identifier(fields, "item")),
            copies=tuple(CopyId(parse_identifier(one, "copy")) for one in require_ascending(copies, "copies")),
            kind=fields.choice("kind", ReturnKind), reason=read_line(fields, "reason"),
            article=optional_line(fields, "article"), by=read_day(fields, "by") if fields.has("by") else None,
        )


TYPE: Final = BodyType(
    name="return-request", cls=ReturnRequest, parse=ReturnRequest.parse, scope=Scope.JOURNEY,
    precedence=Precedence.ORDER, members=("item", "copies[]", "kind", "reason", "article", "by"),
)
