"""Purposes that have ended: nobody reads for one any more, and what was provided for it waits to be seen to."""

from __future__ import annotations

from typing import Final

from cordiale.records.session import Books

PURPOSE_END: Final = "purpose-end"
ENDED: Final = "ended"
RESUMED: Final = "resumed"


def purpose_end_id(agreement: str, purpose: str) -> str:
    """Return the identifier of the end of `purpose` under `agreement`."""
    return f"{agreement}/{purpose}"


def has_ended(books: Books, agreement: str, purpose: str) -> bool:
    """Tell whether our authority has entered that the purpose has ended."""
    record = books.get(PURPOSE_END, purpose_end_id(agreement, purpose))
    return record is not None and record["state"] == ENDED
