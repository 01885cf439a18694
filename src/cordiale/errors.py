"""One error root and six families.

Every error carries a stable code, an English sentence template with named
fields, and a hint that says what to do next. Doors translate the template,
fill the fields in, and map the family to an exit code or an HTTP status; that
table stands at the end of this module and nowhere else. No plaintext, key or
classified title may be put into a field.

    raise Malformed("message.duplicate-key", "the message names `{key}` twice",
                    hint="ask the partner to send it again", key="seq")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from cordiale.model.decision import Decision

Field = str | int


class CordialeError(Exception):
    """Root of all errors that Cordiale raises on purpose."""

    family: ClassVar[str] = "error"

    def __init__(self, code: str, text: str, /, *, hint: str = "", article: str = "", **fields: Field) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.hint = hint
        self.article = article
        self.fields = fields
        self.trail = ""

    def __str__(self) -> str:
        sentence = self.text.format(**self.fields)
        return f"{sentence} ({self.article})" if self.article else sentence


class Refused(CordialeError):
    """The rules said no. Carries the whole decision."""

    family = "refused"

    def __init__(self, decision: Decision, /) -> None:
        super().__init__(f"refused.{decision.act}", "refused: {act}", act=decision.act)
        self.decision = decision

    def __str__(self) -> str:
        return "; ".join(str(reason) for reason in self.decision.reasons)


class Malformed(CordialeError):
    """The bytes or fields are not of the form."""

    family = "malformed"


class Unverified(CordialeError):
    """A signature, digest or proof is wrong."""

    family = "unverified"


class Undecidable(CordialeError):
    """It could not be told: a key, a status, a provision is missing. Counts as no."""

    family = "undecidable"

    def __init__(
        self, code: str, text: str, /, *, hint: str = "", article: str = "",
        decision: Decision | None = None, **fields: Field,
    ) -> None:
        super().__init__(code, text, hint=hint, article=article, **fields)
        self.decision = decision


class OutOfOrder(CordialeError):
    """The state does not allow this act now."""

    family = "out-of-order"


class Unavailable(CordialeError):
    """The disk, the network or the partner did not answer."""

    family = "unavailable"


class AllTried:
    """Tries many things, so that one that fails stops none of the others; at the end the first failure is raised.

        tried = AllTried()
        for one in many:
            with tried.one():
                do(one)
        tried.end()
    """

    def __init__(self) -> None:
        self._first: CordialeError | None = None

    @contextmanager
    def one(self) -> Iterator[None]:
        """Keep for the end what the block raises of our own errors; everything else goes on its way."""
        try:
            yield
        except CordialeError as error:
            self._first = self._first or error

    def end(self) -> None:
        """Raise the first failure, when all have been tried."""
        if self._first is not None:
            raise self._first


def require_allowed(decision: Decision) -> Decision:
    """Return `decision` when it allows the act.

    Raises `Undecidable` when nothing refuses but something could not be told,
    and `Refused` otherwise; both carry the decision with every reason.
    """
    if decision.is_allowed:
        return decision
    if decision.is_undecidable:
        raise Undecidable(
            f"undecidable.{decision.act}",
            "it could not be told whether this is allowed: {reasons}",
            decision=decision,
            reasons="; ".join(str(reason) for reason in decision.reasons),
        )
    raise Refused(decision)


EXIT_CODES: Final[dict[type[CordialeError], int]] = {
    Refused: 3, Malformed: 4, Unverified: 5, Undecidable: 6, OutOfOrder: 7, Unavailable: 8,
}
HTTP_STATUSES: Final[dict[type[CordialeError], int]] = {
    Refused: 403, Malformed: 400, Unverified: 400, Undecidable: 409, OutOfOrder: 409, Unavailable: 503,
}
