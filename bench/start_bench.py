"""How long a person waits for the command line: `cordiale --help`, beside an interpreter that does nothing.

    python -m bench.start_bench [rounds]

Rounds alternate, so that a busy machine weighs on both alike; medians.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Final

LIMIT_SECONDS: Final = 0.25
COMMANDS: Final = {
    "interpreter alone": (sys.executable, "-c", "pass"),
    "cordiale --help": (sys.executable, "-m", "cordiale", "--help"),
    "cordiale item label --help": (sys.executable, "-m", "cordiale", "item", "label", "--help"),
}


def seconds_of(command: tuple[str, ...]) -> float:
    """Return how long `command` takes from beginning to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for command in COMMANDS.values():
        seconds_of(command)
    taken = [[seconds_of(command) for command in COMMANDS.values()] for _ in range(rounds)]
    for name, column in zip(COMMANDS, zip(*taken, strict=True), strict=True):
        print(f"{name:<28} {statistics.median(column):6.3f} s  limit {LIMIT_SECONDS} s")


if __name__ == "__main__":
    main()
