"""Looks into the books that do not grow with what there is: the rows that are read are counted at two sizes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.organising import open_one
from tests.world.world import Player, World

from cordiale.adapters.sqlite_reads import SqliteReads
from cordiale.canonical import INTEGER_MAX
from cordiale.limits import DESK_ROWS_SHOWN_COUNT_MAX
from cordiale.model.names import PartyId
from cordiale.ports import InboxRow
from cordiale.records.duties import open_duty
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.session import ActSession
from cordiale.work import missing
from cordiale.work.missing import Heard, note_missing

SIZES = (100, 250)
NODE = "tokyo.jpn"
_FIRST = 1_000
_VIEWS = {
    "view.registries": {}, "view.inbox": {"count": DESK_ROWS_SHOWN_COUNT_MAX}, "view.crisis-list": {"unit": "east"},
}


@pytest.fixture
def kyiv() -> Player:
    player = World.in_force(seed=918).kyiv
    open_one(player, "central", "chief", "", "registrar")
    paper = player.act("originator", "label", {"form": "paper", "level": "EX-UKR:EXERCISE KALYNA", "title": "Paper"})
    player.act("registrar", "place", {"copy": f"{paper.value['item']}.0", "place": "safe 1", "unit": "east/post"})
    return player


def grow(player: Player, start: int, size: int) -> None:
    """Let there be `size` copies, consignments that wait and numbers of messages, from those at `start` on."""
    def perform(session: ActSession) -> dict[str, Any]:
        for number in range(start, size):
            session.put("copy", f"one.{number:04}", {"copy_number": 1, "item": "none", "party": "UKR", "state": "held"})
            session.put("consignment", f"ukr.h.{number:04}", {
                "direction": "in", "message": f"h{number}", "party": "JPN", "received_at": "2026-09-01T00:00:00Z",
                "state": "held",
            })
            if number % 20 != 10:
                _arrive(session, _FIRST + number)
        return {}

    player.registry.ledger.commit(Act(f"grow.{start}", "grow", "node", INTERNAL, perform))


@pytest.fixture
def grown(kyiv: Player) -> Player:
    grow(kyiv, 0, SIZES[-1])
    return kyiv


def _arrive(session: ActSession, number: int) -> None:
    session.work.put_inbox(InboxRow(
        f"jpn.m.{number}", NODE, "", number, bytes(48), b"{}", b"{}", session.at - timedelta(days=1),
    ))


def rows_read(monkeypatch: pytest.MonkeyPatch, look: Callable[[], Any]) -> int:
    """Return how many rows of the books `look` reads."""
    count = 0

    def counting(read: Callable[..., Any], size: Callable[[Any], int]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            nonlocal count
            found = read(*given)
            count += size(found)
            return found

        return counted

    def streaming(read: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            nonlocal count
            for one in read(*given):
                count += 1
                yield one

        return counted

    with monkeypatch.context() as counted:
        counted.setattr(SqliteReads, "_rows", counting(SqliteReads._rows, len))
        counted.setattr(SqliteReads, "_row", counting(SqliteReads._row, lambda row: int(row is not None)))
        counted.setattr(SqliteReads, "_stream", streaming(SqliteReads._stream))
        look()
    return count


def test_what_is_looked_at_reads_no_more_where_there_is_more(kyiv: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, read = dict[str, Heard](), list[dict[str, int]]()
    for start, size in pairwise((0, *SIZES)):
        grow(kyiv, start, size)
        note_missing(kyiv.registry, heard)
        (central,) = view(kyiv, "registrar", "view.registries")["registries"]
        assert central["holds"] == size + 1
        read.append({
            kind: rows_read(monkeypatch, partial(view, kyiv, "registrar", kind, **params))
            for kind, params in _VIEWS.items()
        })
    assert read[0] == read[1] and all(read[0].values())


def test_a_round_reads_of_a_stream_what_came_since_the_round_before(
    grown: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, heard = f"missing.{NODE}.internal", dict[str, Heard]()
    whole = rows_read(monkeypatch, lambda: note_missing(grown.registry, heard))
    missing = _numbers(heard[name])
    assert missing == [_FIRST + number for number in range(10, SIZES[1], 20)]

    def later(session: ActSession) -> dict[str, Any]:
        for number in (missing[1], heard[name].top + 2):
            _arrive(session, number)
        return {}

    grown.registry.ledger.commit(Act("later", "later", "node", INTERNAL, later))
    some = rows_read(monkeypatch, lambda: note_missing(grown.registry, heard))
    assert _numbers(heard[name]) == [*missing[:1], *missing[2:], heard[name].top - 1]
    assert whole > SIZES[1] and some < 4 * len(missing)
    afresh = dict[str, Heard]()
    note_missing(grown.registry, afresh)
    assert afresh == heard


def test_a_round_asks_for_what_came_once_and_looks_at_no_more_gaps_than_its_bound(
    grown: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, heard, asked = f"missing.{NODE}.internal", dict[str, Heard](), 0
    note_missing(grown.registry, heard)
    assert len(heard[name].missing) > 2

    def counting(read: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            nonlocal asked
            asked += 1
            return read(*given)

        return counted

    monkeypatch.setattr(missing, "MISSING_GAPS_COUNT_MAX", 2)
    for question in ("inbox_by_number", "inbox_numbers_since"):
        monkeypatch.setattr(SqliteReads, question, counting(getattr(SqliteReads, question)))
    note_missing(grown.registry, heard)
    assert asked == 2 + len(heard)

    def owed(session: ActSession) -> dict[str, Any]:
        open_duty(session, name, what=missing.WHAT, owner=PartyId("JPN"), subject="internal", due=None)
        return {}

    grown.registry.ledger.commit(Act("owed", "owed", "node", INTERNAL, owed))
    assert note_missing(grown.registry, heard) == 0, "beyond the bound one may be overdue: nothing is said to have come"
    monkeypatch.undo()
    assert note_missing(grown.registry, heard) == 1


def test_a_number_far_beyond_all_others_is_one_gap(grown: Player) -> None:
    far, heard = INTEGER_MAX - 1, dict[str, Heard]()

    def later(session: ActSession) -> dict[str, Any]:
        _arrive(session, far)
        return {}

    grown.registry.ledger.commit(Act("far", "far", "node", INTERNAL, later))
    note_missing(grown.registry, heard)
    assert heard[f"missing.{NODE}.internal"].missing[-1].stop == far


def _numbers(heard: Heard) -> list[int]:
    """Return what is missing of the numbers that were grown."""
    return [one for numbers in heard.missing for one in numbers if one >= _FIRST]
