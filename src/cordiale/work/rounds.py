"""Work that a node does by itself from time to time, in a thread of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import ClassVar

from cordiale.errors import CordialeError
from cordiale.records.registry import Registry


@dataclass(slots=True)
class Rounds:
    """Does its work in rounds; `run` is for a thread of its own, and `trouble` says why the last round failed."""

    pause_seconds: ClassVar[float] = 600.0

    registry: Registry
    _bell: threading.Event = field(default_factory=threading.Event)
    _stopped: bool = False
    trouble: str = ""

    def work(self) -> None:
        """Do one round."""
        raise NotImplementedError

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped = True
        self._bell.set()

    def run(self) -> None:
        """Work at the start and again after each pause, until stopped."""
        while not self._stopped:
            try:
                self.work()
            except CordialeError as error:
                self.trouble = str(error)
            else:
                self.trouble = ""
            self._bell.wait(self.pause_seconds)
