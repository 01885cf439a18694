"""What a check of an agreement finds: an error, a question to the parties, or a note.

An *error* is a mistake in what was written and must be corrected before anybody
signs. A *question* is something no layer says: what depends on it is refused as
undecidable until the parties answer. A *note* is worth knowing and needs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    QUESTION = "question"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `text` is an English sentence template with `fields`; `hint` says what to write."""

    severity: Severity
    code: str
    text: str
    hint: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.text.format(**dict(self.fields))


def error(code: str, text: str, /, *, hint: str = "", **fields: str) -> Finding:
    """Return a finding that must be corrected."""
    return Finding(Severity.ERROR, code, text, hint, tuple(fields.items()))


def question(code: str, text: str, /, *, hint: str = "", **fields: str) -> Finding:
    """Return a finding that the parties must answer."""
    return Finding(Severity.QUESTION, code, text, hint, tuple(fields.items()))


def note(code: str, text: str, /, *, hint: str = "", **fields: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(Severity.NOTE, code, text, hint, tuple(fields.items()))
