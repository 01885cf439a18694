"""Acts that are written together: each stands and falls by itself, except that a disk that fails fails them all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.world.comparing import audit, bodies
from tests.world.forging import size_of_books
from tests.world.test_bad_moments import in_one_batch
from tests.world.world import Player, World, copy_of

from cordiale.errors import CordialeError, OutOfOrder, Refused, Unavailable
from cordiale.model.decision import decision_of, refusal
from cordiale.records.ledger import INTERNAL, Act


@pytest.fixture
def player(tmp_path: Path) -> Player:
    """A node on real files."""
    player = World.in_force(seed=411).tokyo
    player.reopen(store=copy_of(player.registry.store, str(tmp_path / "books.db")))
    return player


def act(player: Player, name: str, perform: Callable[[Any], Any], caught: list[BaseException]) -> Callable[[], Any]:
    def commit() -> Any:
        try:
            return player.registry.ledger.commit(Act(f"act.{name}", name, "node", INTERNAL, perform)).value
        except Exception as error:
            caught.append(error)
            raise

    return commit


def write(name: str) -> Callable[[Any], Mapping[str, Any]]:
    def perform(session: Any) -> Mapping[str, Any]:
        session.put("thing", name, {"name": name}, expect=0)
        return {"name": name}

    return perform


def fill(session: Any) -> Mapping[str, Any]:
    session.put("thing", "large", {"text": "x" * 3_000_000}, expect=0)
    return {}


def leave_no_room(player: Player) -> apsw.Connection:
    """Let the books grow by a few pages only: the next large row meets what a full disk says."""
    writer: apsw.Connection = player.registry.store._writer  # type: ignore[attr-defined]
    (pages,) = next(iter(writer.execute("PRAGMA page_count")))
    writer.execute(f"PRAGMA max_page_count = {pages + 60}")
    return writer


@pytest.mark.parametrize("swallowed", [False, True])
def test_a_disk_that_is_full_in_one_act_fails_the_whole_batch_and_nothing_is_kept(
    player: Player, swallowed: bool
) -> None:
    """What was written before in the same transaction may be half there: also where the act itself looks away."""
    writer, before = leave_no_room(player), size_of_books(player)

    def filling(session: Any) -> Mapping[str, Any]:
        with contextlib.suppress(Unavailable) if swallowed else contextlib.nullcontext():
            fill(session)
        return {}

    caught: list[BaseException] = []
    results = in_one_batch(
        player, act(player, "first", write("first"), caught), act(player, "fill", filling, caught),
        act(player, "last", write("last"), caught),
    )
    assert [type(one) for one in results] == [Unavailable] * 3 and len(caught) == 3
    assert {one.code for one in caught if isinstance(one, CordialeError)} == {"store.unavailable"}
    assert size_of_books(player) == before and bodies(player, "thing") == {}
    writer.execute("PRAGMA max_page_count = 1000000")
    assert act(player, "first", write("first"), caught)() == {"name": "first"}
    assert audit(player).findings == []


def test_a_defect_in_one_act_reaches_its_own_caller_as_what_it_is_and_nobody_else(player: Player) -> None:
    def broken(session: Any) -> Mapping[str, Any]:
        write("broken")(session)
        raise KeyError("copies")

    caught: list[BaseException] = []

    def defect() -> None:
        with contextlib.suppress(KeyError):
            act(player, "broken", broken, caught)()

    results = in_one_batch(
        player, act(player, "first", write("first"), caught), defect, act(player, "last", write("last"), caught)
    )
    assert [type(one) for one in caught] == [KeyError] and str(caught[0]) == "'copies'"
    assert results == [{"name": "first"}, None, {"name": "last"}]
    assert set(bodies(player, "thing")) == {"first", "last"}
    assert audit(player).findings == []


def test_every_way_an_act_can_end_stands_beside_the_others_in_one_batch(player: Player) -> None:
    def refused(session: Any) -> Mapping[str, Any]:
        write("refused")(session)
        raise Refused(decision_of("exercise", [refusal("exercise.no", "no")]))

    def twice(session: Any) -> Mapping[str, Any]:
        write("twice")(session)
        return write("twice")(session)

    def unwritable(session: Any) -> Mapping[str, Any]:
        return {"answer": 0.5}

    caught: list[BaseException] = []
    works = [act(player, name, perform, caught) for name, perform in (
        ("one", write("one")), ("refused", refused), ("twice", twice), ("unwritable", unwritable), ("two", write("two")),
    )]
    results = in_one_batch(player, *works)
    assert results[0] == {"name": "one"} and results[4] == {"name": "two"}
    assert isinstance(results[1], Refused) and isinstance(results[2], OutOfOrder)
    assert isinstance(results[3], CordialeError) and not isinstance(results[3], Unavailable)
    assert set(bodies(player, "thing")) == {"one", "two"}
    assert "act.refused" in bodies(player, "refusal")
    assert audit(player).findings == []


def test_a_refusal_that_cannot_be_noted_takes_no_other_act_with_it(player: Player) -> None:
    """Its reasons are larger than a record may be."""
    def refused(session: Any) -> Mapping[str, Any]:
        raise Refused(decision_of("exercise", [refusal("exercise.no", "x" * 5_000_000)]))

    caught: list[BaseException] = []
    results = in_one_batch(
        player, act(player, "one", write("one"), caught), act(player, "much", refused, caught),
    )
    assert results[0] == {"name": "one"} and isinstance(results[1], CordialeError)
    assert audit(player).findings == []


def test_an_act_may_write_as_many_records_as_the_largest_list_has_people(player: Player) -> None:
    def much(session: Any) -> Mapping[str, Any]:
        for number in range(10_000):
            session.put("thing", f"thing.{number}", {"number": number}, expect=0)
        return {}

    player.registry.ledger.commit(Act("act.much", "much", "node", INTERNAL, much))
    assert audit(player).findings == []


@pytest.mark.parametrize("statement", [
    "DELETE FROM record WHERE id = 'thing.7'",
    "UPDATE record SET body = x'7B7D' WHERE id = 'thing.7'",
    "UPDATE record SET salt = zeroblob(32) WHERE id = 'thing.7'",
    "UPDATE record SET idx = idx - 1 WHERE id = 'thing.7'",
    "INSERT INTO record SELECT kind, 'thing.x', version, body, salt, log, idx FROM record WHERE id = 'thing.7'",
    "UPDATE act SET actor = 'nobody' WHERE kind = 'much'",
], ids=["deleted", "altered", "its salt", "under another entry", "added", "the act itself"])
def test_one_row_of_very_many_is_not_altered_unnoticed(player: Player, statement: str) -> None:
    def much(session: Any) -> Mapping[str, Any]:
        for number in range(300):
            session.put("thing", f"thing.{number}", {"number": number}, expect=0)
        return {}

    player.registry.ledger.commit(Act("act.much", "much", "node", INTERNAL, much))
    connection: Any = player.registry.store._writer  # type: ignore[attr-defined]
    for (name,) in list(connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    assert "audit.rows-differ" in {one.code for one in audit(player).findings}
