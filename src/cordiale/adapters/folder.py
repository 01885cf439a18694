"""Sealed envelopes in a folder: an object is there whole and durable, or not at all.

Writing goes to a file beside, is flushed, takes its name by a link that cannot
overwrite, and the folder is flushed too. What a crash leaves behind carries the
ending `.part` and is either resumed (an envelope that arrives) or swept.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from cordiale.adapters.beneath import open_file, opened_folder
from cordiale.adapters.disk_file import DiskFile
from cordiale.errors import Malformed, OutOfOrder, Unavailable
from cordiale.ports import ObjectFound

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,180}\Z", re.ASCII)
_PART: Final = ".part"
_ARRIVING: Final = "arriving-"


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "objects.unavailable", "a sealed envelope could not be written or read: {detail}",
        hint="nothing of this act was kept; look at free space and the disk, then repeat it",
        detail=os.strerror(error.errno or 0),
    )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unavailable(error) from error


class FolderObjects:
    """Implements `cordiale.ports.Objects` in the folder `root`, spread over 256 sub-folders; links are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        with _explained():
            root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _place(self, name: str) -> _Place:
        if not _NAME.match(name) or ".." in name or name.endswith(_PART):
            raise Malformed("objects.name", "that is not the name of a sealed envelope", hint="report this as a defect")
        return _Place(self._root, f"{sum(name.encode()) % 256:02x}", name)

    def create(self, name: str) -> FolderWriter:
        """Begin a new object; raises `Unavailable` when the disk does not take it."""
        place = self._place(name)
        with _explained():
            return FolderWriter(place)

    def open(self, name: str) -> BinaryIO:
        """Open an object for reading; raises `Unavailable` when it is not there."""
        place = self._place(name)
        with _explained(), place.folder() as folder:
            return cast(BinaryIO, DiskFile(open_file(folder, name, os.O_RDONLY), "rb", _unavailable))

    def size(self, name: str) -> int | None:
        """Return the size of an object in bytes, or None when there is none of that name."""
        place = self._place(name)
        with _explained():
            return place.size(name)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of all whole objects that begin with `prefix`, sorted."""
        found = (file for file, _ in self._files() if not file.endswith(_PART))
        yield from sorted(name for name in found if name.startswith(prefix))

    def found(self, prefix: str = "") -> Iterator[ObjectFound]:
        """Yield every object that begins with `prefix`, whole or as far as it has arrived, in no order."""
        for file, state in self._files():
            name = file.removeprefix(_ARRIVING).removesuffix(_PART)
            is_new = file.endswith(_PART) and not file.startswith(_ARRIVING)
            if not is_new and name.startswith(prefix):
                yield ObjectFound(name, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))

    def remove(self, name: str) -> None:
        """Remove an object that nothing refers to any more, and what has arrived of it; it need not exist."""
        place = self._place(name)
        with _explained(), place.folder() as folder:
            _remove(folder, name)
            _remove(folder, place.part)
            os.fsync(folder)

    def partial(self, name: str) -> FolderPartial:
        """Return the object `name` as far as it has arrived; raises `Unavailable` when the disk does not answer."""
        return FolderPartial(self._place(name))

    def sweep(self, keep_prefix: str) -> int:
        """Remove what a crash left half made, except arriving objects; return how many were removed."""
        names = [file for file, _ in self._files() if file.endswith(_PART) and not file.startswith(keep_prefix)]
        for spread in self._spread():
            with _explained(), opened_folder(self._root, [spread]) as folder:
                for name in names:
                    _remove(folder, name)
        return len(names)

    def _spread(self) -> list[str]:
        with _explained(), os.scandir(self._root) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        for spread in self._spread():
            with _explained(), opened_folder(self._root, [spread]) as folder:
                for name in os.listdir(folder):
                    state = _state(folder, name)
                    if state is not None:
                        yield name, state


class _Place:
    """Where an object lies: the sub-folder beneath the root, its name, and the name of what arrives of it."""

    def __init__(self, root: Path, spread: str, name: str) -> None:
        self._root, self._spread = root, spread
        self.name = name
        self.part = f"{_ARRIVING}{name}{_PART}"

    def folder(self) -> AbstractContextManager[int]:
        """Hold the sub-folder open."""
        return opened_folder(self._root, [self._spread], makes=True)

    def size(self, name: str) -> int | None:
        """Return the size in bytes of the file `name` in the sub-folder, None when there is none."""
        with self.folder() as folder:
            state = _state(folder, name)
        return state.st_size if state is not None else None

    def publish(self, part: str) -> None:
        """Give the durable file `part` its name, which must be free, and make that durable."""
        with self.folder() as folder:
            os.link(part, self.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
            os.unlink(part, dir_fd=folder)
            os.fsync(folder)


class FolderWriter:
    """A new object in the making; `file` takes its bytes."""

    def __init__(self, place: _Place) -> None:
        self._place = place
        self._part = f"new-{os.urandom(8).hex()}{_PART}"
        with place.folder() as folder:
            descriptor = open_file(folder, self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        self.file = cast(BinaryIO, DiskFile(descriptor, "rb+", _unavailable))

    def commit(self) -> None:
        """Make the object durable under its name; raises `Unavailable`, or `OutOfOrder` when the name is taken."""
        try:
            os.fdatasync(self.file.fileno())
            self.file.close()
            self._place.publish(self._part)
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
        with _explained(), self._place.folder() as folder:
            _remove(folder, self._part)


class FolderPartial:
    """An envelope that arrives in pieces; its size so far is where a broken transfer goes on."""

    def __init__(self, place: _Place) -> None:
        self._place = place

    @property
    def size(self) -> int:
        """Bytes that have arrived; the whole size once it is finished."""
        with _explained():
            whole = self._place.size(self._place.name)
            return whole if whole is not None else self._place.size(self._place.part) or 0

    def append(self, offset: int, chunks: Iterable[bytes]) -> int:
        """Append `chunks` at `offset` and return the new size.

        Raises `OutOfOrder` when `offset` is not where the object ends, and `Unavailable` for the disk.
        """
        if self._is_whole():
            return self.size
        if offset != self.size:
            raise OutOfOrder(
                "objects.offset", "the transfer must go on at byte {size}", hint="ask for the size and go on there",
                size=self.size,
            )
        with _explained():
            with self._place.folder() as folder:
                descriptor = open_file(folder, self._place.part, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            with DiskFile(descriptor, "ab", _unavailable) as file:
                for chunk in chunks:
                    file.write(chunk)
        return self.size

    def finish(self) -> None:
        """Make what has arrived an object under its name, durably; doing it twice is doing it once."""
        with _explained():
            with self._place.folder() as folder:
                if self._is_whole():
                    _remove(folder, self._place.part)
                    return
                descriptor = open_file(folder, self._place.part, os.O_RDWR)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
            self._place.publish(self._place.part)

    def _is_whole(self) -> bool:
        with _explained():
            return self._place.size(self._place.name) is not None


def _state(folder: int, name: str) -> os.stat_result | None:
    """Return the state of the file `name`, None when there is none; raises `OSError` for what is no plain file."""
    try:
        state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.ELOOP if stat.S_ISLNK(state.st_mode) else errno.EINVAL, "not a plain file")
    return state


def _remove(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
