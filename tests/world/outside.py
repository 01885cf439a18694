"""The outside of the world in memory: a clock that obeys, chance that repeats, a store of objects in a dict."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cordiale.errors import OutOfOrder, Unavailable


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.ticks = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, **amount: float) -> None:
        """Let time pass, for both clocks."""
        passed = timedelta(**amount)
        self.at += passed
        self.ticks += passed.total_seconds()

    def jump(self, **amount: float) -> None:
        """Set the wall clock without time passing."""
        self.at += timedelta(**amount)


class SeededRandom:
    """Unpredictable to the nodes, repeatable for the test."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bytes_(self, count: int) -> bytes:
        return self._random.randbytes(count)


class MemoryObjects:
    """Implements `cordiale.ports.Objects`; `full` makes every commit fail as a full disk does."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.parts: dict[str, bytearray] = {}
        self.full = False

    def create(self, name: str) -> MemoryWriter:
        return MemoryWriter(self, name)

    def open(self, name: str) -> io.BytesIO:
        if name not in self.contents:
            raise Unavailable("objects.unavailable", "not there", hint="")
        return io.BytesIO(self.contents[name])

    def size(self, name: str) -> int | None:
        return len(self.contents[name]) if name in self.contents else None

    def names(self, prefix: str = "") -> list[str]:
        return sorted(name for name in self.contents if name.startswith(prefix))

    def remove(self, name: str) -> None:
        self.contents.pop(name, None)

    def partial(self, name: str) -> MemoryPartial:
        return MemoryPartial(self, name)


class MemoryWriter:
    """A new object in the making."""

    def __init__(self, objects: MemoryObjects, name: str) -> None:
        self._objects, self._name = objects, name
        self.file = io.BytesIO()

    def commit(self) -> None:
        if self._objects.full:
            raise Unavailable("objects.unavailable", "disk full", hint="")
        if self._name in self._objects.contents:
            raise OutOfOrder("objects.taken", "taken", hint="")
        self._objects.contents[self._name] = self.file.getvalue()

    def abandon(self) -> None:
        self.file = io.BytesIO()


class MemoryPartial:
    """An object that arrives in pieces."""

    def __init__(self, objects: MemoryObjects, name: str) -> None:
        self._objects, self._name = objects, name

    @property
    def size(self) -> int:
        if self._name in self._objects.contents:
            return len(self._objects.contents[self._name])
        return len(self._objects.parts.get(self._name, b""))

    def append(self, offset: int, chunks: Iterable[bytes]) -> int:
        if self._name in self._objects.contents:
            return self.size
        if offset != self.size:
            raise OutOfOrder("objects.offset", "offset", hint="")
        part = self._objects.parts.setdefault(self._name, bytearray())
        for chunk in chunks:
            part.extend(chunk)
        return self.size

    def finish(self) -> None:
        if self._name not in self._objects.contents:
            self._objects.contents[self._name] = bytes(self._objects.parts.pop(self._name, b""))
