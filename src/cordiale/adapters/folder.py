"""Sealed envelopes in a folder: an object is there whole and durable, or not at all.

Writing goes to a file beside, is flushed, takes its name by a link that cannot
overwrite, and the folder is flushed too. What a crash leaves behind carries the
ending `.part` and is either resumed (an envelope that arrives) or swept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

from cordiale.adapters.disk_file import DiskFile
from cordiale.errors import Malformed, OutOfOrder, Unavailable

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,150}\Z", re.ASCII)
_PART: Final = ".part"


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "objects.unavailable", "a sealed envelope could not be written or read: {detail}",
        hint="nothing of this act was kept; look at free space and the disk, then repeat it",
        detail=os.strerror(error.errno or 0),
    )


class FolderObjects:
    """Implements `cordiale.ports.Objects` in the folder `root`, spread over 256 sub-folders."""

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unavailable(error) from error

    def _path(self, name: str) -> Path:
        if not _NAME.match(name) or ".." in name or name.endswith(_PART):
            raise Malformed("objects.name", "that is not the name of a sealed envelope", hint="report this as a defect")
        folder = self._root / f"{sum(name.encode()) % 256:02x}"
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            _flush_folder(self._root)
        return folder / name

    def create(self, name: str) -> FolderWriter:
        """Begin a new object; raises `Unavailable` when the disk does not take it."""
        try:
            return FolderWriter(self._path(name))
        except OSError as error:
            raise _unavailable(error) from error

    def open(self, name: str) -> BinaryIO:
        """Open an object for reading; raises `Unavailable` when it is not there."""
        try:
            return cast(BinaryIO, DiskFile(os.fspath(self._path(name)), "rb", _unavailable))
        except OSError as error:
            raise _unavailable(error) from error

    def size(self, name: str) -> int | None:
        """Return the size of an object in bytes, or None when there is none of that name."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(error) from error

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of all whole objects that begin with `prefix`, sorted."""
        found = (path.name for path in self._root.glob("*/*") if not path.name.endswith(_PART))
        yield from sorted(name for name in found if name.startswith(prefix))

    def remove(self, name: str) -> None:
        """Remove an object that nothing refers to any more; it need not exist."""
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
            _flush_folder(path.parent)
        except OSError as error:
            raise _unavailable(error) from error

    def partial(self, name: str) -> FolderPartial:
        """Return the object `name` as far as it has arrived; raises `Unavailable` when the disk does not answer."""
        try:
            return FolderPartial(self._path(name))
        except OSError as error:
            raise _unavailable(error) from error

    def sweep(self, keep_prefix: str) -> int:
        """Remove what a crash left half made, except arriving objects; return how many were removed."""
        count = 0
        for path in self._root.glob(f"*/*{_PART}"):
            if not path.name.startswith(keep_prefix):
                path.unlink(missing_ok=True)
                count += 1
        return count


class FolderWriter:
    """A new object in the making; `file` takes its bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"new-{os.urandom(8).hex()}{_PART}")
        self.file = cast(BinaryIO, DiskFile(os.fspath(self._part), "xb+", _unavailable))

    def commit(self) -> None:
        """Make the object durable under its name; raises `Unavailable`, or `OutOfOrder` when the name is taken."""
        try:
            os.fdatasync(self.file.fileno())
            self.file.close()
            os.link(self._part, self._path)
            self._part.unlink()
            _flush_folder(self._path.parent)
        except FileExistsError as error:
            self.abandon()
            raise OutOfOrder(
                "objects.taken", "an envelope of that name is already here", hint="the first one was kept"
            ) from error
        except OSError as error:
            self.abandon()
            raise _unavailable(error) from error

    def abandon(self) -> None:
        """Leave nothing behind."""
        self.file.close()
        self._part.unlink(missing_ok=True)


class FolderPartial:
    """An envelope that arrives in pieces; its size so far is where a broken transfer goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"arriving-{path.name}{_PART}")

    @property
    def size(self) -> int:
        """Bytes that have arrived; the whole size once it is finished."""
        for path in (self._path, self._part):
            if path.exists():
                return path.stat().st_size
        return 0

    def append(self, offset: int, chunks: Iterable[bytes]) -> int:
        """Append `chunks` at `offset` and return the new size.

        Raises `OutOfOrder` when `offset` is not where the object ends, and `Unavailable` for the disk.
        """
        if self._path.exists():
            return self.size
        if offset != self.size:
            raise OutOfOrder(
                "objects.offset", "the transfer must go on at byte {size}", hint="ask for the size and go on there",
                size=self.size,
            )
        try:
            with DiskFile(os.fspath(self._part), "ab", _unavailable) as file:
                for chunk in chunks:
                    file.write(chunk)
        except OSError as error:
            raise _unavailable(error) from error
        return self.size

    def finish(self) -> None:
        """Make what has arrived an object under its name, durably; doing it twice is doing it once."""
        if self._path.exists():
            self._part.unlink(missing_ok=True)
            return
        try:
            with self._part.open("rb+") as file:
                os.fdatasync(file.fileno())
            os.link(self._part, self._path)
            self._part.unlink()
            _flush_folder(self._path.parent)
        except OSError as error:
            raise _unavailable(error) from error


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
