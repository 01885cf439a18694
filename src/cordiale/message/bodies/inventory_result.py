"""``inventory-result``: what an inventory found of the originator's copies; never a place, a holder or a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX, INVENTORY_DIFFERENCES_COUNT_MAX, INVENTORY_RESULT_PARTS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_identifier, read_identifiers, read_line
from cordiale.model.names import CopyId
from cordiale.rules.inventory import Explanation, Finding

_DIFFERENCES: Final = frozenset({Finding.MISSING, Finding.SURPLUS})


@dataclass(frozen=True, slots=True)
class CopyDifference:
    """A copy that is missing, or was found although it had ended, and what that turned out to be."""

    copy: CopyId
    finding: Finding
    explanation: Explanation

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"copy": self.copy, "explanation": self.explanation.value, "finding": self.finding.value}

    @classmethod
    def parse(cls, fields: Fields) -> CopyDifference:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            CopyId(read_identifier(fields, "copy")), fields.choice("finding", Finding),
            fields.choice("explanation", Explanation),
        )


@dataclass(frozen=True, slots=True)
class InventoryResult:
    """The copies of the recipient's items that the sender counted, as its books said at `as_of` they must be there.

    `present` were seen, `left` ended while it was counted (their certificates tell of it). A long result comes in
    `parts`, of which this is `part`, counted from one. `article` is the provision that asks for it.
    """

    inventory: str
    as_of: datetime
    signed_at: datetime
    article: str
    part: int
    parts: int
    present: tuple[CopyId, ...] = ()
    left: tuple[CopyId, ...] = ()
    differences: tuple[CopyDifference, ...] = ()

    def __post_init__(self) -> None:
        listed = [*self.present, *self.left, *(one.copy for one in self.differences)]
        if len(set(listed)) != len(listed) or any(one.finding not in _DIFFERENCES for one in self.differences):
            raise Malformed(
                "inventory-result.copies", "a copy stands twice in the result, or differs in nothing",
                hint="ask the partner to send it again",
            )
        if self.part > self.parts or self.signed_at < self.as_of:
            raise Malformed(
                "inventory-result.parts", "the result is a part of fewer parts, or was signed before it was begun",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "article": self.article, "as_of": encode_instant(self.as_of),
            "differences": [one.encode() for one in self.differences], "inventory": self.inventory,
            "left": list(self.left), "part": self.part, "parts": self.parts, "present": list(self.present),
            "signed_at": encode_instant(self.signed_at),
        }

    @classmethod
    def parse(cls, fields: Fields) -> InventoryResult:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            inventory=read_identifier(fields, "inventory"), as_of=fields.instant("as_of"),
            signed_at=fields.instant("signed_at"), article=read_line(fields, "article"),
            part=fields.integer("part", 1, INVENTORY_RESULT_PARTS_COUNT_MAX),
            parts=fields.integer("parts", 1, INVENTORY_RESULT_PARTS_COUNT_MAX),
            present=tuple(map(CopyId, read_identifiers(fields, "present", max_count=COPIES_COUNT_MAX))),
            left=tuple(map(CopyId, read_identifiers(fields, "left", max_count=COPIES_COUNT_MAX))),
            differences=tuple(map(CopyDifference.parse, fields.objects(
                "differences", max_count=2 * INVENTORY_DIFFERENCES_COUNT_MAX
            ))),
        )


TYPE: Final = BodyType(
    name="inventory-result", cls=InventoryResult, parse=InventoryResult.parse, scope=Scope.JOURNEY,
    members=(
        "inventory", "as_of", "signed_at", "article", "part", "parts", "present[]", "left[]", "differences[].copy",
        "differences[].finding", "differences[].explanation",
    ),
)
