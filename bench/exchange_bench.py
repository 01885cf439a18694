"""Exchange of 64 KiB items between two nodes: dispatched, received, registered and receipted, durable at every step.

    python -m bench.exchange_bench [--items 240] [--alone 40] [--tens 72] [--forties 12] [--callers 16]

Two processes with homes of their own speak over the wire on loopback. The items are labelled and released beforehand;
an exchange lasts from the call of `dispatch` until the receipt is in the sender's books. Receipts are automatic: the
recipient's process registers whatever is held, with its registrar's key. First one exchange at a time, then many;
a consignment has one item. The same again with ten items to a consignment, as registries send them: that is another
measurement, and told beside the first; and with forty, where nearly nothing but the items themselves is left.

What it is made of is counted and timed in both processes (`bench.exchange_costs`). Then the same again with a disk that
takes 4 ms to flush: every flush of the books and of the files really waits that long. Signing the two personal acts is
part of an exchange here, although people sign on machines of their own.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from demo.opened import in_force
from demo.scenes import AGREEMENT, MIDDLE, PURPOSE
from demo.stage import PASSPHRASE, Pace

from bench.exchange_costs import Costs, processor_shares, shares_of
from cordiale.doors.serve import ServeOptions, serve
from cordiale.errors import CordialeError
from cordiale.journey.dispatch import dispatch
from cordiale.journey.register import register
from cordiale.message.personal import PersonalAct
from cordiale.model.mode import Mode
from cordiale.node import Node
from cordiale.operate.keyfiles import OpenKey, open_key
from cordiale.records.registry import identify

SIZE_BYTES: Final = 64 * 1024
SLOW_FLUSH_MS: Final = 4.0
_REGISTRARS: Final = 4
_NOTICED_SECONDS: Final = 1.0
_TEN: Final = 10
_FORTY: Final = 40
_MARKS: Final = ("alone", "many", "tens", "tens-many", "forties", "slow", "end")
"""The sender sets one mark after the other; the recipient notes at each what the phase before it has cost there."""


def sign(node: Node, key: OpenKey, kind: str, **params: Any) -> bytes:
    """Return an act signed by a person of `node`."""
    at = datetime.now(UTC).replace(microsecond=0)
    return key.sign_act(PersonalAct(kind, f"act.{secrets.token_hex(12)}", node.registry.node, at, params, b""))


class Sender:
    """Dispatches in the serving process of Tokyo, and measures."""

    def __init__(self, folder: Path, costs: Costs, given: argparse.Namespace) -> None:
        self.folder, self.costs, self.alone, self.callers = folder, costs, given.alone, given.callers
        items = released(folder)
        self.forties = _taken_off(items, given.forties, _FORTY)
        self.tens = _taken_off(items, given.tens, _TEN)
        self.items = items
        self.key = open_key(folder / "tokyo-keys" / "ren.key", PASSPHRASE, Mode.EXERCISE)
        self.bell = threading.Condition()

    def start(self, node: Node) -> None:
        """Begin once the node serves."""
        node.registry.ledger.on_commit(self._ring)
        threading.Thread(target=self._run, args=(node,), daemon=True).start()

    def _ring(self) -> None:
        with self.bell:
            self.bell.notify_all()

    def _run(self, node: Node) -> None:
        half = (len(self.items) - 2 * self.alone) // 2
        cuts = [0, self.alone, self.alone + half, 2 * self.alone + half, len(self.items)]
        parts = [[[item] for item in self.items[start:end]] for start, end in pairwise(cuts)]
        third = len(self.tens) // 3
        result: dict[str, Any] = {}
        try:
            self._mark("alone")
            result["single"] = [self._exchange(node, items) for items in parts[0]]
            result["costs"] = self.costs.taken()
            self._mark("many")
            result["many"], result["seconds"] = self._at_once(node, parts[1])
            result["costs_many"] = self.costs.taken()
            self._mark("tens")
            result["tens"] = [self._exchange(node, items) for items in self.tens[:third]]
            result["costs_tens"] = self.costs.taken()
            self._mark("tens-many")
            result["tens_many"], result["tens_seconds"] = self._at_once(node, self.tens[third:])
            result["costs_tens_many"] = self.costs.taken()
            self._mark("forties")
            result["forties"], result["forties_seconds"] = self._at_once(node, self.forties)
            result["costs_forties"] = self.costs.taken()
            self._mark("slow")
            self.costs.pause_seconds = SLOW_FLUSH_MS / 1_000
            result["slow_single"] = [self._exchange(node, items) for items in parts[2]]
            result["slow_many"], result["slow_seconds"] = self._at_once(node, parts[3])
            self._mark("end")
            (self.folder / "result.json").write_text(json.dumps(result))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _mark(self, phase: str) -> None:
        (self.folder / f"mark-{phase}").touch()
        time.sleep(_NOTICED_SECONDS)
        self.costs.taken()

    def _at_once(self, node: Node, consignments: list[list[str]]) -> tuple[list[float], float]:
        start = time.perf_counter()
        with ThreadPoolExecutor(self.callers) as pool:
            each = list(pool.map(lambda items: self._exchange(node, items), consignments))
        return each, time.perf_counter() - start

    def _exchange(self, node: Node, items: list[str]) -> float:
        start = time.perf_counter()
        request = identify(node.registry, sign(
            node, self.key, "dispatch", agreement=AGREEMENT, items=items, link="wire", purpose=PURPOSE,
            recipient="UKR", registry="registry-kyiv",
        ))
        id = dispatch(node.registry, request).value["consignment"]

        def is_receipted() -> bool:
            record = node.registry.record("consignment", id)
            return record is not None and record["state"] == "receipted"

        with self.bell:
            if not self.bell.wait_for(is_receipted, timeout=60):
                raise SystemExit("an exchange did not end")
        return time.perf_counter() - start


def _taken_off(items: list[str], count: int, each: int) -> list[list[str]]:
    """Take `count` consignments of so many items `each` off the end of `items`."""
    return [[items.pop() for _ in range(each)] for _ in range(count)]


class Recipient:
    """Registers whatever is held, in the serving process of Kyiv."""

    def __init__(self, folder: Path, costs: Costs) -> None:
        self.folder, self.costs = folder, costs
        self.key = open_key(folder / "kyiv-keys" / "olena.key", PASSPHRASE, Mode.EXERCISE)
        self.bell = threading.Event()
        self.begun: set[str] = set()
        self.marks = list(_MARKS)

    def start(self, node: Node) -> None:
        """Begin once the node serves."""
        node.registry.ledger.on_commit(self.bell.set)
        threading.Thread(target=self._run, args=(node,), daemon=True).start()

    def _run(self, node: Node) -> None:
        with ThreadPoolExecutor(_REGISTRARS) as pool:
            while True:
                self.bell.wait(0.2)
                self.bell.clear()
                if (self.folder / "result.json").exists():
                    return
                if self.marks and (self.folder / f"mark-{self.marks[0]}").exists():
                    self._note(self.marks.pop(0))
                for record in node.registry.find("consignment", "state", "held"):
                    if record.id not in self.begun:
                        self.begun.add(record.id)
                        pool.submit(self._register, node, record.id, len(record["items"]))

    def _note(self, phase: str) -> None:
        (self.folder / f"kyiv-before-{phase}.json").write_text(json.dumps(self.costs.taken()))
        if phase == "slow":
            self.costs.pause_seconds = SLOW_FLUSH_MS / 1_000

    def _register(self, node: Node, id: str, counted: int) -> None:
        try:
            register(node.registry, identify(node.registry, sign(
                node, self.key, "register", consignment=id, counted=counted
            )))
        except CordialeError as error:
            print(f"not registered: {error}", file=sys.stderr)


def serve_part(given: argparse.Namespace) -> None:
    """Serve one of the two nodes in this process, until the measurement is over."""
    costs = Costs()
    player: Sender | Recipient = (
        Sender(given.folder, costs, given) if given.part == "tokyo" else Recipient(given.folder, costs)
    )
    serve(given.folder / given.part, PASSPHRASE, ServeOptions(player.start))


def prepare(folder: Path, count: int) -> None:
    """Make both homes, bring the agreement into force, and label and release `count` items in Tokyo."""
    content = folder / "content"
    content.write_bytes(secrets.token_bytes(SIZE_BYTES))
    with contextlib.redirect_stdout(io.StringIO()), in_force(folder, Pace()) as play:
        items = []
        for number in range(count):
            labelled = play.tokyo.label(
                "hana", "", content, title=f"Bench paper {number}", form="file", level=MIDDLE["JPN"],
                release_to=["UKR"], file_name="paper.bin", media_type="application/octet-stream",
            )
            item = labelled.answer["item"]
            seen = play.tokyo.view("hana", "view.preview", item=item, recipient="UKR", purpose=PURPOSE,
                                   agreement=AGREEMENT, registry="registry-kyiv", link="wire")
            terms = {"agreement": AGREEMENT, "binding": seen["binding"], "item": item, "purpose": PURPOSE,
                     "recipient": "UKR"}
            play.tokyo.act("hana", "release.propose", "", **terms)
            play.tokyo.act("minato", "release.approve", "", **terms)
            items.append(item)
    (folder / "items.json").write_text(json.dumps(items))


def released(folder: Path) -> list[str]:
    """Return the items that `prepare` has released in the homes in `folder`."""
    items: list[str] = json.loads((folder / "items.json").read_text())
    return items


def _both(folder: Path, here: dict[str, float], following: str) -> dict[str, float]:
    """Return what both nodes spent before the phase `following`: `here` at the sender, the rest as noted there."""
    there = json.loads((folder / f"kyiv-before-{following}.json").read_text())
    return {kind: here.get(kind, 0.0) + there.get(kind, 0.0) for kind in {*here, *there}}


def report(folder: Path, callers: int) -> None:
    """Print what was measured."""
    result = json.loads((folder / "result.json").read_text())
    here, single, many = result["costs"], result["single"], result["many"]
    count = len(single)
    p50 = statistics.median(single) * 1_000
    p99 = sorted(single)[int(count * 0.99)] * 1_000
    print(f"one in flight: {count} exchanges, p50={p50:.1f} ms, p99={p99:.1f} ms")
    print(f"{callers} callers: {len(many)} exchanges, rate={len(many) / result['seconds']:.1f}/s, "
          f"p50 each {statistics.median(many) * 1_000:.0f} ms")
    both = _both(folder, here, "many")
    for line in shares_of(both, count, statistics.mean(single) * 1_000):
        print(line)
    print(f"processor time by node: {here['processor'] / count * 1_000:.1f} ms at the sender, "
          f"{(both['processor'] - here['processor']) / count * 1_000:.1f} ms at the recipient")
    busy = _both(folder, result["costs_many"], "tens")
    print(f"with {callers} callers: {busy['made'] / len(many):.1f} signatures made and "
          f"{busy['verified'] / len(many):.1f} verified an exchange, {busy['committed'] / len(many):.1f} commits")
    print(f"processor time of an exchange, one in flight: {processor_shares(both, count)}")
    print(f"the same with {callers} callers: {processor_shares(busy, len(many))}")
    _report_tens(folder, result, callers)
    _report_forties(folder, result, callers)
    slow = result["slow_many"]
    print(f"with a disk that takes {SLOW_FLUSH_MS:.0f} ms to flush: one in flight p50 "
          f"{statistics.median(result['slow_single']) * 1_000:.1f} ms; {callers} callers "
          f"{len(slow) / result['slow_seconds']:.1f} a second")


def _report_tens(folder: Path, result: dict[str, Any], callers: int) -> None:
    """Print what was measured with ten items to a consignment; a rate of items is not a rate of exchanges."""
    alone, many = result["tens"], result["tens_many"]
    if not alone:
        return
    items = len(alone) * _TEN
    both, busy = _both(folder, result["costs_tens"], "tens-many"), _both(folder, result["costs_tens_many"], "forties")
    p50 = statistics.median(alone) * 1_000
    print(f"ten items to a consignment, one in flight: {len(alone)} consignments, p50={p50:.1f} ms each, "
          f"{items / sum(alone):.1f} items a second")
    print(f"ten items to a consignment, {callers} callers: {len(many)} consignments, "
          f"tens={len(many) * _TEN / result['tens_seconds']:.1f} items a second, "
          f"p50 each {statistics.median(many) * 1_000:.0f} ms")
    print(f"of an item among ten: {both['made'] / items:.1f} signatures made, {both['verified'] / items:.1f} verified")
    print(f"processor time of an item among ten, one in flight: {processor_shares(both, items)}")
    print(f"the same with {callers} callers: {processor_shares(busy, len(many) * _TEN)}")


def _report_forties(folder: Path, result: dict[str, Any], callers: int) -> None:
    """Print what was measured with forty items to a consignment, where the item itself is nearly all that is left."""
    many = result["forties"]
    if not many:
        return
    items = len(many) * _FORTY
    print(f"forty items to a consignment, {callers} callers: {len(many)} consignments, "
          f"forties={items / result['forties_seconds']:.1f} items a second, "
          f"p50 each {statistics.median(many) * 1_000:.0f} ms")
    busy = _both(folder, result["costs_forties"], "slow")
    print(f"processor time of an item among forty, {callers} callers: {processor_shares(busy, items)}")


def main() -> None:
    """Prepare, run both nodes, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=240)
    parser.add_argument("--alone", type=int, default=40)
    parser.add_argument("--tens", type=int, default=72, help="consignments of ten items, beside --items")
    parser.add_argument("--forties", type=int, default=12, help="consignments of forty items, beside those")
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--part", choices=("tokyo", "kyiv"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        serve_part(given)
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        alone = min(given.alone, given.items // 4)
        prepare(folder, given.items + given.tens * _TEN + given.forties * _FORTY)
        command = [sys.executable, "-m", "bench.exchange_bench", "--folder", name, "--alone", str(alone),
                   "--tens", str(given.tens), "--forties", str(given.forties), "--callers", str(given.callers)]
        kyiv = subprocess.Popen([*command, "--part", "kyiv"])
        try:
            subprocess.run([*command, "--part", "tokyo"], check=False)
        finally:
            kyiv.send_signal(signal.SIGTERM)
            kyiv.wait(30)
        report(folder, given.callers)


if __name__ == "__main__":
    main()
