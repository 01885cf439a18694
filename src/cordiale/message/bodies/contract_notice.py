"""``contract-notice``: a classified contract, its highest level and its list of classified parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import CONTRACT_COPIES_COUNT_MAX, CONTRACT_LISTS_COUNT_MAX, CONTRACT_PARTS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import (
    NamedPost,
    encode_level,
    level_of,
    read_identifier,
    read_level,
    read_line,
    without_absent,
)
from cordiale.model.contract import ContractPart
from cordiale.model.label import LevelRef


@dataclass(frozen=True, slots=True)
class ContractNotice:
    """Tells of `contract` with its list number `number` (1 is the first, a higher one a change of the list).

    `query` is the assurance it rests on; `parent` the contract that it is a part of, empty for a main contract.
    `copies` is how many copies of the list are given to the authority of the contractor.
    """

    contract: str
    number: int
    title: str
    query: str
    level: LevelRef
    parts: tuple[ContractPart, ...]
    copies: int
    authority: NamedPost
    parent: str = ""

    def __post_init__(self) -> None:
        references = [part.reference for part in self.parts]
        if not references or len(set(references)) != len(references):
            raise Malformed(
                "contract.parts", "a list of classified parts names each part once, and at least one",
                hint="correct the list",
            )
        if any(part.level.scheme != self.level.scheme for part in self.parts):
            raise Malformed(
                "contract.scheme", "the levels of a list are all of one scheme", hint="correct the list",
            )
        if self.parent == self.contract:
            raise Malformed("contract.parent", "a contract is no part of itself", hint="correct the list")

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("contract", self.contract),
            ("number", self.number),
            ("title", self.title),
            ("query", self.query),
            ("level", encode_level(self.level)),
            ("parts", [{"reference": one.reference, "level": encode_level(one.level)} for one in self.parts]),
            ("copies", self.copies),
            ("authority", self.authority.encode()),
            ("parent", self.parent),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ContractNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            contract=read_identifier(fields, "contract"),
            number=fields.integer("number", 1, CONTRACT_LISTS_COUNT_MAX),
            title=read_line(fields, "title"), query=read_identifier(fields, "query"),
            level=read_level(fields, "level"),
            parts=tuple(
                ContractPart(read_line(one, "reference"), level_of(one.object("level")))
                for one in fields.objects("parts", max_count=CONTRACT_PARTS_COUNT_MAX)
            ),
            copies=fields.integer("copies", 1, CONTRACT_COPIES_COUNT_MAX),
            authority=NamedPost.parse(fields.object("authority")),
            parent=read_identifier(fields, "parent") if fields.has("parent") else "",
        )


TYPE: Final = BodyType(
    name="contract-notice", cls=ContractNotice, parse=ContractNotice.parse, scope=Scope.JOURNEY,
    members=(
        "contract", "number", "title", "query", "level.scheme", "level.name", "parts[].reference",
        "parts[].level.scheme", "parts[].level.name", "copies", "authority.name", "authority.post", "parent",
    ),
    matter=Matter("contracts"),
)
