"""What is kept of the books in memory is what lies in the books, at every moment at which somebody may decide on it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from unittest import mock

import pytest

from cordiale.adapters import sqlite_kept
from cordiale.adapters.sqlite_ahead import LATEST, RECORD
from cordiale.adapters.sqlite_kept import UNKNOWN, KeptRecords
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.ports import Reads, StoredRecord, UnitOfWork


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(str(tmp_path / "books.db") if request.param == "file" else ":memory:")
    yield made
    made.close()


def stored(kind: str, id: str, version: int, state: str) -> StoredRecord:
    return StoredRecord(kind, id, version, b'{"state":"%s"}' % state.encode(), bytes(32), "internal", version)


def put(work: UnitOfWork, kind: str, id: str, version: int, state: str) -> None:
    work.put_record(stored(kind, id, version, state), [("state", state)])


def enter(store: SqliteStore, kind: str, id: str, version: int, state: str) -> None:
    with store.transaction() as work:
        put(work, kind, id, version, state)


def seen(reads: Reads, kind: str = "item") -> list[object]:
    return [
        [reads.record(kind, id) for id in ("a", "b", "c")],
        [list(reads.find(kind, "state", state)) for state in ("held", "gone")],
        list(reads.every(kind)),
        list(map(list, reads.earliest([(kind, "state", state) for state in ("held", "gone")], limit=64))),
    ]


def ask_ahead(reads: Reads) -> None:
    """Ask ahead for all that `seen` asks for."""
    kinds = ("item", "copy")
    reads.look_ahead([(kind, id) for kind in kinds for id in ("a", "b", "c")])
    reads.find_ahead([(kind, "state", state) for kind in kinds for state in ("held", "gone")])


def without_memory(work: UnitOfWork, kind: str) -> list[object]:
    """Return what `seen` returns, read by statements of its own that know nothing of what is kept."""
    rows = [StoredRecord(*row) for row in work._rows(  # type: ignore[attr-defined]
        f"SELECT {RECORD} FROM record r WHERE kind = ? AND {LATEST} ORDER BY id", (kind,)
    )]
    by_id = {row.id: row for row in rows}
    states = [[row for row in rows if row.body == b'{"state":"%s"}' % state] for state in (b"held", b"gone")]
    return [[by_id.get(id) for id in ("a", "b", "c")], states, rows, states]


class Undone(Exception):
    """Ends a transaction without its effect."""


def test_what_a_commit_changed_is_read_as_it_is_now(store: SqliteStore) -> None:
    assert store.reads().record("item", "a") is None
    assert list(store.reads().find("item", "state", "held")) == []
    enter(store, "item", "a", 1, "held")
    assert [one.version for one in store.reads().find("item", "state", "held")] == [1]
    enter(store, "item", "a", 2, "gone")
    assert store.reads().record("item", "a") == stored("item", "a", 2, "gone")
    assert list(store.reads().find("item", "state", "held")) == []
    assert [one.version for one in store.reads().every("item")] == [2]


def test_an_act_sees_what_it_wrote_itself_and_not_what_was_undone(store: SqliteStore) -> None:
    enter(store, "item", "a", 1, "held")
    before = seen(store.reads())
    with store.transaction() as work:
        assert seen(work) == before
        work.savepoint()
        put(work, "item", "a", 2, "gone")
        put(work, "item", "b", 1, "gone")
        assert [one.id for one in work.find("item", "state", "gone")] == ["a", "b"]
        assert work.record("item", "a") == stored("item", "a", 2, "gone")
        work.undo()
        assert seen(work) == before
    assert seen(store.reads()) == before


def test_a_transaction_that_fails_leaves_nothing_kept(store: SqliteStore) -> None:
    enter(store, "item", "a", 1, "held")
    before = seen(store.reads())
    with pytest.raises(Undone), store.transaction() as work:
        put(work, "item", "a", 2, "gone")
        assert work.record("item", "a") == stored("item", "a", 2, "gone")
        raise Undone
    assert seen(store.reads()) == before


def test_what_is_not_committed_yet_is_seen_by_no_other_reader(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    enter(store, "item", "a", 1, "held")
    before, found = seen(store.reads()), []
    with store.transaction() as work:
        put(work, "item", "a", 2, "gone")
        assert seen(work) != before
        reader = threading.Thread(target=lambda: found.append(seen(store.reads())))
        reader.start()
        reader.join()
    assert found == [before]
    assert seen(store.reads()) != before
    store.close()


def test_what_is_seen_while_rows_are_being_taken_is_not_kept(tmp_path: Path) -> None:
    """A reader that is half through the books goes on seeing them as they were; nobody else is told so."""
    store = SqliteStore(str(tmp_path / "books.db"))
    for id in ("a", "b"):
        enter(store, "item", id, 1, "held")
    rows = store.reads().every_version()
    next(rows)
    writer = threading.Thread(target=enter, args=(store, "item", "c", 1, "held"))
    writer.start()
    writer.join()
    half_way = store.reads().record("item", "c"), len(store.reads().every("item"))
    assert half_way in ((None, 2), (stored("item", "c", 1, "held"), 3))
    assert [row.id for row in rows] == ["b"]
    del rows
    assert store.reads().record("item", "c") == stored("item", "c", 1, "held")
    assert len(store.reads().every("item")) == 3
    store.close()


def test_what_somebody_else_wrote_to_the_file_is_known_before_the_next_act_decides(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    store = SqliteStore(str(path))
    enter(store, "item", "a", 1, "held")
    seen(store.reads())
    with closing(sqlite3.connect(path)) as other, other:
        row = stored("item", "a", 2, "gone")
        other.execute(
            "INSERT INTO record (kind, id, version, body, salt, log, idx) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.kind, row.id, row.version, row.body, row.salt, row.log, row.index),
        )
        other.execute("UPDATE field SET value = 'gone' WHERE id = 'a'")
    with store.transaction() as work:
        assert work.record("item", "a") == row
        assert list(work.find("item", "state", "held")) == []
    assert list(store.reads().find("item", "state", "gone")) == [row]
    store.close()


def test_what_was_changed_beside_the_ledger_is_known_before_the_next_act_decides(store: SqliteStore) -> None:
    enter(store, "item", "a", 1, "held")
    assert store.reads().record("item", "a") is not None
    store._writer.execute("DROP TRIGGER record_stays")
    store._writer.execute("DELETE FROM record")
    with store.transaction() as work:
        assert work.record("item", "a") is None
    assert store.reads().record("item", "a") is None


def test_what_was_read_while_a_commit_ran_is_not_kept() -> None:
    kept, old = KeptRecords(), stored("item", "a", 1, "held")
    before = kept.moment
    kept.begin_commit({"item": {"a"}})
    during = kept.moment
    for moment in (before, during):
        kept.keep_record("item", "a", old, moment=moment)
        kept.keep_found("item", ("every",), (old,), moment=moment)
    assert kept.record("item", "a") is UNKNOWN
    kept.end_commit([])
    for moment in (before, during):
        kept.keep_record("item", "a", old, moment=moment)
        kept.keep_found("item", ("every",), (old,), moment=moment)
    assert kept.record("item", "a") is UNKNOWN
    assert kept.found("item", ("every",)) is None


def test_no_more_is_kept_than_the_limit_says() -> None:
    kept = KeptRecords()
    with mock.patch.object(sqlite_kept, "KEPT_RECORDS_SIZE_BYTES_MAX", 10_000):
        for number in range(1_000):
            kept.keep_record("item", str(number), stored("item", str(number), 1, "x" * 500), moment=kept.moment)
            assert sum(kept.record("item", str(one)) is not UNKNOWN for one in range(number + 1)) <= 20


def test_what_is_new_changes_only_the_answers_in_which_it_is_found(store: SqliteStore) -> None:
    """A question that nothing new answers is not put to the books again, however much of its kind the act enters."""
    enter(store, "item", "a", 1, "held")
    with store.transaction() as work:
        work.find_ahead([("item", "state", "held"), ("item", "state", "gone"), ("item", "state", "frozen")])
        put(work, "item", "b", 1, "gone")
        with mock.patch.object(work, "_rows", side_effect=AssertionError):
            assert [one.id for one in work.find("item", "state", "held")] == ["a"]
            assert list(work.find("item", "state", "frozen")) == []
        assert [one.id for one in work.find("item", "state", "gone")] == ["b"]
        put(work, "item", "a", 2, "frozen")
        assert list(work.find("item", "state", "held")) == []
        assert [one.id for one in work.find("item", "state", "frozen")] == ["a"]


def test_a_long_list_is_not_kept() -> None:
    kept = KeptRecords()
    kept.keep_found("item", ("every",), tuple(stored("item", str(n), 1, "held") for n in range(65)), moment=kept.moment)
    assert kept.found("item", ("every",)) is None


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_is_read_as_by_somebody_who_keeps_nothing(tmp_path: Path, seed: int) -> None:
    """Acts, refusals and failures in any order: every answer is the one that a new connection gives."""
    path, random, versions = tmp_path / "books.db", Random(seed), dict[tuple[str, str], int]()
    store = SqliteStore(str(path))
    for _ in range(40):
        attempt = dict(versions)
        try:
            with store.transaction() as work:
                for _ in range(random.randrange(3)):
                    seen(work, random.choice(("item", "copy")))
                    saved = dict(attempt)
                    work.savepoint()
                    for _ in range(random.randrange(3)):
                        name = random.choice(("item", "copy")), random.choice("abc")
                        attempt[name] = attempt.get(name, 0) + 1
                        if random.random() < 0.5:
                            ask_ahead(work)
                        put(work, *name, attempt[name], random.choice(("held", "gone")))
                        if random.random() < 0.5:
                            ask_ahead(work)
                        assert seen(work, name[0]) == without_memory(work, name[0])
                    if random.random() < 0.3:
                        work.undo()
                        attempt = saved
                    else:
                        work.release()
                if random.random() < 0.2:
                    raise Undone
            versions = attempt
        except Undone:
            pass
        fresh = SqliteStore(str(path))
        for kind in ("item", "copy"):
            assert seen(store.reads(), kind) == seen(fresh.reads(), kind)
        fresh.close()
    store.close()


@pytest.mark.parametrize("count", [63, 64, 65, 66, 200])
def test_a_list_read_ahead_is_as_long_as_it_is_asked_for(store: SqliteStore, count: int) -> None:
    with store.transaction() as work:
        for number in range(count):
            put(work, "item", f"i{number:03}", 1, "held")
    for turn in range(2):
        reads = store.reads()
        if turn:
            reads.find_ahead([("item", "state", "held"), ("item", "state", "gone")])
        for limit in (1, 40, 64, 65, 66, 1_000, 1):
            for _ in range(2):
                found = [one.id for one in reads.find("item", "state", "held", limit=limit)]
                assert found == [f"i{number:03}" for number in range(min(count, limit))]
        assert [one.id for one in reads.find("item", "state", "held", after="i009", limit=2)] == ["i010", "i011"]
        assert list(reads.find("item", "state", "gone")) == []
