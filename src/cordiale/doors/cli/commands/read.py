"""cordiale read: the content of an item, to a file you name or to another program, never to the screen."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import PATH
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.doors.cli.client import Progress, Reply


@declare(
    "read", say("read the content of an item"), acts=True,
    details=say(
        "The reading is entered in the audit trail before the first byte leaves. The content goes to --output or, "
        "without it, to another program; it is not written to a terminal. A file is for you alone to read, and "
        "removed again when the content breaks off."
    ),
    examples=[
        "cordiale read jpn.act.0a1b --purpose 'Dialogue' --output paper.pdf --key keys/reader.key.json",
        "cordiale read jpn.act.0a1b --purpose 'Dialogue' --key keys/reader.key.json | pdf-viewer -",
        "cordiale read jpn.act.0a1b --purpose 'Dialogue' --stamped --output paper.pdf --key keys/reader.key.json",
    ],
)
@click.argument("item")
@click.option("--purpose", required=True, help=say("what you read it for"))
@click.option("--output", "-o", type=PATH, metavar="FILE", help=say("the new file to write it to"))
@click.option("--stamped", is_flag=True, help=say("a PDF with both markings and the copy number on every page"))
@click.option("--copy", metavar="COPY", help=say("the copy that the stamp names, where several are held"))
def command(caller: Caller, item: str, purpose: str, output: Path | None, **stamp: Any) -> None:
    """Read it."""
    if output is None and sys.stdout.isatty():
        raise click.UsageError(say("a content is not written to a terminal: name a file with --output"))
    if output is not None and output.exists():
        raise click.UsageError(say("{file} is there already, and is left as it is", file=output))
    if output is None and caller.settings.is_json:
        raise click.UsageError(say("with --json the content needs a file of its own: --output"))
    asked = {name: value for name, value in stamp.items() if value}
    signed = caller.sign("read", {"item": caller.item_id(item), "purpose": purpose, **asked}, caller.settings.act_id)
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
