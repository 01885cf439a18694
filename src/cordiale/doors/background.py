"""What runs by itself beside the doors, each in a thread of its own, for as long as the node serves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol, TypeAlias

from cordiale.doors.replies import expected_error
from cordiale.operate.courier import WireCourier
from cordiale.records.registry import Registry
from cordiale.work.chaser import Chaser
from cordiale.work.couriers import CourierWatch
from cordiale.work.delays import DelayWatch
from cordiale.work.indexer import Indexer
from cordiale.work.leveller import Leveller
from cordiale.work.outbox import Outbox
from cordiale.work.readings import ReadingTeller
from cordiale.work.sweeper import Sweeper
from cordiale.work.witness import CosigningRounds

_diagnostics: Final = logging.getLogger("cordiale.work")
_AGAIN_SECONDS: Final = 5.0
_STOP_SECONDS_MAX: Final = 35.0


class Worker(Protocol):
    """Does its work in `run` until `stop` is called from another thread."""

    def run(self) -> None: ...
    def stop(self) -> None: ...


class OutboxWorker:
    """Sends what waits by wire, woken by every commit."""

    def __init__(self, registry: Registry) -> None:
        self._courier = WireCourier(registry)
        self.outbox = Outbox(registry, self._courier)
        registry.ledger.on_commit(self.outbox.ring)

    def run(self) -> None:
        """Send until stopped."""
        self.outbox.run()

    def stop(self) -> None:
        """Let the message end that is under way, and hang up."""
        self.outbox.stop()
        self._courier.close()


MakeWorker: TypeAlias = Callable[[Registry], Worker]

WORKERS: Final[Sequence[MakeWorker]] = (
    Chaser, CourierWatch, DelayWatch, Sweeper, Leveller, ReadingTeller, Indexer, CosigningRounds,
)
"""Everything that runs by itself beside the outbox, a row each."""


@contextmanager
def running_work(workers: Sequence[Worker]) -> Iterator[None]:
    """Run `workers` until the end of the block; what fails inside one is said and begun again."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_run, args=(worker, ended), name=type(worker).__name__, daemon=True)
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join(_STOP_SECONDS_MAX)


def _run(worker: Worker, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            worker.run()
        except Exception as error:  # noqa: BLE001 - work that runs by itself has nobody else to answer it
            raised = expected_error(error, _diagnostics)
            _diagnostics.warning("%s stopped and is begun again: %s", type(worker).__name__, raised.code)
            ended.wait(_AGAIN_SECONDS)
