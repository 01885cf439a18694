"""Writes zip archives right and wrong, byte by byte, as other writers and attackers do."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Entry:
    """One member; what is None is written as it is in truth."""

    name: str
    content: bytes = b""
    flags: int = 0
    method: int = 0
    local_name: str | None = None
    local_flags: int | None = None
    local_sizes: tuple[int, int, int] | None = None
    local_extra: bytes = b""
    descriptor: str | None = None
    offset: int | None = None
    central_size: int | None = None
    central_extra: bytes = b""
    comment: bytes = b""
    before: bytes = b""

    @property
    def crc32(self) -> int:
        return zlib.crc32(self.content)


PAYLOAD = Entry("0.payload", b"sealed bytes")
MANIFEST = Entry("0.manifest.json", b"{}")

DESCRIPTORS = {
    "32": lambda crc, size: struct.pack("<3L", crc, size, size),
    "32-signed": lambda crc, size: b"PK\x07\x08" + struct.pack("<3L", crc, size, size),
    "64": lambda crc, size: struct.pack("<L2Q", crc, size, size),
    "64-signed": lambda crc, size: b"PK\x07\x08" + struct.pack("<L2Q", crc, size, size),
    "wrong": lambda crc, size: struct.pack("<3L", crc ^ 1, size, size),
    "wrong-sign": lambda crc, size: b"PK\x07\x09" + struct.pack("<3L", crc, size, size),
    "odd": lambda crc, size: struct.pack("<3L", crc, size, size) + b"x",
}


def with_descriptor(entry: Entry, form: str) -> Entry:
    """Return `entry` as a streaming writer writes it, with a data descriptor of `form`."""
    return replace(entry, flags=entry.flags | 8, local_sizes=(0, 0, 0), descriptor=form)


def build(
    *entries: Entry, comment: bytes = b"", after: bytes = b"", between: bytes = b"", zip64: bool = False,
    count: int | None = None,
) -> bytes:
    """Write the archive; `between` stands before the directory, `after` behind the end."""
    body, directory = b"", b""
    for entry in entries:
        body += entry.before
        size = len(entry.content)
        offset = len(body) if entry.offset is None else entry.offset
        crc, stored, plain = entry.local_sizes or (entry.crc32, size, size)
        local_name = (entry.local_name or entry.name).encode()
        local_flags = entry.flags if entry.local_flags is None else entry.local_flags
        body += struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, local_flags, entry.method, 7, 9, crc, stored, plain,
            len(local_name), len(entry.local_extra),
        ) + local_name + entry.local_extra + entry.content
        if entry.descriptor is not None:
            body += DESCRIPTORS[entry.descriptor](entry.crc32, size)
        central = size if entry.central_size is None else entry.central_size
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, entry.flags, entry.method, 7, 9, entry.crc32, central, central,
            len(entry.name.encode()), len(entry.central_extra), len(entry.comment), 0, 0, 0, offset,
        ) + entry.name.encode() + entry.central_extra + entry.comment
    body += between
    number = len(entries) if count is None else count
    start, end_64 = len(body), b""
    if zip64:
        end_64 = struct.pack(
            "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, len(directory), start
        ) + struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
        start = 0xFFFFFFFF
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(directory), start, len(comment))
    return body + directory + end_64 + end + comment + after
