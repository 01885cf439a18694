"""Duties among many: listing those due today, the node's round, and opening and discharging one more.

    python -m bench.duties_bench [--sizes 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from cordiale.adapters.anchor_file import AnchorFile
from cordiale.adapters.clock import SystemClock
from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.config import Config
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId, PersonId
from cordiale.model.person import Office, Person
from cordiale.node import Places, build_registry
from cordiale.records.duties import discharge, open_duty
from cordiale.records.keyring import make_node_keys
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.registry import Registry
from cordiale.records.session import ActSession
from cordiale.views.recorded_duties import Asked, Only, recorded_duties
from cordiale.work.chaser import chase_due

_DAYS: Final = 3_650
_AN_ACT: Final = 5_000
_TURNS: Final = 200
_PARTY: Final = PartyId("JPN")


def _registry(folder: Path) -> Registry:
    config = Config(
        home=folder, party=_PARTY, node=NodeId("bench.jpn"), mode=Mode.EXERCISE, title="bench", listen=None,
        endpoint="", books="sqlite:books.db", objects="folder:objects", diagnostics="warning",
    )


    keys = make_node_keys(config.node, SystemClock().now())
    return build_registry(config, keys, Places(
        SqliteStore(str(folder / "books.db")), FolderObjects(folder / "objects"), AnchorFile(folder / "anchor"),
    ))


def _commit(registry: Registry, id: str, perform: Callable[[ActSession], Any]) -> None:
    def run(session: ActSession) -> dict[str, Any]:
        perform(session)
        return {}

    registry.ledger.commit(Act(id, "bench", "node", INTERNAL, run))


def _fill(registry: Registry, numbers: Sequence[int], today: date) -> None:
    """Enter duties that fall due from today on, spread over ten years."""

    def perform(session: ActSession) -> None:
        for number in numbers:
            open_duty(
                session, f"d{number:08}", what="receipt", owner=PartyId("UKR"), subject=f"item-{number}",
                due=today + timedelta(days=number % _DAYS),
            )

    _commit(registry, f"fill.{numbers[0]}", perform)


def _median_ms(turns: int, do: Callable[[int], Any]) -> float:
    spent = []
    for turn in range(turns):
        start = time.perf_counter()
        do(turn)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1_000


def measure(registry: Registry, size: int, today: date) -> None:
    """Print what each thing costs among `size` open duties."""
    keeper = Person(
        id=PersonId("registrar"), name="", post="", unit="", represents=_PARTY, nationalities=frozenset({_PARTY}),
        offices=frozenset({Office.REGISTRAR}),
    )

    def find() -> int:
        return len(recorded_duties(registry.books(), keeper, Asked(only=Only.TODAY, count=500)).rows)

    def open_one(turn: int) -> None:
        _commit(registry, f"open.{size}.{turn}", lambda session: open_duty(
            session, f"more.{size}.{turn}", what="receipt", owner=_PARTY, subject=f"more-{turn}",
            due=today + timedelta(days=700),
        ))

    def discharge_one(turn: int) -> None:
        _commit(registry, f"done.{size}.{turn}", lambda session: discharge(session, f"more.{size}.{turn}", "proof"))

    found = find()
    print(f"among {size:>9,}: today {_median_ms(20, lambda _: find()):8.2f} ms ({found} rows)   "
          f"round without work {_median_ms(20, lambda _: chase_due(registry)):7.2f} ms   "
          f"open {_median_ms(_TURNS, open_one):6.2f} ms   discharge {_median_ms(_TURNS, discharge_one):6.2f} ms",
          flush=True)


def run(sizes: Sequence[int]) -> None:
    """Fill books up to each of `sizes`, and measure there."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        registry = _registry(Path(name))
        today, filled = registry.now().date(), 0
        for size in sizes:
            for start in range(filled, size, _AN_ACT):
                _fill(registry, range(start, min(start + _AN_ACT, size)), today)
            filled = size
            measure(registry, size, today)
        registry.store.close()


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    run(parser.parse_args().sizes)


if __name__ == "__main__":
    main()
