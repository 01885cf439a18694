"""``consent-request``: the recipient asks the originator to consent to one act on one item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX, SHEETS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import (
    optional_day,
    optional_line,
    read_identifier,
    read_line,
    read_party,
    require_ascending,
    without_absent,
)
from cordiale.model.agreement import Act
from cordiale.model.names import ItemId, PartyId, parse_party_id

NATIONALITIES_COUNT_MAX: Final = 64
COPIES_NAMED_COUNT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class MadeHere:
    """What the asking party made of the item: `made` names it there, under its own register `number`.

    `act` is how it was made: a translation into `language`, or an extract; `sheets` how many pages it has, 0 where
    nobody counted them.
    """

    made: ItemId
    act: Act
    number: str
    language: str = ""
    sheets: int = 0

    def __post_init__(self) -> None:
        if self.act not in (Act.TRANSLATE, Act.EXTRACT) or bool(self.language) is not (self.act is Act.TRANSLATE):
            raise Malformed(
                "consent.made", "what was made of an item is a translation, with its language, or an extract",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return without_absent((
            ("made", self.made), ("act", self.act.value), ("number", self.number), ("language", self.language),
            ("sheets", self.sheets or None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> MadeHere:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            made=ItemId(read_identifier(fields, "made")), act=fields.choice("act", Act),
            number=read_line(fields, "number"), language=optional_line(fields, "language"),
            sheets=fields.optional_integer("sheets", 1, SHEETS_COUNT_MAX) or 0,
        )


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What is asked and what is answered, word for word the same (`cordiale.model.consent.Consent`).

    `category` widens it from the item at hand to everything provided for one purpose, where the agreement names that
    purpose as a category. `post` is the only one who may do it, empty for any.
    `recipient` is the third party of a further disclosure, None for acts that stay with the asking party.
    `number` is how often the act may be done in all; `copies` names copy numbers where it singles any out.
    `of` is what was made of the item, where the act is done with that and not with the item itself; then it is about
    that alone.
    """

    item: ItemId
    act: Act
    purpose: str
    number: int = 1
    recipient: PartyId | None = None
    copies: tuple[int, ...] = ()
    nationalities: tuple[PartyId, ...] = ()
    category: str = ""
    post: str = ""
    of: MadeHere | None = None

    def __post_init__(self) -> None:
        if (self.recipient is not None) is not (self.act is Act.PASS_ON):
            raise Malformed(
                "consent.recipient", "a third party is named when information is passed on, and only then",
                hint="name the third party, or choose another act",
            )

    def encode(self) -> dict[str, Json]:
        """Return the terms as a JSON object."""
        return without_absent((
            ("item", self.item),
            ("act", self.act.value),
            ("purpose", self.purpose),
            ("number", self.number),
            ("recipient", self.recipient),
            ("copies", list(self.copies)),
            ("nationalities", list(self.nationalities)),
            ("category", self.category),
            ("post", self.post),
            ("of", self.of.encode() if self.of is not None else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ConsentTerms:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            item=ItemId(read_identifier(fields, "item")),
            act=fields.choice("act", Act),
            purpose=read_line(fields, "purpose"),
            number=fields.integer("number", 1, COPIES_COUNT_MAX),
            recipient=read_party(fields, "recipient") if fields.has("recipient") else None,
            copies=_read_copies(fields),
            nationalities=_read_nationalities(fields),
            category=optional_line(fields, "category"),
            post=optional_line(fields, "post"),
            of=MadeHere.parse(fields.object("of")) if fields.has("of") else None,
        )


def _read_copies(fields: Fields) -> tuple[int, ...]:
    copies: list[int] = []
    for number in fields.array("copies", max_count=COPIES_NAMED_COUNT_MAX):
        after = copies[-1] if copies else 0
        if not isinstance(number, int) or isinstance(number, bool) or not after < number <= COPIES_COUNT_MAX:
            raise Malformed(
                "consent.copies", "the copy numbers are not listed in ascending order, each once",
                hint="ask the partner to send it again",
            )
        copies.append(number)
    return tuple(copies)


def _read_nationalities(fields: Fields) -> tuple[PartyId, ...]:
    listed = fields.texts("nationalities", max_count=NATIONALITIES_COUNT_MAX, max_length=12)
    return tuple(map(parse_party_id, require_ascending(listed, "nationalities")))


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """Asks the party that is the audience; silence is never consent.

    `due_on` is the day by which an answer is needed, and `grounds` why. Of a disclosure that a law forces they are
    that day and that law or court, and are always there: the originator is told by this message, and consulted.
    `originator` is the party that the item came from, where the one that is asked holds its rights now.
    """

    terms: ConsentTerms
    due_on: date | None = None
    grounds: str = ""
    originator: PartyId | None = None

    def __post_init__(self) -> None:
        if self.terms.act is Act.DISCLOSE and (self.due_on is None or not self.grounds):
            raise Malformed(
                "consent.compelled", "a compelled disclosure names its day and its grounds",
                hint="say by when, and by which law or court",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("terms", self.terms.encode()),
            ("due_on", self.due_on.isoformat() if self.due_on else None),
            ("grounds", self.grounds),
            ("originator", self.originator),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ConsentRequest:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            ConsentTerms.parse(fields.object("terms")), optional_day(fields, "due_on"),
            optional_line(fields, "grounds"),
            read_party(fields, "originator") if fields.has("originator") else None,
        )


TERMS_MEMBERS: Final = (
    "terms.item", "terms.act", "terms.purpose", "terms.number", "terms.recipient", "terms.copies[]",
    "terms.nationalities[]", "terms.category", "terms.post", "terms.of.made", "terms.of.act",
    "terms.of.number", "terms.of.language", "terms.of.sheets",
)
TYPE: Final = BodyType(
    name="consent-request", cls=ConsentRequest, parse=ConsentRequest.parse, scope=Scope.JOURNEY,
    members=(*TERMS_MEMBERS, "due_on", "grounds", "originator"),
)
