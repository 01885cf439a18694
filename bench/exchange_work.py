"""What an exchange costs the processor: both nodes in one process, one thread, no wire.

    python -m bench.exchange_work [--items 1] [--rounds 40]

A measure for comparing two versions of the program on a machine that others use too: nothing waits for a thread, a
lock or a connection, only the processor time of the one thread is counted, and each step is told by its least and by
its middle round. What a kept connection, the event loop and the hand-over between threads cost is in
`bench.exchange_bench`, not here.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from demo.scenes import AGREEMENT, PURPOSE
from demo.stage import PASSPHRASE

from bench.exchange_bench import prepare, released, sign
from cordiale.journey.dispatch import dispatch
from cordiale.journey.register import register
from cordiale.model.mode import Mode
from cordiale.node import Node, open_node
from cordiale.operate.keyfiles import open_key
from cordiale.ports import OutboxRow
from cordiale.records.arriving import arriving_name
from cordiale.records.registry import identify
from cordiale.work.intake import take_message

Result = TypeVar("Result")


class Exchange:
    """Two nodes over the homes in `folder`, and what each step took, in seconds of the processor."""

    def __init__(self, folder: Path, tokyo: Node, kyiv: Node) -> None:
        self.tokyo, self.kyiv = tokyo.registry, kyiv.registry
        self.nodes = (tokyo, kyiv)
        self.ren = open_key(folder / "tokyo-keys" / "ren.key", PASSPHRASE, Mode.EXERCISE)
        self.olena = open_key(folder / "kyiv-keys" / "olena.key", PASSPHRASE, Mode.EXERCISE)
        self.took: defaultdict[str, list[float]] = defaultdict(list)

    def run(self, items: list[str]) -> None:
        """Bring `items` across in one consignment, until the receipt is acknowledged."""
        tokyo, kyiv = self.tokyo, self.kyiv
        request = self._timed("two persons sign", lambda: sign(
            self.nodes[0], self.ren, "dispatch", agreement=AGREEMENT, items=items, link="wire", purpose=PURPOSE,
            recipient="UKR", registry="registry-kyiv",
        ))
        answer = self._timed("dispatch", lambda: dispatch(tokyo, identify(tokyo, request)))
        id = str(answer.value["consignment"])
        (sent,) = tokyo.reads().outbox_open(link_not="bag")
        notice = self._timed("take the consignment", lambda: self._arrive(sent))
        self._timed("take the delivery notice", lambda: take_message(tokyo, notice, kyiv.node))
        request = self._timed("two persons sign", lambda: sign(
            self.nodes[1], self.olena, "register", consignment=id, counted=len(items)
        ))
        self._timed("register", lambda: register(kyiv, identify(kyiv, request)))
        (receipt,) = kyiv.reads().outbox_open(link_not="bag")
        taken = self._timed("take the receipt", lambda: take_message(tokyo, receipt.message, kyiv.node)) or b""
        self._timed("take the acknowledgement", lambda: take_message(kyiv, taken, tokyo.node))
        record = tokyo.record("consignment", id)
        if record is None or record["state"] != "receipted":
            raise SystemExit("an exchange did not end")

    def _arrive(self, sent: OutboxRow) -> bytes:
        """Enter the envelopes as the door does with those that come at once, and take the message."""
        for name in sent.attachments:
            with closing(self.tokyo.objects.open(name)) as file:
                sealed = file.read()
            writer = self.kyiv.objects.create(arriving_name(self.tokyo.node, name))
            writer.file.write(sealed)
            writer.commit()
        return take_message(self.kyiv, sent.message, self.tokyo.node) or b""

    def _timed(self, what: str, do: Callable[[], Result]) -> Result:
        start = time.thread_time()
        try:
            return do()
        finally:
            self.took[what].append(time.thread_time() - start)


def measure(folder: Path, rounds: int, count: int) -> None:
    """Bring `count` items across `rounds` times over the homes in `folder`, and print what an item took."""
    items = released(folder)
    with ExitStack() as stack:
        tokyo, kyiv = (
            stack.enter_context(closing(open_node(folder / name, PASSPHRASE))) for name in ("tokyo", "kyiv")
        )
        exchange = Exchange(folder, tokyo, kyiv)
        for start in range(0, rounds * count, count):
            exchange.run(items[start : start + count])
    print(f"{rounds} exchanges of {count}, ms of the processor for each item: least, middle")
    whole = [0.0, 0.0]
    for what, took in exchange.took.items():
        # Two persons sign in every round: both of their signatures belong to it.
        each = [sum(took[at : at + len(took) // rounds]) for at in range(0, len(took), len(took) // rounds)]
        told = [value / count * 1_000 for value in (min(each), statistics.median(each))]
        whole = [one + other for one, other in zip(whole, told, strict=True)]
        print(f"{what:26}{told[0]:8.2f}{told[1]:8.2f}")
    print(f"{'all':26}{whole[0]:8.2f}{whole[1]:8.2f}")


def main() -> None:
    """Prepare both homes and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1, help="items to a consignment")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        prepare(Path(name), given.rounds * given.items)
        measure(Path(name), given.rounds, given.items)


if __name__ == "__main__":
    main()
