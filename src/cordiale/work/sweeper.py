"""The sweeper: what nobody names is removed in time, and what has ended is certified once its envelope is gone."""

from __future__ import annotations

from cordiale.records.arriving import sweep_unnamed
from cordiale.records.drafts import erase_all_left
from cordiale.records.endings import certify_all
from cordiale.work.rounds import Rounds


class Sweeper(Rounds):
    """Certifies, erases and sweeps in rounds."""

    __slots__ = ()

    def work(self) -> None:
        """Certify what has ended, remove what drafts are rid of, and sweep what nobody names."""
        try:
            certify_all(self.registry)
        finally:
            try:
                erase_all_left(self.registry)
            finally:
                sweep_unnamed(self.registry)
