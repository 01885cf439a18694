"""The wire between two real nodes breaks: what was on its way goes on where it stopped, and who waits says so."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from tests.doors.nodes import Home, call
from tests.processes.nodes import Pair, wait_until
from tests.processes.resting import require_agreement

MIB = 1024**2
LARGE_BYTES = 200 * MIB
# What a connection may hold besides the envelope itself: requests, records of TLS, the books.
BESIDE_BYTES = 3 * MIB


def written(home: Home) -> int:
    """Return the bytes that the process of `home` has written, to disk and to the wire."""
    assert home.process is not None
    try:
        lines = Path(f"/proc/{home.process.pid}/io").read_text().splitlines()
    except OSError:
        pytest.skip("this system does not count what a process writes")
    return int(next(line for line in lines if line.startswith("wchar")).split()[1])


def arriving(home: Home) -> int:
    """Return how much of an envelope has arrived at `home` and is not whole yet, in bytes."""
    parts = list((home.path / "objects").glob("*/arriving-*.part"))
    try:
        return sum(part.stat().st_size for part in parts)
    except FileNotFoundError:
        return 0


def test_a_torn_upload_goes_on_where_it_stopped(pair: Pair, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    piece = bytes(range(256)) * 4096
    with large.open("wb") as file:
        for _ in range(LARGE_BYTES // len(piece)):
            file.write(piece)
    item = pair.released(large)
    large.unlink()
    before = written(pair.tokyo)
    consignment = str(pair.at_tokyo.dispatch([item]).answer["consignment"])
    sealed = written(pair.tokyo) - before
    assert sealed > LARGE_BYTES, "what is counted is not what is written"
    wait_until(lambda: arriving(pair.kyiv) > LARGE_BYTES // 4, "the first half of the upload")
    pair.kyiv.stop(signal.SIGKILL)
    stored = arriving(pair.kyiv)
    assert LARGE_BYTES // 4 < stored < LARGE_BYTES
    # Tokyo notices, and waits: only then is counted what it sends again.
    wait_until(lambda: pair.at_tokyo.operate("outbox")["trouble"], "noticing that the partner is gone")
    sent = written(pair.tokyo)
    pair.kyiv.start()
    assert arriving(pair.kyiv) == stored
    pair.at_kyiv.register(consignment)
    pair.settle()
    again = written(pair.tokyo) - sent
    assert LARGE_BYTES - stored < again < LARGE_BYTES - stored + LARGE_BYTES // 500 + BESIDE_BYTES
    require_agreement(pair)


@contextmanager
def deaf(port: int) -> Iterator[list[float]]:
    """Listen at `port` and hang up on everybody; the list takes the times at which somebody called."""
    calls: list[float] = []
    with socket.create_server(("127.0.0.1", port)) as listening:
        listening.settimeout(0.1)

        def take() -> bool:
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                return False
            # What waits is tried side by side: one attempt, however many messages it was for.
            if not calls or time.monotonic() - calls[-1] > 0.5:
                calls.append(time.monotonic())
            connection.close()
            return True

        wait_until(lambda: take() and len(calls) >= 3, "three attempts to reach the partner")
        yield calls


def test_a_dead_partner_is_tried_again_with_growing_pauses_and_named(pair: Pair) -> None:
    pair.kyiv.stop(signal.SIGKILL)
    consignment = str(pair.at_tokyo.dispatch([pair.released(b"exercise" * 1000)]).answer["consignment"])
    # What was on its way over a connection when the other side died breaks off first.
    shown = wait_until(
        lambda: (found := pair.at_tokyo.operate("outbox")) and "reached" in str(found["trouble"]) and found,
        "noticing that nobody answers",
    )
    # What else waits is the log that is shown to be countersigned, and has no envelope.
    assert [row["partner"] for row in shown["waiting"] if row["attachments"]] == ["kyiv.ukr"]
    assert f"127.0.0.1:{pair.kyiv.port} cannot be reached" in shown["trouble"]["kyiv.ukr"]
    assert pair.at_tokyo.operate("status")["outbox"] >= 1
    told = call("--home", pair.tokyo.path, "outbox")
    assert (told.code, "cannot be reached" in told.out) == (0, True)
    # The work of others goes on meanwhile.
    assert pair.at_tokyo.label(title="exercise paper of another").answer["reference"]
    with deaf(pair.kyiv.port) as calls:
        pauses = [after - before for before, after in pairwise(calls)]
        # Each pause is twice the one before, and half a second is over; a busy machine only makes them longer.
        assert pauses[0] > 0.95 * 1.0 and pauses[1] > 0.95 * 2.0
    assert pair.at_tokyo.consignment(consignment)["state"] == "dispatched"
    pair.kyiv.start()
    pair.at_kyiv.register(consignment)
    pair.settle()
    assert pair.at_tokyo.operate("outbox")["trouble"] == {}
    assert pair.at_tokyo.consignment(consignment)["state"] == "receipted"
    require_agreement(pair)
