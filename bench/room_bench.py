"""The reading room: the first page of a paper of 300 pages, the next ones, and what their process holds.

    python -m bench.room_bench [--pages 300] [--rounds 7]

The paper has text on every page and a photograph on each tenth. The first page is counted from the signed request: the
grant is durable, the envelope verified to its end, the content opened, the reader woven in. A process is kept ready, as
in a node that serves.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
import time
from pathlib import Path

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from tests.world.test_journey import PURPOSE
from tests.world.test_reproduction_stamps import cross_file
from tests.world.world import Player, World, copy_of

from cordiale.model.names import PersonId
from cordiale.operate.reading_room import Reader, Reading, ReadingRoom
from cordiale.records.registry import identify

_READER = Reader(PersonId("reader"), "bench")
_LINES = 54
_NEXT = 12


def paper(pages: int) -> bytes:
    """Return a paper of `pages` pages."""
    noise = Image.effect_noise((900, 600), 60).convert("RGB")
    photograph = io.BytesIO()
    noise.save(photograph, "JPEG", quality=80)
    made = io.BytesIO()
    canvas = Canvas(made)
    for page in range(pages):
        canvas.setFont("Helvetica", 10)
        for line in range(_LINES):
            canvas.drawString(60, 790 - 13 * line, f"{page}.{line} What is provided is protected as the provider asks, "
                                                   "and shown to those who need to know it.")
        if page % 10 == 9:
            canvas.drawImage(ImageReader(photograph), 60, 100, 450, 300)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def enter(room: ReadingRoom, player: Player, item: str) -> Reading:
    """Open one reading."""
    request = identify(player.registry, player.request("reader", "read.open", {"item": item, "purpose": PURPOSE}))
    return room.open(request, _READER.session)


def run(pages: int, rounds: int) -> None:
    """Open the paper `rounds` times, look at some pages each time, and print what it took."""
    world = World.in_force()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        player = world.kyiv
        player.reopen(store=copy_of(player.registry.store, str(Path(name) / "books.db")))
        content = paper(pages)
        item = cross_file(world, content)
        room = ReadingRoom(player.registry)
        first, following, sizes, held = [], [], [], 0
        for _ in range(rounds):
            player.registry.renderer.prepare()
            time.sleep(1)
            begun = time.perf_counter()
            reading = enter(room, player, item)
            room.page(reading.id, _READER, 1)
            first.append((time.perf_counter() - begun) * 1_000)
            for number in range(2, 2 + _NEXT):
                begun = time.perf_counter()
                sizes.append(len(room.page(reading.id, _READER, number).body))
                following.append((time.perf_counter() - begun) * 1_000)
            held = max(held, _peak_kib(room, reading))
            room.close(reading.id, _READER)
        room.close_all()
    print(f"pages={pages} content={len(content) // 1024} KiB first p50={statistics.median(first):.0f} ms "
          f"worst={max(first):.0f} ms limit=400 ms")
    print(f"next p50={statistics.median(following):.0f} ms p95={sorted(following)[len(following) * 95 // 100]:.0f} ms "
          f"picture={statistics.median(sizes) / 1024:.0f} KiB peak={held / 1024:.0f} MiB limit=150 ms")


def _peak_kib(room: ReadingRoom, reading: Reading) -> int:
    """Return the most memory that the process which shows `reading` has held."""
    process = room._readings[reading.id].rendering.child.process.pid  # type: ignore[attr-defined]
    below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    status = Path(f"/proc/{below[0] if below else process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    run(options.pages, options.rounds)


if __name__ == "__main__":
    main()
