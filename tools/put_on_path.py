"""Lets the interpreter that runs this find `cordiale` in src/, and puts the command `cordiale` beside it.

    .venv/bin/python tools/put_on_path.py

For `make demo`, which builds nothing. `make test` installs the project in the ordinary way instead.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parent.parent / "src"


def put_on_path(packages: Path, scripts: Path, source: Path) -> None:
    """Name `source` in a path file in `packages`, and write the command into `scripts`."""
    (packages / "cordiale-source.pth").write_text(f"{source}\n", encoding="utf-8")
    command = scripts / "cordiale"
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m cordiale "$@"\n', encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    if sys.prefix == sys.base_prefix:
        raise SystemExit("this is for a virtual environment: run it with .venv/bin/python")
    put_on_path(Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("scripts")), SOURCE)
