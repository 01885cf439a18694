"""The quickstart is walked from top to bottom, exactly as it is written, with two real nodes."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

from tests.docs.walk import steps_of, walk
from tests.docs.warm_shell import start_waiting, write_command

from cordiale.doors.cli.main import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "quickstart.md"
SECONDS = 400


def environment(folder: Path) -> dict[str, str]:
    """Return what surrounds the shell: this installation of Cordiale, English, and two addresses that are free."""
    command = folder / "bin" / "cordiale"
    command.parent.mkdir()
    write_command(command, folder / "calls")
    env = {**os.environ, "LANGUAGE": "en", "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}
    for name in ("CORDIALE_HOME", "CORDIALE_KEY"):
        env.pop(name, None)
    with socket.socket() as tokyo, socket.socket() as kyiv:
        for name, found in (("TOKYO", tokyo), ("KYIV", kyiv)):
            found.bind(("127.0.0.1", 0))
            env[name] = f"127.0.0.1:{found.getsockname()[1]}"
    return env


def test_the_quickstart_does_what_it_says(tmp_path: Path) -> None:
    steps = list(steps_of(PAGE.read_text(encoding="utf-8")))
    folder = tmp_path / "desk"
    folder.mkdir()
    waiting = start_waiting(tmp_path / "calls")
    try:
        walked = walk(steps, folder, tmp_path / "notes", environment(tmp_path), seconds=SECONDS)
    finally:
        os.killpg(waiting.pid, signal.SIGKILL)
        waiting.wait()
    assert [one.complaint for one in walked if one.complaint] == []
    assert len(walked) == len(steps)


def test_the_quickstart_walks_the_whole_road() -> None:
    """Every command that a document needs on its way is on the page."""
    typed = " ".join(step.commands for step in steps_of(PAGE.read_text(encoding="utf-8")))
    aside = {
        "absence", "accord", "anchor", "book", "carry", "circulate", "clearance", "client", "clock", "completion", "consent",
        "contract", "crisis", "desk", "device", "doctor", "draft", "duties", "duty", "emergency", "entry", "erase", "errors",
        "folder", "incident", "inventory", "join", "level", "medium", "purpose", "recall", "refuse", "registry", "reproduce",
        "restore", "stamp", "succession", "visit",
    }
    missing = {row.name for row in COMMANDS if not re.search(rf"(cordiale|tokyo|kyiv|node|1.) {row.name}\b", typed)}
    assert missing <= aside
