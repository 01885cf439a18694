"""What every act costs while the register grows: the same acts among ten thousand and among a million items.

    python -m bench.scale_bench [--sizes 10000 1000000] [--steps 2500]

One of three nodes in memory, its books in a file, holds so many items with all that is theirs (`bench.filled`). Then
the random life of the tests is lived there without faults, and the processor time of each act and of each message
taken is noted. Books of the last size are left for the other measurements of the run, lived in as they are.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.filled import fill, leave, shared_books
from bench.living import PARTY, ROUNDS, begun, count_all, live
from bench.pattern import Pattern, patterns
from cordiale.errors import CordialeError
from cordiale.records.endings import certify_all
from cordiale.records.level_copies import work_levels
from cordiale.work.accord_time import see_to_accords
from cordiale.work.chaser import chase_due

_SAMPLES_MIN: Final = 4
"""The least of fewer is chance: two of one kind that both came with a full page to write looked like growth."""
_WHOLE: Final = {"inventory.open", "inventory.close", "inventory.export"}
"""What goes through the whole register by its nature."""


def measure(size: int, steps: int, pattern: tuple[Pattern, Pattern], left: Path | None) -> dict[str, float]:
    """Return the least processor time of each act among `size` items, in milliseconds; `left` is given the books."""
    life = begun(5)
    player = life.world.by_party(PARTY)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = left or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        fill(player, size, pattern, folder / "books.db")
        life.world.connect()
        since, busy = time.perf_counter(), time.process_time()
        live(life, steps)
        print(f"{size:>9,} items lived with for {time.perf_counter() - since:.0f} s", flush=True)
        count_all(life)
        print(f"{size:>9,} items counted after {time.perf_counter() - since:.0f} s, {time.process_time() - busy:.0f} s "
              "of the processor", flush=True)
        for turn in (certify_all, work_levels, chase_due, see_to_accords):
            for _ in range(ROUNDS):
                busy = time.process_time()
                try:
                    turn(player.registry)
                except CordialeError as error:
                    print(f"  {turn.__name__}: {error}")
                life.costs[f"round {turn.__name__}"].append((time.process_time() - busy) * 1_000)
        player.registry.store.close()
        leave(player, folder)
    return {kind: min(taken) for kind, taken in life.costs.items() if len(taken) >= _SAMPLES_MIN}


def main() -> None:
    """Parse the command line, measure at each size, and print what each act costs beside what it cost before."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--steps", type=int, default=2_500)
    arguments = parser.parse_args()
    pattern = patterns()
    found = {
        size: measure(size, arguments.steps, pattern, shared_books(size) if size == arguments.sizes[-1] else None)
        for size in arguments.sizes
    }
    kinds = sorted({kind for costs in found.values() for kind in costs})
    print(f"{'least processor time':<34}" + "".join(f"{size:>12,}" for size in found) + "   grown")
    grown_most = 0.0
    for kind in kinds:
        costs = [found[size].get(kind) for size in found]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(found):
            continue
        grown = known[-1] / known[0]
        grown_most = max(grown_most, 0 if kind in _WHOLE else grown)
        print(f"{kind:<34}" + "".join(f"{cost:>9.2f} ms" for cost in known) + f"   {grown:>5.2f} ×")
    print(f"kinds={len(kinds)} grown most={grown_most:.2f}")


if __name__ == "__main__":
    main()
