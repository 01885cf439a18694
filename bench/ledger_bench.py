"""Acts through the ledger: business row and signed log entry, acknowledged durable, many callers at once.

    python -m bench.ledger_bench [--callers 64] [--acts 20000]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

from cordiale.adapters.anchor_file import AnchorFile
from cordiale.adapters.clock import SystemClock, SystemRandom
from cordiale.adapters.sqlite_store import SqliteStore
from cordiale.crypto.signatures import Algorithm, PrivateKey
from cordiale.model.mode import Mode
from cordiale.records.anchor import Anchor
from cordiale.records.ledger import INTERNAL, Act, Ledger, Seals
from cordiale.records.log.checkpoint import LogSigner
from cordiale.records.session import ActSession


def _fsync_rate(folder: Path) -> float:
    path = folder / "probe"
    with path.open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(200):
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
        return 200 / (time.perf_counter() - start)


def run(callers: int, acts: int) -> None:
    """Run `acts` acts by `callers` threads and print the rate beside the disk's own flush rate."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        signer = LogSigner(
            "bench/internal", PrivateKey.generate(Algorithm.ED25519), PrivateKey.generate(Algorithm.ML_DSA_44)
        )
        store = SqliteStore(str(folder / "books.db"))
        anchor = Anchor(AnchorFile(folder / "anchor"), bytes(32), Mode.EXERCISE)
        ledger = Ledger(store, SystemClock(), SystemRandom(), Seals(lambda _: signer, Mode.EXERCISE, anchor))

        def perform(session: ActSession) -> dict[str, str]:
            number = session.take_number("bench")
            session.put("entry", f"bench-{number}", {
                "book": "bench", "number": str(number), "item": f"item-{number}", "level": "EX-JPN:EXERCISE SAKURA",
                "their_reference": f"ref-{number}", "received_at": "2026-11-16T09:00:00Z",
            }, expect=0)
            return {"number": str(number)}

        def caller(worker: int) -> None:
            for turn in range(acts // callers):
                ledger.commit(Act(f"act-{worker}-{turn}", "register", "node", INTERNAL, perform))

        flushes = _fsync_rate(folder)
        threads = [threading.Thread(target=caller, args=(worker,)) for worker in range(callers)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
        done = store.reads().log_size(INTERNAL)
        print(f"callers={callers} acts={done} rate={done / seconds:.0f}/s limit=5000/s "
              f"ratio={done / seconds / 5000:.2f} disk_flushes={flushes:.0f}/s")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--acts", type=int, default=20_000)
    arguments = parser.parse_args()
    run(arguments.callers, arguments.acts)


if __name__ == "__main__":
    main()
