"""``statement``: a new node statement of the sender, with the root rotations it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.limits import ROOT_ROTATIONS_COUNT_MAX, ROOT_SIZE_BYTES_MAX, STATEMENT_SIZE_BYTES_MAX
from cordiale.message.bodies.body import BodyType, Precedence, Scope


@dataclass(frozen=True, slots=True)
class StatementShown:
    """`statement` is the signed node statement and `roots` the signed roots since the one known, oldest first.

    Neither is verified by the signature of this message: both are verified against the party's root
    (`cordiale.message.trust`).
    """

    statement: str
    roots: tuple[str, ...] = ()

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {"statement": self.statement, "roots": list(self.roots)}

    @classmethod
    def parse(cls, fields: Fields) -> StatementShown:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            statement=fields.text("statement", max_length=STATEMENT_SIZE_BYTES_MAX),
            roots=fields.texts("roots", max_count=ROOT_ROTATIONS_COUNT_MAX, max_length=ROOT_SIZE_BYTES_MAX),
        )


TYPE: Final = BodyType(
    name="statement", cls=StatementShown, parse=StatementShown.parse, scope=Scope.NODE, precedence=Precedence.ORDER,
    needs_agreement=False, members=("statement", "roots[]"),
)
