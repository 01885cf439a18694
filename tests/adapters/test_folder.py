"""Envelopes in a folder: what the disk did not take is told as such, and never passes for taken."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.medium import FolderMedium
from cordiale.errors import Unavailable

KIB = 1024


@contextmanager
def no_file_beyond(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size_bytes`; the last write before that is cut short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_object_that_finds_no_room_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    writer = objects.create("own.1")
    with no_file_beyond(64 * KIB), pytest.raises(Unavailable) as caught:
        writer.file.write(bytes(100 * KIB))
    writer.abandon()
    assert (caught.value.code, "free space" in caught.value.hint) == ("objects.unavailable", True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_write_that_the_disk_cut_short_is_gone_on_with_where_it_stopped(tmp_path: Path) -> None:
    """Room is made between two pieces: nothing may be left out between them."""
    arriving = FolderObjects(tmp_path).partial("in.1")
    pieces = [os.urandom(100 * KIB) for _ in range(3)]

    def come() -> Iterator[bytes]:
        with no_file_beyond(150 * KIB):
            yield pieces[0]
            yield pieces[1]
        yield pieces[2]

    with pytest.raises(Unavailable):
        arriving.append(0, come())
    stored = arriving.size
    whole = b"".join(pieces)
    arriving.append(stored, [whole[stored:]])
    arriving.finish()
    with FolderObjects(tmp_path).open("in.1") as file:
        assert file.read() == whole


def test_what_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    writer = objects.create("own.1")
    writer.file.write(b"exercise")
    writer.commit()
    with objects.open("own.1") as file:
        os.dup2(os.open(tmp_path, os.O_RDONLY), file.fileno())
        for read in (lambda: file.read(1), lambda: file.readinto(bytearray(1)), file.readall):  # type: ignore[attr-defined]
            with pytest.raises(Unavailable) as caught:
                read()
            assert caught.value.code == "objects.unavailable"


def test_what_cannot_be_read_on_a_medium_is_unavailable(tmp_path: Path) -> None:
    medium = FolderMedium(tmp_path)
    medium.write("bag.json", [b"exercise"])
    with medium.open("bag.json") as file:
        os.dup2(os.open(tmp_path, os.O_RDONLY), file.fileno())
        with pytest.raises(Unavailable) as caught:
            file.read(1)
    assert caught.value.code == "medium.unavailable"
