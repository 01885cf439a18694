"""``consent-answer``: the originator grants or declines, repeating the terms so that it binds to nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_instant
from cordiale.errors import Malformed
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.bodies.consent_request import TERMS_MEMBERS, ConsentTerms
from cordiale.message.members import optional_line, read_identifier, without_absent
from cordiale.model.names import ConsentId


class ConsentOutcome(StrEnum):
    """The originator's word."""

    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """`consent` names it for later reference. `valid_until` None means until withdrawn; a refusal has none."""

    consent: ConsentId
    outcome: ConsentOutcome
    terms: ConsentTerms
    given_at: datetime
    valid_until: datetime | None = None
    article: str = ""

    def __post_init__(self) -> None:
        if self.terms.category and self.outcome is ConsentOutcome.GRANTED and self.valid_until is None:
            raise Malformed(
                "consent.category-end", "a consent for a category ends on a day", hint="say until when it counts",
            )
        ends_before = self.valid_until is not None and self.valid_until <= self.given_at
        if ends_before or (self.valid_until is not None and self.outcome is ConsentOutcome.DECLINED):
            raise Malformed(
                "consent.validity", "a consent ends after it is given, and a consent that is declined has no end",
                hint="ask the originating party to answer again",
            )

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("consent", self.consent),
            ("outcome", self.outcome.value),
            ("terms", self.terms.encode()),
            ("given_at", encode_instant(self.given_at)),
            ("valid_until", encode_instant(self.valid_until) if self.valid_until else None),
            ("article", self.article),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> ConsentAnswer:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            consent=ConsentId(read_identifier(fields, "consent")),
            outcome=fields.choice("outcome", ConsentOutcome),
            terms=ConsentTerms.parse(fields.object("terms")),
            given_at=fields.instant("given_at"),
            valid_until=fields.optional_instant("valid_until"),
            article=optional_line(fields, "article"),
        )


TYPE: Final = BodyType(
    name="consent-answer", cls=ConsentAnswer, parse=ConsentAnswer.parse, scope=Scope.JOURNEY, reply=Reply.MUST,
    members=("consent", "outcome", "given_at", "valid_until", "article", *TERMS_MEMBERS),
)
