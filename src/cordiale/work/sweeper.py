"""The sweeper: what nobody names is removed in time, and what has ended is certified once its envelope is gone."""

from __future__ import annotations

from contextlib import ExitStack

from cordiale.records.arriving import sweep_unnamed
from cordiale.records.drafts import erase_all_left
from cordiale.records.endings import certify_all
from cordiale.records.unentered import remove_unentered
from cordiale.work.rounds import Rounds


class Sweeper(Rounds):
    """Certifies, erases and sweeps in rounds."""

    __slots__ = ()

    def work(self) -> None:
        """Certify what has ended, remove what drafts are rid of and acts have left, and sweep what nobody names.

        What fails keeps none of the others from being done.
        """
        with ExitStack() as last:
            for sweep in (sweep_unnamed, remove_unentered, erase_all_left):
                last.callback(sweep, self.registry)
            certify_all(self.registry)
