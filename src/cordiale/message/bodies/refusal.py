"""``refusal``: a message was not accepted, and why. Signed, so that the sender can show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.errors import CordialeError, Malformed, Refused, Unverified
from cordiale.limits import SHORT_TEXT_LENGTH_MAX
from cordiale.message.bodies.body import BodyType, Reply, Scope
from cordiale.message.members import optional_line, read_digest, read_identifier, read_line, without_absent
from cordiale.model.names import MessageId
from cordiale.model.spelling import is_line

CODE_LENGTH_MAX: Final = 80

_AGREEMENT_ARTICLE: Final = re.compile(r"Art\. \d{1,3}[a-z]{0,3}(?:\(\d{1,3}[a-z]?\))?\Z", re.ASCII)


class Family(StrEnum):
    """The six families of errors, as they are named to a partner."""

    REFUSED = "refused"
    MALFORMED = "malformed"
    UNVERIFIED = "unverified"
    UNDECIDABLE = "undecidable"
    OUT_OF_ORDER = "out-of-order"
    UNAVAILABLE = "unavailable"


_FAMILIES: Final = frozenset(family.value for family in Family)

# Why a rule said no may touch our readers or our dealings with others, so these families cross with a fixed
# sentence; malformed and unverified speak of nothing but the sender's own bytes.
_FIXED_TEXTS: Final = {
    Family.REFUSED: "the rules of the receiving party do not allow this",
    Family.UNDECIDABLE: "the receiving party could not tell whether this is allowed",
    Family.OUT_OF_ORDER: "the state of things does not allow this now",
    Family.UNAVAILABLE: "the receiving node cannot take this now",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """`message_digest` is of the exact bytes refused; `message` is its identifier, empty when it had none.

    `text` is safe to show, `code` is stable, and `article` cites the provision where one speaks.
    """

    message_digest: bytes
    family: Family
    code: str
    text: str
    message: MessageId = MessageId("")  # noqa: RUF009 - an empty text, frozen
    article: str = ""

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        return without_absent((
            ("message", self.message),
            ("message_digest", encode_base64url(self.message_digest)),
            ("family", self.family.value),
            ("code", self.code),
            ("text", self.text),
            ("article", self.article),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> Refusal:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            message_digest=read_digest(fields, "message_digest"),
            family=fields.choice("family", Family),
            code=read_identifier(fields, "code"),
            text=read_line(fields, "text"),
            message=MessageId(read_identifier(fields, "message")) if fields.has("message") else MessageId(""),
            article=optional_line(fields, "article"),
        )


def refusal_of(error: CordialeError, *, message_digest: bytes, message: MessageId | None = None) -> Refusal:
    """Return what may be told to the partner of `error`.

    The code always crosses, and of what is cited only articles of the agreement. The sentence crosses only where
    it speaks of the partner's own bytes (malformed, unverified); of all else a fixed sentence is told. Raises
    `Malformed` for an error that is of no family, which nobody may raise.
    """
    if error.family not in _FAMILIES:
        raise Malformed("refusal.family", "an error without a family cannot be told to a partner",
                        hint="report this as a defect")
    family = Family(error.family)
    sentence = str(error) if isinstance(error, (Malformed, Unverified)) else _FIXED_TEXTS[family]
    if not is_line(sentence) or len(sentence) > SHORT_TEXT_LENGTH_MAX:
        sentence = "the message is not of the form" if family is Family.MALFORMED else "the message was not accepted"
    articles = [reason.article for reason in error.decision.reasons] if isinstance(error, Refused) else [error.article]
    cited = ", ".join(dict.fromkeys(article for article in articles if _is_of_an_agreement(article)))
    return Refusal(
        message_digest=message_digest, family=family, code=error.code[:CODE_LENGTH_MAX], text=sentence,
        message=message or MessageId(""), article=cited[:SHORT_TEXT_LENGTH_MAX].rstrip(),
    )


def _is_of_an_agreement(article: str) -> bool:
    return all(_AGREEMENT_ARTICLE.match(part) for part in article.split(", "))


TYPE: Final = BodyType(
    name="refusal", cls=Refusal, parse=Refusal.parse, scope=Scope.NODE, reply=Reply.MAY, needs_agreement=False,
    members=("message", "message_digest", "family", "code", "text", "article"),
)
