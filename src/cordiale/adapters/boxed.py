"""A command in namespaces of its own, as `bwrap` runs it: no network, no other processes, and the files it is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PATHS: Final = ("/usr/bin", "/bin", "/usr/local/bin")
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")


def find_program(name: str) -> str:
    """Return where the program `name` lies on this machine, empty where it is not installed."""
    return next((f"{path}/{name}" for path in _PATHS if os.access(f"{path}/{name}", os.X_OK)), "")


def program_files() -> tuple[str, ...]:
    """Return the folders in which this program and its interpreter lie."""
    return sys.base_prefix, sys.prefix, str(Path(__file__).resolve().parents[2])


def boxed(bwrap: str, command: tuple[str, ...], shown: Iterable[str], *more: str) -> tuple[str, ...]:
    """Return `command` as `bwrap` runs it; it can read the system's files and those in `shown`, and write none.

    `more` are further options of `bwrap`. That of dying with the parent is only for what ends before the thread that
    started it: the kernel means that thread, not the process.
    """
    seen = dict.fromkeys((*_SYSTEM, *shown))
    binds = [part for path in seen for part in ("--ro-bind-try", path, path)]
    return (
        bwrap, "--unshare-all", "--new-session", "--cap-drop", "ALL", "--clearenv", *binds, *more,
        "--chdir", "/", *command,
    )
