"""``level-change``: the originator raises, lowers or removes the level of an item. An order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import LABEL_PARTIES_COUNT_MAX, LEVEL_CHANGES_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import (
    encode_level,
    read_identifier,
    read_level,
    read_line,
    require_ascending,
    without_absent,
)
from cordiale.model.label import LevelRef
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import ItemId, PartyId, parse_party_id


@dataclass(frozen=True, slots=True)
class LevelChange:
    """`before` and `after` are levels of the originator's scheme; `after` is None when it is declassified.

    `change` names it. `issue` counts the changes of this item that this recipient was sent: of two that cross or
    overtake each other the later issue holds. `authority` is the post that decided. It names the item and no copy:
    the recipient finds its own. `agreed` are the other originators of a joint product, each of which has consented.
    `handle_as` is the level that the item is handled at beside the one it has, as asked for since it was labelled: one
    that is raised by this change, or one that goes on.
    """

    change: str
    item: ItemId
    issue: int
    kind: LevelChangeKind
    before: LevelRef
    article: str
    authority: str
    issued_at: datetime
    effective_at: datetime
    after: LevelRef | None = None
    agreed: tuple[PartyId, ...] = ()
    handle_as: LevelRef | None = None

    def __post_init__(self) -> None:
        if (self.after is None) is not (self.kind is LevelChangeKind.DECLASSIFIED):
            raise Malformed(
                "level-change.after", "a change names the new level, and a declassification names none",
                hint="ask the originating party to send it again",
            )
        is_handling = self.kind is LevelChangeKind.HANDLING_RAISED
        if self.after is not None and (
            self.after.scheme != self.before.scheme or (self.after == self.before) is not is_handling
        ):
            raise Malformed(
                "level-change.same", "a level changes to another level of the same scheme",
                hint="ask the originating party to send it again",
            )
        if (self.handle_as is None and is_handling) or (
            self.handle_as is not None and (self.after is None or self.handle_as.scheme != self.before.scheme)
        ):
            raise Malformed(
                "level-change.handling", "the handling that is asked for is no level of the scheme, or is missing",
                hint="ask the originating party to send it again",
            )
        if self.effective_at < self.issued_at:
            raise Malformed(
                "level-change.times", "a change of level takes effect before it was issued",
                hint="ask the originating party to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("change", self.change),
            ("item", self.item),
            ("issue", self.issue),
            ("kind", self.kind.value),
            ("before", encode_level(self.before)),
            ("after", encode_level(self.after) if self.after else None),
            ("article", self.article),
            ("authority", self.authority),
            ("issued_at", encode_instant(self.issued_at)),
            ("effective_at", encode_instant(self.effective_at)),
            ("agreed", list(self.agreed)),
            ("handle_as", encode_level(self.handle_as) if self.handle_as else None),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> LevelChange:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            change=read_identifier(fields, "change"),
            item=ItemId(read_identifier(fields, "item")),
            issue=fields.integer("issue", 1, LEVEL_CHANGES_COUNT_MAX),
            kind=fields.choice("kind", LevelChangeKind),
            before=read_level(fields, "before"),
            after=read_level(fields, "after") if fields.has("after") else None,
            article=read_line(fields, "article"),
            authority=read_line(fields, "authority"),
            issued_at=fields.instant("issued_at"),
            effective_at=fields.instant("effective_at"),
            agreed=tuple(map(parse_party_id, require_ascending(
                fields.texts("agreed", max_count=LABEL_PARTIES_COUNT_MAX, max_length=12), "agreed"
            ))),
            handle_as=read_level(fields, "handle_as") if fields.has("handle_as") else None,
        )


TYPE: Final = BodyType(
    name="level-change", cls=LevelChange, parse=LevelChange.parse, scope=Scope.JOURNEY, precedence=Precedence.ORDER,
    members=(
        "change", "item", "issue", "kind", "before.scheme", "before.name", "after.scheme", "after.name", "article",
        "authority", "issued_at", "effective_at", "agreed[]", "handle_as.scheme", "handle_as.name",
    ),
)
