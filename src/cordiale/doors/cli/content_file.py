"""The file a content is read from: opened, named, and told what it is by its ending."""

from __future__ import annotations

import mimetypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from cordiale.words import say


def content_path(file: str) -> Path | None:
    """Return where the content lies, None for what comes in on standard input."""
    return Path(file) if file != "-" else None


def named_content(path: Path | None) -> dict[str, str]:
    """Return what an act says of the file at `path`: its name, and the kind of file that its ending tells."""
    if path is None:
        return {}
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"file_name": path.name, "media_type": kind}


@contextmanager
def open_content(path: Path | None) -> Iterator[BinaryIO]:
    """Open the content to be read; standard input where `path` is None. Raises `UsageError` when it cannot be."""
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise click.UsageError(say(
            "{file} cannot be read: {reason}", file=path, reason=os.strerror(error.errno or 0)
        )) from error
    with source:
        yield source
