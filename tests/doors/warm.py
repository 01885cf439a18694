"""Processes that begin where an interpreter has read the program already: the same program, without the half second.

A small process reads what serving needs, once, and every node of the tests is split off from it. Each is a process of
its own, with its own arguments, surroundings and files, and can be killed as any other. That the program also starts
from nothing is shown by `tests.doors.test_serve`, the quickstart and the demonstration.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from typing import Any


class Warm:
    """A running command, with the part of `subprocess.Popen` that the tests use."""

    def __init__(self, inner: BaseProcess) -> None:
        self._inner = inner
        assert inner.pid is not None
        self.pid = inner.pid

    def poll(self) -> int | None:
        """Return how it ended, or `None` while it runs."""
        return self._inner.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for its end, `timeout` seconds at most, and return how it ended."""
        self._inner.join(timeout)
        if self._inner.exitcode is None:
            raise subprocess.TimeoutExpired("cordiale", timeout)
        return self._inner.exitcode

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


@functools.cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cordiale.doors.serve", "cordiale.doors.cli.commands.serve", __name__])
    return context


def start_warm(args: Sequence[str], *, fds: Mapping[str, int], out: int) -> Warm:
    """Run a command: `args`, and each option of `fds` with a file descriptor; `out` is its output and its diagnostics."""
    handed = {option: _Handed(fd) for option, fd in fds.items()}
    process = _context().Process(target=_run, args=(list(args), handed, _Handed(out), dict(os.environ)))
    process.start()
    return Warm(process)


class _Handed:
    """A file descriptor that is handed over with the call; at the other end it is what `detach` gives."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __reduce__(self) -> tuple[Any, ...]:
        return _given, (DupFd(self._fd),)


def _given(handed: Any) -> Any:
    return handed


def _run(args: list[str], fds: dict[str, Any], out: Any, env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    written = out.detach()
    for stream in (1, 2):
        os.dup2(written, stream)
    os.close(written)
    sys.argv = ["cordiale", *args]
    for option, fd in fds.items():
        sys.argv += [option, str(fd.detach())]

    from cordiale.doors.cli.main import main

    main()
