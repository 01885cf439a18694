"""``crisis-report``: copies were destroyed in a crisis without asking; each is followed by its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.limits import CRISIS_COPIES_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import read_identifier, read_line, require_ascending
from cordiale.model.names import CopyId, parse_identifier


@dataclass(frozen=True, slots=True)
class CrisisReport:
    """Tells the originator that `copies` were destroyed at `happened_at` under `article`, and what had happened.

    Neither place nor persons cross; the certificates name the posts.
    """

    report: str
    copies: tuple[CopyId, ...]
    happened_at: datetime
    circumstances: str
    article: str

    def __post_init__(self) -> None:
        if not self.copies:
            raise Malformed(
                "crisis-report.copies", "a report on a crisis names at least one copy",
                hint="ask the partner to send it again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return {
            "report": self.report, "copies": list(self.copies), "happened_at": encode_instant(self.happened_at),
            "circumstances": self.circumstances, "article": self.article,
        }

    @classmethod
    def parse(cls, fields: Fields) -> CrisisReport:
        """Read what `encode` wrote. Raises `Malformed`."""
        copies = require_ascending(fields.texts("copies", max_count=CRISIS_COPIES_COUNT_MAX), "copies")
        return cls(
            report=read_identifier(fields, "report"),
            copies=tuple(CopyId(parse_identifier(one, "copy")) for one in copies),
            happened_at=fields.instant("happened_at"), circumstances=read_line(fields, "circumstances"),
            article=read_line(fields, "article"),
        )


TYPE: Final = BodyType(
    name="crisis-report", cls=CrisisReport, parse=CrisisReport.parse, scope=Scope.JOURNEY, precedence=Precedence.ORDER,
    members=("report", "copies[]", "happened_at", "circumstances", "article"),
)
