"""``accord-notice``: one authority tells another what touches the agreement, and what was told is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Scope
from cordiale.message.members import read_day, read_identifier, read_line, without_absent


class NoticeKind(StrEnum):
    """What is told; the last three speak of an earlier notice."""

    LAW_CHANGED = "law-changed"
    AUTHORITY_CHANGED = "authority-changed"
    DISPUTE = "dispute"
    ACKNOWLEDGED = "acknowledged"
    OLD_REGIME = "old-regime"
    DISPUTE_SETTLED = "dispute-settled"


ANSWERS: Final = frozenset({NoticeKind.ACKNOWLEDGED, NoticeKind.OLD_REGIME, NoticeKind.DISPUTE_SETTLED})


@dataclass(frozen=True, slots=True)
class AccordNotice:
    """Notice `notice`: what `kind` says, from `effective_on`, under `article`; `about` is the notice it answers.

    `old-regime` is the demand that what was received before goes on under the rules before a change of law.
    """

    notice: str
    kind: NoticeKind
    effective_on: date
    article: str
    text: str
    about: str = ""

    def __post_init__(self) -> None:
        if bool(self.about) is not (self.kind in ANSWERS) or self.about == self.notice:
            raise Malformed(
                "accord-notice.about", "an answer names the notice it answers, and nothing else does",
                hint="name the notice as `cordiale accord show` lists it",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("notice", self.notice),
            ("kind", self.kind.value),
            ("effective_on", self.effective_on.isoformat()),
            ("article", self.article),
            ("text", self.text),
            ("about", self.about),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> AccordNotice:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            notice=read_identifier(fields, "notice"), kind=fields.choice("kind", NoticeKind),
            effective_on=read_day(fields, "effective_on"), article=read_line(fields, "article"),
            text=read_line(fields, "text"),
            about=read_identifier(fields, "about") if fields.has("about") else "",
        )


TYPE: Final = BodyType(
    name="accord-notice", cls=AccordNotice, parse=AccordNotice.parse, scope=Scope.ACCORD,
    members=("notice", "kind", "effective_on", "article", "text", "about"),
)
