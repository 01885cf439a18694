"""The table of acts that are killed: by each kind of act, the test that does it (`killed_acts.json`).

Made by ``python -m tests.world.killing_rows``, which lets the tests run and notes where each act is done first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("killed_acts.json")
_WHERE = ("tests/world", "tests/views", "tests/api", "tests/attack")
_NOT = ("tests/world/test_killing.py", "tests/world/test_crash.py", "tests/world/test_lives.py",
        "tests/world/test_whole_lives.py")


def rows() -> dict[str, str]:
    """Return the table."""
    found: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def run(tests: Sequence[str], *more: str) -> dict[str, Any]:
    """Run `tests` in a process of their own in which acts are killed; return what it tells."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p",
             "tests.world.killing_acts", "--killed-in", str(told), *more, *tests],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )
        assert told.exists(), ended.stdout[-4000:] + ended.stderr[-4000:]
        found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return found | {"ended": ended.returncode, "said": ended.stdout[-4000:]}


def main() -> None:
    """Write the table anew."""
    skipped = [part for name in _NOT for part in ("--ignore", name)]
    found = run(_WHERE, "--killed-never", "-m", "not slow", *skipped)["killed"]
    FILE.write_text(json.dumps({kind: found[kind][0] for kind in sorted(found)}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
