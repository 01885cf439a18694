"""Exchange of 64 KiB items between two nodes: dispatched, received, registered and receipted, durable at every step.

    python -m bench.exchange_bench [--items 200] [--alone 40] [--callers 16]

Two processes with homes of their own speak over the wire on loopback. The items are labelled and released beforehand;
an exchange lasts from the call of `dispatch` until the receipt is in the sender's books. Receipts are automatic: the
recipient's process registers whatever is held, with its registrar's key. First one exchange at a time, then many.

What it is made of: signatures made and verified (their own seconds), flushes to disk (counted, and timed on the disk
alone), requests over the wire (counted, and timed empty); the rest is SQLite, sealing, canonical JSON and Python.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from demo.scenes import AGREEMENT, MIDDLE, PURPOSE, Play, first_contact, scene_1, scene_2, scene_3
from demo.stage import HERE, PASSPHRASE, Actor, Pace

from cordiale.adapters.http_client import PeerClient
from cordiale.crypto.signatures import PrivateKey, PublicKey
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


class Costs:
    """Counts and times what an exchange is made of, in this process."""

    def __init__(self, node: Node) -> None:
        self.signing_seconds = 0.0
        self.flushes = 0
        self.requests = 0
        self.processor_seconds = time.process_time()
        self._gate = threading.Lock()
        node.registry.ledger.on_commit(self._committed)
        self._time(PrivateKey, "sign")
        self._time(PublicKey, "verify")
        self._count(os, "fsync", "flushes")
        self._count(PeerClient, "_exchange", "requests")

    def _committed(self) -> None:
        self.flushes += 1

    def _time(self, owner: Any, name: str) -> None:
        inner = getattr(owner, name)

        def timed(*given: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*given)
            finally:
                with self._gate:
                    self.signing_seconds += time.perf_counter() - start

        setattr(owner, name, timed)

    def _count(self, owner: Any, name: str, counted: str) -> None:
        inner = getattr(owner, name)

        def count(*given: Any, **named: Any) -> Any:
            with self._gate:
                setattr(self, counted, getattr(self, counted) + 1)
            return inner(*given, **named)

        setattr(owner, name, count)

    def taken(self) -> dict[str, float]:
        """Return what was counted since the last call."""
        with self._gate:
            now = time.process_time()
            found = {"signing": self.signing_seconds, "flushes": self.flushes, "requests": self.requests,
                     "processor": now - self.processor_seconds}
            self.signing_seconds, self.flushes, self.requests, self.processor_seconds = 0.0, 0, 0, now
        return found


def sign(node: Node, key: OpenKey, kind: str, **params: Any) -> bytes:
    """Return an act signed by a person of `node`."""
    at = datetime.now(UTC).replace(microsecond=0)
    return key.sign_act(PersonalAct(kind, f"act.{secrets.token_hex(12)}", node.registry.node, at, params, b""))


class Sender:
    """Dispatches in the serving process of Tokyo, and measures."""

    def __init__(self, folder: Path, alone: int, callers: int) -> None:
        self.folder, self.alone, self.callers = folder, alone, callers
        self.items: list[str] = json.loads((folder / "items.json").read_text())
        self.key = open_key(folder / "tokyo-keys" / "ren.key", PASSPHRASE, Mode.EXERCISE)
        self.bell = threading.Condition()

    def start(self, node: Node) -> None:
        """Begin once the node serves."""
        node.registry.ledger.on_commit(self._ring)
        threading.Thread(target=self._run, args=(node, Costs(node)), daemon=True).start()

    def _ring(self) -> None:
        with self.bell:
            self.bell.notify_all()

    def _run(self, node: Node, costs: Costs) -> None:
        try:
            costs.taken()
            single = [self._exchange(node, item) for item in self.items[: self.alone]]
            made = costs.taken()
            (self.folder / "mark").write_text("many")
            start = time.perf_counter()
            with ThreadPoolExecutor(self.callers) as pool:
                many = list(pool.map(lambda item: self._exchange(node, item), self.items[self.alone :]))
            seconds = time.perf_counter() - start
            result = {"single": single, "many": many, "seconds": seconds, "costs": made}
            (self.folder / "result.json").write_text(json.dumps(result))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _exchange(self, node: Node, item: str) -> float:
        start = time.perf_counter()
        request = identify(node.registry, sign(
            node, self.key, "dispatch", agreement=AGREEMENT, items=[item], link="wire", purpose=PURPOSE,
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


class Recipient:
    """Registers whatever is held, in the serving process of Kyiv."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = open_key(folder / "kyiv-keys" / "olena.key", PASSPHRASE, Mode.EXERCISE)
        self.bell = threading.Event()
        self.begun: set[str] = set()
        self.written = False

    def start(self, node: Node) -> None:
        """Begin once the node serves."""
        node.registry.ledger.on_commit(self.bell.set)
        threading.Thread(target=self._run, args=(node, Costs(node)), daemon=True).start()

    def _run(self, node: Node, costs: Costs) -> None:
        with ThreadPoolExecutor(_REGISTRARS) as pool:
            while True:
                self.bell.wait(0.5)
                self.bell.clear()
                if not self.written and (self.folder / "mark").exists():
                    (self.folder / "kyiv-costs.json").write_text(json.dumps(costs.taken()))
                    self.written = True
                for record in node.registry.find("consignment", "state", "held"):
                    if record.id not in self.begun:
                        self.begun.add(record.id)
                        pool.submit(self._register, node, record.id)

    def _register(self, node: Node, id: str) -> None:
        try:
            register(node.registry, identify(node.registry, sign(
                node, self.key, "register", consignment=id, counted=1
            )))
        except CordialeError as error:
            print(f"not registered: {error}", file=sys.stderr)


