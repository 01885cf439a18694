"""``certificate``: a copy has been returned, destroyed or handed over for good; the originator keeps it for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX, SHORT_TEXT_LENGTH_MAX
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import read_day, read_identifier, read_line
from cordiale.model.names import CopyId, ItemId
from cordiale.model.spelling import is_line

PERSONS_COUNT_MAX: Final = 16


class Ending(StrEnum):
    """How the life of a copy ended."""

    RETURNED = "returned"
    DESTROYED = "destroyed"
    CEDED = "ceded"


class Proof(StrEnum):
    """What the certificate is worth: proved by the node itself, or attested by the persons it names."""

    PROVED = "proved"
    ATTESTED = "attested"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Copy `copy_number` of `item` was `ending` by `method` on `done_on`, under the provision `legal_basis`.

    `persons` carried it out and `witnesses` saw it: the posts they hold, one for each person, because names of
    our people stay in our register under `number`. Destroying keys is proof only for this node's copies.
    """

    number: str
    ending: Ending
    item: ItemId
    copy: CopyId
    copy_number: int
    method: str
    persons: tuple[str, ...]
    witnesses: tuple[str, ...]
    legal_basis: str
    done_on: date
    proof: Proof

    def __post_init__(self) -> None:
        if not 1 <= len(self.persons) <= PERSONS_COUNT_MAX or len(self.witnesses) > PERSONS_COUNT_MAX:
            raise Malformed(
                "certificate.persons", "a certificate names the posts of 1 to {count} persons and their witnesses",
                hint="ask the partner for the certificate again", count=PERSONS_COUNT_MAX,
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "number": self.number, "ending": self.ending.value, "item": self.item, "copy": self.copy,
            "copy_number": self.copy_number, "method": self.method, "persons": list(self.persons),
            "witnesses": list(self.witnesses), "legal_basis": self.legal_basis,
            "done_on": self.done_on.isoformat(), "proof": self.proof.value,
        }

    @classmethod
    def parse(cls, fields: Fields) -> Certificate:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            number=read_line(fields, "number"),
            ending=fields.choice("ending", Ending),
            item=ItemId(read_identifier(fields, "item")), copy=CopyId(read_identifier(fields, "copy")),
            copy_number=fields.integer("copy_number", 1, COPIES_COUNT_MAX),
            method=read_line(fields, "method"),
            persons=_read_posts(fields, "persons"), witnesses=_read_posts(fields, "witnesses"),
            legal_basis=read_line(fields, "legal_basis"),
            done_on=read_day(fields, "done_on"),
            proof=fields.choice("proof", Proof),
        )


def _read_posts(fields: Fields, name: str) -> tuple[str, ...]:
    posts = fields.texts(name, max_count=PERSONS_COUNT_MAX, max_length=SHORT_TEXT_LENGTH_MAX)
    if not all(map(is_line, posts)):
        raise Malformed("message.line", "`{name}` is not one plain line of text",
                        hint="ask the partner to send it again", name=name)
    return posts


TYPE: Final = BodyType(
    name="certificate", cls=Certificate, parse=Certificate.parse, scope=Scope.JOURNEY, reply=Reply.MAY,
    members=(
        "number", "ending", "item", "copy", "copy_number", "method", "persons[]", "witnesses[]", "legal_basis",
        "done_on", "proof",
    ),
)
