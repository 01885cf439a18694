"""What the wire costs: kept connections under mutual TLS 1.3 against plain HTTP, in one run.

    python bench/tls_bench.py [--seconds 2] [--rounds 5]

One server process (uvicorn, both ports), one client thread here. Rounds alternate,
so that a busy machine weighs on both sides alike; the median ratio is the figure to keep.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import io
import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import uvicorn

from cordiale.adapters.http_client import PeerClient
from cordiale.adapters.tls import PeerContext, peer_server_config
from cordiale.adapters.tls_client import Channel
from cordiale.adapters.tls_context import make_context
from cordiale.crypto.certificates import der_of, make_certificate, make_transport_key, pin_of

BODY = bytes(64 * 1024)
UPLOAD_MIB = 64
Identity = tuple[bytes, bytes]


def make_identity(node_id: str) -> Identity:
    key = make_transport_key()
    return make_certificate(key, node_id=node_id, valid_from=datetime.now(UTC)), key


async def count(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    answer = b"%d" % size
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def listen() -> socket.socket:
    # The protocol is named because asyncio switches Nagle's algorithm off only then.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


def serve(ports: Connection, loop: str, ours: Identity, partner: bytes) -> None:
    async def both() -> None:
        context = PeerContext(*ours, allowed_pins=lambda: {partner: "partner"})
        sealed = peer_server_config(count, context, host="127.0.0.1", port=0)
        plain = uvicorn.Config(count, lifespan="off", ws="none", access_log=False, log_config=None)
        listening = [listen(), listen()]
        ports.send([each.getsockname()[1] for each in listening])
        await asyncio.gather(*(
            uvicorn.Server(config).serve([each])
            for config, each in zip((sealed, plain), listening, strict=True)
        ))

    asyncio.Runner(loop_factory=uvicorn.Config(count, loop=loop).get_loop_factory()).run(both())


def per_second(act: Callable[[], object], seconds: float) -> float:
    times, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        act()
        times += 1
    return times / (time.perf_counter() - start)


def measure(loop: str, seconds: float, rounds: int) -> None:
    ours, theirs = make_identity("tokyo"), make_identity("kyiv")
    our_pin, their_pin = pin_of(der_of(ours[0])), pin_of(der_of(theirs[0]))
    ports, theirs_end = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs_end, loop, theirs, our_pin), daemon=True)
    server.start()
    sealed_port, plain_port = ports.recv()
    client = PeerClient(
        f"https://127.0.0.1:{sealed_port}", lambda: frozenset([their_pin]),
        certificate_pem=ours[0], key_pem=ours[1], timeout_seconds=10)
    plain = http.client.HTTPConnection("127.0.0.1", plain_port)
    context = make_context(*ours, is_known=lambda pin: pin == their_pin)

    def post_plain() -> None:
        plain.request("POST", "/", BODY)
        plain.getresponse().read()

    content = io.BytesIO(bytes(UPLOAD_MIB * 1024**2))

    def put_plain() -> None:
        content.seek(0)
        plain.request("PUT", "/", content, {"Content-Length": str(UPLOAD_MIB * 1024**2)})
        plain.getresponse().read()

    def shake_hands() -> None:
        Channel(("127.0.0.1", sealed_port), context, timeout_seconds=10).close()

    acts: dict[str, Callable[[], object]] = {
        "plain HTTP, 64 KiB posts": post_plain,
        "mutual TLS, 64 KiB posts": lambda: client.post("/", BODY),
        f"plain HTTP, {UPLOAD_MIB} MiB uploads": put_plain,
        f"mutual TLS, {UPLOAD_MIB} MiB uploads":
            lambda: client.put_range("/", content, offset=0, total=UPLOAD_MIB * 1024**2),
        "mutual TLS, new connections": shake_hands,
    }
    for act in acts.values():
        per_second(act, 0.2)
    figures = [[per_second(act, seconds) for act in acts.values()] for _ in range(rounds)]
    for name, column in zip(acts, zip(*figures, strict=True), strict=True):
        print(f"{loop:8} {name:28} {statistics.median(column):9.1f} /s")
    for name, first in (("posts", 0), ("uploads", 2)):
        ratio = statistics.median(row[first + 1] / row[first] for row in figures)
        print(f"{loop:8} {'TLS / plain, ' + name:28} {ratio:9.2f}")
    client.close()
    server.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for loop in ("asyncio", "uvloop"):
        measure(loop, options.seconds, options.rounds)


if __name__ == "__main__":
    main()
