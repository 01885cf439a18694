"""The sweeper: what nobody names is removed in time, and what has ended is certified once its envelope is gone."""

from __future__ import annotations

from cordiale.records.arriving import sweep_unnamed
from cordiale.records.endings import certify_all
from cordiale.work.rounds import Rounds


class Sweeper(Rounds):
    """Certifies and sweeps in rounds."""

    __slots__ = ()

    def work(self) -> None:
        """Certify what has ended, then sweep what nobody names."""
        certify_all(self.registry)
        sweep_unnamed(self.registry)
