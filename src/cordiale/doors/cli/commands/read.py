"""cordiale read: the content of an item, to a file you name or to another program, never to the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import PATH
from cordiale.doors.cli.reading import refuse_target, take_content
from cordiale.words import say


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
    refuse_target(caller, output)
    asked = {name: value for name, value in stamp.items() if value}
    take_content(caller, "read", {"item": caller.item_id(item), "purpose": purpose, **asked}, output)
