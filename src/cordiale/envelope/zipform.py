"""The zip archive around a sealed payload: a streaming writer and a strict reader.

Two stored members, ``0.payload`` and then ``0.manifest.json`` (TDF 4.3.0; PKWARE
APPNOTE 6.3.10). Sizes are known only at the end of a stream, so the payload is
followed by a data descriptor, always in its 64-bit form; the directory uses
zip64 only where a number needs it. No time, no comment, no attribute is written.

The reader accounts for every byte: members lie one after the other from the
first byte to the directory, each local header says what the directory says, and
nothing follows. What cannot be accounted for could hide something, or make two
readers see two contents in one file. Of foreign archives it accepts data
descriptors of all four forms, zip64, and the manifest first.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from struct import Struct
from typing import Final, NoReturn

from cordiale.envelope.streams import ByteTarget, SeekableSource, read_at, write_all
from cordiale.errors import Malformed, Unverified
from cordiale.limits import ENVELOPE_SIZE_BYTES_MAX, MANIFEST_SIZE_BYTES_MAX

PAYLOAD_NAME: Final = "0.payload"
MANIFEST_NAME: Final = "0.manifest.json"
EXTRA_MEMBERS_COUNT_MAX: Final = 1
MEMBER_NAME_LENGTH_MAX: Final = 64
# web-sdk reads no more than this from the end of a file to find the directory.
DIRECTORY_SIZE_BYTES_MAX: Final = 1_000

_LOCAL: Final = Struct("<4s5H3L2H")
_CENTRAL: Final = Struct("<4s6H3L5H2L")
_END: Final = Struct("<4s4H2LH")
_END_64: Final = Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = Struct("<4sLQL")
_EXTRA: Final = Struct("<2H")
_DESCRIPTOR: Final = Struct("<3L")
_DESCRIPTOR_64: Final = Struct("<L2Q")

_LOCAL_SIGN: Final = b"PK\x03\x04"
_CENTRAL_SIGN: Final = b"PK\x01\x02"
_END_SIGN: Final = b"PK\x05\x06"
_END_64_SIGN: Final = b"PK\x06\x06"
_LOCATOR_64_SIGN: Final = b"PK\x06\x07"
_DESCRIPTOR_SIGN: Final = b"PK\x07\x08"

_VERSION: Final = 45
_FLAG_DESCRIPTOR: Final = 0x0008
_FLAGS_KNOWN: Final = _FLAG_DESCRIPTOR | 0x0800
_STORED: Final = 0
_DATE_1980: Final = 0x0021
_ZIP64: Final = 0x0001
_FULL_16: Final = 0xFFFF
_FULL_32: Final = 0xFFFFFFFF
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True)
class Member:
    """One stored member: where its content starts, its size, its CRC-32."""

    name: str
    offset: int
    size_bytes: int
    crc32: int


@dataclass(frozen=True, slots=True)
class Container:
    """A container whose structure was checked; the content of its members was not."""

    payload: Member
    manifest: Member
    extra: tuple[Member, ...]


class ContainerWriter:
    """Writes a container in one pass: payload piece by piece, then the manifest.

    The order of calls is `begin`, any number of `write_payload`, `finish`.
    """

    __slots__ = ("_crc32", "_size_bytes", "_target")

    def __init__(self, target: ByteTarget) -> None:
        self._target = target
        self._crc32 = 0
        self._size_bytes = 0

    def begin(self) -> None:
        """Write the local header of the payload."""
        self._write(_HEAD)

    def write_payload(self, content: memoryview) -> None:
        """Write the next piece of the payload."""
        self._crc32 = zlib.crc32(content, self._crc32)
        self._size_bytes += len(content)
        write_all(self._target, content)

    def finish(self, manifest: bytes) -> int:
        """Write the manifest and the directory, and return the size of the container in bytes.

        Raises `Malformed` when `manifest` is over the cap: such an object could
        be written but no reader would open it.
        """
        if len(manifest) > MANIFEST_SIZE_BYTES_MAX:
            raise Malformed(
                "container.manifest-size", "the manifest would be larger than {size_max} bytes",
                hint="send the content as several items", size_max=MANIFEST_SIZE_BYTES_MAX,
            )
        between, end = _encode_rest(
            Member(PAYLOAD_NAME, len(_HEAD), self._size_bytes, self._crc32), len(manifest), zlib.crc32(manifest)
        )
        self._write(between + manifest + end)
        return len(_HEAD) + self._size_bytes + len(between) + len(manifest) + len(end)

    def _write(self, content: bytes) -> None:
        write_all(self._target, memoryview(content))


def _encode_head() -> bytes:
    extra = _EXTRA.pack(_ZIP64, 16) + bytes(16)
    name = PAYLOAD_NAME.encode("ascii")
    return _LOCAL.pack(
        _LOCAL_SIGN, _VERSION, _FLAG_DESCRIPTOR, _STORED, 0, _DATE_1980, 0, _FULL_32, _FULL_32,
        len(name), len(extra),
    ) + name + extra


_HEAD: Final = _encode_head()


def _encode_rest(payload: Member, size: int, crc32: int) -> tuple[bytes, bytes]:
    """Return what stands between payload and manifest, and what follows a manifest of `size` and `crc32`."""
    descriptor = _DESCRIPTOR_SIGN + _DESCRIPTOR_64.pack(payload.crc32, payload.size_bytes, payload.size_bytes)
    offset = payload.offset + payload.size_bytes + len(descriptor)
    name = MANIFEST_NAME.encode("ascii")
    header = _LOCAL.pack(
        _LOCAL_SIGN, _VERSION, 0, _STORED, 0, _DATE_1980, crc32, size, size, len(name), 0
    ) + name
    start = offset + len(header) + size
    directory = _encode_entry(PAYLOAD_NAME, _FLAG_DESCRIPTOR, (payload.crc32, payload.size_bytes, 0))
    directory += _encode_entry(MANIFEST_NAME, 0, (crc32, size, offset))
    return descriptor + header, directory + _encode_end(2, len(directory), start)


def _encode_entry(name: str, flags: int, facts: tuple[int, int, int]) -> bytes:
    crc32, size, offset = facts
    extra = b""
    if size >= _FULL_32:
        extra += size.to_bytes(8, "little") * 2
    if offset >= _FULL_32:
        extra += offset.to_bytes(8, "little")
    if extra:
        extra = _EXTRA.pack(_ZIP64, len(extra)) + extra
    size, offset = min(size, _FULL_32), min(offset, _FULL_32)
    encoded = name.encode("ascii")
    return _CENTRAL.pack(
        _CENTRAL_SIGN, _VERSION, _VERSION, flags, _STORED, 0, _DATE_1980, crc32, size, size,
        len(encoded), len(extra), 0, 0, 0, 0, offset,
    ) + encoded + extra


def _encode_end(count: int, size: int, start: int) -> bytes:
    wide = b""
    if start >= _FULL_32:
        wide = _END_64.pack(
            _END_64_SIGN, _END_64.size - 12, _VERSION, _VERSION, 0, 0, count, count, size, start
        ) + _LOCATOR_64.pack(_LOCATOR_64_SIGN, 0, start + size, 1)
    return wide + _END.pack(_END_SIGN, 0, 0, count, count, size, min(start, _FULL_32), 0)


def parse_container(source: SeekableSource) -> Container:
    """Check the structure of the container in `source` and say where its members lie.

    Raises `Malformed` for compressed or encrypted members, a name that appears
    twice, more than one member besides payload and manifest, a manifest over the
    cap, headers that disagree, and any byte that belongs to nothing.
    """
    size_bytes = source.seek(0, 2)
    if size_bytes > ENVELOPE_SIZE_BYTES_MAX:
        _refuse("size", "the sealed container is larger than a container can be")
    tail_size = min(size_bytes, DIRECTORY_SIZE_BYTES_MAX)
    tail = read_at(source, size_bytes - tail_size, size_bytes=tail_size)
    start, entries = _parse_directory(tail, size_bytes)
    members: dict[str, Member] = {}
    position = 0
    for index, entry in enumerate(entries):
        end = entries[index + 1].offset if index + 1 < len(entries) else start
        if entry.offset != position:
            _refuse("layout", "the members of the sealed container overlap or leave a gap")
        if entry.name in members:
            _refuse("duplicate-member", "the sealed container has two members of one name")
        members[entry.name] = _parse_member(source, entry, end)
        position = end
    return _container_of(members)


def _container_of(members: dict[str, Member]) -> Container:
    payload, manifest = members.pop(PAYLOAD_NAME, None), members.pop(MANIFEST_NAME, None)
    if payload is None or manifest is None:
        _refuse("member-missing", "the sealed container lacks its payload or its manifest")
    if len(members) > EXTRA_MEMBERS_COUNT_MAX:
        _refuse("extra-members", "the sealed container has members that do not belong there")
    if manifest.size_bytes > MANIFEST_SIZE_BYTES_MAX:
        _refuse("manifest-size", "the manifest of the sealed container is too large")
    return Container(payload=payload, manifest=manifest, extra=tuple(members.values()))


def read_manifest(source: SeekableSource, container: Container) -> bytes:
    """Read the manifest's bytes. Raises `Unverified` when its CRC-32 is another."""
    content = read_at(source, container.manifest.offset, size_bytes=container.manifest.size_bytes)
    if zlib.crc32(content) != container.manifest.crc32:
        raise Unverified(
            "container.checksum", "the manifest was damaged on the way: its checksum is wrong", hint=_RESEND
        )
    return content


