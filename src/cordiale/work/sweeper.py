"""The sweeper: what nobody names is removed in time, and what has ended is certified once its envelope is gone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from cordiale.errors import CordialeError
from cordiale.records.arriving import sweep_unnamed
from cordiale.records.endings import certify_all
from cordiale.records.registry import Registry

_ROUND_SECONDS: Final = 600.0


@dataclass(slots=True)
class Sweeper:
    """Sweeps in rounds; `run` is for a thread of its own."""

    registry: Registry
    _bell: threading.Event = field(default_factory=threading.Event)
    _stopped: bool = False
    trouble: str = ""

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped = True
        self._bell.set()

    def run(self) -> None:
        """Sweep at the start and then every ten minutes, until stopped."""
        while not self._stopped:
            try:
                certify_all(self.registry)
                sweep_unnamed(self.registry)
            except CordialeError as error:
                self.trouble = str(error)
            else:
                self.trouble = ""
            self._bell.wait(_ROUND_SECONDS)
