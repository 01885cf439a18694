"""What belongs in the repository: nothing of a machine it was written on, and nothing that is not about Cordiale."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from tools.source import ROOT, text_files

# Each word is written in two pieces, so that this file does not contain what it looks for.
_HOSTS: Final = (
    "py" "pi.org", "python" "hosted.org", "npm" "js.", "crates" ".io", "proxy.go" "lang.org", "conda" "-forge",
)
_MACHINES: Final = (r"(?<![\w.~-])/(?:wo" "rk|ho" "me|Us" "ers|ro" r"ot)/", "/tmp/" "bash", r"\bC:\\\\Us" "ers")
_WORDS: Final = (
    "sub" "agent", "lang" "uage model", "chat" "bot", "cop" "ilot", "clau" "de", "anth" "ropic", "ope" "nai",
    "system pro" "mpt", "house ru" "les", "issues sh" "ow", "another sess" "ion",
)
_SHORT: Final = ("L" "LM", "A" "I", "G" "PT")
_UNWANTED: Final = re.compile("|".join([
    *map(re.escape, _HOSTS), *_MACHINES, *(rf"(?i:{word})" for word in _WORDS),
    *(rf"\b{word}s?\b" for word in _SHORT),
]))


def test_nothing_is_said_that_does_not_belong() -> None:
    found = []
    for path in text_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            match = _UNWANTED.search(line)
            if match is not None:
                found.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {match[0]}")
    assert found == []


def test_the_dependencies_are_locked_without_addresses() -> None:
    for name in ("run.txt", "dev.txt"):
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pinned
        assert [line for line in pinned if not re.match(r"[A-Za-z0-9._-]+==\S+( ; .+)? \\$", line)] == []
        assert [line for line in lines if re.search(r"https?:|--index|--find|git\+", line)] == []
        following = [after for line, after in pairwise(lines) if line in pinned]
        assert all("--hash=sha256:" in line for line in following), "every requirement has a hash"


def test_what_runs_is_part_of_what_develops() -> None:
    """`make demo` is content with what `make test` installed."""

    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([A-Za-z0-9._-]+==\S+)", text, re.MULTILINE))

    assert pins("run.txt") <= pins("dev.txt")


def test_scripts_may_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
