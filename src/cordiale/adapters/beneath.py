"""Files beneath a folder, opened one component after the other, so that no link leads out of it.

`O_NOFOLLOW` alone holds for the last component of a path only. Here each folder
is opened in the one before it (openat(2)), and a link anywhere is refused. The
folder itself is named by an operator and may well be reached by one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINK: Final = os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_RIGHTS: Final = 0o600
_FOLDER_RIGHTS: Final = 0o700


@contextmanager
def opened_folder(root: Path, parts: Sequence[str] = (), *, makes: bool = False) -> Iterator[int]:
    """Hold the folder `parts` beneath `root` open and give its descriptor; `makes` makes what is missing of it.

    A folder that was made is durable in the one above it. Raises `OSError`, for a link too.
    """
    descriptor = os.open(root, _FOLDER)
    try:
        for part in parts:
            inner = _folder_in(descriptor, part, makes=makes)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _folder_in(folder: int, name: str, *, makes: bool) -> int:
    try:
        return os.open(name, _FOLDER | _NO_LINK, dir_fd=folder)
    except FileNotFoundError:
        if not makes:
            raise
    try:
        os.mkdir(name, _FOLDER_RIGHTS, dir_fd=folder)
        os.fsync(folder)
    except FileExistsError:
        pass
    return os.open(name, _FOLDER | _NO_LINK, dir_fd=folder)


def open_file(folder: int, name: str, flags: int) -> int:
    """Return a descriptor of the file `name` in the open `folder`; raises `OSError`, for a link too."""
    return os.open(name, flags | _NO_LINK, _FILE_RIGHTS, dir_fd=folder)
