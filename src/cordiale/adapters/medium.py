"""A folder on a medium that is carried by hand: a stick, a disk, a share in between."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from cordiale.adapters.disk_file import DiskFile
from cordiale.errors import Malformed, OutOfOrder, Unavailable
from cordiale.limits import BAG_FILES_COUNT_MAX


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "medium.unavailable", "the medium could not be read or written: {detail}",
        hint="check the medium and the path; repeat the command, nothing is done twice",
        detail=os.strerror(error.errno or 0),
    )


class FolderMedium:
    """Implements the medium of `cordiale.work.bag` in the folder `root`; links in it are never followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def listing(self) -> Mapping[str, int]:
        """Return every file with its size in bytes, by its path with forward slashes."""
        found: dict[str, int] = {}
        try:
            for folder, _, names in os.walk(self._root):
                for name in names:
                    path = Path(folder) / name
                    if path.is_symlink() or not path.is_file():
                        continue
                    found[path.relative_to(self._root).as_posix()] = path.stat().st_size
                    if len(found) > 2 * BAG_FILES_COUNT_MAX:
                        raise Malformed("medium.too-many", "there are too many files on the medium",
                                        hint="give the folder of the bag itself")
        except OSError as error:
            raise _unavailable(error) from error
        return found

    def read(self, path: str, size_max: int) -> bytes:
        """Return a small file; raises `Malformed` above `size_max` bytes and `Unavailable` when it is not there."""
        with self.open(path) as file:
            data = file.read(size_max + 1)
        if len(data) > size_max:
            raise Malformed("medium.too-large", "a file on the medium is larger than it may be", hint="copy it again")
        return data

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading; raises `Unavailable` when it is not there or is a link."""
        try:
            descriptor = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            raise _unavailable(error) from error
        return io.BufferedReader(DiskFile(descriptor, "rb", _unavailable))

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a new file durably; raises `OutOfOrder` when it is there, `Unavailable` for the medium."""
        target = self._root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            raise OutOfOrder("medium.exists", "a file of the bag is already on the medium",
                             hint="give an empty folder") from error
        except OSError as error:
            raise _unavailable(error) from error
