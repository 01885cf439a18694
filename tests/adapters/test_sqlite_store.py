"""The books in SQLite: where their pages may lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest

from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.adapters.sqlite_work import SqliteUnitOfWork
from cordiale.canonical import encode_canonical
from cordiale.model.found import FoundItem, IndexQuestion, Narrowing, Sight
from cordiale.ports import StoredAct, StoredEntry, StoredRecord
from cordiale.records.record import fields_of


def open_files() -> set[str]:
    """Return the files that this process has open, those without a name included."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue
    return {name for name in found if name.startswith("/")}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not show open files")
def test_no_page_of_the_books_lies_in_a_temporary_file(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    before = open_files()
    for turn in range(2):
        with store.transaction() as work:
            work.savepoint()
            for number in range(2_000):
                body = b'{"title":"exercise"}'
                fields = [(name, f"{number * 7919 % 2_000}-{turn}") for name in ("item", "copy", "person")]
                work.put_record(
                    StoredRecord("grant", f"{number * 7907 % 2_000}", turn + 1, body, bytes(32), "internal", number), fields,
                )
            assert open_files() - before == set()
            work.release()
    rows = list(store.reads().every_version())
    assert len(rows) == 4_000
    store.close()


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 40, 64, 85])
def test_every_field_is_entered_however_many_there_are(tmp_path: Path, count: int) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    with store.transaction() as work:
        fields = [("item", f"item-{number:02}") for number in range(count)]
        work.put_record(StoredRecord("need", "one", 1, b"{}", bytes(32), "internal", 0), [*fields, *fields[:1]])
    assert [row[3] for row in store.reads().every_field()] == [value for _, value in fields]
    for _, value in fields:
        assert [record.id for record in store.reads().find("need", "item", value)] == ["one"]
    store.close()


AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize("after", [[("a", "1"), ("b", "9")], [], [("a", "1"), ("b", "2"), ("b", "2"), ("c", "3")]])
def test_a_changed_record_is_found_by_what_it_is_now_and_what_stays_is_not_written_again(
    tmp_path: Path, after: list[tuple[str, str]]
) -> None:
    store, before = SqliteStore(str(tmp_path / "books.db")), [("a", "1"), ("b", "2")]
    with store.transaction() as work:
        work.put_record(need(1), before)
        work.put_record(replace(need(1), id="other"), before)
    connection = store._writer
    connection.execute(
        "CREATE TEMP TABLE written (what); CREATE TEMP TRIGGER gone AFTER DELETE ON field BEGIN"
        " INSERT INTO written VALUES ('-' || OLD.name || OLD.value); END; CREATE TEMP TRIGGER new AFTER INSERT ON field"
        " BEGIN INSERT INTO written VALUES ('+' || NEW.name || NEW.value); END"
    )
    with store.transaction() as work:
        work.put_record(need(2), after)
    written = {row[0] for row in connection.execute("SELECT what FROM written")}
    gone, added = set(before) - set(after), set(after) - set(before)
    assert written == {f"-{name}{value}" for name, value in gone} | {f"+{name}{value}" for name, value in added}
    fields = {field[1:] for field in store.reads().every_field()}
    one, other = need(1).id, "other"
    assert fields == {(one, *pair) for pair in after} | {(other, *pair) for pair in before}
    store.close()


def act(number: int) -> StoredAct:
    return StoredAct(f"act-{number}", "label", "hana", AT, "internal", number, b"{}", bytes(32))


def need(version: int) -> StoredRecord:
    return StoredRecord("need", "one", version, b'{"version":%d}' % version, bytes(32), "internal", version)


