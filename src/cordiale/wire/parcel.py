"""A parcel: a message and the small envelopes that travel with it, as one body of a request.

    size, name, size, envelope, size, name, size, envelope, …, size, message

Each size is 4 bytes, big-endian, of the bytes that follow it. The message comes
last, behind everything it names; it is empty where more envelopes follow in another
parcel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import CONSIGNMENT_ITEMS_MAX
from cordiale.model.names import parse_identifier

_SIZE_BYTES: Final = 4
_FRAMES_COUNT_MAX: Final = 2 * CONSIGNMENT_ITEMS_MAX + 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """What came in one: envelopes by the name that their sender gave them, and the message, none of it verified.

    `message` is empty where it comes in a later parcel.
    """

    envelopes: tuple[tuple[str, memoryview], ...]
    message: bytes


def encode_parcel(envelopes: Iterable[tuple[str, bytes]], message: bytes) -> bytes:
    """Return the parcel of `message` with `envelopes` (name and content)."""
    frames = [frame for name, content in envelopes for frame in (name.encode("ascii"), content)]
    return b"".join(part for frame in (*frames, message) for part in (len(frame).to_bytes(_SIZE_BYTES, "big"), frame))


def parse_parcel(content: bytes) -> Parcel:
    """Read what `encode_parcel` wrote.

    Raises `Malformed` for frames that do not fill `content`, no last frame, too many envelopes, and a name that is
    none or stands there twice.
    """
    # One more than may be, and no further: a frame of nothing costs its sender four bytes, and us much more.
    frames = list(islice(_frames(memoryview(content)), _FRAMES_COUNT_MAX + 1))
    if not 0 < len(frames) <= _FRAMES_COUNT_MAX:
        raise _ill_formed()
    *pairs, message = frames
    names = [parse_identifier(_text_of(name), "name of an envelope") for name in pairs[::2]]
    if len(pairs) % 2 or len(set(names)) != len(names):
        raise _ill_formed()
    return Parcel(tuple(zip(names, pairs[1::2], strict=True)), bytes(message))


def _frames(rest: memoryview) -> Iterator[memoryview]:
    while len(rest) >= _SIZE_BYTES:
        size = int.from_bytes(rest[:_SIZE_BYTES], "big")
        frame, rest = rest[_SIZE_BYTES:_SIZE_BYTES + size], rest[_SIZE_BYTES + size:]
        if len(frame) != size:
            raise _ill_formed()
        yield frame
    if len(rest):
        raise _ill_formed()


def _text_of(name: memoryview) -> str:
    return bytes(name).decode("ascii", "replace")


def _ill_formed() -> Malformed:
    return Malformed(
        "parcel.form", "what came is not a message with its envelopes", hint="send them one by one instead"
    )