def require_own_form(source: SeekableSource, container: Container) -> Container:
    """Return `container` when `ContainerWriter` would have written the very same bytes around its members.

    Raises `Malformed` otherwise: then the bytes hold something nobody signed, a
    time, an attribute or a further member.
    """
    payload, manifest = container.payload, container.manifest
    between, end = _encode_rest(payload, manifest.size_bytes, manifest.crc32)
    between_at, end_at = payload.offset + payload.size_bytes, manifest.offset + manifest.size_bytes
    if (
        (payload.offset, manifest.offset) != (len(_HEAD), between_at + len(between))
        or read_at(source, 0, size_bytes=len(_HEAD)) != _HEAD
        or read_at(source, between_at, size_bytes=len(between)) != between
        or read_at(source, end_at, size_bytes=len(end)) != end
    ):
        _refuse("own-form", "the sealed container holds something besides what was sealed in it")
    return container


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    flags: int
    crc32: int
    size_bytes: int
    offset: int


def _parse_directory(tail: bytes, size_bytes: int) -> tuple[int, list[_Entry]]:
    """Return where the directory starts, and its entries by their offset."""
    if len(tail) < _END.size:
        _refuse("form", "this is not a sealed container")
    end_at = len(tail) - _END.size
    sign, disk, disk_start, count_here, count, size, start, comment = _END.unpack_from(tail, end_at)
    if sign != _END_SIGN or comment:
        _refuse("form", "this is not a sealed container, or something follows its end")
    if _FULL_32 in (size, start) or _FULL_16 in (count_here, count):
        end_at -= _LOCATOR_64.size + _END_64.size
        count_here, count, size, start = _parse_end_64(tail, end_at, size_bytes)
    if disk or disk_start or count_here != count or not 2 <= count <= 2 + EXTRA_MEMBERS_COUNT_MAX:
        _refuse("extra-members", "the sealed container has members that do not belong there, or too few")
    if size > end_at or start + size != size_bytes - len(tail) + end_at:
        _refuse("layout", "the directory of the sealed container is not where it must be")
    entries = []
    position = end_at - size
    for _ in range(count):
        entry, position = _parse_entry(tail[:end_at], position)
        entries.append(entry)
    if position != end_at:
        _refuse("layout", "the directory of the sealed container is longer than its entries")
    return start, sorted(entries, key=lambda entry: entry.offset)


