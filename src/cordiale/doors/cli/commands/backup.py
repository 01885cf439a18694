"""cordiale backup: the whole node, while it serves."""

from __future__ import annotations

from pathlib import Path

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "backup", say("copy the whole node while it serves"),
    details=say("The copy needs the same credential as the node. It is whole once backup.json is in it."),
    examples=["cordiale backup /backups/tokyo-2026-11-16 --home /srv/tokyo"],
)
@click.argument("folder", type=PATH)
def command(caller: Caller, folder: Path) -> None:
    """Have the node copy itself."""
    answer = caller.operate("backup", {"folder": str(folder.absolute())})
    caller.show(answer, lambda: caller.tell(say(
        "{node} is copied to {path}: the books and {envelopes} sealed envelopes", **answer,
    )))
