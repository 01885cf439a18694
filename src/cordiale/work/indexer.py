"""The indexer: makes the index of the register anew, some records at a time, where it is not current."""

from __future__ import annotations

from typing import ClassVar

from cordiale.limits import INDEX_AT_ONCE_COUNT
from cordiale.work.rounds import Rounds


class Indexer(Rounds):
    """Ends its round when the index is whole; acts that wait are written between two steps of it."""

    __slots__ = ()
    pause_seconds: ClassVar[float] = 60.0

    def work(self) -> None:
        """Put in what is missing."""
        while not self._stopped and self.registry.ledger.continue_index(INDEX_AT_ONCE_COUNT):
            self._bell.wait(0.01)
