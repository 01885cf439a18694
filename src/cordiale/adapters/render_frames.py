"""The frames between the node and a process that shows a content: a length, a head in JSON, and a body."""

from __future__ import annotations

import json
from typing import IO, Any, Final

_LENGTH_BYTES: Final = 4
HEAD_SIZE_BYTES_MAX: Final = 64 * 1024


def write_frame(file: IO[bytes], head: dict[str, Any], body: bytes | memoryview = b"") -> None:
    """Write one frame and flush it."""
    encoded = json.dumps(head).encode()
    file.write(len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded)
    file.write(body)
    file.flush()


def read_frame(file: IO[bytes]) -> dict[str, Any] | None:
    """Return the head of the next frame; None at the end, and for what is none."""
    size = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    if not 0 < size <= HEAD_SIZE_BYTES_MAX:
        return None
    encoded = file.read(size)
    if len(encoded) != size:
        return None
    try:
        head = json.loads(encoded)
    except ValueError:
        return None
    return head if isinstance(head, dict) else None
