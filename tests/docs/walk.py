"""Runs the commands of a page as a person types them, one after the other in one shell, and keeps what each said.

In a block ```sh, a line `#> words` names words that stand in what the commands above it said (`…` for anything in
between), and `#! 3` the exit code the last of them ends with; where none stands, every command succeeds.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DRIVER = Path(__file__).with_name("walk.sh")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """Some commands of a page, with what is expected of them; `line` is where they stand."""

    line: int
    commands: str
    said: tuple[str, ...] = ()
    code: int = 0


@dataclass(frozen=True)
class Walked:
    """How a step went: what it said, and every exit code that was not 0."""

    step: Step
    output: str
    codes: tuple[int, ...]

    @property
    def complaint(self) -> str:
        """What is not as the page says, empty when all is."""
        wanted = (self.step.code,) if self.step.code else ()
        wrong = [f"exit codes {self.codes}, not {wanted}"] if self.codes != wanted else []
        wrong += [f"not said: {words}" for words in self.step.said if not _pattern(words).search(self.output)]
        return f"line {self.step.line}: {'; '.join(wrong)}\n{self.step.commands}\n{self.output}" if wrong else ""


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part.strip()) for part in words.split("…")))


def steps_of(page: str) -> Iterator[Step]:
    """Return the steps of a page in order."""
    for block in _BLOCK.finditer(page):
        first = page.count("\n", 0, block.start(1)) + 1
        commands: list[str] = []
        said: list[str] = []
        code = 0
        for line, text in enumerate(block[1].splitlines(), start=first):
            if text.startswith("#> "):
                said.append(text[3:].strip())
            elif text.startswith("#! "):
                code = int(text[3:])
            else:
                if said or code:
                    yield Step(first, "\n".join(commands), tuple(said), code)
                    first, commands, said, code = line, [], [], 0
                commands.append(text)
        yield Step(first, "\n".join(commands), tuple(said), code)


def walk(steps: list[Step], folder: Path, notes: Path, env: Mapping[str, str], *, seconds: float) -> list[Walked]:
    """Run `steps` in `folder` in one shell, as far as the exit codes are right, and end what they left running.

    `notes` is a new folder for what the steps said. The bound in seconds is for a page that hangs, not for a speed.
    """
    notes.mkdir()
    for number, step in enumerate(steps):
        (notes / f"{number:03d}.sh").write_text(f"{step.commands}\ntrue\n", encoding="utf-8")
        (notes / f"{number:03d}.code").write_text(f"{step.code}\n", encoding="utf-8")
    shell = subprocess.Popen(
        ["bash", str(DRIVER), str(notes)], cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, start_new_session=True,
    )
    try:
        _wait(shell, seconds)
    finally:
        # What a page leaves running is in the shell's own process group. The shell is not reaped before, so that its
        # number is still its own.
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
    return list(_read_notes(steps, notes))


def _read_notes(steps: list[Step], notes: Path) -> Iterator[Walked]:
    for number, step in enumerate(steps):
        said, ended = notes / f"{number:03d}.out", notes / f"{number:03d}.ended"
        if not said.exists():
            return
        codes = tuple(map(int, ended.read_text(encoding="utf-8").split())) if ended.exists() else (-1,)
        yield Walked(step, said.read_text(encoding="utf-8", errors="replace"), codes)


def _wait(shell: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while os.waitid(os.P_PID, shell.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
