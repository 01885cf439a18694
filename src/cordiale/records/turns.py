"""Whose turn it is to write: callers queue, and whoever finds nobody writing writes for all that wait.

Who is *patient* answers nobody, and lets others come first: it is written with
the next batch, and by itself only when none came for a while.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final, Generic, TypeVar

_PATIENCE_SECONDS: Final = 0.1
"""How long a patient one waits for company. What would be lost with it by a crash is asked for again."""


class Waiting:
    """A caller, who sleeps on `bell` until what he brought is settled or it is his turn to write."""

    __slots__ = ("bell", "done", "is_patient")

    def __init__(self, *, is_patient: bool) -> None:
        self.is_patient = is_patient
        self.done = False
        self.bell = threading.Lock()
        self.bell.acquire()


One = TypeVar("One", bound=Waiting)


class Turns(Generic[One]):
    """Those who wait, in the order in which they came; at most one of them writes."""

    def __init__(self) -> None:
        self._waiting: deque[One] = deque()
        self._gate = threading.Lock()
        self._has_writer = False

    def __len__(self) -> int:
        """How many wait to be taken."""
        return len(self._waiting)

    def join(self, one: One) -> None:
        """Queue `one`, and return once it is settled or its turn to write has come."""
        with self._gate:
            self._waiting.append(one)
            is_writer = not self._has_writer and not one.is_patient
            self._has_writer = self._has_writer or is_writer
        if not is_writer and (not one.is_patient or not self._comes_along(one)):
            one.bell.acquire()

    def _comes_along(self, one: One) -> bool:
        """Wait for company; True once `one` is settled, or has to write by itself."""
        if one.bell.acquire(timeout=_PATIENCE_SECONDS):
            return True
        with self._gate:
            one.is_patient = False
            # While somebody writes, `one` may be among what is written, and is woken either way.
            if self._has_writer or one.done:
                return False
            self._has_writer = True
        return True

    def take(self, count_max: int) -> list[One]:
        """Take the first who wait, at most `count_max`."""
        with self._gate:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), count_max))]

    def pass_on(self, writer: One) -> None:
        """Make the first who is not patient the next writer; `writer` goes on only while his own is unsettled."""
        with self._gate:
            if not writer.done:
                return
            following = next((one for one in self._waiting if not one.is_patient), None)
            self._has_writer = following is not None
        if following is not None:
            following.bell.release()
