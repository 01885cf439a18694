"""Pages to print, written beside the answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cordiale.doors.cli.caller import Caller
from cordiale.operate.keyfiles import write_file
from cordiale.words import say


def write_page(caller: Caller, answer: Mapping[str, Any], path: Path) -> None:
    """Write the page in `answer` to the new file `path`; raises `OutOfOrder` when it is there already."""
    write_file(path, str(answer["html"]).encode("utf-8"), exclusive=True)
    caller.show({"file": str(path)}, lambda: caller.tell(say("the page is in {file}", file=path)))
