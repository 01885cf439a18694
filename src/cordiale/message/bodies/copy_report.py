"""``copy-report``: a holder tells the originator what it has reproduced: numbers, and never who holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import COPIES_COUNT_MAX, REPRODUCED_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_day, read_identifier, read_line, require_ascending
from cordiale.model.agreement import Act
from cordiale.model.names import ConsentId, CopyId, ItemId, parse_identifier

CONSENTS_COUNT_MAX: Final = 16
_ACTS: Final = frozenset({Act.COPY, Act.TRANSLATE, Act.EXTRACT})


@dataclass(frozen=True, slots=True)
class MadeCopy:
    """One reproduction: its identifier, which begins with that of the copy it descends from, and its number."""

    copy: CopyId
    number: int
    total: int

    def __post_init__(self) -> None:
        if self.number > self.total:
            raise Malformed(
                "copy-report.number", "a copy of a higher number than there are copies is reported",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"copy": self.copy, "number": self.number, "total": self.total}

    @classmethod
    def parse(cls, fields: Fields) -> MadeCopy:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            CopyId(read_identifier(fields, "copy")), fields.integer("number", 1, COPIES_COUNT_MAX),
            fields.integer("total", 1, COPIES_COUNT_MAX),
        )


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was reproduced by `act` from the originator's `copy` of `item`, or from a reproduction of that copy.

    `article` is the provision that asks for the report, `consents` those it was made under. `is_urgent` says that
    it was made before the originator had consented.
    """

    item: ItemId
    copy: CopyId
    act: Act
    made: tuple[MadeCopy, ...]
    made_on: date
    article: str
    is_urgent: bool = False
    consents: tuple[ConsentId, ...] = ()

    def __post_init__(self) -> None:
        ids = [one.copy for one in self.made]
        if self.act not in _ACTS or not ids or len(set(ids)) != len(ids):
            raise Malformed(
                "copy-report.made", "a report names copies, translations or extracts, each once",
                hint="ask the partner to send it again",
            )
        if not all(one.startswith(f"{self.copy}.") for one in ids):
            raise Malformed(
                "copy-report.lineage", "what is reported does not descend from the copy that is named",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "act": self.act.value, "article": self.article, "consents": list(self.consents), "copy": self.copy,
            "is_urgent": self.is_urgent, "item": self.item, "made": [one.encode() for one in self.made],
            "made_on": self.made_on.isoformat(),
        }

    @classmethod
    def parse(cls, fields: Fields) -> CopyReport:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            item=ItemId(read_identifier(fields, "item")), copy=CopyId(read_identifier(fields, "copy")),
            act=fields.choice("act", Act),
            made=tuple(map(MadeCopy.parse, fields.objects("made", max_count=REPRODUCED_COUNT_MAX))),
            made_on=read_day(fields, "made_on"), article=read_line(fields, "article"),
            is_urgent=fields.boolean("is_urgent"),
            consents=_read_consents(fields),
        )


def _read_consents(fields: Fields) -> tuple[ConsentId, ...]:
    listed = fields.texts("consents", max_count=CONSENTS_COUNT_MAX)
    return tuple(ConsentId(parse_identifier(one)) for one in require_ascending(listed, "consents"))


TYPE: Final = BodyType(
    name="copy-report", cls=CopyReport, parse=CopyReport.parse, scope=Scope.JOURNEY,
    members=(
        "item", "copy", "act", "made[].copy", "made[].number", "made[].total", "made_on", "article", "is_urgent",
        "consents[]",
    ),
)
