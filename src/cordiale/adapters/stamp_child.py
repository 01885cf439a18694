"""What stamps in a process of its own: reads an order and a PDF, writes the stamped one, and may do nothing else.

A hostile file can use up this process and what it is given; it reaches no file,
starts nothing and lives no longer than a minute. Plaintext is in its memory and
in two pipes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Final

from cordiale.adapters.stamp_pdf import StampRefused, stamp_pdf
from cordiale.limits import STAMP_MEMORY_BYTES_MAX, STAMP_SECONDS_MAX
from cordiale.ports.pages import Stamp

REFUSED: Final = {"encrypted": 3, "pages": 4, "character": 5, "page-size": 6}
"""The status the process ends with, by why a content is not stamped."""

_HEAD_SIZE_BYTES: Final = 4


def main() -> int:
    """Stamp what comes in on standard input, and return the status to end with."""
    _limit()
    read = sys.stdin.buffer
    head = read.read(int.from_bytes(read.read(_HEAD_SIZE_BYTES), "big"))
    order = json.loads(head)
    try:
        stamped = stamp_pdf(read.read(), Stamp(tuple(order["top"]), tuple(order["bottom"]), order["foot"]))
    except StampRefused as error:
        return REFUSED[error.code]
    sys.stdout.buffer.write(stamped)
    sys.stdout.buffer.flush()
    return 0


def _limit() -> None:
    """Give up the right to open anything, to write files, to start processes, and to more memory and time."""
    for what, most in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_AS, STAMP_MEMORY_BYTES_MAX), (resource.RLIMIT_CPU, STAMP_SECONDS_MAX),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    # Nothing is tidied up: whatever the file left behind ends with the process.
    os._exit(main())
