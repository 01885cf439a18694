"""A content that is read at a terminal: to a file that is named or to another program, never to the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from cordiale.doors.cli.caller import Caller
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.doors.cli.client import Progress, Reply


def refuse_target(caller: Caller, output: Path | None) -> None:
    """End the command where a content may not go: to a terminal, into a file that is there, or beside JSON."""
    if output is None and sys.stdout.isatty():
        raise click.UsageError(say("a content is not written to a terminal: name a file with --output"))
    if output is not None and output.exists():
        raise click.UsageError(say("{file} is there already, and is left as it is", file=output))
    if output is None and caller.settings.is_json:
        raise click.UsageError(say("with --json the content needs a file of its own: --output"))


def take_content(caller: Caller, kind: str, params: Mapping[str, Any], output: Path | None) -> None:
    """Ask for a content, write it to `output` or to standard output, and tell its banner; no part of one is left."""
    signed = caller.sign(kind, params, caller.settings.act_id)
    target = _Target(caller, output)
    try:
        reply = caller.client.read(signed, target.open, progress=target.progress)
    except BaseException:
        target.remove()
        raise
    target.close()
    if output is not None:
        caller.told(reply, *reply.answer["banner"], say("written to {file}", file=output))
    else:
        for line in (*reply.answer["banner"], say("audit trail: {entry}", entry=reply.trail)):
            click.echo(line, err=True)


class _Target:
    """Where the content goes, and the bar that follows it."""

    def __init__(self, caller: Caller, path: Path | None) -> None:
        self._caller = caller
        self._path = path
        self._file: BinaryIO | None = None
        self._shown = ExitStack()
        self._bar: Progress | None = None

    def open(self, reply: Reply) -> BinaryIO:
        """Open the target once the reading is granted; a file that is there already is left as it is."""
        size = int(reply.answer["size_bytes"])
        self._caller.settings.if_stopped = say(
            "the part that was written is removed; the reading stands in the audit trail: {entry}", entry=reply.trail
        )
        self._bar = self._shown.enter_context(self._caller.progress(say("reading"), size))
        if self._path is None:
            return sys.stdout.buffer
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise click.UsageError(say(
                "{file} cannot be written: {reason}", file=self._path, reason=os.strerror(error.errno or 0)
            )) from error
        self._file = os.fdopen(descriptor, "wb")
        return self._file

    def progress(self, done: int) -> None:
        """Follow what was written."""
        if self._bar is not None:
            self._bar(done)

    def close(self) -> None:
        """Flush what was written."""
        self._shown.close()
        if self._file is not None:
            self._file.close()
        else:
            sys.stdout.buffer.flush()

    def remove(self) -> None:
        """Leave no part of a content behind."""
        self._shown.close()
        if self._file is not None and self._path is not None:
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                self._path.unlink()
