"""What waits to be written in a transaction is seen as if it were written, and goes with the act that brought it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.errors import OutOfOrder
from cordiale.ports import StoredRecord, UnitOfWork

KINDS, IDS, BOOKS, STATES = ("item", "copy"), "abcd", ("register", "slip"), ("held", "gone")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(str(tmp_path / "books.db"))
    yield opened
    opened.close()


def record(kind: str, id: str, version: int, state: str = "held") -> StoredRecord:
    return StoredRecord(kind, id, version, b'{"state":"%s"}' % state.encode(), bytes(32), "internal", version)


def put(work: UnitOfWork, kind: str, id: str, version: int, state: str = "held") -> None:
    work.put_record(record(kind, id, version, state), [("state", state)])


def test_a_number_of_an_act_outlives_the_undoing_of_the_act_after_it(store: SqliteStore) -> None:
    with store.transaction() as work:
        work.savepoint()
        assert work.take_number("register", 2026) == 1
        put(work, "item", "a", 1)
        work.release()
        work.savepoint()
        assert work.take_number("register", 2026) == 2
        put(work, "item", "a", 2, "gone")
        assert [one.id for one in work.find("item", "state", "gone")] == ["a"]
        work.undo()
        work.savepoint()
        assert work.take_number("register", 2026) == 2
        work.release()
    assert store.reads().counters() == [("register", 2026, 2)]
    assert store.reads().record("item", "a") == record("item", "a", 1)
    assert list(store.reads().every_field()) == [("item", "a", "state", "held")]


def test_an_act_that_is_undone_leaves_no_counter(store: SqliteStore) -> None:
    with store.transaction() as work:
        work.savepoint()
        work.take_number("register", 2026)
        assert work.counters() == [("register", 2026, 1)]
        work.undo()
    assert store.reads().counters() == []


def test_a_version_that_is_there_is_refused_at_once_and_costs_no_other_act(store: SqliteStore) -> None:
    with store.transaction() as work:
        put(work, "item", "old", 1)
    with store.transaction() as work:
        work.savepoint()
        put(work, "item", "a", 1)
        work.release()
        for id in ("old", "a"):
            work.savepoint()
            put(work, "copy", id, 1)
            with pytest.raises(OutOfOrder) as caught:
                put(work, "item", id, 1)
            assert caught.value.code == "store.conflict"
            work.undo()
    assert [one.id for one in store.reads().every("item")] == ["a", "old"]
    assert store.reads().every("copy") == ()


@dataclass
class Plain:
    """The books as a dictionary: every version, and the last number of each book."""

    versions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Plain:
        return Plain({name: list(states) for name, states in self.versions.items()}, dict(self.numbers))

    def require_same(self, books: UnitOfWork) -> None:
        found = {(one.kind, one.id, one.version): one.body for one in books.every_version()}
        assert found == {
            (*name, number): record(*name, number, state).body
            for name, states in self.versions.items() for number, state in enumerate(states, start=1)
        }
        assert list(books.every_field()) == sorted((*name, "state", states[-1]) for name, states in self.versions.items())
        assert {book: last for book, _, last in books.counters()} == self.numbers


def play(work: UnitOfWork, plain: Plain, random: Random) -> None:
    for _ in range(random.randrange(6)):
        choice = random.randrange(5)
        name = random.choice(KINDS), random.choice(IDS)
        states = plain.versions.get(name, [])
        if choice < 2:
            state = random.choice(STATES)
            put(work, *name, len(states) + 1, state)
            plain.versions.setdefault(name, []).append(state)
        elif choice == 2:
            book = random.choice(BOOKS)
            plain.numbers[book] = plain.numbers.get(book, 0) + 1
            assert work.take_number(book, 2026) == plain.numbers[book]
        elif choice == 3:
            work.take_position("out", "UKR", "agreement")
        else:
            state = random.choice(STATES)
            expected = sum(kept[-1] == state for (kind, _), kept in plain.versions.items() if kind == "item")
            assert work.count("item", "state", state) == expected


@pytest.mark.parametrize("seed", range(12))
def test_what_waits_is_kept_and_lost_as_if_each_act_were_written_at_once(store: SqliteStore, seed: int) -> None:
    random, plain = Random(seed), Plain()
    for _ in range(15):
        with store.transaction() as work:
            for _ in range(random.randrange(5)):
                before = plain.copy()
                work.savepoint()
                play(work, plain, random)
                if random.random() < 0.3:
                    work.undo()
                    plain = before
                else:
                    work.release()
        plain.require_same(store.reads())  # type: ignore[arg-type]  # it only reads
