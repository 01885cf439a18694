"""A change of level that touches many copies at one partner: one message, worked off on both sides.

    python -m bench.level_bench [--copies 10000]

Two homes on disk, an agreement in force, one item that has crossed. Further copies are entered in the books of both as
a dispatch and a registration would have entered them. Measured is from the confirmation of the change until the
originator has noted the partner's answer on every copy. The messages are handed over in this process.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from demo.opened import in_force
from demo.scenes import scene_4
from demo.stage import PASSPHRASE, Pace

from bench.exchange_bench import sign
from cordiale.doors.control.acts import ACTS
from cordiale.model.mode import Mode
from cordiale.node import Node, open_node
from cordiale.operate.keyfiles import open_key
from cordiale.records.items import COPY
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.level_copies import work_levels
from cordiale.records.record import Record
from cordiale.records.registry import identify
from cordiale.records.session import ActSession
from cordiale.work.intake import take_message

_AT_ONCE = 1_000


def enter_copies(node: Node, copy: Record, count: int) -> None:
    """Enter further copies like `copy`, until there are `count`."""
    for start in range(2, count + 1, _AT_ONCE):
        def run(session: ActSession, start: int = start) -> dict[str, Any]:
            for number in range(start, min(start + _AT_ONCE, count + 1)):
                session.put(COPY, f"{copy['item']}.c{number}", {**copy.body, "copy_number": number})
            return {}

        node.registry.ledger.commit(Act(f"bench.{start}", "bench", "node", INTERNAL, run))


def hand_over(sender: Node, recipient: Node) -> tuple[int, int]:
    """Hand all waiting messages over, and the answers back; return how many, and their size in bytes."""
    rows = sender.registry.reads().outbox_open()
    for row in rows:
        answer = take_message(recipient.registry, row.message, sender.registry.node)
        if answer is not None:
            take_message(sender.registry, answer, recipient.registry.node)
    return len(rows), sum(len(row.message) for row in rows)


def act(node: Node, folder: Path, person: str, kind: str, **params: Any) -> dict[str, Any]:
    """Do an act as a person of Tokyo."""
    key = open_key(folder / "tokyo-keys" / f"{person}.key", PASSPHRASE, Mode.EXERCISE)
    return dict(ACTS[kind](node.registry, identify(node.registry, sign(node, key, kind, **params))).value)


def run(folder: Path, count: int) -> None:
    """Change the level, and print how long it took on each side."""
    with contextlib.redirect_stdout(io.StringIO()), in_force(folder, Pace()) as play:
        scene_4(play)
        item = play.paper
    tokyo, kyiv = open_node(folder / "tokyo", PASSPHRASE), open_node(folder / "kyiv", PASSPHRASE)
    for node in (tokyo, kyiv):
        first = node.registry.record(COPY, f"{item}.c1")
        if first is not None:
            enter_copies(node, first, count)
    hand_over(tokyo, kyiv)
    hand_over(kyiv, tokyo)
    proposal = act(tokyo, folder, "hana", "level.propose", item=item, to="EX-JPN:EXERCISE AJISAI", article="Art. 4(4)")
    processor, start = time.process_time(), time.perf_counter()
    act(tokyo, folder, "minato", "level.confirm", item=item, proposal=proposal["proposal"])
    issued = time.perf_counter()
    messages, size = hand_over(tokyo, kyiv)
    work_levels(kyiv.registry)
    marked = time.perf_counter()
    answers, answer_size = hand_over(kyiv, tokyo)
    work_levels(tokyo.registry)
    end, processor = time.perf_counter(), time.process_time() - processor
    done = sum(
        1 for number in range(1, count + 1)
        if (copy := tokyo.registry.record(COPY, f"{item}.c{number}")) is not None and copy.body.get("level_done")
    )
    print(f"copies={done} messages={messages} ({size} bytes) answers={answers} ({answer_size} bytes)")
    print(f"issued {issued - start:.2f} s, marked at the partner {marked - issued:.2f} s, "
          f"answered and noted {end - marked:.2f} s, all seconds={end - start:.2f}, processor {processor:.2f} s")
    for node in (tokyo, kyiv):
        node.close()


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=10_000)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        run(Path(name), parser.parse_args().copies)


if __name__ == "__main__":
    main()
