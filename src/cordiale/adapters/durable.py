"""Small files that are there whole after a crash, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cordiale.errors import OutOfOrder, Unavailable


def write_durably(path: Path, content: bytes, *, exclusive: bool = False) -> None:
    """Write `content` to `path` so that it is there whole after a crash, or not at all.

    Raises `OutOfOrder` when `exclusive` and the file exists, and `Unavailable` for the disk.
    """
    part = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if exclusive:
            os.link(part, path)
            part.unlink()
        else:
            part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError as error:
        _remove(part)
        raise OutOfOrder(
            "file.exists", "`{name}` is already there and was left as it is",
            hint="choose another place, or move the old file away", name=path.name,
        ) from error
    except OSError as error:
        _remove(part)
        raise Unavailable(
            "file.not-written", "`{name}` could not be written: {detail}",
            hint="check the folder, your rights to it and the disk", name=path.name,
            detail=os.strerror(error.errno or 0),
        ) from error


def _remove(part: Path) -> None:
    # Why it could not be written is told; that there was nothing to remove is not.
    with suppress(OSError):
        part.unlink()
