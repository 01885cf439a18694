"""The container is an ordinary zip archive to others, and to us one in which every byte is accounted for."""

from __future__ import annotations

import contextlib
import sys
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused
from tests.envelope.zip_builder import DESCRIPTORS, MANIFEST, PAYLOAD, Entry, build, with_descriptor

from cordiale.envelope.zipform import (
    DIRECTORY_SIZE_BYTES_MAX,
    ContainerWriter,
    parse_container,
    read_manifest,
    require_own_form,
)
from cordiale.errors import CordialeError, Malformed
from cordiale.limits import MANIFEST_SIZE_BYTES_MAX


def written(payload: bytes, manifest: bytes = b"{}") -> bytes:
    target = BytesIO()
    writer = ContainerWriter(target)
    writer.begin()
    for start in range(0, len(payload), 5):
        writer.write_payload(memoryview(payload)[start : start + 5])
    assert writer.finish(manifest) == len(target.getvalue())
    return target.getvalue()


@given(payload=st.binary(max_size=60), manifest=st.binary(max_size=60))
def test_what_we_write_we_read_and_so_does_everybody(payload: bytes, manifest: bytes) -> None:
    content = written(payload, manifest)
    container = parse_container(BytesIO(content))
    assert require_own_form(BytesIO(content), container) is container
    assert read_manifest(BytesIO(content), container) == manifest
    found = container.payload
    assert content[found.offset : found.offset + found.size_bytes] == payload
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.namelist() == ["0.payload", "0.manifest.json"]
        assert archive.testzip() is None
        assert archive.read("0.payload") == payload
        assert archive.read("0.manifest.json") == manifest


