"""An inventory of a register of many copies: prepared, and counted scan by scan, each durable before it is answered.

    python -m bench.inventory_bench [--copies 100000] [--scans 500]

The books are filled with items and copies as a registration leaves them; the inventory is asked for by signed requests,
as the private socket hands them over.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.world.test_journey import cross
from tests.world.world import Player, World, copy_of

from cordiale.records.items import COPY, ITEM
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.session import ActSession

_AT_ONCE = 5_000


def fill(player: Player, copies: int, pattern: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Enter `copies` copies, one of each item, after the `pattern` of one that was registered."""
    item, copy = pattern
    for start in range(0, copies, _AT_ONCE):
        def perform(session: ActSession, start: int = start) -> dict[str, Any]:
            for number in range(start, min(start + _AT_ONCE, copies)):
                reference = f"UKR/JPN-2025-{number:06d}"
                session.put(ITEM, f"bench.{number:07d}", {**item, "reference": reference}, expect=0)
                session.put(COPY, f"bench.{number:07d}.1", {
                    **copy, "item": f"bench.{number:07d}", "reference": reference, "their_reference": f"JPN-{number}",
                }, expect=0)
            return {}

        player.registry.ledger.commit(Act(f"fill.{start}", "fill", "node", INTERNAL, perform))


def run(copies: int, scans: int) -> None:
    """Prepare one inventory and record `scans` scans, and print what each took."""
    world = World.in_force()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        _, (known,) = cross(world, forms=("paper",))
        player = world.kyiv
        player.reopen(store=copy_of(player.registry.store, str(Path(name) / "books.db")))
        item, copy = player.registry.record(ITEM, known), player.registry.find(COPY, "item", known)
        if item is None:
            raise SystemExit("nothing crossed")
        fill(player, copies, (item.body, copy[0].body))
        start = time.perf_counter()
        answer = player.act("registrar", "inventory.open", {"kind": "whole"}).value
        prepared = time.perf_counter() - start
        taken, busy = [], time.process_time()
        for number in range(scans):
            reference = f"UKR/JPN-2025-{number * copies // scans:06d}"
            begun = time.perf_counter()
            player.act("registrar", "inventory.sight", {
                "how": "scanner", "inventory": answer["inventory"], "numbers": [reference],
            })
            taken.append((time.perf_counter() - begun) * 1_000)
        busy = (time.process_time() - busy) / scans * 1_000
        print(f"copies={copies} expected={answer['expected']} prepared={prepared:.2f} s limit=5 s")
        print(f"copies={copies} scan p50={statistics.median(taken):.2f} ms "
              f"p95={sorted(taken)[len(taken) * 95 // 100]:.2f} ms "
              f"processor={busy:.2f} ms limit=10 ms")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--scans", type=int, default=500)
    arguments = parser.parse_args()
    for copies in arguments.copies:
        run(copies, arguments.scans)


if __name__ == "__main__":
    main()
