"""The audit catches whatever somebody does to the books behind the node's back."""

from __future__ import annotations

import pytest
from tests.world.comparing import audit
from tests.world.test_journey import cross
from tests.world.world import World

from cordiale.adapters.sqlite_reads import SqliteReads


@pytest.fixture
def world() -> World:
    world = World.in_force(seed=3)
    cross(world)
    return world


def test_honest_books_hold_at_both_nodes(world: World) -> None:
    for player in world.players:
        report = audit(player)
        assert report.findings == []
        assert report.records > 20 and report.acts > 10


@pytest.mark.parametrize("sql", [
    "UPDATE record SET body = CAST(replace(CAST(body AS TEXT), 'Exercise paper', 'Exercise taper') AS BLOB)"
    " WHERE kind = 'item'",
    "DELETE FROM record WHERE kind = 'receipt' OR kind = 'entry'",
    "UPDATE act SET actor = 'nobody' WHERE kind = 'dispatch'",
    "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'dispatch', 'despatch') AS BLOB)",
    "UPDATE entry SET leaf_hash = zeroblob(32) WHERE idx = 1",
    "UPDATE head SET root = zeroblob(32) WHERE size = 2",
    "UPDATE field SET value = 'other' WHERE name = 'number'",
    "UPDATE counter SET last = last + 1 WHERE book = 'own'",
    "DELETE FROM act WHERE idx = 2",
    "INSERT INTO record SELECT kind, id || 'x', version, body, salt, log, idx FROM record WHERE kind = 'grant'"
    " OR kind = 'copy'",
])
def test_one_altered_row_is_caught(world: World, sql: str) -> None:
    reads = world.tokyo.registry.reads()
    assert isinstance(reads, SqliteReads)
    connection = reads._connection
    for (name,) in list(connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(sql)
    assert connection.changes() > 0
    assert audit(world.tokyo).findings
