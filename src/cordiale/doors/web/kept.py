"""What people entered in a form and left, to go on with later: in the memory of the node, and nowhere else.

A title, a report, a visitor's particulars are as sensitive as what they are about: nothing of them is written to a
disk before the act that enters them. A restart forgets them; so do the act, some days, and newer ones.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cordiale.limits import (
    DESK_KEPT_COUNT_MAX,
    DESK_KEPT_LENGTH_MAX,
    DESK_KEPT_PERSONS_COUNT_MAX,
    DESK_KEPT_SECONDS_MAX,
)
from cordiale.ports import Clock

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Left:
    at: datetime
    pairs: tuple[tuple[str, str], ...]


class Kept:
    """What each person left. Safe to be used from many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_person: dict[str, dict[str, _Left]] = {}
        self._lock = threading.Lock()

    def put(self, person: str, name: str, pairs: Pairs) -> bool:
        """Keep what `person` entered under `name`, no pairs forget it; False when it is too much to be kept.

        The oldest that nobody came back to is forgotten, of this person and, where there are too many, of all.
        """
        if sum(len(one) + len(two) for one, two in pairs) > DESK_KEPT_LENGTH_MAX:
            return False
        with self._lock:
            self._sweep()
            theirs = self._by_person.pop(person, {})
            theirs.pop(name, None)
            if pairs:
                theirs[name] = _Left(self._clock.now(), tuple(pairs))
            while len(theirs) > DESK_KEPT_COUNT_MAX:
                theirs.pop(next(iter(theirs)))
            if theirs:
                self._by_person[person] = theirs
            while len(self._by_person) > DESK_KEPT_PERSONS_COUNT_MAX:
                self._by_person.pop(next(iter(self._by_person)))
        return True

    def get(self, person: str, name: str) -> list[tuple[str, str]]:
        """Return what `person` left under `name`, nothing where nothing was."""
        with self._lock:
            self._sweep()
            left = self._by_person.get(person, {}).get(name)
        return list(left.pairs) if left is not None else []

    def names(self, person: str) -> list[tuple[str, datetime]]:
        """Return the names of what `person` left and when, the newest first."""
        with self._lock:
            self._sweep()
            return [(name, left.at) for name, left in reversed(self._by_person.get(person, {}).items())]

    def _sweep(self) -> None:
        oldest = self._clock.now() - timedelta(seconds=DESK_KEPT_SECONDS_MAX)
        swept = {
            person: {name: left for name, left in theirs.items() if left.at > oldest}
            for person, theirs in self._by_person.items()
        }
        self._by_person = {person: theirs for person, theirs in swept.items() if theirs}
