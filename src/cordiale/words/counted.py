"""Sentences that count something, each with how it is said of one.

A sentence of the source speaks of many; its row here names the sentence for one
and the field that is counted. The catalogues hold as many forms of it as their
language has, so that no sentence says "1 copies".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Counted:
    """How a sentence is said of `one`, and the field whose number decides, `by`."""

    one: str
    by: str = "count"

    def number(self, fields: Mapping[str, object]) -> int:
        """Return the number that decides, however it is written (``1 234``); 0 where none is given."""
        digits = "".join(one for one in str(fields.get(self.by, "")) if one.isdecimal())
        return int(digits or 0)


COUNTED: Final[Mapping[str, Counted]] = {
    # Lengths of time and numbers of persons, as the rules of an agreement give them.
    "within {count} working days": Counted("within {count} working day"),
    "within {count} calendar days": Counted("within {count} calendar day"),
    "{count} hours": Counted("{count} hour"),
    "{count} days": Counted("{count} day"),
    "{count} calendar days": Counted("{count} calendar day"),
    "{count} working days": Counted("{count} working day"),
    "{count} weeks": Counted("{count} week"),
    "{count} months": Counted("{count} month"),
    "{count} years": Counted("{count} year"),
    "{count} persons": Counted("{count} person"),
}
