"""A command `cordiale` for a shell, which begins where an interpreter has read the program already.

The shell starts a small process that hands its arguments, folder, surroundings and open files to one that waits with the
program read. That one splits off a process, which runs the command as it is installed, in a process of its own. That the
program also starts from nothing is shown by `tests.doors.test_serve` and the demonstration.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

CALL_BYTES_MAX = 1 << 20
# The files a shell opens for a command: the three usual ones, and the one a passphrase comes in by.
HANDED = (0, 1, 2, 3)

# No site, no settings: it starts in a few milliseconds.
COMMAND = """#!{python} -IS
import json, os, signal, socket, sys
held = []
for fd in {handed!r}:
    try:
        os.fstat(fd)
        held.append(fd)
    except OSError:
        pass
call = socket.socket(socket.AF_UNIX)
call.connect({address!r})
said = json.dumps([held, sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(call, [len(said).to_bytes(4, "big")], held)
call.sendall(said)
answers = call.makefile("rb")
child = int(answers.readline())
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, frame: os.kill(child, number))
sys.exit(int(answers.readline() or 137))
"""


def write_command(path: Path, address: Path) -> None:
    """Write the command that a shell finds; `address` is the socket of the one that waits."""
    text = COMMAND.format(python=sys.executable, address=str(address), handed=HANDED)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o700)


def start_waiting(address: Path) -> subprocess.Popen[bytes]:
    """Start what waits at `address`; with all that it split off it is one process group, named by its number."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(address))
    listening.listen(16)
    with listening:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.docs.warm_shell", str(listening.fileno())],
            pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
            cwd=Path(__file__).parents[2],
        )


def _wait_for_calls(listening: socket.socket) -> None:
    import cordiale.doors.cli.commands as commands

    for path in sorted(Path(commands.__path__[0]).glob("*.py")):
        import_module(f"{commands.__name__}.{path.stem}")
    import_module("cordiale.doors.serve")
    # Nobody asks how a child ended: it says so itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        accepted, _ = listening.accept()
        call = socket.socket(fileno=_out_of_the_way(accepted.detach()))
        if os.fork() == 0:
            listening.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(call)
        call.close()


def _answer(call: socket.socket) -> None:
    head, fds, _, _ = socket.recv_fds(call, 4, len(HANDED))
    with call.makefile("rb") as coming:
        wanted, args, folder, env = json.loads(coming.read(int.from_bytes(head, "big")))
    _take_files(fds, wanted, call)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["cordiale", *args]
    code = _run()
    call.sendall(b"%d\n" % code)
    os._exit(code)


def _out_of_the_way(fd: int) -> int:
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, len(HANDED))
    os.close(fd)
    return moved


def _take_files(fds: list[int], wanted: list[int], call: socket.socket) -> None:
    # Out of the way first: what came may sit where another of them belongs.
    moved = [_out_of_the_way(fd) for fd in fds]
    for fd, place in zip(moved, wanted, strict=True):
        os.dup2(fd, place)
        os.close(fd)
    call.sendall(b"%d\n" % os.getpid())


def _run() -> int:
    from cordiale.crypto.passphrase import Cost, encrypt_with_passphrase
    from cordiale.doors.cli.main import main

    # The cost of trying a passphrase stands in each file, and no page is about how long one resists: what makes a key or
    # a vault here makes a cheap one, as the demonstration does. Everything else is the program as it is installed.
    cheap: dict[str, Any] = {"cost": Cost(memory_kib=64, passes=1, lanes=1)}
    encrypt_with_passphrase.__kwdefaults__ = {**(encrypt_with_passphrase.__kwdefaults__ or {}), **cheap}
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    _wait_for_calls(socket.socket(fileno=_out_of_the_way(int(sys.argv[1]))))
