"""``chase``: something is due and has not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.message.bodies.body import BodyType, Precedence, Scope
from cordiale.message.members import optional_line, read_day, read_identifier, without_absent
from cordiale.model.names import MessageId

REMINDERS_COUNT_MAX: Final = 10_000


class DueThing(StrEnum):
    """What a party can owe an answer with."""

    DELIVERY_NOTICE = "delivery-notice"
    RECEIPT = "receipt"
    CERTIFICATE = "certificate"
    CONSENT_ANSWER = "consent-answer"
    RETURN = "return"
    RETURN_ANSWER = "return-answer"
    LEVEL_CHANGE_DONE = "level-change-done"
    AMENDMENT_ANSWER = "amendment-answer"
    NOTICE_ANSWER = "notice-answer"


@dataclass(frozen=True, slots=True)
class Chase:
    """`about` is the sender's own message that waits for `due`; this is reminder number `count`."""

    about: MessageId
    due: DueThing
    due_on: date
    count: int
    article: str = ""

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("about", self.about),
            ("due", self.due.value),
            ("due_on", self.due_on.isoformat()),
            ("count", self.count),
            ("article", self.article),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> Chase:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            about=MessageId(read_identifier(fields, "about")),
            due=fields.choice("due", DueThing),
            due_on=read_day(fields, "due_on"),
            count=fields.integer("count", 1, REMINDERS_COUNT_MAX),
            article=optional_line(fields, "article"),
        )


TYPE: Final = BodyType(
    name="chase", cls=Chase, parse=Chase.parse, scope=Scope.JOURNEY, precedence=Precedence.ORDER,
    members=("about", "due", "due_on", "count", "article"),
)
