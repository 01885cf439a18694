"""The outside of the world in memory: a clock that obeys, chance that repeats, a store of objects in a dict."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, BinaryIO

from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.errors import OutOfOrder, Unavailable
from cordiale.ports import ObjectFound

Touch = Callable[[str], None]
"""Told the name of a write before it happens (and ``committed`` after a commit); it may raise."""


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.ticks = 0.0

    def now(self) -> datetime:
        # No clock stands at a whole second: what is written in the books is cut to one where it is written.
        return self.at + timedelta(microseconds=123_456)

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

    def __init__(self, clock: FakeClock, contents: dict[str, bytes] | None = None) -> None:
        self.contents: dict[str, bytes] = contents or {}
        self.parts: dict[str, bytearray] = {}
        self.touched: dict[str, datetime] = {}
        self.clock = clock
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

    def found(self, prefix: str = "") -> list[ObjectFound]:
        """What a test put there by hand came just now."""
        sizes = {name: len(content) for name, content in (*self.parts.items(), *self.contents.items())}
        return [
            ObjectFound(name, size, self.touched.get(name, self.clock.now()))
            for name, size in sizes.items() if name.startswith(prefix)
        ]

    def remove(self, name: str) -> None:
        self.contents.pop(name, None)
        self.parts.pop(name, None)

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
        self._objects.touched[self._name] = self._objects.clock.now()
        return self.size

    def finish(self) -> None:
        if self._name not in self._objects.contents:
            self._objects.contents[self._name] = bytes(self._objects.parts.pop(self._name, b""))


class MemoryAnchor:
    """Implements `cordiale.ports.AnchorPlace`; `full` makes every write fail."""

    def __init__(self, content: bytes | None = None) -> None:
        self.content = content
        self.full = False

    def read(self) -> bytes | None:
        return self.content

    def write(self, content: bytes, *, is_new: bool = False) -> None:
        if self.full or (self.content is None and not is_new):
            raise Unavailable("anchor.unavailable", "not there", hint="")
        self.content = content


class WatchedStore:
    """Books whose every write is announced to `touch` first; what `touch` raises happens to the writer."""

    def __init__(self, inner: SqliteStore, touch: Touch) -> None:
        self._inner = inner
        self.touch = touch

    def transaction(self) -> WatchedTransaction:
        return WatchedTransaction(self._inner, lambda name: self.touch(name))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class WatchedTransaction:
    """One transaction of a `WatchedStore`."""

    def __init__(self, inner: SqliteStore, touch: Touch) -> None:
        self._inner = inner.transaction()
        self._touch = touch

    def __enter__(self) -> WatchedWork:
        return WatchedWork(self._inner.__enter__(), self._touch)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            try:
                self._touch("commit")
            except BaseException as refused:
                self._inner.__exit__(type(refused), refused, None)
                raise
        self._inner.__exit__(kind, error, None)
        if kind is None:
            self._touch("committed")


class WatchedWork:
    """The unit of work of a `WatchedTransaction`."""

    def __init__(self, inner: Any, touch: Touch) -> None:
        self._inner = inner
        self._touch = touch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not name.startswith(("put_", "take_", "set_")):
            return found

        def announced(*args: Any, **more: Any) -> Any:
            self._touch(name)
            return found(*args, **more)

        return announced


class WatchedObjects(FolderObjects):
    """Envelopes in a real folder, each change of which is announced to `touch` before and after."""

    touch: Touch

    def create(self, name: str) -> Any:
        return _WatchedWriter(super().create(name), self.touch)

    def remove(self, name: str) -> None:
        self.touch("objects.remove")
        super().remove(name)
        self.touch("objects.removed")


class _WatchedWriter:
    def __init__(self, inner: Any, touch: Touch) -> None:
        self._inner = inner
        self._touch = touch

    @property
    def file(self) -> BinaryIO:
        file: BinaryIO = self._inner.file
        return file

    def commit(self) -> None:
        self._touch("objects.commit")
        self._inner.commit()
        self._touch("objects.committed")

    def abandon(self) -> None:
        self._inner.abandon()


class MemoryMedium:
    """A folder on something that is carried by hand: implements `cordiale.work.bag.Medium`."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})

    def listing(self) -> Mapping[str, int]:
        return {path: len(content) for path, content in self.files.items()}

    def read(self, path: str, size_max: int) -> bytes:
        if path not in self.files:
            raise Unavailable("medium.missing", "not there", hint="")
        return self.files[path]

    def open(self, path: str) -> BinaryIO:
        return io.BytesIO(self.files[path])

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        if path in self.files:
            raise OutOfOrder("medium.taken", "there already", hint="")
        self.files[path] = b"".join(chunks)


class DiskFull:
    """A `Touch` that fails the next `count` writes named `name`, as a full disk does."""

    def __init__(self) -> None:
        self.name = ""
        self.count = 0

    def fail(self, name: str, count: int = 1) -> None:
        self.name, self.count = name, count

    def __call__(self, name: str) -> None:
        if self.count and name == self.name:
            self.count -= 1
            raise Unavailable("store.unavailable", "disk full", hint="")
