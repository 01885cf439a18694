"""What walks a page notices whatever is not as the page says."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from tests.docs.walk import Walked, steps_of, walk


def walked(folder: Path, page: str, *, seconds: float = 60) -> list[Walked]:
    return walk(list(steps_of(page)), folder, folder / "notes", os.environ, seconds=seconds)


def block(*lines: str) -> str:
    return "\n".join(["Words.", "", "```sh", *lines, "```", ""])


def test_what_one_step_sets_the_next_one_finds(tmp_path: Path) -> None:
    page = block("mkdir there", "cd there", "greet() { echo good $1; }")
    page += block("greet morning", "#> good … ning", "pwd", "#> there")
    assert [one.complaint for one in walked(tmp_path, page)] == ["", "", ""]


@pytest.mark.parametrize(("lines", "complaint"), [
    (("echo one", "#> two"), "line 4: not said: two"),
    (("echo one", "echo two", "#> one … two"), "line 4: not said: one … two"),
    (("true", "#! 3"), "line 4: exit codes (), not (3,)"),
    (("(exit 3)",), "line 4: exit codes (3,), not ()"),
    (("(exit 3)", "true"), "line 4: exit codes (3,), not ()"),
    (("(exit 4)", "#! 3"), "line 4: exit codes (4,), not (3,)"),
    (("refuse() { return 3; }", "refuse", "refuse", "#! 3"), "line 4: exit codes (3, 3), not (3,)"),
    (("echo one", "#> one", "echo two", "#> one"), "line 6: not said: one"),
])
def test_whatever_differs_is_told_with_its_line(tmp_path: Path, lines: tuple[str, ...], complaint: str) -> None:
    told = [one.complaint.partition("\n")[0] for one in walked(tmp_path, block(*lines)) if one.complaint]
    assert told == [complaint]


def test_an_expected_refusal_is_no_complaint(tmp_path: Path) -> None:
    page = block("echo 'not that way' >&2; (exit 3)", "#> not that way", "#! 3", "echo on", "#> on")
    assert [one.complaint for one in walked(tmp_path, page)] == ["", ""]


def test_nothing_runs_after_a_step_that_failed(tmp_path: Path) -> None:
    assert len(walked(tmp_path, block("false", "#> nothing", "touch after"))) == 1
    assert not (tmp_path / "after").exists()


def test_what_a_page_leaves_running_is_ended(tmp_path: Path) -> None:
    assert [one.complaint for one in walked(tmp_path, block("sleep 600 &", "echo $! >left"))] == [""]
    left = (tmp_path / "left").read_text().strip()

    def state() -> str:
        return subprocess.run(["ps", "-o", "stat=", "-p", left], capture_output=True, text=True, check=False).stdout[:1]

    # What was killed may take a moment to be gone on a busy machine; what was not is there until the patience ends.
    patient = 0
    while state() not in ("", "Z") and patient < 300:
        time.sleep(0.1)
        patient += 1
    assert state() in ("", "Z")


def test_a_page_that_hangs_is_told(tmp_path: Path) -> None:
    assert [one.codes for one in walked(tmp_path, block("sleep 600"), seconds=1)] == [(-1,)]
