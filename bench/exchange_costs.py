"""What an exchange is made of: counted and timed in the serving processes themselves.

Each kind of work is timed where it is done, by the clock on the wall and by the processor time of its thread. The
wire is what is left of a request once the work of the node that answers is taken off. A slow disk is played by
sleeping in every flush, of the books and of the files.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from cordiale.adapters.folder import FolderPartial
from cordiale.adapters.http_client import PeerClient
from cordiale.adapters.sqlite_store import SqliteTransaction
from cordiale.crypto.signatures import PrivateKey, PublicKey
from cordiale.doors import serve as serving


class Costs:
    """Counts and times what is done in this process; make it before the node serves."""

    def __init__(self) -> None:
        self.pause_seconds = 0.0
        self._found: defaultdict[str, float] = defaultdict(float)
        self._processor_seconds = time.process_time()
        self._gate = threading.Lock()
        self._time(PrivateKey, "sign", "made")
        self._time(PublicKey, "verify", "verified")
        for name in ("fsync", "fdatasync"):
            self._time(os, name, "flushed", pausing=True)
        self._time(SqliteTransaction, "__exit__", "committed", pausing=True)
        self._time(PeerClient, "_exchange", "asked")
        self._time(serving, "take_message", "answered")
        for name in ("append", "finish"):
            self._time(FolderPartial, name, "answered")

    def _time(self, owner: Any, name: str, kind: str, *, pausing: bool = False) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*given: Any, **named: Any) -> Any:
            wall, processor = time.perf_counter(), time.thread_time()
            try:
                if pausing and self.pause_seconds:
                    time.sleep(self.pause_seconds)
                return inner(*given, **named)
            finally:
                with self._gate:
                    self._found[kind] += 1
                    self._found[f"{kind}_wall"] += time.perf_counter() - wall
                    self._found[f"{kind}_processor"] += time.thread_time() - processor

        setattr(owner, name, timed)

    def taken(self) -> dict[str, float]:
        """Return what was counted since the last call: numbers, and seconds by wall and processor."""
        with self._gate:
            now = time.process_time()
            found = {**self._found, "processor": now - self._processor_seconds}
            self._found.clear()
            self._processor_seconds = now
        return found


def processor_shares(both: dict[str, float], count: int) -> str:
    """Return what the processor time of each of `count` was for, in words; `both` adds up the two nodes."""

    def each(*kinds: str) -> float:
        return sum(both.get(f"{kind}_processor", 0.0) for kind in kinds) / count * 1_000

    whole, signing = both.get("processor", 0.0) / count * 1_000, each("made", "verified")
    writing, asking = each("committed", "flushed"), max(0.0, each("asked"))
    return (
        f"{whole:.1f} ms: signatures {signing:.1f}, commits and flushes {writing:.1f}, requests at the asking end "
        f"{asking:.1f}, everything else {whole - signing - writing - asking:.1f}"
    )


def shares_of(both: dict[str, float], count: int, mean: float) -> list[str]:
    """Return what one exchange of `count` was made of, in lines; `both` adds up the two nodes, `mean` is in ms."""

    def each(kind: str) -> float:
        return both.get(kind, 0.0) / count

    def milliseconds(*kinds: str) -> float:
        return sum(each(kind) for kind in kinds) * 1_000

    signing = milliseconds("made_wall", "verified_wall")
    disk = milliseconds("flushed_wall", "committed_wall")
    wire = max(0.0, milliseconds("asked_wall") - milliseconds("answered_wall"))
    processor, signing_processor = milliseconds("processor"), milliseconds("made_processor", "verified_processor")
    rest = mean - signing - disk - wire
    parts = [("signatures", signing), ("disk", disk), ("HTTP and TLS", wire), ("everything else", rest)]
    shown = ", ".join(f"{name} {part:.1f} ms ({part / mean:.0%})" for name, part in parts)
    return [
        f"an exchange is, of {mean:.1f} ms on average: {shown}",
        f"in it: {each('made'):.1f} signatures made and {each('verified'):.1f} verified, {each('committed'):.1f} "
        f"commits and {each('flushed'):.1f} flushes of files, {each('asked'):.1f} requests; both nodes together",
        f"processor time of an exchange: {processor:.1f} ms, of which signatures {signing_processor:.1f} ms; two cores "
        f"can do {2_000 / processor:.0f} a second, and {2_000 / signing_processor:.0f} if only signatures were left",
    ]