def _parse_end_64(tail: bytes, at: int, size_bytes: int) -> tuple[int, int, int, int]:
    if at < 0:
        _refuse("form", "the end of the sealed container is not of the form")
    (
        sign, size, _made, _needed, disk, disk_start, count_here, count, directory_size, start,
    ) = _END_64.unpack_from(tail, at)
    locator_sign, locator_disk, end_64_at, disks = _LOCATOR_64.unpack_from(tail, at + _END_64.size)
    if (
        sign != _END_64_SIGN or locator_sign != _LOCATOR_64_SIGN or size != _END_64.size - 12
        or disk or disk_start or locator_disk or disks != 1 or end_64_at != size_bytes - len(tail) + at
    ):
        _refuse("form", "the end of the sealed container is not of the form")
    return count_here, count, directory_size, start


def _parse_entry(tail: bytes, at: int) -> tuple[_Entry, int]:
    if len(tail) - at < _CENTRAL.size:
        _refuse("form", "the directory of the sealed container ends too early")
    (
        sign, _made, _needed, flags, method, _time, _date, crc32, stored, size,
        name_size, extra_size, comment_size, disk, _internal, _external, offset,
    ) = _CENTRAL.unpack_from(tail, at)
    if sign != _CENTRAL_SIGN or comment_size or disk or flags & ~_FLAGS_KNOWN:
        _refuse("form", "the directory of the sealed container is not of the form")
    if method != _STORED:
        _refuse("compressed", "a member of the sealed container is compressed")
    at += _CENTRAL.size
    end = at + name_size + extra_size
    if end > len(tail) or not 0 < name_size <= MEMBER_NAME_LENGTH_MAX:
        _refuse("form", "a name in the sealed container is not of the form")
    name, extra = tail[at:at + name_size], tail[at + name_size:end]
    size, stored, offset = _widen(extra, [size, stored, offset])
    if size != stored:
        _refuse("compressed", "a member of the sealed container is compressed")
    if not name.isascii():
        _refuse("form", "a name in the sealed container is not of the form")
    return _Entry(name.decode("ascii"), flags, crc32, size, offset), end


