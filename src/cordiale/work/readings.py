"""The teller of readings: where the layers ask for notice of each reading, the originator is told by the node."""

from __future__ import annotations

from typing import ClassVar

from cordiale.records.readings_told import tell_readings
from cordiale.work.rounds import Rounds


class ReadingTeller(Rounds):
    """Tells in short rounds; where nothing is to be told, a round is one look-up."""

    __slots__ = ()
    pause_seconds: ClassVar[float] = 5.0

    def work(self) -> None:
        """Tell what is to be told now."""
        tell_readings(self.registry)