def test_an_act_is_seen_by_those_after_it_and_by_nobody_once_it_is_undone(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    with store.transaction() as work:
        work.savepoint()
        work.put_act(act(0))
        work.put_record(need(1), [])
        work.release()
        work.savepoint()
        work.put_act(act(1))
        work.put_record(need(2), [])
        assert work.record("need", "one") == need(2)
        assert work.acts("internal", 0, 9) == [act(0), act(1)]
        work.undo()
        assert work.act("act-0") == act(0)
        assert work.act("act-1") is None
        assert work.acts_known(["act-0", "act-1"]) == {"act-0"}
        assert work.acts("internal", 0, 9) == [act(0)]
        assert work.acts("internal", 1, 9) == []
        assert work.record("need", "one") == need(1)
        work.put_entries([StoredEntry("internal", 0, "act-0", bytes(32), b"entry")])
        assert work.acts("internal", 0, 9) == [act(0)]
    assert store.reads().acts("internal", 0, 9) == [act(0)]
    assert store.reads().record("need", "one") == need(1)
    store.close()


def test_a_statement_is_prepared_once_whatever_its_values(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    prepared: list[object] = []

    def notice(*what: object) -> int:
        prepared.append(what)
        return apsw.SQLITE_OK

    def use(turn: int) -> None:
        with store.transaction() as work:
            for number in range(turn * 100, turn * 100 + 100):
                assert work.record("grant", f"one-{number}") is None
                grant = StoredRecord("grant", f"one-{number}", 1, b"{}", bytes(32), "internal", number)
                work.put_record(grant, [(name, f"{number}") for name in ("item", "copy", "person")])
                work.put_act(act(number))
            assert len(work.find("grant", "item", f"{turn * 100}")) == 1
            assert work.outbox_open() == []
            work.put_entries([StoredEntry("internal", number, f"act.{number}", bytes(32), b"{}") for number in range(
                turn * 100, turn * 100 + 100
            )])
            work.set_log_size("internal", turn * 100, turn * 100 + 100)

    # It is asked for its leave when a statement is prepared, and not when one is run.
    store._writer.authorizer = notice
    use(0)
    assert prepared
    prepared.clear()
    use(1)
    use(2)
    assert prepared == []
    store.close()


def test_what_is_erased_is_not_read_again_from_what_was_written(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    with store.transaction() as work:
        work.put_record(need(1), [])
        work.erase_record("need", "one", 1)
        erased = work.record("need", "one")
        assert erased is not None and erased.body == b""
    store.close()


def found(number: int, second: int = 1_700_000_000, *, of: str = "") -> FoundItem:
    return FoundItem(f"item-{number}{of}", second, number, "word", "", ("book own",), (), "")


def test_items_of_one_second_stand_by_their_numbers_and_equals_beside_each_other(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "books.db"))
    with store.transaction() as work:
        for one in [found(2), found(1), *(found(1, of=f".{place:02}") for place in range(20)), found(3)]:
            work.put_found(one, None)
        for number in range(1_000):
            work.put_found(found(7 + 1_024 * number, 1_800_000_000), None)
    listed = [item for _, item in store.reads().index_page(IndexQuestion(), newest_first=False, limit=2_000)]
    assert len(set(listed)) == len(listed) == 1_023
    assert listed[:16] == ["item-1", *(f"item-1.{place:02}" for place in range(15))]
    assert listed[16:23] == ["item-2", *(f"item-1.{place}" for place in range(15, 20)), "item-3"]
    rows = store.reads().index_rows(["item-1.19", "item-none", "item-3"])
    assert {item: row.entered_at for item, (_, row) in rows.items()} == dict.fromkeys(("item-1.19", "item-3"), 1_700_000_000)
    with store.transaction() as work:
        work.put_found(replace(found(3), words="other"), rows["item-3"])
    assert store.reads().index_rows(["item-3"])["item-3"] == (rows["item-3"][0], replace(found(3), words="other"))
    store.close()


def _waits(number: int, *, state: str = "proposed", version: int = 1, **members: object) -> tuple[StoredRecord, list[tuple[str, str]]]:
    body = {"item": f"item.{number % 3}", "proposed_at": f"day {number:02}", "state": state, **members}
    record = StoredRecord("destruction", f"d{90 - number:02}", version, encode_canonical(body), bytes(32), "internal", number)
    return record, list(fields_of("destruction", body))


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[SqliteStore]:
    """Give books in which things wait whose names are in the opposite order."""
    store = SqliteStore(str(tmp_path / "books.db"))
    with store.transaction() as work:
        for number in range(80):
            work.put_record(*_waits(number, persons=["hana", "olena"][: 1 + number % 2]))
    yield store
    store.close()


def test_the_earliest_are_those_of_the_list_and_what_is_kept_of_them_is_never_old(waiting: SqliteStore) -> None:
    question = ("destruction", "state/proposed_at", "proposed ")

    def earliest(limit: int) -> list[str]:
        (found,) = waiting.reads().earliest([question], limit=limit)
        return [one.id for one in found]

    every = [one.id for _, one in waiting.reads().between("destruction", "state/proposed_at", ("proposed ", "proposed \x7f"))]
    assert every == [f"d{90 - number:02}" for number in range(80)]
    for limit in (3, 64, 70, 100, 5):
        assert earliest(limit) == every[:limit]
    asked = [question, ("destruction", "state/proposed_at", "done "), question]
    assert [len(one) for one in waiting.reads().earliest(asked, limit=2)] == [2, 0, 2]
    with waiting.transaction() as work:
        work.put_record(*_waits(0, state="done", version=2))
        assert [one.id for one in work.earliest([question], limit=2)[0]] == every[1:3]
    assert earliest(2) == every[1:3] and earliest(100) == every[1:]


def test_what_a_narrowing_leaves_is_in_the_order_of_the_list_and_goes_on_behind_its_end(waiting: SqliteStore) -> None:
    lists = [
        ("destruction", "state/proposed_at", ("proposed ", "proposed \x7f"), Narrowing(member="persons", person=person))
        for person in ("hana", "olena", "nobody")
    ]
    found = waiting.reads().narrowed_each(lists, limit=30)
    assert found[0] == [] and [one.id for _, one in found[1]] == [f"d{90 - number:02}" for number in range(0, 60, 2)]
    assert [one.id for _, one in found[2]] == [f"d{90 - number:02}" for number in range(30)]
    value, last = found[1][-1]
    (further,) = waiting.reads().narrowed_each(lists[1:2], after=[(value, last.id)], limit=30)
    assert [one.id for _, one in further] == [f"d{90 - number:02}" for number in range(60, 80, 2)]
    (backwards,) = waiting.reads().narrowed_each(lists[1:2], newest_first=True, limit=2)
    assert [one.id for _, one in backwards] == ["d12", "d14"]


def test_what_was_erased_is_left_out_of_no_look_and_stops_none(waiting: SqliteStore) -> None:
    with waiting.transaction() as work:
        work.erase_record("destruction", "d90", 1)
    narrowing = Narrowing(Sight("hana", (), (), 1), "persons", "hana")
    (found,) = waiting.reads().narrowed_each([("destruction", "state/proposed_at", ("proposed ", "proposed \x7f"), narrowing)])
    assert [one.id for _, one in found] == ["d90"]


def _damage(work: SqliteUnitOfWork, id: str) -> None:
    found_by = [("state", "proposed"), ("state/proposed_at", "proposed day 00")]
    work.put_record(StoredRecord("destruction", id, 1, b'{"item":"item.0","pro', bytes(32), "internal", 1), found_by)


def test_what_is_damaged_stops_no_look_that_leaves_something_out(waiting: SqliteStore) -> None:
    with waiting.transaction() as work:
        _damage(work, "d99")
    narrowing = Narrowing(Sight("hana", (), (), 1), "persons", "hana", "")
    span = ("proposed ", "proposed \x7f")
    (found,) = waiting.reads().narrowed_each([("destruction", "state/proposed_at", span, narrowing)])
    assert [one.id for _, one in found] == ["d99"], "it is given, and whoever reads it is told to run the audit"


def test_a_damaged_record_does_not_keep_books_of_before_from_being_opened(waiting: SqliteStore) -> None:
    with waiting.transaction() as work:
        _damage(work, "d99")
    path = _as_before(waiting)
    again = SqliteStore(path)
    assert len(again.reads().between("destruction", "state/proposed_at", ("proposed ", "proposed \x7f"))) == 80
    again.close()


def _as_before(store: SqliteStore) -> str:
    """Close `store`, bring its books back to the step before, and return where they are."""
    (path,) = (row[2] for row in store._writer.execute("PRAGMA database_list") if row[1] == "main")
    store.close()
    connection = apsw.Connection(path)
    connection.execute("DELETE FROM field WHERE name LIKE 'state/%_at' OR name = 'state/folder'; PRAGMA user_version = 2")
    connection.close()
    return str(path)


def test_values_are_counted_a_part_at_a_time(waiting: SqliteStore) -> None:
    reads = waiting.reads()
    every = reads.counted("destruction", "item", ("item.", "item.\x7f"), after="", limit=9)
    assert every == [("item.0", 27), ("item.1", 27), ("item.2", 26)]
    assert reads.counted("destruction", "item", ("item.", "item.\x7f"), after="item.0", limit=1) == every[1:2]


def test_books_of_before_are_looked_up_by_what_is_new_as_if_they_were_written_now(waiting: SqliteStore) -> None:
    bodies = {
        "approval": {"given_at": "day", "state": "waiting"}, "crisis": {"state": "entered"},
        "custody": {"charged_at": "day", "holder": "hana", "state": "offered"}, "folder-part": {"folder": "f", "state": "in"},
        "level-notice": {"holder": "hana", "state": "open", "told_at": "day"},
        "level-proposal": {"proposed_at": "day", "state": "proposed"},
        "reproduction": {"assigned_at": "day", "maker": "hana", "state": "assigned"},
    }
    with waiting.transaction() as work:
        for kind, body in bodies.items():
            for version, state in ((1, "before"), (2, body["state"])):
                now = {**body, "state": state}
                work.put_record(
                    StoredRecord(kind, "one", version, encode_canonical(now), bytes(32), "internal", version),
                    fields_of(kind, now),
                )
    before = list(waiting.reads().every_field())
    again = SqliteStore(_as_before(waiting))
    assert list(again.reads().every_field()) == before
    again.close()
