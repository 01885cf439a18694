"""A folder on a medium that is carried by hand: a stick, a disk, a share in between."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from cordiale.adapters.beneath import open_file, opened_folder
from cordiale.adapters.disk_file import DiskFile
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unavailable
from cordiale.limits import BAG_FILES_COUNT_MAX

_LINK: Final = (errno.ELOOP, errno.ENOTDIR)


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "medium.unavailable", "the medium could not be read or written: {detail}",
        hint="check the medium and the path; repeat the command, nothing is done twice",
        detail=os.strerror(error.errno or 0),
    )


def _explain(error: OSError) -> CordialeError:
    if isinstance(error, FileExistsError):
        return OutOfOrder("medium.exists", "a file of the bag is already on the medium", hint="give an empty folder")
    if error.errno in _LINK:
        return Malformed(
            "medium.link", "on the medium is a link, or a file where a folder belongs; it was not followed",
            hint="do not use this medium; show it to the security officer",
        )
    return _unavailable(error)


class FolderMedium:
    """Implements the medium of `cordiale.work.bag` in the folder `root`; links in it are never followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def listing(self) -> Mapping[str, int]:
        """Return every file with its size in bytes, by its path with forward slashes; empty when nothing is there.

        Raises `Malformed` for too many files.
        """
        found: dict[str, int] = {}
        try:
            with opened_folder(self._root) as root:
                for folder, _, names, descriptor in os.fwalk(".", dir_fd=root, follow_symlinks=False):
                    for name in names:
                        state = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                        if stat.S_ISREG(state.st_mode):
                            found[os.path.normpath(f"{folder}/{name}")] = state.st_size
                        if len(found) > 2 * BAG_FILES_COUNT_MAX:
                            raise Malformed("medium.too-many", "there are too many files on the medium",
                                            hint="give the folder of the bag itself")
        except FileNotFoundError:
            return {}
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
        """Open a file for reading; raises `Unavailable` when it is not there, `Malformed` for what is no plain file."""
        *folders, name = _parts_of(path)
        try:
            with opened_folder(self._root, folders) as folder:
                # A pipe would be waited for.
                descriptor = open_file(folder, name, os.O_RDONLY | os.O_NONBLOCK)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise OSError(errno.ELOOP, "not a plain file")
        except OSError as error:
            raise _explain(error) from error
        return io.BufferedReader(DiskFile(descriptor, "rb", _unavailable))

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a new file durably; raises `OutOfOrder` when it is there, `Malformed` for a link on the way to it."""
        *folders, name = _parts_of(path)
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with opened_folder(self._root, folders, makes=True) as folder:
                descriptor = open_file(folder, name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with DiskFile(descriptor, "wb", _unavailable) as file:
                for chunk in chunks:
                    file.write(chunk)
                os.fsync(file.fileno())
        except OSError as error:
            raise _explain(error) from error


def _parts_of(path: str) -> Sequence[str]:
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise Malformed("medium.path", "that is not the path of a file of a bag", hint="report this as a defect")
    return parts