def serve_part(part: str, folder: Path, alone: int, callers: int) -> None:
    """Serve one of the two nodes in this process, until the measurement is over."""
    player: Sender | Recipient = Sender(folder, alone, callers) if part == "tokyo" else Recipient(folder)
    serve(folder / part, PASSPHRASE, ServeOptions(player.start))


def free_ports(count: int) -> list[int]:
    """Return ports on loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in found]


@contextlib.contextmanager
def _played(folder: Path) -> Iterator[Play]:
    """Yield two serving nodes between which an agreement is in force and the wire is open."""
    ports, pace = free_ports(2), Pace()
    tokyo = Actor("Tokyo", "JPN", "tokyo.jpn", folder / "tokyo", ports[0], pace)
    kyiv = Actor("Kyiv", "UKR", "kyiv.ukr", folder / "kyiv", ports[1], pace)
    play = Play(tokyo, kyiv, pace, HERE / "paper.pdf", folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            tokyo.found(HERE / "people-tokyo.csv")
            kyiv.found(HERE / "people-kyiv.csv")
            for actor in play.actors:
                actor.start()
            for scene in (first_contact, scene_1, scene_2, scene_3):
                scene(play)
        yield play
    finally:
        for actor in play.actors:
            actor.stop()


def prepare(folder: Path, count: int) -> None:
    """Make both homes, bring the agreement into force, and label and release `count` items in Tokyo."""
    content = folder / "content"
    content.write_bytes(secrets.token_bytes(SIZE_BYTES))
    with _played(folder) as play, contextlib.redirect_stdout(io.StringIO()):
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


def _median_ms(act: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1_000


def flush_ms(folder: Path) -> float:
    """Return how long the disk takes to flush 4 KiB, in milliseconds."""
    with (folder / "probe").open("wb", buffering=0) as file:

        def flush() -> None:
            file.write(bytes(4096))
            os.fdatasync(file.fileno())

        return _median_ms(flush, 200)


def report(folder: Path, callers: int) -> None:
    """Print what was measured."""
    result = json.loads((folder / "result.json").read_text())
    there = json.loads((folder / "kyiv-costs.json").read_text())
    here, single, many = result["costs"], result["single"], result["many"]
    count = len(single)
    p50 = statistics.median(single) * 1_000
    p99 = sorted(single)[int(count * 0.99)] * 1_000
    disk = flush_ms(folder)
    flushes = (here["flushes"] + there["flushes"]) / count
    signing = (here["signing"] + there["signing"]) / count * 1_000
    requests = (here["requests"] + there["requests"]) / count
    print(f"one in flight: {count} exchanges, p50={p50:.1f} ms, p99={p99:.1f} ms")
    print(f"{callers} callers: {len(many)} exchanges, rate={len(many) / result['seconds']:.1f}/s, "
          f"p50 each {statistics.median(many) * 1_000:.0f} ms")
    print(f"processor time of an exchange: {here['processor'] / count * 1_000:.1f} ms at the sender, "
          f"{there['processor'] / count * 1_000:.1f} ms at the recipient")
    print(f"an exchange is, of {p50:.1f} ms: signatures {signing:.1f} ms; {flushes:.1f} flushes of {disk:.2f} ms, "
          f"{flushes * disk:.1f} ms; {requests:.1f} requests over the wire; both nodes together")
    print(f"with a disk that flushes in {SLOW_FLUSH_MS:.0f} ms: about {p50 + flushes * (SLOW_FLUSH_MS - disk):.0f} ms "
          "one in flight, if no two flushes overlap")


def main() -> None:
    """Prepare, run both nodes, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--alone", type=int, default=40)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--part", choices=("tokyo", "kyiv"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        serve_part(given.part, given.folder, given.alone, given.callers)
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        alone = min(given.alone, given.items // 2)
        prepare(folder, given.items)
        command = [sys.executable, "-m", "bench.exchange_bench", "--folder", name, "--alone", str(alone),
                   "--callers", str(given.callers)]
        kyiv = subprocess.Popen([*command, "--part", "kyiv"])
        try:
            subprocess.run([*command, "--part", "tokyo"], check=False)
        finally:
            kyiv.send_signal(signal.SIGTERM)
            kyiv.wait(30)
        report(folder, given.callers)


if __name__ == "__main__":
    main()
