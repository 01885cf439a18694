"""Duties that agreements lay down, and what the software does about each.

The duties are numbered rows in short words. Evidence is contributed by area: an
area of the software says of a row whether it is carried out, only recorded, or no
matter of software, and names the modules that do it and the tests that prove it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EvidenceState(StrEnum):
    """How far the software goes, the least first."""

    NOT_SOFTWARE = "not-software"
    RECORDED = "recorded"
    CARRIED_OUT = "carried-out"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one area says of one row. `reason` says why it is not carried out and what is kept instead."""

    area: str
    number: int
    state: EvidenceState
    says: str
    reason: str = ""
    modules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Obligation:
    """One row. `acts`, `parts` and `terms` (beginnings of names) say which rules of an agreement belong to it."""

    number: int
    section: str
    title: str
    acts: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    terms: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def state(self) -> EvidenceState | None:
        """The least that any area says of it; None where no area has said anything yet."""
        order = list(EvidenceState)
        return min((one.state for one in self.evidence), key=order.index, default=None)

    @property
    def modules(self) -> tuple[str, ...]:
        """Every module named by an area, once."""
        return tuple(dict.fromkeys(module for one in self.evidence for module in one.modules))

    @property
    def tests(self) -> tuple[str, ...]:
        """Every test named by an area, once."""
        return tuple(dict.fromkeys(test for one in self.evidence for test in one.tests))


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """What is done about one article of a text, or about one of its paragraphs: rows, or the reason for none."""

    article: str
    paragraph: str
    rows: tuple[int, ...]
    reason: str = ""
