"""The anchor of the books: behind them at worst, and found out when it is torn, missing or of somebody else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.world.outside import MemoryAnchor

from cordiale.adapters.anchor_file import AnchorFile
from cordiale.errors import Unavailable, Undecidable
from cordiale.limits import ANCHOR_SIZE_BYTES
from cordiale.model.mode import Mode
from cordiale.records.anchor import Anchor, Anchored
from cordiale.records.batches import Position

KEY = bytes(range(32))
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FIRST, SECOND = Position(134, bytes([7]) * 32), Position(135, bytes([8]) * 32)


def anchored(key: bytes = KEY, mode: Mode = Mode.EXERCISE) -> tuple[MemoryAnchor, Anchor]:
    place = MemoryAnchor()
    Anchor(place, KEY, Mode.EXERCISE).put(FIRST, AT, is_new=True)
    return place, Anchor(place, key, mode)


def test_what_was_put_is_read_again() -> None:
    place, anchor = anchored()
    assert anchor.get() == Anchored(FIRST, AT)
    anchor.put(SECOND, AT)
    assert anchor.get() == Anchored(SECOND, AT)
    assert place.content is not None and len(place.content) == ANCHOR_SIZE_BYTES


def test_the_largest_number_fits() -> None:
    _, anchor = anchored()
    last = Position(2**53 - 1, bytes([255]) * 32)
    anchor.put(last, AT)
    assert anchor.get() == Anchored(last, AT)


def test_no_anchor_is_told_from_a_damaged_one() -> None:
    assert Anchor(MemoryAnchor(), KEY, Mode.EXERCISE).get() is None


@pytest.mark.parametrize("at", range(0, ANCHOR_SIZE_BYTES - 1))
def test_a_torn_anchor_is_neither_the_old_nor_the_new_one_unnoticed(at: int) -> None:
    """Whatever part of the new content reached the disk: it reads as one of the two, or is found damaged."""
    place, anchor = anchored()
    old = place.content
    anchor.put(SECOND, AT)
    new = place.content
    assert old is not None and new is not None
    place.content = new[:at] + old[at:]
    try:
        assert anchor.get() in (Anchored(FIRST, AT), Anchored(SECOND, AT))
    except Undecidable as error:
        assert error.code == "anchor.damaged"


@pytest.mark.parametrize("length", [0, 1, 100, 150])
def test_a_cut_anchor_is_damaged(length: int) -> None:
    place, anchor = anchored()
    assert place.content is not None
    place.content = place.content[:length]
    with pytest.raises(Undecidable):
        anchor.get()


def test_every_byte_that_counts_is_authenticated() -> None:
    place, anchor = anchored()
    whole = place.content
    assert whole is not None
    for at in range(len(whole.rstrip())):
        place.content = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(Undecidable):
            anchor.get()


@pytest.mark.parametrize(("key", "mode"), [(bytes(32), Mode.EXERCISE), (KEY, Mode.REAL)])
def test_an_anchor_of_another_node_or_mode_is_none_of_ours(key: bytes, mode: Mode) -> None:
    _, anchor = anchored(key, mode)
    with pytest.raises(Undecidable):
        anchor.get()


def test_an_anchor_file_is_written_over_in_place(tmp_path: Path) -> None:
    anchor = Anchor(AnchorFile(tmp_path / "anchor"), KEY, Mode.EXERCISE)
    assert anchor.get() is None
    anchor.put(FIRST, AT, is_new=True)
    place = (tmp_path / "anchor").stat()
    anchor.put(SECOND, AT)
    after = (tmp_path / "anchor").stat()
    assert (after.st_ino, after.st_size, after.st_mode & 0o777) == (place.st_ino, ANCHOR_SIZE_BYTES, 0o600)
    assert anchor.get() == Anchored(SECOND, AT)
    assert [one.name for one in tmp_path.iterdir()] == ["anchor"]


def test_an_anchor_file_that_was_taken_away_is_not_quietly_made_again(tmp_path: Path) -> None:
    anchor = Anchor(AnchorFile(tmp_path / "anchor"), KEY, Mode.EXERCISE)
    with pytest.raises(Unavailable):
        anchor.put(FIRST, AT)
    assert list(tmp_path.iterdir()) == []


def test_an_anchor_file_that_was_made_longer_is_damaged_and_can_be_made_anew(tmp_path: Path) -> None:
    anchor = Anchor(AnchorFile(tmp_path / "anchor"), KEY, Mode.EXERCISE)
    anchor.put(FIRST, AT, is_new=True)
    with (tmp_path / "anchor").open("ab") as file:
        file.write(b"x" * 1_000)
    anchor.put(SECOND, AT)
    with pytest.raises(Undecidable):
        anchor.get()
    anchor.put(SECOND, AT, is_new=True)
    assert anchor.get() == Anchored(SECOND, AT)


def test_no_anchor_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"kept")
    (tmp_path / "anchor").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        AnchorFile(tmp_path / "anchor").write(b"x")
    assert (tmp_path / "elsewhere").read_bytes() == b"kept"