def _widen(extra: bytes, numbers: list[int]) -> list[int]:
    """Replace each number that is full by its 64-bit value from the zip64 field (APPNOTE 4.5.3)."""
    full = [index for index, number in enumerate(numbers) if number == _FULL_32]
    if not full and not extra:
        return numbers
    if len(extra) != _EXTRA.size + 8 * len(full) or _EXTRA.unpack_from(extra) != (_ZIP64, 8 * len(full)):
        _refuse("form", "a header of the sealed container has an unknown extra field")
    for place, index in enumerate(full):
        at = _EXTRA.size + 8 * place
        numbers[index] = int.from_bytes(extra[at:at + 8], "little")
    return numbers


def _parse_member(source: SeekableSource, entry: _Entry, end: int) -> Member:
    """Hold the local header and the data descriptor of `entry` against the directory."""
    header = read_at(source, entry.offset, size_bytes=_LOCAL.size)
    (
        sign, _needed, flags, method, _time, _date, crc32, stored, size, name_size, extra_size,
    ) = _LOCAL.unpack(header)
    if sign != _LOCAL_SIGN or flags != entry.flags or method != _STORED or name_size != len(entry.name):
        _refuse("header", "a header in the sealed container is not what its directory says")
    rest = read_at(source, entry.offset + _LOCAL.size, size_bytes=name_size + min(extra_size, _EXTRA.size + 16))
    if rest[:name_size] != entry.name.encode("ascii") or len(rest) != name_size + extra_size:
        _refuse("header", "a header in the sealed container is not what its directory says")
    size, stored = _widen(rest[name_size:], [size, stored])
    start = entry.offset + _LOCAL.size + name_size + extra_size
    gap = end - start - entry.size_bytes
    found, expected = (crc32, stored, size), (entry.crc32, entry.size_bytes, entry.size_bytes)
    if flags & _FLAG_DESCRIPTOR:
        descriptor = read_at(source, start + entry.size_bytes, size_bytes=gap) if 12 <= gap <= 24 else b""
        _verify_descriptor(descriptor, expected)
        if found == (0, 0, 0):
            found = expected
    elif gap:
        _refuse("layout", "the members of the sealed container overlap or leave a gap")
    if found != expected:
        _refuse("header", "a header in the sealed container is not what its directory says")
    return Member(entry.name, start, entry.size_bytes, entry.crc32)


def _verify_descriptor(descriptor: bytes, expected: tuple[int, int, int]) -> None:
    # The signature in front is optional (APPNOTE 4.3.9.3); 16 bytes are a
    # signature and 32-bit sizes, 20 are 64-bit sizes without one.
    if len(descriptor) in (16, 24):
        if descriptor[:4] != _DESCRIPTOR_SIGN:
            _refuse("header", "a data descriptor in the sealed container is not of the form")
        descriptor = descriptor[4:]
    form = {12: _DESCRIPTOR, 20: _DESCRIPTOR_64}.get(len(descriptor))
    if form is None or form.unpack(descriptor) != expected:
        _refuse("header", "a data descriptor in the sealed container is not what its directory says")


def _refuse(what: str, text: str) -> NoReturn:
    raise Malformed(f"container.{what}", text, hint=_RESEND)
