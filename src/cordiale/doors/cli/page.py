"""Pages to print, written beside the answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cordiale.canonical import parse_base64url
from cordiale.doors.cli.caller import Caller
from cordiale.operate.keyfiles import write_file
from cordiale.words import say


def form_of(html: Path | None, pdf: Path | None) -> str | None:
    """Return the form that a view is asked for, None for rows. Raises `click.UsageError` for both at once."""
    if html is not None and pdf is not None:
        raise click.UsageError(say("choose --html or --pdf"))
    return "html" if html is not None else "pdf" if pdf is not None else None


def write_form(caller: Caller, answer: Mapping[str, Any], path: Path) -> None:
    """Write the PDF in `answer` to the new file `path`; raises `OutOfOrder` when it is there already."""
    write_file(path, parse_base64url(str(answer["pdf"])), exclusive=True)
    caller.show({"file": str(path)}, lambda: caller.tell(say("the page is in {file}", file=path)))


def write_page(caller: Caller, answer: Mapping[str, Any], path: Path) -> None:
    """Write the page in `answer` to the new file `path`; raises `OutOfOrder` when it is there already."""
    write_file(path, str(answer["html"]).encode("utf-8"), exclusive=True)
    caller.show({"file": str(path)}, lambda: caller.tell(say("the page is in {file}", file=path)))
