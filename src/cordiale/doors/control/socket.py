"""The private socket: a file in the home that only the user who serves the node can open."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cordiale.errors import Unavailable

_ADDRESS_BYTES_MAX: Final = 100
"""What an address of a Unix socket holds on every system we run on, with room to spare."""


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """Yield an address for the socket at `path`; a longer path is reached through its open folder.

    Raises `Unavailable` when the folder is not there, or the system offers no such way.
    """
    whole = os.fspath(path)
    if len(os.fsencode(whole)) <= _ADDRESS_BYTES_MAX:
        yield whole
        return
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unavailable(error) from error
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def bind_private(path: Path) -> socket.socket:
    """Return a listening socket at `path` for its owner alone; a stale one is removed.

    The caller holds the lock of the home, so that nobody else serves there. Raises `Unavailable`.
    """
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.parent.chmod(0o700)
        path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with address_of(path) as address:
            listening.bind(address)
        path.chmod(0o600)
        listening.listen(128)
    except OSError as error:
        raise _unavailable(error) from error
    return listening


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(
        "control.unavailable", "the private socket of the node cannot be made: {detail}",
        hint="check the disk, your rights, and that the path of the home is not too long",
        detail=os.strerror(error.errno) if error.errno else "its path is too long",
    )