def test_no_time_and_no_comment_is_written() -> None:
    with zipfile.ZipFile(BytesIO(written(b"x"))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.comment == b""


def test_the_directory_is_short_enough_for_web_clients() -> None:
    content = written(b"x" * 5_000)
    assert len(content) - content.rindex(b"{}") < DIRECTORY_SIZE_BYTES_MAX


class Sparse:
    """Gigabytes of zeros between two short pieces, without the memory for them."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, bytes]] = []
        self.size = 0
        self.position = 0

    def write(self, content: memoryview, /) -> int:
        if len(content) < 2**20:
            self.pieces.append((self.size, bytes(content)))
        self.size += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.position = offset + (self.size if whence == 2 else 0)
        return self.position

    def readinto(self, buffer: memoryview, /) -> int:
        count = min(len(buffer), self.size - self.position)
        buffer[:count] = bytes(count)
        for start, piece in self.pieces:
            for at in range(max(start, self.position), min(start + len(piece), self.position + count)):
                buffer[at - self.position] = piece[at - start]
        self.position += count
        return count

    def read(self, size: int = -1) -> bytes:
        buffer = bytearray(self.size - self.position if size < 0 else size)
        return bytes(buffer[: self.readinto(memoryview(buffer))])

    def tell(self) -> int:
        return self.position

    def seekable(self) -> bool:
        return True


@pytest.mark.slow
@pytest.mark.parametrize("size", [2**32 - 2**21, 2**32 - 1, 2**32 + 2**21])
def test_a_payload_beyond_4_gib_is_written_and_read(size: int) -> None:
    target = Sparse()
    writer = ContainerWriter(target)
    writer.begin()
    zeros, left = memoryview(bytes(2**26)), size
    while left:
        writer.write_payload(zeros[: min(left, len(zeros))])
        left -= min(left, len(zeros))
    assert writer.finish(b'{"a":1}') == target.size
    container = parse_container(target)
    assert container.payload.size_bytes == size
    assert read_manifest(target, require_own_form(target, container)) == b'{"a":1}'
    with zipfile.ZipFile(target) as archive:  # type: ignore[call-overload]
        assert archive.getinfo("0.payload").file_size == size
        assert archive.read("0.manifest.json") == b'{"a":1}'


@pytest.mark.parametrize("force_zip64", [False, pytest.param(True, marks=pytest.mark.skipif(
    sys.version_info < (3, 11, 4), reason="zipfile before 3.11.4 forces zip64 with a wrong header (gh-103861)",
))])
def test_archives_of_a_streaming_writer_are_read(force_zip64: bool) -> None:
    target = BytesIO()

    class Unseekable:
        def write(self, content: bytes) -> int:
            return target.write(content)

        def flush(self) -> None:
            pass

    with zipfile.ZipFile(Unseekable(), "w") as archive:  # type: ignore[call-overload]
        with archive.open("0.payload", "w", force_zip64=force_zip64) as member:
            member.write(b"sealed bytes")
        archive.writestr("0.manifest.json", "{}")
    container = parse_container(target)
    assert container.payload.size_bytes == 12
    with refused("container.own-form"):
        require_own_form(target, container)


ZIP64_EXTRA = b"\x01\x00\x10\x00" + (12).to_bytes(8, "little") * 2

ACCEPTED = {
    "plain": build(PAYLOAD, MANIFEST),
    "manifest first": build(MANIFEST, PAYLOAD),
    "one extra member": build(PAYLOAD, Entry("note", b"x"), MANIFEST),
    "zip64 end": build(PAYLOAD, MANIFEST, zip64=True),
    "names marked as utf-8": build(replace(PAYLOAD, flags=0x800), replace(MANIFEST, flags=0x800)),
    "utf-8 and descriptor": build(with_descriptor(replace(PAYLOAD, flags=0x800), "32-signed"), MANIFEST),
    "zip64 sizes": build(
        replace(
            PAYLOAD, central_size=0xFFFFFFFF, central_extra=ZIP64_EXTRA,
            local_sizes=(PAYLOAD.crc32, 0xFFFFFFFF, 0xFFFFFFFF), local_extra=ZIP64_EXTRA,
        ),
        MANIFEST,
    ),
} | {
    f"descriptor {form}": build(with_descriptor(PAYLOAD, form), with_descriptor(MANIFEST, form))
    for form in DESCRIPTORS if form[0].isdigit()
}


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED)
def test_other_writers_forms_are_accepted(content: bytes) -> None:
    container = parse_container(BytesIO(content))
    payload = container.payload
    assert content[payload.offset : payload.offset + payload.size_bytes] == PAYLOAD.content
    assert read_manifest(BytesIO(content), container) == MANIFEST.content


REFUSED = {
    "empty": (b"", "form"),
    "no archive": (b"x" * 200, "form"),
    "something follows": (build(PAYLOAD, MANIFEST, after=b"x"), "form"),
    "comment on the archive": (build(PAYLOAD, MANIFEST, comment=b"x"), "form"),
    "comment on a member": (build(PAYLOAD, replace(MANIFEST, comment=b"x")), "form"),
    "something in front": (build(replace(PAYLOAD, before=b"x"), MANIFEST), "layout"),
    "gap between members": (build(PAYLOAD, replace(MANIFEST, before=b"x")), "layout"),
    "gap before the directory": (build(PAYLOAD, MANIFEST, between=b"x"), "layout"),
    "overlap": (build(PAYLOAD, replace(MANIFEST, offset=20)), "layout"),
    "one name twice": (build(PAYLOAD, PAYLOAD, MANIFEST), "duplicate-member"),
    "manifest twice": (build(PAYLOAD, MANIFEST, MANIFEST), "duplicate-member"),
    "two extra members": (build(PAYLOAD, MANIFEST, Entry("a"), Entry("b")), "extra-members"),
    "no payload": (build(MANIFEST, Entry("a")), "member-missing"),
    "no manifest": (build(PAYLOAD, Entry("a")), "member-missing"),
    "one member": (build(PAYLOAD), "extra-members"),
    "count too low": (build(PAYLOAD, Entry("a"), MANIFEST, count=2), "layout"),
    "count too high": (build(PAYLOAD, MANIFEST, count=3), "form"),
    "deflated": (build(PAYLOAD, replace(MANIFEST, method=8)), "compressed"),
    "deflated by size": (
        build(replace(PAYLOAD, central_extra=b"\x01\x00\x08\x00" + bytes(8), central_size=0xFFFFFFFF), MANIFEST),
        "form",
    ),
    "encrypted the zip way": (build(replace(PAYLOAD, flags=1), MANIFEST), "form"),
    "other name inside": (build(replace(PAYLOAD, local_name="9.payload"), MANIFEST), "header"),
    "longer name inside": (build(replace(PAYLOAD, local_name="00.payload"), MANIFEST), "header"),
    "other flags inside": (build(replace(PAYLOAD, local_flags=0x800), MANIFEST), "header"),
    "other size inside": (build(replace(PAYLOAD, local_sizes=(PAYLOAD.crc32, 11, 11)), MANIFEST), "header"),
    "other checksum inside": (build(replace(PAYLOAD, local_sizes=(1, 12, 12)), MANIFEST), "header"),
    "sizes missing without descriptor": (build(replace(PAYLOAD, local_sizes=(0, 0, 0)), MANIFEST), "header"),
    "wrong descriptor": (build(with_descriptor(PAYLOAD, "wrong"), MANIFEST), "header"),
    "wrong sign of a descriptor": (build(with_descriptor(PAYLOAD, "wrong-sign"), MANIFEST), "header"),
    "odd descriptor": (build(with_descriptor(PAYLOAD, "odd"), MANIFEST), "header"),
    "no descriptor": (build(replace(PAYLOAD, flags=8), MANIFEST), "header"),
    "unknown extra field": (build(replace(PAYLOAD, central_extra=b"\x99\x00\x01\x00x"), MANIFEST), "form"),
    "unknown extra field inside": (build(replace(PAYLOAD, local_extra=b"\x99\x00\x01\x00x"), MANIFEST), "form"),
    "member larger than the file": (build(replace(PAYLOAD, central_size=10_000), MANIFEST), "layout"),
    "name not in ascii": (build(PAYLOAD, Entry("ї"), MANIFEST), "form"),
    "name too long": (build(PAYLOAD, Entry("a" * 65), MANIFEST), "form"),
}


@pytest.mark.parametrize(("content", "what"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_accounted_for_is_refused(content: bytes, what: str) -> None:
    with refused(f"container.{what}"):
        parse_container(BytesIO(content))


def test_a_manifest_over_the_cap_is_refused_by_reader_and_writer() -> None:
    over = bytes(MANIFEST_SIZE_BYTES_MAX + 1)
    with refused("container.manifest-size"):
        parse_container(BytesIO(build(PAYLOAD, replace(MANIFEST, content=over))))
    with refused("container.manifest-size"):
        written(b"x", over)


def test_a_damaged_manifest_is_told_apart() -> None:
    content = build(PAYLOAD, MANIFEST).replace(b"{}", b"[]", 1)
    with refused("container.checksum"):
        read_manifest(BytesIO(content), parse_container(BytesIO(content)))


@given(data=st.data())
def test_no_damage_leads_to_anything_but_our_errors(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(sorted(ACCEPTED.values()))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    with contextlib.suppress(CordialeError):
        parse_container(BytesIO(content))


@given(data=st.data())
def test_nothing_but_the_members_may_change_in_our_own_form(data: st.DataObject) -> None:
    content = bytearray(written(b"sealed bytes", b'{"a":1}'))
    good = parse_container(BytesIO(content))
    inside = {
        at for member in (good.payload, good.manifest)
        for at in range(member.offset, member.offset + member.size_bytes)
    }
    at = data.draw(st.sampled_from(sorted(set(range(len(content))) - inside)))
    content[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Malformed):
        require_own_form(BytesIO(content), parse_container(BytesIO(content)))
