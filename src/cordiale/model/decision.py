"""The outcome of a rule: allowed, refused, or impossible to tell, with every reason.

A decision is never a bare yes or no. Each reason names the provision that
speaks, so that a refusal can be answered with the article in hand. What could
not be told counts as no and is reported as such (architecture, truth 8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What one reason amounts to."""

    REFUSED = "refused"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground on which an act is not allowed.

    `code` is stable (``access.no-need-to-know``). `text` is an English sentence
    template whose `fields` are filled in at the door, after translation.
    `article` cites the provision, for example ``Art. 5(2)``; it is empty only
    where the rule is Cordiale's own.
    """

    code: str
    text: str
    article: str = ""
    outcome: Outcome = Outcome.REFUSED
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        sentence = self.text.format(**dict(self.fields))
        return f"{sentence} ({self.article})" if self.article else sentence


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an act is allowed, and if not, every reason why.

    `obligations` are what an allowed act brings with it (a notice to send, a
    number of persons, a deadline); `consulted` lists the provisions that were
    looked at, so that an allowed act can also be explained; `overridden` those of
    the agreement that gave way to national law.
    """

    act: str
    reasons: tuple[Reason, ...] = ()
    obligations: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """True when no reason speaks against the act."""
        return not self.reasons

    @property
    def is_undecidable(self) -> bool:
        """True when nothing refuses outright but something could not be told."""
        return bool(self.reasons) and all(r.outcome is Outcome.UNDECIDABLE for r in self.reasons)


def refusal(code: str, text: str, article: str = "", /, **fields: str) -> Reason:
    """Return a reason that refuses, its sentence template filled from `fields`."""
    return Reason(code, text, article, Outcome.REFUSED, tuple(sorted(fields.items())))


def undecidable(code: str, text: str, article: str = "", /, **fields: str) -> Reason:
    """Return a reason that says something could not be told; it counts as no."""
    return Reason(code, text, article, Outcome.UNDECIDABLE, tuple(sorted(fields.items())))


def decision_of(
    act: str, reasons: Iterable[Reason], *, obligations: Iterable[str] = (), overridden: Iterable[str] = ()
) -> Decision:
    """Collect `reasons` into the decision on `act`, keeping the first of equal ones in order."""
    return Decision(
        act=act, reasons=tuple(dict.fromkeys(reasons)), obligations=tuple(obligations),
        overridden=tuple(dict.fromkeys(overridden)),
    )
