"""The leveller: a change of level takes effect on its day, and is worked off copy by copy."""

from __future__ import annotations

from typing import ClassVar

from cordiale.records.level_copies import work_levels
from cordiale.work.rounds import Rounds


class Leveller(Rounds):
    """Works off changes of level in short rounds: what nobody waits for costs three look-ups."""

    __slots__ = ()
    pause_seconds: ClassVar[float] = 2.0

    def work(self) -> None:
        """Put into effect what is due, and go on with what is not worked off."""
        work_levels(self.registry)
