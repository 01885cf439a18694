"""What an inspector brings or takes along: copies of the books, and heads that were kept elsewhere."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import apsw
import pytest
from tests.attack.test_second_look import copied_books
from tests.world.test_journey import cross, label
from tests.world.world import World, copy_of

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.errors import OutOfOrder
from cordiale.operate.auditing import audit_copy, audit_own
from cordiale.records.ledger import INTERNAL, Act


@pytest.fixture
def world() -> World:
    return World.in_force(seed=311)


def test_the_audit_of_a_copy_finds_what_was_altered_in_it(world: World, tmp_path: Path) -> None:
    path = copied_books(world, tmp_path / "copy.db")
    assert audit_copy(world.tokyo.registry, path)["findings"] == []
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER record_kept")
    connection.execute("UPDATE record SET body = x'7B7D' WHERE kind = 'partner'")
    connection.close()
    assert audit_copy(world.tokyo.registry, path)["findings"] != []


def test_a_copy_in_write_ahead_mode_as_a_backup_makes_it_is_left_as_it_is(world: World, tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "live.db"))
    with store._writer.backup("main", world.tokyo.registry.store._writer, "main") as backup:  # type: ignore[attr-defined]
        backup.step()
    (tmp_path / "kept").mkdir()
    path = tmp_path / "kept" / "books.db"
    store.backup_to(str(path))
    store.close()
    before = path.read_bytes()
    path.parent.chmod(0o500)
    try:
        assert audit_copy(world.tokyo.registry, path)["findings"] == []
    finally:
        path.parent.chmod(0o700)
    assert path.read_bytes() == before and [one.name for one in path.parent.iterdir()] == ["books.db"]


def test_a_copy_whose_end_lies_beside_it_is_not_read_without_its_end(world: World, tmp_path: Path) -> None:
    """A file copied from under a serving node: what its write-ahead log holds would be missing from it."""
    path = copied_books(world, tmp_path / "copy.db")
    (tmp_path / "copy.db-wal").write_bytes(b"x")
    with pytest.raises(OutOfOrder) as refused:
        audit_copy(world.tokyo.registry, path)
    assert refused.value.code == "audit.copy-not-whole"


@pytest.mark.parametrize(("version", "code"), [(0, "store.older-version"), (999, "store.newer-version")])
def test_a_copy_of_another_version_says_so_and_is_not_brought_up_to_date(
    world: World, tmp_path: Path, version: int, code: str
) -> None:
    path = copied_books(world, tmp_path / "copy.db")
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(OutOfOrder) as refused:
        audit_copy(world.tokyo.registry, path)
    assert refused.value.code == code and path.read_bytes() == before


def test_a_copy_of_another_history_is_told_from_an_older_one(world: World, tmp_path: Path) -> None:
    other = world.tokyo.copied(world.clock, seed=5)
    path = copied_books(world, tmp_path / "older.db")
    label(world.tokyo)
    report = audit_copy(world.tokyo.registry, path)
    assert report["findings"] == [] and [one["code"] for one in report["remarks"]] == ["audit.copy-length"]
    label(other)
    assert [one["code"] for one in audit_copy(other.registry, path)["findings"]] == []
    newer = copied_books(world, tmp_path / "newer.db")
    assert [one["code"] for one in audit_copy(other.registry, newer)["findings"]] == ["audit.copy-history"]


# -- heads that were kept elsewhere -------------------------------------------------------------------------


def kept_heads(world: World) -> dict[str, bytes]:
    return {log: note.encode() for log, note in audit_own(world.tokyo.registry)["heads"].items()}


def held(world: World, *kept: bytes) -> tuple[list[str], list[str]]:
    report = audit_own(world.tokyo.registry, kept)
    return [one["code"] for one in report["findings"]], [one["code"] for one in report["remarks"]]


def test_a_kept_head_is_held_against_the_log_that_has_grown_since(world: World) -> None:
    kept = kept_heads(world)
    cross(world)
    assert held(world, *kept.values()) == ([], ["audit.kept"] * len(kept))
    three_lines = [note.partition(b"\n\n")[0] + b"\n" for note in kept.values()]
    assert held(world, *three_lines) == ([], ["audit.kept"] * len(kept))


def test_a_kept_head_finds_a_log_that_was_cut_although_all_the_rest_agrees(world: World) -> None:
    """Whoever can put back the whole home, anchor included, cannot put back what an inspector has taken along."""
    old = world.tokyo.copied(world.clock, seed=5)
    label(world.tokyo)
    kept = kept_heads(world)["internal"]
    world.tokyo = old
    assert held(world) == ([], [])
    assert held(world, kept) == (["kept.ahead"], [])
    label(old)
    label(old)
    assert held(world, kept) == (["kept.differs"], [])


def test_a_kept_head_that_this_node_did_not_sign_is_found(world: World) -> None:
    kept = kept_heads(world)["internal"]
    text, _, lines = kept.partition(b"\n\n")
    other = text.replace(b"internal", b"another")
    swapped = lines.replace(b"A", b"B", 1)
    assert held(world, text + b"\n\n" + swapped)[0] != []
    assert held(world, other + b"\n") == (["kept.no-log"], [])
    for wrong in (b"", b"x", b"\xff", kept[:-1], text, b"a\n1\n2\n"):
        assert held(world, wrong)[0] != []


def test_the_audit_of_a_node_that_goes_on_writing_finds_nothing(world: World, tmp_path: Path) -> None:
    """Each look is at one moment: what is entered meanwhile is neither missing nor too much."""
    world.tokyo.reopen(store=copy_of(world.tokyo.registry.store, str(tmp_path / "books.db")))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            world.tokyo.registry.ledger.commit(Act(
                f"act.busy.{number}", "busy", "node", INTERNAL, lambda session: {"n": session.put(
                    "thing", session.act_id, {"a": 1}).version}
            ))

    writer = threading.Thread(target=write)
    writer.start()
    entered = [world.tokyo.registry.reads().log_size("internal")]
    try:
        while len(entered) < 4 and writer.is_alive():
            assert audit_own(world.tokyo.registry)["findings"] == []
            while (size := world.tokyo.registry.reads().log_size("internal")) <= entered[-1] and writer.is_alive():
                time.sleep(0.001)
            entered.append(size)
    finally:
        stop.set()
        writer.join()
    assert entered == sorted(set(entered)) and len(entered) == 4, "the node went on writing between all looks"
