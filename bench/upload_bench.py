"""A file from a browser into its sealed envelope, against sealing the same file without a desk in between.

    python -m bench.upload_bench [--size 1GiB] [--rounds 3] [--folder FOLDER]

The desk stands in a process of its own, served over HTTP as a node serves it, over books in a file and envelopes in a
folder. Somebody has labelled an item there; the file is sent as a browser sends it, and the answer comes when it is
sealed, flushed and entered. Each round seals the same file with `bench.envelope_bench` too: the ratio is to the speed
of that, and the figure shown the median of the rounds. Peak memory is that of the process that serves.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.desk.asking_app import close_lane
from tests.desk.browser import ORIGIN, Browser, open_door
from tests.desk.test_label import FIELDS
from tests.world.outside import MemoryAnchor
from tests.world.world import World, copy_of

from bench.envelope_bench import parse_size
from cordiale.adapters.folder import FolderObjects
from cordiale.operate.desk_end import desk_server

LIMIT_RATIO: Final = 0.5
LIMIT_PEAK_MIB: Final = 250
_PIECE_BYTES: Final = 1024 * 1024
_BOUNDARY: Final = "bench-4f1c"
_SERVED: Final = "served.json"


def serve(folder: Path, rounds: int) -> None:
    """Serve the desk of one node on a port of its own until the input ends; then print what that took."""
    import uvicorn
    import uvloop

    player = World.in_force().tokyo
    player.reopen(
        store=copy_of(player.registry.store, str(folder / "books.db")), objects=FolderObjects(folder / "objects"),
        anchor=MemoryAnchor(player.anchor.content),
    )
    app = open_door(player)
    browser = Browser(app)
    browser.sign_in("originator")
    labels = []
    for _ in range(rounds):
        browser.open("/label")
        page = browser.submit(FIELDS)
        fields = page.tree.xpath("//main//form[.//input[@type='file']]//input[@type='hidden']")
        labels.append([page.path, [(one.get("name"), one.get("value")) for one in fields]])
    close_lane()
    config = desk_server(app, None, seconds=(75, 20))
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    before = resource.getrusage(resource.RUSAGE_SELF)

    async def run() -> None:
        stopping = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        (folder / _SERVED).write_text(json.dumps({
            "cookies": browser.cookies, "labels": labels, "port": listening.getsockname()[1],
        }))
        print("ready", flush=True)
        await stopping
        server.should_exit = True
        await serving

    uvloop.run(run())
    used = resource.getrusage(resource.RUSAGE_SELF)
    items = len(player.registry.reads().every("item"))
    print(json.dumps({
        "begun": before.ru_maxrss / 1024, "busy": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        "items": items, "peak": used.ru_maxrss / 1024,
    }), flush=True)


def _parts(fields: list[list[str]], plain: Path) -> Iterator[bytes]:
    """Yield the form as a browser writes it, its file a piece at a time."""
    for name, value in fields:
        yield f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield (f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="bench.bin"\r\n'
           "Content-Type: application/octet-stream\r\n\r\n").encode()
    with plain.open("rb", buffering=0) as source:
        while piece := source.read(_PIECE_BYTES):
            yield piece
    yield f"\r\n--{_BOUNDARY}--\r\n".encode()


def _send(served: dict[str, Any], label: list[Any], plain: Path) -> float:
    """Send the file and return how long it took, in seconds, until it was sealed and entered."""
    path, fields = label
    head = sum(map(len, _parts(fields, Path(os.devnull))))
    connection = http.client.HTTPConnection("127.0.0.1", served["port"], blocksize=_PIECE_BYTES)
    begun = time.perf_counter()
    connection.request("POST", path, _parts(fields, plain), {
        "Content-Length": str(head + plain.stat().st_size),
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Cookie": "; ".join(f"{name}={value}" for name, value in served["cookies"].items()), "Origin": ORIGIN,
    })
    answer = connection.getresponse()
    said = answer.read()
    taken = time.perf_counter() - begun
    if answer.status != 303:
        raise SystemExit(f"the desk answered {answer.status}: {said[:2_000].decode(errors='replace')}")
    connection.close()
    return taken


@contextmanager
def _serving(folder: Path, rounds: int) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "bench.upload_bench", "--serve", str(folder), "--rounds", str(rounds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise SystemExit("the desk did not open")
        try:
            yield process, json.loads((folder / _SERVED).read_text())
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _seal(folder: Path) -> float:
    command = [sys.executable, "-m", "bench.envelope_bench", "--step", "seal", "--folder", str(folder)]
    taken = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0])
    (folder / "sealed").unlink()
    return taken


def run(folder: Path, size_bytes: int, rounds: int) -> bool:
    """Send and seal in turns, print what each took, and tell whether the limits were kept."""
    plain = folder / "plain"
    with plain.open("wb") as made:
        for start in range(0, size_bytes, 2**24):
            made.write(os.urandom(min(2**24, size_bytes - start)))
        made.flush()
        os.fsync(made.fileno())
    sealed, sent = [], []
    with _serving(folder, rounds) as (process, served):
        for label in served["labels"]:
            sealed.append(_seal(folder))
            sent.append(_send(served, label, plain))
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        used = json.loads(process.stdout.read())
    objects = sum(one.stat().st_size for one in (folder / "objects").rglob("*") if one.is_file())
    if objects < rounds * size_bytes:
        raise SystemExit("what was sent does not lie sealed in the folder")
    ratio = statistics.median(one / other for one, other in zip(sealed, sent, strict=True))
    mib = size_bytes / 2**20
    print(f"size={size_bytes} bytes, {rounds} rounds, medians; limit {LIMIT_RATIO} of the speed of sealing")
    print(f"sealing {statistics.median(sealed):7.3f} s {mib / statistics.median(sealed):7.0f} MiB/s")
    print(f"upload to sealed {statistics.median(sent):7.3f} s {mib / statistics.median(sent):7.0f} MiB/s "
          f"ratio={ratio:.2f} peak={used['peak']:.0f} MiB, before the first {used['begun']:.0f} MiB, "
          f"processor {used['busy'] / rounds:.2f} s each")
    return ratio >= LIMIT_RATIO and used["peak"] < LIMIT_PEAK_MIB


def main() -> None:
    """Parse the command line and run; exit 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=parse_size, default=2**30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.rounds)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder or os.environ.get("BENCH_DIR")) as name:
        raise SystemExit(0 if run(Path(name), arguments.size, arguments.rounds) else 1)


if __name__ == "__main__":
    main()
