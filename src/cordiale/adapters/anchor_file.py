"""The anchor of the books as a small file, overwritten in place.

It is far smaller than a sector of a disk, so that a loss of power leaves the old
content or the new one. It is not flushed: it is behind then, which is no harm.
"""

from __future__ import annotations

import os
from pathlib import Path

from cordiale.adapters.durable import write_durably
from cordiale.errors import Unavailable
from cordiale.limits import ANCHOR_SIZE_BYTES


class AnchorFile:
    """Implements `cordiale.ports.AnchorPlace` in the file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """Return what is in the file, None when there is none; raises `Unavailable` when it cannot be read."""
        try:
            with self._path.open("rb") as file:
                return file.read(ANCHOR_SIZE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(error) from error

    def write(self, content: bytes, *, is_new: bool = False) -> None:
        """Put `content` in place of what was there; raises `Unavailable` when the disk does not take it.

        Unless it `is_new`, the file must be there: one that was taken away is not quietly made again.
        """
        if is_new:
            write_durably(self._path, content)
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                os.pwrite(descriptor, content, 0)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unavailable(error) from error


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "anchor.unavailable", "the anchor of the books could not be written or read: {detail}",
        hint="look at the file `anchor` in the home, your rights to it and the disk",
        detail=os.strerror(error.errno or 0),
    )
