"""What a register says of an item besides its title, level and form: the particulars that the regulations ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Description:
    """The particulars of one item as its originator gave them; all of it may be left out.

    `document` is what it is among documents (a letter, a report), `signatory` the post of who signed it, `parts` how
    many parts it has beside its sheets, `dated` the date it bears. `channel` is the channel it comes through, where
    that is one of its own (`cordiale.rules.channels`).
    """

    document: str = ""
    signatory: str = ""
    parts: int | None = None
    dated: date | None = None
    channel: str = ""


UNDESCRIBED: Final = Description()
"""Nothing is said of it."""
