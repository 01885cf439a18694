"""The books of two nodes when neither is served: opened in this process and held against each other."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from types import SimpleNamespace
from typing import Any, cast

from tests.doors.nodes import CREDENTIAL, Home
from tests.processes.nodes import Pair
from tests.world.comparing import list_differences, list_unrest
from tests.world.world import World

from cordiale.node import Node, open_node


@contextmanager
def opened(pair: Pair) -> Iterator[World]:
    """Open both homes, which nobody serves, as `tests.world.comparing` wants to see them."""
    with ExitStack() as stack:
        nodes: dict[str, Node] = {}
        for home in pair.homes:
            node = nodes[home.party] = open_node(home.path, CREDENTIAL)
            stack.callback(node.close)
        players = [
            SimpleNamespace(party=party, registry=node.registry, objects=node.registry.objects)
            for party, node in nodes.items()
        ]
        yield cast(World, SimpleNamespace(players=tuple(players), tokyo=players[0], kyiv=players[1]))


def require_agreement(pair: Pair) -> None:
    """Stop both nodes and require that nothing waits, both audits are clean and the books of both agree."""
    for caller in pair.callers.values():
        caller.close()
    for home in pair.homes:
        assert home.stop() == 0
    with opened(pair) as world:
        assert list_unrest(world) == []
        assert list_differences(world) == []


def rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    """Read the books of a home by another program than ours."""
    with closing(sqlite3.connect(f"file:{home.path / 'books.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def acts(home: Home) -> dict[str, tuple[str, int]]:
    """Return where every act of a home stands: its log and index; no place is taken twice."""
    found = {id: (log, index) for id, log, index in rows(home, "SELECT id, log, idx FROM act")}
    assert max(Counter(found.values()).values(), default=0) <= 1
    return found


def current(home: Home, kind: str) -> int:
    """Return how many records of `kind` there are."""
    return int(rows(home, f"SELECT count(DISTINCT id) FROM record WHERE kind = '{kind}'")[0][0])
